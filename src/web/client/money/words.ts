import { atTime, inMoney, onDay } from './amounts.ts'
import type { MembershipView, OfferView, Tier } from './money-api.ts'

export const TIER_NAMES: Record<Tier, string> = { basic: 'Basic', premium: 'Premium', vip: 'VIP' }
export const TIERS: readonly Tier[] = ['basic', 'premium', 'vip']

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`
export const inDays = (days: number | null) => (days === null ? 'for ever' : `for ${plural(days, 'day')}`)
export const inMonths = (months: number) => plural(months, 'month')

/** What an offer is, beside its name and price. */
export function termsOf(offer: OfferView): string {
  const { kind, tier, rentHours, rentFrom, replayDays, trialDays, seatsLeft, earlyUntil } = offer
  const words: string[] = []
  if (kind === 'membership') words.push(tier ? `Membership, ${TIER_NAMES[tier]}` : 'Membership')
  if (kind === 'ticket') words.push('Ticket')
  if (kind === 'own') words.push('Yours for ever')
  if (rentHours !== null) {
    words.push(`Rent for ${plural(rentHours, 'hour')}${rentFrom === 'first_play' ? ' from the first play' : ''}`)
  }
  if (replayDays !== null) words.push(replayDays === 0 ? 'without replay' : `replay for ${plural(replayDays, 'day')}`)
  if (trialDays > 0) words.push(`first ${plural(trialDays, 'day')} free`)
  if (seatsLeft !== null) words.push(`${plural(seatsLeft, 'seat')} left`)
  if (earlyUntil !== null && offer.price < offer.regularPrice) {
    words.push(`early price until ${atTime(earlyUntil)}, then ${inMoney(offer.regularPrice, offer)}`)
  }
  return words.join(' · ')
}

/** Why it cannot be bought now; null where it can. */
export function notOnSale({ isOnSale, seatsLeft, saleFrom, saleUntil }: OfferView, now = Date.now()): string | null {
  if (isOnSale) return null
  if (seatsLeft === 0) return 'Sold out'
  if (saleFrom && Date.parse(saleFrom) > now) return `On sale from ${atTime(saleFrom)}`
  if (saleUntil && Date.parse(saleUntil) <= now) return 'The sale is over'
  return 'Not on sale'
}

export function priceOf({ price, yearlyPrice, kind, ...money }: OfferView): string {
  if (kind !== 'membership') return price === 0 ? 'Free' : inMoney(price, money)
  const year = yearlyPrice === null ? '' : ` or ${inMoney(yearlyPrice, money)} a year`
  return `${inMoney(price, money)} a month${year}`
}

export function standingOf({ state, currentPeriodEnd, cancelAtPeriodEnd }: MembershipView): string {
  const until = currentPeriodEnd ? onDay(currentPeriodEnd) : ''
  if (state === 'past_due') return 'A payment is missing'
  if (state === 'ended') return 'Ended'
  if (state === 'processing') return 'Waiting for your bank'
  if (cancelAtPeriodEnd) return `Ends on ${until}`
  return state === 'trialing' ? `Free until ${until}` : `Renews on ${until}`
}

export const isGoing = ({ state }: MembershipView) => state === 'active' || state === 'trialing'
