/** A membership bought for somebody else: paid once, taken once, and gone with the money. */
import { expect, test } from 'vitest'
import { DAY, moneyRoom } from '../helpers/money.ts'

async function withGift() {
  const room = await moneyRoom()
  const premium = await room.plan(2, 500, { yearlyPrice: 5_000 })
  const [anna, ben] = [await room.person('Anna'), await room.person('Ben')]
  const giftOf = async () => (await room.commerce.purchases.listOf(anna, { limit: 1 })).items[0]!.gift!
  const give = (giftMonths: 1 | 3 | 6 | 12) => room.buy(anna, premium.id, { giftMonths })
  async function refund() {
    const [sale] = (await room.commerce.sales.payments(room.creator, room.channelId, { limit: 1 })).items
    return room.commerce.sales.refund(room.creator, sale!.id, {})
  }
  return { ...room, premium, anna, ben, give, giftOf, refund }
}

test('paid once, booked as any sale, and the right of whoever takes it for so many months', async () => {
  const { give, giftOf, commerce, anna, ben, rightsOf, clock, channelId, balances, rechecked } = await withGift()
  await give(3)
  expect(await rightsOf(anna)).toEqual([])
  expect(await balances()).toMatchObject({ [`creator:${channelId} EUR`]: -1_350, 'platform EUR': -150 })
  const { code } = await giftOf()
  expect(await commerce.gifts.look(code)).toMatchObject({ channelName: 'Cooking', tier: 2, days: 92, isGood: true })
  await commerce.gifts.redeem(ben, code)
  const scope = `channel:${channelId}`
  expect(await rightsOf(ben)).toEqual([{ scope, tier: 2, expiresAt: clock.now() + 92 * DAY }])
  expect(rechecked.at(-1)).toEqual({ userId: ben.id, channelId })
  expect([await giftOf(), (await commerce.gifts.look(code)).isGood]).toMatchObject([
    { state: 'taken', months: 3 },
    false,
  ])
})

test('taken once, by whom it is meant for: not by its buyer, and not by who pays for as much already', async () => {
  const { give, giftOf, commerce, anna, ben, premium, person, buy, rightsOf } = await withGift()
  await give(1)
  const { code } = await giftOf()
  await expect(commerce.gifts.redeem(anna, code)).rejects.toMatchObject({ code: 'gift_own' })
  const member = await person('Mia')
  await buy(member, premium.id)
  await expect(commerce.gifts.redeem(member, code)).rejects.toMatchObject({ code: 'already_member' })
  const carl = await person('Carl')
  const tries = await Promise.allSettled([ben, carl, ben].map((one) => commerce.gifts.redeem(one, code)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect([await rightsOf(ben), await rightsOf(carl)].flat()).toHaveLength(1)
})

test('the money given back before it was taken: the link opens nothing', async () => {
  const { give, giftOf, refund, commerce, ben, rightsOf, balances, channelId } = await withGift()
  await give(1)
  const { code } = await giftOf()
  await refund()
  expect((await giftOf()).state).toBe('void')
  await expect(commerce.gifts.redeem(ben, code)).rejects.toMatchObject({ code: 'gift_void' })
  expect(await rightsOf(ben)).toEqual([])
  expect(await balances()).toMatchObject({ [`creator:${channelId} EUR`]: 0, 'platform EUR': 0 })
})

test('the money given back after it was taken: the right of who took it ends', async () => {
  const { give, giftOf, refund, commerce, ben, rightsOf, rechecked, channelId } = await withGift()
  await give(1)
  await commerce.gifts.redeem(ben, (await giftOf()).code)
  await refund()
  expect([await rightsOf(ben), (await giftOf()).state]).toEqual([[], 'void'])
  expect(rechecked.at(-1)).toEqual({ userId: ben.id, channelId })
})

test('a dispute takes the right away as well; won by the creator, it comes back as it was', async () => {
  const { give, giftOf, commerce, ben, rightsOf, testMoney, worker } = await withGift()
  const { checkoutId } = await give(1)
  await commerce.gifts.redeem(ben, (await giftOf()).code)
  const before = await rightsOf(ben)
  await testMoney.act(checkoutId, 'dispute')
  await worker.runDue()
  expect(await rightsOf(ben)).toEqual([])
  await testMoney.act(checkoutId, 'dispute_won')
  await worker.runDue()
  expect([await rightsOf(ben), (await giftOf()).state]).toEqual([before, 'taken'])
})

test('as many as one likes, each with a link of its own; a checkout left open is taken up again', async () => {
  const { give, commerce, anna, premium, offer } = await withGift()
  await give(1)
  await give(1)
  const { items } = await commerce.purchases.listOf(anna, { limit: 5 })
  expect(new Set(items.map(({ gift }) => gift?.code)).size).toBe(2)
  const wish = { offerId: premium.id, billing: 'month', giftMonths: 6 } as const
  const one = await commerce.checkout.start(anna, wish)
  expect(await commerce.checkout.start(anna, wish)).toEqual(one)
  const year = await commerce.checkout.start(anna, { ...wish, giftMonths: 12, expectedAmount: 5_000 })
  expect(year.orderId).not.toBe(one.orderId)
  const ticket = await offer()
  const odd = commerce.checkout.start(anna, { ...wish, offerId: ticket.id })
  await expect(odd).rejects.toMatchObject({ code: 'no_gift' })
})

test('its creator neither sees its code nor takes it back without the money', async () => {
  const { give, giftOf, commerce, creator, channelId, ben, db, rightsOf } = await withGift()
  await give(1)
  await commerce.gifts.redeem(ben, (await giftOf()).code)
  expect([await commerce.gifts.links(creator, channelId), await commerce.comps.list(creator, channelId)]).toEqual([
    [],
    [],
  ])
  const { id } = await db.selectFrom('comp').select('id').executeTakeFirstOrThrow()
  await expect(commerce.comps.revoke(creator, channelId, id)).rejects.toMatchObject({ code: 'no_such_comp' })
  expect(await rightsOf(ben)).toHaveLength(1)
})
