import { minorDigits } from './money.ts'

/** Stripe's own lists (docs.stripe.com/currencies); every other currency has two digits there, ISK and UGX included. */
const NONE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const THREE = new Set('BHD JOD KWD OMR TND'.split(' '))

function factorOf(currency: string): number {
  const digits = NONE.has(currency) ? 0 : THREE.has(currency) ? 3 : 2
  return 10 ** (digits - minorDigits(currency))
}

export const toStripe = (amount: number, currency: string) => Math.round(amount * factorOf(currency))
export const fromStripe = (amount: number, currency: string) => Math.round(amount / factorOf(currency.toUpperCase()))
