import { useState } from 'preact/hooks'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { inMoney, onDay } from './amounts.ts'
import { type MembershipView, moneyApi, type PaymentView } from './money-api.ts'

/** What I bought and where I am a member, with receipts. */
export function MyPurchases() {
  usePageTitle('My purchases')
  const bought = useLoaded('purchases', moneyApi.purchases)
  const joined = useLoaded('memberships', moneyApi.memberships)
  const [wrong, setWrong] = useState<string | null>(null)
  if (bought.error?.status === 401) return <Notice>Sign in to see what you bought.</Notice>

  async function change(act: Promise<unknown>) {
    setWrong(null)
    await act.catch((error: unknown) => setWrong(asApiError(error).message))
    joined.reload()
  }

  return (
    <div class="narrow stack">
      <h1>My purchases</h1>
      {wrong && <Notice isBad>{wrong}</Notice>}
      <h2>Memberships</h2>
      {joined.value?.memberships.length === 0 && <p class="soft">You are no member anywhere yet.</p>}
      {joined.value?.memberships.map((one) => (
        <div class="card padded stack" key={one.id} data-membership={one.state}>
          <strong>{one.name}</strong>
          <a href={`/c/${one.channelId}`}>To the channel</a>
          <span class="soft">{standingOf(one)}</span>
          {GOING.has(one.state) && (
            <button
              type="button"
              class="button small"
              onClick={() => change(one.cancelAtPeriodEnd ? moneyApi.resume(one.id) : moneyApi.cancel(one.id))}
            >
              {one.cancelAtPeriodEnd ? 'Go on after all' : 'Cancel'}
            </button>
          )}
          <Receipts payments={one.payments} />
        </div>
      ))}
      <h2>Tickets and videos</h2>
      {bought.value?.purchases.length === 0 && <p class="soft">You have bought nothing yet.</p>}
      {bought.value?.purchases.map((one) => (
        <div class="card padded stack" key={one.id} data-purchase={one.state}>
          <strong>{one.name}</strong>
          <a href={`/c/${one.channelId}`}>To the channel</a>
          <span class="soft">
            {STATES[one.state] ?? one.state}
            {one.state === 'paid' && one.accessExpiresAt && ` · until ${onDay(one.accessExpiresAt)}`}
          </span>
          <Receipts payments={one.payments} />
        </div>
      ))}
    </div>
  )
}

function Receipts({ payments }: { payments: PaymentView[] }) {
  return (
    <ul class="fine">
      {payments.map((payment) => (
        <li key={payment.id}>
          {onDay(payment.paidAt)}: {inMoney(payment.amount, payment)}
          {payment.refunded > 0 && `, ${inMoney(payment.refunded, payment)} given back`}
          {payment.receiptUrl && (
            <>
              {' · '}
              <a href={payment.receiptUrl}>Receipt</a>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

const GOING = new Set(['active', 'trialing'])
const STATES: Record<string, string> = {
  paid: 'Paid',
  processing: 'Waiting for your bank',
  refunded: 'Given back',
  disputed: 'Disputed',
  lost: 'Disputed and given back',
  failed: 'Not paid',
}

function standingOf({ state, currentPeriodEnd, cancelAtPeriodEnd, graceUntil }: MembershipView): string {
  const until = currentPeriodEnd ? onDay(currentPeriodEnd) : ''
  if (state === 'past_due') return `A payment is missing${graceUntil ? `; pay before ${onDay(graceUntil)}` : ''}`
  if (state === 'ended') return 'Ended'
  if (cancelAtPeriodEnd) return `Ends on ${until}`
  return state === 'trialing' ? `Free until ${until}` : `Renews on ${until}`
}
