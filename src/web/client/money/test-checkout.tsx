import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { inMoney } from './amounts.ts'
import { moneyApi } from './money-api.ts'
import { TestMoneyBanner } from './test-money-banner.tsx'

const WORDS: Record<string, string> = {
  pay: 'Pay',
  decline: 'Pay with a card that is declined',
  abandon: 'Leave without paying',
  pay_later: 'Pay by a slow bank',
  bank_confirms: 'The bank confirms',
  bank_refuses: 'The bank refuses',
  dispute: 'Dispute this with my bank',
  dispute_won: 'The bank decides for the creator',
  dispute_lost: 'The bank decides for me',
  renew: 'Let the next period be paid',
  renewal_fails: 'Let the next payment fail',
  pay_overdue: 'Pay what is overdue',
}
/** After these the buyer is where a checkout would send them. */
const LEADS_BACK = new Set(['pay', 'pay_later', 'bank_confirms'])

/** The built-in page that behaves like a checkout: whatever can befall a payment, by one press. */
export function TestCheckout({ id }: { id: string }) {
  usePageTitle('Checkout')
  const { value, error, replace } = useLoaded(`test checkout ${id}`, () => moneyApi.testCheckout(id))
  const [wrong, setWrong] = useState<string | null>(null)
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return null

  async function act(name: string) {
    if (!value) return
    setWrong(null)
    try {
      replace(await moneyApi.act(id, name))
      if (LEADS_BACK.has(name)) location.assign(value.returnUrl)
      if (name === 'abandon') location.assign(value.cancelUrl)
    } catch (failed) {
      setWrong(asApiError(failed).message)
    }
  }

  return (
    <div class="narrow stack">
      <TestMoneyBanner />
      <h1>{value.name}</h1>
      <p>
        <strong>{inMoney(value.amount, value)}</strong> today
        {value.trialDays > 0 && `, ${value.trialDays} days free`}
        {value.renews && `, then ${inMoney(value.renews.amount, value)} a ${value.renews.billing}`}
      </p>
      <p class="soft">State: {value.state}</p>
      {wrong && <Notice isBad>{wrong}</Notice>}
      {value.acts.map((name) => (
        <button
          type="button"
          key={name}
          class={`button${name === 'pay' ? ' primary' : ''}`}
          data-act={name}
          onClick={() => act(name)}
        >
          {WORDS[name] ?? name}
        </button>
      ))}
    </div>
  )
}
