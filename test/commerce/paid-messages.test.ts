import { expect, test } from 'vitest'
import { moneyRoom } from '../helpers/money.ts'

async function tippedRoom() {
  const room = await moneyRoom()
  const { commerce, creator, channelId, person, testMoney, worker, checkoutOf } = room
  await commerce.paidMessages.setTerms(creator, channelId, { least: 200, currency: 'EUR' })
  const anna = await person('Anna')
  async function pay(amount: number) {
    const { offerId } = (await commerce.paidMessages.termsOf(channelId))!
    const { orderId, url } = await commerce.checkout.start(anna, { offerId, billing: 'month', amount })
    await testMoney.act(checkoutOf(url), 'pay')
    await worker.runDue()
    return orderId
  }
  return { ...room, anna, pay }
}

test('the buyer names the sum, above the least; it is booked as anything sold, and opens nothing', async () => {
  const { commerce, anna, pay, balances, rightsOf, told, channelId } = await tippedRoom()
  await pay(1_000)
  await pay(200)
  expect(await balances()).toMatchObject({ [`creator:${channelId} EUR`]: -1_080, 'platform EUR': -120 })
  expect(await rightsOf(anna)).toEqual([])
  expect(told.filter(([name]) => name === 'purchase.settled')).toHaveLength(2)
  await expect(pay(199)).rejects.toThrow('less than the least')
  const { offerId } = (await commerce.paidMessages.termsOf(channelId))!
  await expect(commerce.checkout.start(anna, { offerId, billing: 'month' })).rejects.toThrow('less than the least')
})

test('given back, the order says so and the books are even', async () => {
  const { commerce, creator, channelId, pay, balances, told } = await tippedRoom()
  const orderId = await pay(1_000)
  const { items } = await commerce.sales.payments(creator, channelId, { limit: 10 })
  expect(items).toMatchObject([{ buyer: 'Anna', item: 'Paid message', amount: 1_000 }])
  await commerce.sales.refund(creator, items[0]!.id, {})
  expect(await balances()).toMatchObject({ [`creator:${channelId} EUR`]: 0, 'platform EUR': 0 })
  expect(told.at(-1)?.[1]).toMatchObject({ state: 'refunded' })
  expect(await commerce.purchases.find(orderId)).toBe('refunded')
})

test('it stands in no list of things to buy, and other terms are other orders', async () => {
  const { commerce, creator, channelId } = await tippedRoom()
  expect(await commerce.offers.listOf(channelId, `channel:${channelId}`)).toEqual([])
  await commerce.paidMessages.setTerms(creator, channelId, { least: 500, currency: 'JPY' })
  expect(await commerce.paidMessages.termsOf(channelId)).toMatchObject({ least: 500, currency: 'JPY', digits: 0 })
  await commerce.paidMessages.setTerms(creator, channelId, null)
  expect(await commerce.paidMessages.termsOf(channelId)).toBe(null)
})
