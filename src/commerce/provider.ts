/**
 * What every money provider does for us. Its events are doorbells: they say that something happened to an order, never
 * what; the truth is then fetched. Truth is a whole picture and not a change, so the newest one alone says everything.
 * Money is in minor units as `minorDigits` counts them; times are milliseconds; an order's id is `purchase:<id>` or
 * `membership:<id>`.
 */
export interface Order {
  id: string
  channelId: string
  buyer: { id: string; email: string }
  name: string
  currency: string
  /** Until when it may be paid. */
  expiresAt: number
  returnUrl: string
  cancelUrl: string
}

export type Billing = 'month' | 'year'

export interface Plan {
  offerId: string
  name: string
  currency: string
  amount: number
  billing: Billing
}

export type NewOrder = Order &
  (
    | { kind: 'purchase'; amount: number }
    | { kind: 'membership'; plan: Plan; trialDays: number; discount: { promotionId: string; amount: number } | null }
  )

export interface Refund {
  ref: string
  amount: number
  /** A refund that failed came back to us. */
  state: 'made' | 'failed'
  at: number
}

export interface Dispute {
  ref: string
  amount: number
  fee: number
  state: 'open' | 'won' | 'lost'
  at: number
}

export interface Paid {
  ref: string
  currency: string
  amount: number
  /** What the provider kept; null while it does not know yet. */
  fee: number | null
  paidAt: number
  receiptUrl: string | null
  /** What it pays for, where that is a stretch of a membership. */
  period: { start: number; end: number } | null
  /** In the order they were made. */
  refunds: Refund[]
  disputes: Dispute[]
}

export interface PurchaseTruth {
  kind: 'purchase'
  orderId: string
  /** `processing`: promised by a bank that takes its time. */
  state: 'open' | 'processing' | 'failed' | 'expired' | 'paid'
  payment: Paid | null
}

export interface MembershipTruth {
  kind: 'membership'
  orderId: string
  /** The subscription; null while the checkout was not completed. */
  ref: string | null
  state: 'open' | 'processing' | 'expired' | 'trialing' | 'active' | 'past_due' | 'ended'
  plan: { offerId: string; billing: Billing }
  /** After a downgrade: what is paid for still, and until when. */
  held: { offerId: string; until: number } | null
  period: { start: number; end: number } | null
  trialEnd: number | null
  cancelAtPeriodEnd: boolean
  canceledAt: number | null
  endedAt: number | null
  payments: Paid[]
}

export type Truth = PurchaseTruth | MembershipTruth

/** Where to look: by our order, or by one of the provider's own things. */
export interface Ref {
  kind: 'checkout' | 'payment' | 'subscription'
  id: string
}

/** `orderId` is what the event claims, used only to notice writes that happen meanwhile. */
export interface Doorbell {
  eventId: string
  type: string
  ref: Ref | null
  orderId: string | null
}

export interface Checkout {
  ref: string
  url: string
  expiresAt: number
}

export type MembershipChange =
  /** `isProrated`: at once, the rest of the period reckoned up; else what is `held` stays until its period is over. */
  | { kind: 'switch'; plan: Plan; isProrated: boolean; held: { offerId: string; until: number } | null }
  | { kind: 'cancel_at_period_end' }
  | { kind: 'resume' }
  | { kind: 'end_now' }

export interface Provider {
  name: string
  isTest: boolean
  /** Once per order: asked again for the same order, it gives the same checkout. */
  createCheckout(order: NewOrder): Promise<Checkout>
  /** Nobody can pay it any more, unless somebody did already. */
  closeCheckout(checkoutRef: string): Promise<void>
  /** Null: not one of ours. */
  fetch(ref: Ref): Promise<Truth | null>
  refund(refund: { paymentRef: string; amount: number; key: string }): Promise<void>
  changeMembership(subscriptionRef: string, change: MembershipChange, key: string): Promise<void>
  /** Where a member changes card or address; null where there is no such page. */
  portalUrl(subscriptionRef: string, returnUrl: string): Promise<string | null>
  /** Throws a refusal on what is not signed, or signed too long ago. Null: a kind of event that is none of ours. */
  readEvent(body: string, headers: Headers): Promise<Doorbell>
  /** Every order of ours that moved since, to compare books. */
  list(since: number): AsyncIterable<Ref>
}
