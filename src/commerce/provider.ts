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
  /** Whom the payment may pass the creator's share on to by itself; what it does not is passed on afterwards. */
  payee: { accountRef: string; feeBps: number } | null
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

/** What of a payment was passed on to the creator's account, without the share that comes back as the platform's fee. */
export interface Transfer {
  ref: string
  amount: number
  at: number
  /** What was taken back of it. */
  reversals: { ref: string; amount: number; at: number }[]
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
  transfers: Transfer[]
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

export const PAYOUT_STATES = ['pending', 'in_transit', 'paid', 'failed'] as const

/** What the provider sent from the creator's account to their bank. */
export interface PayoutTruth {
  ref: string
  currency: string
  amount: number
  state: (typeof PAYOUT_STATES)[number]
  at: number
  arrivesAt: number | null
  failure: string | null
}

export const ACCOUNT_STATES = ['incomplete', 'active', 'restricted'] as const

/** Where a creator is paid out to. */
export interface AccountTruth {
  channelId: string
  /** `incomplete`: something is asked of the creator, or still being looked at. `restricted`: refused by the provider. */
  state: (typeof ACCOUNT_STATES)[number]
  /** What is asked of the creator, in the provider's words. */
  missing: string[]
  /** The newest ones. */
  payouts: PayoutTruth[]
}

export const paymentsOf = (truth: Truth): Paid[] =>
  truth.kind === 'purchase' ? (truth.payment ? [truth.payment] : []) : truth.payments

/** Where to look for an order: by our own checkout, or by one of the provider's things. */
export interface Ref {
  kind: 'checkout' | 'payment' | 'subscription'
  id: string
}

/** What an event may be about. */
export type Subject = Ref | { kind: 'account'; id: string }

/** `orderId` is what the event claims, used only to notice writes that happen meanwhile. */
export interface Doorbell {
  eventId: string
  type: string
  ref: Subject | null
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

/** The accounts creators are paid out to, one for each channel. */
export interface Accounts {
  /** Once per channel; gives its name there. */
  open(wish: {
    channelId: string
    owner: { id: string; name: string; email: string }
    country: string
  }): Promise<string>
  /** Where the creator fills in what is missing, or changes it. */
  onboardingUrl(accountRef: string, returnUrl: string): Promise<string>
  /** Null: not one of ours. */
  fetch(accountRef: string): Promise<AccountTruth | null>
  /** Passes on a share of a payment, out of it or (what had been passed on once) out of the balance; once per key. */
  transfer(share: {
    paymentRef: string
    accountRef: string
    currency: string
    amount: number
    isFromBalance: boolean
    key: string
  }): Promise<void>
  /** Takes back of what was passed on; once per key. */
  reverse(share: { transferRef: string; currency: string; amount: number; key: string }): Promise<void>
}

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
  accounts: Accounts
}
