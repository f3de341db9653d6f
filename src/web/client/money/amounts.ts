/** Money is an integer in minor units; `digits` says how many of its digits follow the point. */
interface Kind {
  currency: string
  digits: number
}

/** In the viewer's own way of writing it. */
export function inMoney(amount: number, { currency, digits }: Kind, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount / 10 ** digits)
}

/** As it would be typed: "12.50"; nothing where there is none. */
export function asTyped(amount: number | null, { digits }: Kind): string {
  return amount === null ? '' : (amount / 10 ** digits).toFixed(digits)
}

/** How this currency is counted; null for what is none. */
export function kindOf(code: string): Kind | null {
  const currency = code.trim().toUpperCase()
  if (!/^[A-Z]{3}$/.test(currency)) return null
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return { currency, digits: maximumFractionDigits ?? 2 }
}

/** "12.50" or "12,50" in minor units; null where that is no amount of this currency. */
export function typedAmount(text: string, { digits }: Kind): number | null {
  const plain = text.trim().replace(',', '.')
  if (!/^\d+(\.\d+)?$/.test(plain)) return null
  const [whole = '', part = ''] = plain.split('.')
  return part.length > digits ? null : Number(whole + part.padEnd(digits, '0'))
}

export function onDay(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium' })
}

export function atTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
