import type { Dispute, MembershipTruth, Paid, PurchaseTruth, Refund, Transfer } from './provider.ts'
import type { Stripe } from './stripe.ts'
import { fromStripe } from './stripe-amounts.ts'

/** What we write on everything of ours, and read back: the account may carry other people's products. */
export interface Marks {
  footlight: string
  order: string
  offer?: string
  billing?: string
  held_offer?: string
  held_until?: string
}

export function isOurs(metadata: Stripe.Metadata | null | undefined, nodeId: string): boolean {
  return metadata?.footlight === nodeId && /^(purchase|membership):/.test(metadata.order ?? '')
}

export function idOf(thing: string | { id: string } | null | undefined): string | null {
  return typeof thing === 'string' ? thing : (thing?.id ?? null)
}

export function purchaseTruth(session: Stripe.Checkout.Session, payment: Paid | null): PurchaseTruth {
  const orderId = session.metadata!.order!
  return { kind: 'purchase', orderId, state: purchaseState(session), payment }
}

function purchaseState(session: Stripe.Checkout.Session): PurchaseTruth['state'] {
  if (session.status === 'open') return 'open'
  if (session.status === 'expired') return 'expired'
  if (session.payment_status !== 'unpaid') return 'paid'
  const intent = session.payment_intent
  const status = typeof intent === 'object' ? intent?.status : undefined
  if (status === 'succeeded') return 'paid'
  return status === 'requires_payment_method' || status === 'canceled' ? 'failed' : 'processing'
}

/** A payment with what came back of it. The fee is the provider's in the currency of the charge. */
export function paidOf({
  intent,
  refunds,
  disputes,
  transfers,
  period,
}: {
  intent: Stripe.PaymentIntent
  refunds: Stripe.Refund[]
  disputes: Stripe.Dispute[]
  transfers: Transfer[]
  period: Paid['period']
}): Paid | null {
  const charge = intent.latest_charge
  if (intent.status !== 'succeeded' || typeof charge !== 'object' || charge === null) return null
  const currency = intent.currency.toUpperCase()
  return {
    ref: intent.id,
    currency,
    amount: fromStripe(intent.amount_received, currency),
    fee: feeOf(charge, currency),
    paidAt: charge.created * 1_000,
    receiptUrl: charge.receipt_url,
    period,
    refunds: refunds
      .toSorted((a, b) => a.created - b.created || a.id.localeCompare(b.id))
      .filter(({ status }) => status !== 'requires_action')
      .map((refund) => refundOf(refund, currency)),
    disputes: disputes.toSorted((a, b) => a.created - b.created).map((dispute) => disputeOf(dispute, currency)),
    transfers,
  }
}

function feeOf(charge: Stripe.Charge, currency: string): number | null {
  const moved = charge.balance_transaction
  if (typeof moved !== 'object' || moved === null || moved.amount === 0) return null
  return fromStripe(Math.round((moved.fee * charge.amount) / moved.amount), currency)
}

function refundOf({ id, amount, status, created }: Stripe.Refund, currency: string): Refund {
  const state = status === 'failed' || status === 'canceled' ? 'failed' : 'made'
  return { ref: id, amount: fromStripe(amount, currency), state, at: created * 1_000 }
}

function disputeOf({ id, amount, status, created, balance_transactions }: Stripe.Dispute, currency: string): Dispute {
  const state = status === 'won' || status === 'warning_closed' ? 'won' : status === 'lost' ? 'lost' : 'open'
  const fee = balance_transactions.reduce((sum, { fee }) => Math.max(sum, fee), 0)
  return { ref: id, amount: fromStripe(amount, currency), fee: fromStripe(fee, currency), state, at: created * 1_000 }
}

/** What an invoice pays for. */
export function periodOf({ lines }: Stripe.Invoice): Paid['period'] {
  const line = lines.data.at(-1)
  return line ? { start: line.period.start * 1_000, end: line.period.end * 1_000 } : null
}

const STATES: Record<string, MembershipTruth['state']> = {
  incomplete: 'processing',
  incomplete_expired: 'expired',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  unpaid: 'past_due',
  paused: 'past_due',
  canceled: 'ended',
}

export function membershipTruth(subscription: Stripe.Subscription, payments: Paid[]): MembershipTruth {
  const { metadata } = subscription
  const ms = (seconds: number | null) => (seconds === null ? null : seconds * 1_000)
  const item = subscription.items.data[0]
  return {
    kind: 'membership',
    orderId: metadata.order!,
    ref: subscription.id,
    state: STATES[subscription.status] ?? 'past_due',
    plan: { offerId: metadata.offer!, billing: metadata.billing === 'year' ? 'year' : 'month' },
    held: metadata.held_offer ? { offerId: metadata.held_offer, until: Number(metadata.held_until) } : null,
    period: item ? { start: item.current_period_start * 1_000, end: item.current_period_end * 1_000 } : null,
    trialEnd: ms(subscription.trial_end),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    canceledAt: ms(subscription.canceled_at),
    endedAt: ms(subscription.ended_at),
    payments,
  }
}

/** The checkout of a membership that was not completed. */
export function unbegun(session: Stripe.Checkout.Session): MembershipTruth {
  const { order, offer, billing } = session.metadata!
  return {
    kind: 'membership',
    orderId: order!,
    ref: null,
    state: session.status === 'expired' ? 'expired' : session.status === 'open' ? 'open' : 'processing',
    plan: { offerId: offer!, billing: billing === 'year' ? 'year' : 'month' },
    held: null,
    period: null,
    trialEnd: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    payments: [],
  }
}
