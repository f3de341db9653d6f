/** Money in the viewer's own way of writing it. `digits` comes with the amount: how many of its digits follow the point. */
export function inMoney(amount: number, { currency, digits }: { currency: string; digits: number }): string {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount / 10 ** digits)
}

/** How many digits follow the point: 2 for EUR, none for JPY. */
export function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** "12.50" or "12,50" in minor units; null where that is no amount. */
export function typedAmount(text: string, currency: string): number | null {
  const plain = text.trim().replace(',', '.')
  if (!/^\d+(\.\d+)?$/.test(plain)) return null
  const digits = digitsOf(currency)
  const [whole = '', part = ''] = plain.split('.')
  return part.length > digits ? null : Number(whole + part.padEnd(digits, '0'))
}

export function onDay(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium' })
}
