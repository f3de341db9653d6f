import { expect, test } from 'vitest'
import { asTyped, inMoney, kindOf, typedAmount } from '../../src/web/client/money/amounts.ts'
import type { OfferView } from '../../src/web/client/money/money-api.ts'
import { fieldsOf, localTime, termsIn } from '../../src/web/client/money/offer-fields.ts'

const [euro, yen, dinar] = ['EUR', ' jpy ', 'KWD'].map((code) => kindOf(code)!) as [Kind, Kind, Kind]
type Kind = NonNullable<ReturnType<typeof kindOf>>

test('money is typed as its currency counts it, and nothing is guessed', () => {
  expect([euro.digits, yen.digits, dinar.digits]).toEqual([2, 0, 3])
  expect(['4', '4.5', '4,50', ' 0.05 ', '1234567.89'].map((text) => typedAmount(text, euro))).toEqual([
    ...[400, 450, 450, 5, 123_456_789],
  ])
  expect([typedAmount('1200', yen), typedAmount('1.250', dinar), typedAmount('1,2', dinar)]).toEqual([
    1_200, 1_250, 1_200,
  ])
  const wrong = ['', '4.505', '4.5.0', '1.000,50', '-4', '+4', '4 EUR', '1e3', '٤']
  expect(wrong.map((text) => typedAmount(text, euro))).toEqual(wrong.map(() => null))
  expect(typedAmount('4.5', yen)).toBeNull()
  expect(['', 'EU', 'EURO', '12€'].map(kindOf)).toEqual([null, null, null, null])
})

test('it is shown in the viewer’s own way, and typed again as it was', () => {
  const plain = (text: string) => text.replaceAll(/\s/g, ' ')
  expect(plain(inMoney(123_450, euro, 'de'))).toBe('1.234,50 €')
  expect(plain(inMoney(123_450, euro, 'en'))).toBe('€1,234.50')
  expect(plain(inMoney(1_200, yen, 'ja'))).toBe('¥1,200'.replace('¥', '￥'))
  expect(plain(inMoney(1_250, dinar, 'en'))).toBe('KWD 1.250')
  for (const [amount, kind] of [
    [5, euro],
    [1_200, yen],
    [1_250, dinar],
  ] as const) {
    expect(typedAmount(asTyped(amount, kind), kind)).toBe(amount)
  }
  expect(asTyped(null, euro)).toBe('')
})

const offer: OfferView = {
  ...{ id: 'o', sessionId: 's', kind: 'ticket', tier: null, name: 'Bread', perks: '', currency: 'EUR', digits: 2 },
  ...{ price: 900, regularPrice: 1_250, earlyPrice: 900, earlyUntil: '2026-11-21T14:00:00.000Z', yearlyPrice: null },
  ...{ seats: 20, seatsLeft: 3, saleFrom: null, saleUntil: null, isOnSale: true, replayDays: 0 },
  ...{ rentHours: null, rentFrom: null, trialDays: 0, version: 4 },
}

test('an offer that is opened and saved as it is says the same', () => {
  expect(termsIn('ticket', fieldsOf(offer))).toEqual({
    ...{ name: 'Bread', perks: '', price: 1_250, earlyPrice: 900, earlyUntil: offer.earlyUntil },
    ...{ seats: 20, replayDays: 0, saleFrom: null, saleUntil: null },
  })
  expect(new Date(localTime(offer.earlyUntil)).toISOString()).toBe(offer.earlyUntil)
})

test('each kind has its own fields, and what is wrong is said beside the field', () => {
  const typed = { name: ' Friend ', currency: 'EUR', price: '5', yearlyPrice: '', trialDays: '', seats: '7' }
  expect(termsIn('membership', typed)).toEqual({
    ...{ name: 'Friend', perks: '', price: 500, yearlyPrice: null, trialDays: 0, saleFrom: null, saleUntil: null },
  })
  const rent = { ...typed, rentHours: '48', rentFrom: 'first_play' }
  expect(termsIn('rent', rent)).toMatchObject({ rentHours: 48, rentFrom: 'first_play', seats: 7 })
  const wrong = { price: '5.001', seats: '1.5', earlyUntil: 'soon', currency: 'euros' }
  for (const [field, value] of Object.entries(wrong)) {
    expect(() => termsIn('ticket', { ...typed, [field]: value })).toThrow(
      expect.objectContaining({ details: [expect.objectContaining({ field })] }),
    )
  }
})
