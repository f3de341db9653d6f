import { useState } from 'preact/hooks'
import { asApiError } from '../api/use-loaded.ts'
import { toast } from '../ui/parts.tsx'
import { inMoney, onDay } from './amounts.ts'
import { type PayoutState, type PayoutView, payoutsApi } from './payouts-api.ts'

export const PAYOUT_WORDS: Record<PayoutState, string> = {
  pending: 'Being prepared',
  in_transit: 'On its way',
  paid: 'Arrived',
  failed: 'Came back',
}

/** What was sent to the creator's bank, newest first. */
export function PayoutList({
  channelId,
  first,
}: {
  channelId: string
  first: { payouts: PayoutView[]; nextCursor: string | null }
}) {
  const [more, setMore] = useState<{ payouts: PayoutView[]; nextCursor: string | null }>({ ...first, payouts: [] })
  const [isBusy, setBusy] = useState(false)
  async function further() {
    setBusy(true)
    try {
      const page = await payoutsApi.payouts(channelId, more.nextCursor)
      setMore({ ...page, payouts: [...more.payouts, ...page.payouts] })
    } catch (problem) {
      toast(asApiError(problem).message)
    } finally {
      setBusy(false)
    }
  }
  const listed = [...first.payouts, ...more.payouts]
  return (
    <section class="card padded stack" aria-labelledby="payouts">
      <h2 id="payouts">Payouts</h2>
      {listed.length === 0 && (
        <p class="soft">What is sent from your payout account to your bank is listed here, with the day it arrives.</p>
      )}
      {listed.length > 0 && (
        <ul class="lines">
          {listed.map((payout) => (
            <li key={payout.id} data-payout={payout.state}>
              <div class="row apart">
                <strong>{inMoney(payout.amount, payout)}</strong>
                <span class={`badge ${payout.state}`}>{PAYOUT_WORDS[payout.state]}</span>
              </div>
              <div class="fine">{about(payout)}</div>
            </li>
          ))}
        </ul>
      )}
      {more.nextCursor !== null && (
        <div>
          <button type="button" class="button small" onClick={further} disabled={isBusy}>
            Show more
          </button>
        </div>
      )}
    </section>
  )
}

function about({ state, sentAt, arrivesAt, failure }: PayoutView): string {
  const sent = `Sent on ${onDay(sentAt)}`
  if (state === 'failed') return `${sent}, and back in your account${failure ? `: ${failure}` : ''}`
  return state !== 'paid' && arrivesAt ? `${sent}, expected on ${onDay(arrivesAt)}` : sent
}
