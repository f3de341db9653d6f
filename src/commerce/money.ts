import { z } from 'zod'

const known = new Set(Intl.supportedValuesOf('currency'))

/** An ISO 4217 code. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .refine((code) => known.has(code), 'is not a currency')

/** The most any price may be, in minor units: what Stripe takes at once. */
export const MOST = 99_999_999

/** How many digits follow the point: 2 for EUR, none for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** "12.50 EUR" for messages and logs; pages show money in the viewer's own way. */
export function inWords(amount: number, currency: string): string {
  const digits = minorDigits(currency)
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`
}

/** A share in hundredths of a percent, to the nearest minor unit; halves go up. */
export function shareOf(amount: number, bps: number): number {
  return Math.floor((amount * bps + 5_000) / 10_000)
}
