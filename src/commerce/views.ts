import { z } from 'zod'
import type { Membership } from './memberships.ts'
import { minorDigits } from './money.ts'
import { OFFER_KINDS, type Offer, TIERS } from './offers.ts'
import type { Bought, Payment } from './purchases.ts'

/** ISO 8601, or null. */
export const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
export const fromIso = (text: string | null | undefined) => (text ? Date.parse(text) : null)
export const when = z.iso.datetime()

export const Money = z.int().describe('In minor units of its currency: cents, yen, fils.')
export const Tier = z.enum(TIERS)
export const tierName = (tier: number) => TIERS[tier - 1] ?? null

export const OfferView = z
  .object({
    id: z.string(),
    channelId: z.string(),
    sessionId: z.string().nullable(),
    videoId: z.string().nullable(),
    kind: z.enum(OFFER_KINDS),
    tier: Tier.nullable(),
    name: z.string(),
    perks: z.string(),
    currency: z.string(),
    digits: z.int().describe('How many digits of an amount follow the point.'),
    price: Money.describe('What it costs now.'),
    regularPrice: Money,
    earlyPrice: Money.nullable(),
    earlyUntil: when.nullable(),
    yearlyPrice: Money.nullable(),
    seats: z.int().nullable(),
    seatsLeft: z.int().nullable(),
    saleFrom: when.nullable(),
    saleUntil: when.nullable(),
    isOnSale: z.boolean(),
    replayDays: z.int().nullable(),
    rentHours: z.int().nullable(),
    rentFrom: z.enum(['purchase', 'first_play']).nullable(),
    trialDays: z.int(),
    version: z.int(),
  })
  .meta({ id: 'Offer' })

export function offerView(offer: Offer, seatsTaken: number, now: number): z.infer<typeof OfferView> {
  const [scope, target = ''] = offer.scope.split(':')
  const { id, channelId, name, perks, currency, yearlyPrice, earlyPrice, seats, replayDays, rentHours } = offer
  const isEarly = earlyPrice !== null && offer.earlyUntil !== null && now < offer.earlyUntil
  const isOpen = (offer.saleFrom ?? 0) <= now && now < (offer.saleUntil ?? Number.POSITIVE_INFINITY)
  const seatsLeft = seats === null ? null : Math.max(0, seats - seatsTaken)
  return {
    id,
    channelId,
    sessionId: scope === 'session' ? target : null,
    videoId: scope === 'video' ? target : null,
    kind: OFFER_KINDS.find((kind) => kind === offer.kind)!,
    tier: tierName(offer.tier),
    name,
    perks,
    currency,
    digits: minorDigits(currency),
    price: isEarly ? earlyPrice : offer.price,
    regularPrice: offer.price,
    earlyPrice,
    earlyUntil: iso(offer.earlyUntil),
    yearlyPrice,
    seats,
    seatsLeft,
    saleFrom: iso(offer.saleFrom),
    saleUntil: iso(offer.saleUntil),
    isOnSale: isOpen && seatsLeft !== 0 && offer.withdrawnAt === null,
    replayDays,
    rentHours,
    rentFrom: offer.rentFrom === null ? null : offer.rentFrom === 'first_play' ? 'first_play' : 'purchase',
    trialDays: offer.trialDays,
    version: offer.version,
  }
}

export const PaymentView = z
  .object({
    id: z.string(),
    currency: z.string(),
    digits: z.int(),
    amount: Money,
    refunded: Money,
    dispute: z.string().nullable().describe('`open`, `won` (by the creator), `lost`, or null.'),
    paidAt: when,
    periodStart: when.nullable(),
    periodEnd: when.nullable(),
    receiptUrl: z.string().nullable(),
  })
  .meta({ id: 'Payment' })

export function paymentView(payment: Payment): z.infer<typeof PaymentView> {
  const { id, currency, amount, refunded, dispute, paidAt, periodStart, periodEnd, receiptUrl } = payment
  const period = { periodStart: iso(periodStart), periodEnd: iso(periodEnd) }
  const digits = minorDigits(currency)
  return {
    id,
    currency,
    digits,
    amount,
    refunded,
    dispute,
    paidAt: new Date(paidAt).toISOString(),
    ...period,
    receiptUrl,
  }
}

export const ChannelName = z.object({ slug: z.string(), name: z.string() })
const PURCHASE_KINDS = ['ticket', 'rent', 'own', 'gift'] as const

export const PurchaseView = z
  .object({
    id: z.string(),
    channelId: z.string(),
    channel: ChannelName,
    scope: z.string(),
    kind: z.enum(PURCHASE_KINDS),
    name: z.string(),
    state: z.string(),
    currency: z.string(),
    digits: z.int(),
    amount: Money,
    createdAt: when,
    accessExpiresAt: when.nullable().describe('Null: for ever, or not known yet.'),
    payments: z.array(PaymentView),
    gift: z
      .object({ code: z.string(), months: z.int(), state: z.enum(['waiting', 'taken', 'void']) })
      .nullable()
      .describe('A membership for somebody else: hand `/gift/<code>` on. `void`: the money went back.'),
  })
  .meta({ id: 'Purchase' })

export function purchaseView(row: Bought): z.infer<typeof PurchaseView> {
  const { id, channelId, scope, name, state, currency, amount, gift, channel } = row
  return {
    id,
    channelId,
    channel,
    scope,
    kind: PURCHASE_KINDS.find((kind) => kind === row.kind)!,
    name,
    state,
    currency,
    digits: minorDigits(currency),
    amount,
    createdAt: new Date(row.createdAt).toISOString(),
    accessExpiresAt: iso(row.accessExpiresAt),
    payments: row.payments.map(paymentView),
    gift,
  }
}

export const MembershipView = z
  .object({
    id: z.string(),
    channelId: z.string(),
    offerId: z.string(),
    name: z.string(),
    tier: Tier.nullable(),
    billing: z.enum(['month', 'year']),
    state: z.string(),
    nextOfferId: z.string().nullable().describe('What it becomes when the paid period is over.'),
    currentPeriodEnd: when.nullable(),
    trialEnd: when.nullable(),
    cancelAtPeriodEnd: z.boolean(),
    canceledAt: when.nullable(),
    endedAt: when.nullable(),
    graceUntil: when.nullable(),
  })
  .meta({ id: 'Membership' })

export function membershipView(row: Membership): z.infer<typeof MembershipView> {
  const { id, channelId, offerId, name, state, nextOfferId } = row
  return {
    id,
    channelId,
    offerId,
    name,
    tier: tierName(row.tier),
    billing: row.billing === 'year' ? 'year' : 'month',
    state,
    nextOfferId,
    currentPeriodEnd: iso(row.periodEnd),
    trialEnd: iso(row.trialEnd),
    cancelAtPeriodEnd: row.cancelAtPeriodEnd === 1,
    canceledAt: iso(row.canceledAt),
    endedAt: iso(row.endedAt),
    graceUntil: iso(row.graceUntil),
  }
}
