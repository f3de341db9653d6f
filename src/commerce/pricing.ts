import type { Selectable } from 'kysely'
import type { OfferTable, PromotionTable } from '../db/schema.ts'
import { DomainError } from '../platform/errors.ts'
import { MOST } from './money.ts'
import type { Billing } from './provider.ts'

type Offer = Selectable<OfferTable>

/** The price at this moment, before any promotion. */
export function priceOf(offer: Offer, billing: Billing, now: number): number {
  if (billing === 'year') {
    if (offer.yearlyPrice !== null) return offer.yearlyPrice
    throw new DomainError('invalid', 'no_yearly_price', 'This is not sold by the year.')
  }
  const isEarly = offer.earlyPrice !== null && offer.earlyUntil !== null && now < offer.earlyUntil
  return isEarly ? offer.earlyPrice! : offer.price
}

/** Paid once for so many months; a year of them at the yearly price where there is one. */
export function giftPriceOf({ price, yearlyPrice }: Offer, months: number): number {
  const sum = months === 12 && yearlyPrice !== null ? yearlyPrice : price * months
  if (sum <= MOST) return sum
  throw new DomainError('invalid', 'too_much', 'That is more than can be paid at once; give fewer months.')
}

/** What a promotion takes off; never more than the price. */
export function discountOf(promotion: Selectable<PromotionTable>, price: number): number {
  const off = promotion.amountOff ?? Math.floor((price * (promotion.percentOff ?? 0)) / 100)
  return Math.min(off, price)
}

export function requireOnSale(offer: Offer, now: number): void {
  if (offer.withdrawnAt !== null) throw new DomainError('not_found', 'no_such_offer', 'This is not sold any more.')
  if (offer.saleFrom !== null && now < offer.saleFrom) {
    throw new DomainError('conflict', 'sale_not_open', 'The sale has not begun yet.')
  }
  if (offer.saleUntil !== null && now >= offer.saleUntil) {
    throw new DomainError('conflict', 'sale_over', 'The sale is over.')
  }
}
