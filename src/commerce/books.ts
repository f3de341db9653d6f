import type { Posting } from './ledger.ts'
import { shareOf } from './money.ts'
import type { Paid } from './provider.ts'

export interface Payee {
  provider: string
  channelId: string
  feeBps: number
}

export const creatorAccount = (channelId: string) => `creator:${channelId}`
const PLATFORM = 'platform'
const PROCESSING = 'processing'
const DISPUTES = 'disputes'

/**
 * Everything a payment ever moved, as postings. It depends on the newest truth alone, so it does not matter how many of
 * the states before it were seen: a dispute that was won unseen is booked as opened and as won. The platform bears what
 * the provider keeps; refunds and lost disputes are borne by creator and platform as they shared the charge.
 */
export function postingsOf(payment: Paid, { provider, channelId, feeBps }: Payee): Posting[] {
  const { ref, currency, amount, paidAt } = payment
  const cash = `provider:${provider}`
  const creator = creatorAccount(channelId)
  const platformFee = shareOf(amount, feeBps)
  const posting = (kind: string, id: string, occurredAt: number, entries: Record<string, number>): Posting => ({
    id: `${kind}:${id}`,
    kind,
    provider,
    subject: ref,
    channelId,
    currency,
    occurredAt,
    entries,
  })
  // Shares of the sum so far: however it is cut into refunds, all of it gives back all of the fee.
  const feeOf = (sum: number) => (amount === 0 ? 0 : Math.round((platformFee * sum) / amount))
  const back = (whole: number, fee: number, from: string) => ({
    [from]: -whole,
    [creator]: whole - fee,
    [PLATFORM]: fee,
  })

  const postings = [
    posting('charge', ref, paidAt, { [cash]: amount, [creator]: platformFee - amount, [PLATFORM]: -platformFee }),
    posting('processing_fee', ref, paidAt, { [PROCESSING]: payment.fee ?? 0, [cash]: -(payment.fee ?? 0) }),
  ]
  let refunded = 0
  for (const refund of payment.refunds) {
    const entries = back(refund.amount, feeOf(refunded + refund.amount) - feeOf(refunded), cash)
    refunded += refund.amount
    postings.push(posting('refund', refund.ref, refund.at, entries))
    if (refund.state === 'failed') postings.push(posting('refund_failed', refund.ref, refund.at, negated(entries)))
  }
  for (const { ref: id, amount: sum, fee, state, at } of payment.disputes) {
    postings.push(posting('dispute', id, at, { [cash]: -sum, [DISPUTES]: sum }))
    postings.push(posting('dispute_fee', id, at, { [cash]: -fee, [PROCESSING]: fee }))
    if (state === 'won') postings.push(posting('dispute_won', id, at, { [cash]: sum, [DISPUTES]: -sum }))
    if (state === 'lost') postings.push(posting('dispute_lost', id, at, back(sum, feeOf(sum), DISPUTES)))
  }
  return postings
}

/** What came back to the buyer, and how a dispute stands. */
export function standingOf({ amount, refunds, disputes }: Paid) {
  const refunded = refunds.filter(({ state }) => state === 'made').reduce((sum, refund) => sum + refund.amount, 0)
  const states = disputes.map(({ state }) => state)
  const dispute = states.includes('lost') ? 'lost' : states.includes('open') ? 'open' : states.length ? 'won' : null
  const isGood = dispute !== 'lost' && dispute !== 'open' && (refunded < amount || amount === 0)
  return { refunded, dispute, isGood } as const
}

function negated(entries: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(entries).map(([account, amount]) => [account, -amount]))
}
