import type { Posting } from './ledger.ts'
import { shareOf } from './money.ts'
import type { Paid, PayoutTruth, Transfer } from './provider.ts'

export interface Payee {
  provider: string
  channelId: string
  feeBps: number
}

/** What a creator earned and was not sent to their bank. */
export const creatorAccount = (channelId: string) => `creator:${channelId}`
/** What of it lies in their account at the provider; the rest is kept by the node. */
export const payoutAccount = (channelId: string) => `account:${channelId}`
const PLATFORM = 'platform'
const PROCESSING = 'processing'
const DISPUTES = 'disputes'
/** In minor units. */
export const ROUNDING = 1

/**
 * Everything a payment ever moved, as postings. It depends on the newest truth alone, so it does not matter how many of
 * the states before it were seen: a dispute that was won unseen is booked as opened and as won. The platform bears what
 * the provider keeps; refunds and lost disputes are borne by creator and platform as they shared the charge.
 */
export function postingsOf(payment: Paid, { provider, channelId, feeBps }: Payee): Posting[] {
  const { ref, currency, amount, paidAt } = payment
  const cash = `provider:${provider}`
  const [creator, account] = [creatorAccount(channelId), payoutAccount(channelId)]
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
  for (const { ref: id, amount: sum, at, reversals } of payment.transfers) {
    postings.push(posting('transfer', id, at, { [cash]: -sum, [account]: sum }))
    for (const { ref: reversal, amount: part, at: when } of reversals) {
      postings.push(posting('transfer_reversed', reversal, when, { [cash]: part, [account]: -part }))
    }
  }
  return postings
}

/**
 * What of a payment is to be passed on to its creator still; negative: to be taken back. A unit more or less is the
 * provider's own way of rounding. While the bank decides on a dispute nothing more leaves.
 */
export function dueOf(payment: Paid, payee: Payee): number {
  const shared = [creatorAccount(payee.channelId), payoutAccount(payee.channelId)]
  const entries = postingsOf(payment, payee).flatMap(({ entries }) => Object.entries(entries))
  const due = -entries.reduce((sum, [account, amount]) => sum + (shared.includes(account) ? amount : 0), 0)
  const isHeld = due > 0 && payment.disputes.some(({ state }) => state === 'open')
  if (isHeld || Math.abs(due) <= ROUNDING) return 0
  return Math.max(due, -payment.transfers.reduce((sum, transfer) => sum + leftOf(transfer), 0))
}

/** What was not taken back of a transfer. */
export const leftOf = ({ amount, reversals }: Transfer) => reversals.reduce((left, part) => left - part.amount, amount)

/** Sent to the bank when it left the account; one that failed came back, whatever was seen of it in between. */
export function payoutPostings(payout: PayoutTruth, provider: string, channelId: string): Posting[] {
  const { ref, currency, amount, at, state } = payout
  const entries = { [payoutAccount(channelId)]: -amount, [creatorAccount(channelId)]: amount }
  const common = { provider, subject: ref, channelId, currency, occurredAt: at }
  const sent = { ...common, id: `payout:${ref}`, kind: 'payout', entries }
  if (state !== 'failed') return [sent]
  return [sent, { ...common, id: `payout_failed:${ref}`, kind: 'payout_failed', entries: negated(entries) }]
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
