import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { inMoney } from './amounts.ts'
import { PAYOUT_WORDS } from './payout-list.tsx'
import { payoutsApi } from './payouts-api.ts'
import { TestMoneyBanner } from './test-money-banner.tsx'

const WORDS: Record<string, string> = {
  complete: 'Fill everything in',
  leave_incomplete: 'The provider asks for more',
  restrict: 'The provider refuses it',
  pay_out: 'Pay out what lies here',
  payout_leaves: 'The payout leaves for the bank',
  payout_arrives: 'The payout arrives',
  payout_fails: 'The bank sends it back',
}

/** The built-in page that behaves like onboarding: whatever can befall a payout account, by one press. */
export function TestAccount({ id }: { id: string }) {
  usePageTitle('Payout account')
  const { value, error, replace } = useLoaded(`test account ${id}`, () => payoutsApi.testAccount(id))
  const [wrong, setWrong] = useState<string | null>(null)
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return null

  async function act(name: string) {
    setWrong(null)
    try {
      replace(await payoutsApi.act(id, name))
    } catch (failed) {
      setWrong(asApiError(failed).message)
    }
  }

  return (
    <div class="narrow stack">
      <TestMoneyBanner />
      <h1>Payout account of {value.name}</h1>
      <dl class="facts">
        <dt>State</dt>
        <dd data-state={value.state}>{value.state}</dd>
        {value.missing.length > 0 && <dt>Missing</dt>}
        {value.missing.length > 0 && <dd>{value.missing.join(', ')}</dd>}
        {value.balances.map((sum) => [
          <dt key={sum.currency}>Lies here</dt>,
          <dd key={`${sum.currency}s`}>{inMoney(sum.amount, sum)}</dd>,
        ])}
        {value.payouts.map((payout, index) => [
          <dt key={`payout ${index}`}>Payout</dt>,
          <dd key={`payout ${index}s`}>
            {inMoney(payout.amount, payout)}: {PAYOUT_WORDS[payout.state]}
          </dd>,
        ])}
      </dl>
      {wrong && <Notice isBad>{wrong}</Notice>}
      {value.acts.map((name) => (
        <button
          type="button"
          key={name}
          class={`button${name === 'complete' ? ' primary' : ''}`}
          data-act={name}
          onClick={() => act(name)}
        >
          {WORDS[name] ?? name}
        </button>
      ))}
      <a class="button" href={value.returnUrl}>
        Back to my earnings
      </a>
    </div>
  )
}
