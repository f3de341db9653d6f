/** What a creator typed about an offer, as the API wants it; and an offer as it would be typed. */
import { ApiError } from '../api/client.ts'
import { asTyped, kindOf, typedAmount } from './amounts.ts'
import type { OfferView } from './money-api.ts'

export type OfferKind = OfferView['kind']
type Fields = Record<string, string>

/** The fields of each kind, beside name, perks, price and the sale's time. */
export const FIELDS: Record<OfferKind, readonly string[]> = {
  ticket: ['earlyPrice', 'earlyUntil', 'seats', 'replayDays'],
  rent: ['earlyPrice', 'earlyUntil', 'seats', 'rentHours', 'rentFrom'],
  own: ['earlyPrice', 'earlyUntil', 'seats'],
  membership: ['yearlyPrice', 'trialDays'],
}
const MONEY = ['price', 'yearlyPrice', 'earlyPrice']
const TIMES = ['earlyUntil', 'saleFrom', 'saleUntil']
const COUNTS = ['seats', 'replayDays', 'rentHours', 'trialDays']

export function termsIn(kind: OfferKind, fields: Fields): Record<string, unknown> {
  const money = kindOf(fields.currency ?? '')
  if (!money) throw wrong('currency', 'Three letters: EUR, USD, JPY.')
  const terms: Record<string, unknown> = { name: (fields.name ?? '').trim(), perks: (fields.perks ?? '').trim() }
  for (const field of ['price', 'saleFrom', 'saleUntil', ...FIELDS[kind]]) {
    const text = (fields[field] ?? '').trim()
    if (field === 'rentFrom') terms[field] = text
    else if (text === '' && field !== 'price') terms[field] = field === 'trialDays' ? 0 : null
    else if (MONEY.includes(field)) terms[field] = amountIn(field, text, money)
    else if (TIMES.includes(field)) terms[field] = timeIn(field, text)
    else if (COUNTS.includes(field)) terms[field] = countIn(field, text)
  }
  return terms
}

export function fieldsOf(offer: OfferView): Fields {
  const { name, perks, currency, seats, replayDays, rentHours, rentFrom, trialDays } = offer
  const counts = { seats, replayDays, rentHours, trialDays: trialDays || null }
  return {
    ...{ name, perks, currency, rentFrom: rentFrom ?? 'purchase', price: asTyped(offer.regularPrice, offer) },
    ...{ yearlyPrice: asTyped(offer.yearlyPrice, offer), earlyPrice: asTyped(offer.earlyPrice, offer) },
    ...Object.fromEntries(Object.entries(counts).map(([field, count]) => [field, count === null ? '' : String(count)])),
    earlyUntil: localTime(offer.earlyUntil),
    saleFrom: localTime(offer.saleFrom),
    saleUntil: localTime(offer.saleUntil),
  }
}

function amountIn(field: string, text: string, money: { currency: string; digits: number }): number {
  const amount = typedAmount(text, money)
  if (amount !== null) return amount
  const example = (4.5).toFixed(money.digits)
  throw wrong(field, `That is no amount in ${money.currency}; write it like ${example}.`)
}

function timeIn(field: string, text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw wrong(field, 'That is no time.')
  return at.toISOString()
}

function countIn(field: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw wrong(field, 'A whole number.')
}

/** As `<input type="datetime-local">` wants it: in the clock of this device. */
export function localTime(iso: string | null): string {
  if (iso === null) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function wrong(field: string, message: string): ApiError {
  return new ApiError(0, 'not_as_it_should_be', message, [{ field, message }])
}
