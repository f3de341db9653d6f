import { DomainError } from '../platform/errors.ts'
import type { Offer } from './offers.ts'
import { giftPriceOf, priceOf } from './pricing.ts'
import type { Billing } from './provider.ts'

export type OrderTable = 'purchase' | 'membership'

/** For how long a membership may be given. */
export const GIFT_MONTHS = [1, 3, 6, 12] as const
export type GiftMonths = (typeof GIFT_MONTHS)[number]

export interface Wish {
  offerId: string
  billing: Billing
  /** A membership for somebody else, paid once. */
  giftMonths?: GiftMonths | undefined
  promotionCode?: string | undefined
  /** What the page showed; refused when the price is another one by now. */
  expectedAmount?: number | undefined
  /** A path of this site to come back to. */
  returnTo?: string | undefined
}

/** What is bought of an offer: the thing itself, or a gift of it. */
export interface Article {
  offer: Offer
  table: OrderTable
  kind: string
  name: string
  billing: Billing
  giftMonths: GiftMonths | null
  /** Before any promotion. */
  price: number
  /** What nobody can begin to buy twice at once. */
  claim: string
}

export function articleOf(buyerId: string, offer: Offer, { billing, giftMonths }: Wish, now: number): Article {
  const { kind, name, scope } = offer
  if (giftMonths) {
    if (kind !== 'membership') {
      throw new DomainError('invalid', 'no_gift', 'Only a membership can be bought for somebody else.')
    }
    return {
      ...{ offer, table: 'purchase', kind: 'gift', billing: 'month', giftMonths },
      name: `${name}, ${giftMonths === 1 ? '1 month' : `${giftMonths} months`}, as a gift`,
      price: giftPriceOf(offer, giftMonths),
      claim: `${buyerId} ${scope} gift`,
    }
  }
  const isMembership = kind === 'membership'
  return {
    ...{ offer, kind, name, billing, giftMonths: null },
    table: isMembership ? 'membership' : 'purchase',
    price: priceOf(offer, billing, now),
    claim: isMembership ? `${buyerId} ${scope}` : `${buyerId} ${scope} ${kind}`,
  }
}
