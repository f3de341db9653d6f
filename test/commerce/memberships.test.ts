import { expect, test } from 'vitest'
import { DAY, moneyRoom } from '../helpers/money.ts'

const MONTH = 30 * DAY

async function withTiers() {
  const room = await moneyRoom()
  const basic = await room.plan(1, 500, { yearlyPrice: 5_000 })
  const vip = await room.plan(3, 2_000, { trialDays: 7 })
  const anna = await room.person('Anna')
  const standing = async () => (await room.commerce.purchases.membershipsOf(anna, { limit: 10 })).items[0]!
  const money = async () => (await room.balances())['provider:test EUR'] ?? 0
  return { ...room, basic, vip, anna, standing, money }
}

test('a member is let in from the payment on, renews by itself, and stays as long as they pay', async () => {
  const { basic, anna, buy, rightsOf, clock, worker, standing, told, channelId } = await withTiers()
  await buy(anna, basic.id)
  const scope = `channel:${channelId}`
  expect(await rightsOf(anna)).toMatchObject([{ scope, tier: 1 }])
  expect(told).toEqual([['membership.started', { userId: anna.id, channelId, tier: 1 }]])
  for (let month = 0; month < 3; month++) {
    clock.advance(MONTH)
    await worker.runDue()
    expect(await rightsOf(anna)).toMatchObject([{ scope, tier: 1, expiresAt: clock.now() + MONTH + DAY }])
  }
  expect((await standing()).payments).toHaveLength(4)
})

test('a trial costs nothing, then it is paid; nobody has a second one', async () => {
  const { vip, anna, buy, rightsOf, clock, worker, standing, money, commerce } = await withTiers()
  const { id } = await buy(anna, vip.id)
  expect(await standing()).toMatchObject({ state: 'trialing', payments: [] })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 3 }])
  clock.advance(7 * DAY)
  await worker.runDue()
  expect(await standing()).toMatchObject({ state: 'active', payments: [{ amount: 2_000 }] })
  await commerce.memberships.cancel(anna, id)
  clock.advance(MONTH)
  await worker.runDue()
  expect(await standing()).toMatchObject({ state: 'ended' })
  const before = await money()
  await buy(anna, vip.id)
  expect(await standing()).toMatchObject({ state: 'active', trialEnd: null })
  expect(await money()).toBeGreaterThan(before)
})

test('cancelled, it runs to the end of the period and not a moment longer; resumed, it goes on', async () => {
  const { basic, anna, buy, rightsOf, clock, worker, commerce, standing, told } = await withTiers()
  const { id } = await buy(anna, basic.id)
  const end = clock.now() + MONTH
  expect(await commerce.memberships.cancel(anna, id)).toMatchObject({ cancelAtPeriodEnd: 1, canceledAt: clock.now() })
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt: end }])
  expect(await commerce.memberships.resume(anna, id)).toMatchObject({ cancelAtPeriodEnd: 0, canceledAt: null })
  await commerce.memberships.cancel(anna, id)
  clock.set(new Date(end).toISOString())
  await worker.runDue()
  expect([await rightsOf(anna), (await standing()).state]).toEqual([[], 'ended'])
  expect(told.at(-1)).toMatchObject(['membership.ended', { userId: anna.id }])
  await expect(commerce.memberships.resume(anna, id)).rejects.toMatchObject({ code: 'membership_over' })
})

test('up at once for the difference, down when the paid period is over, and back again before', async () => {
  const { basic, vip, anna, buy, rightsOf, clock, worker, commerce, standing } = await withTiers()
  const { id } = await buy(anna, basic.id)
  clock.advance(15 * DAY)
  await commerce.memberships.change(anna, id, { offerId: vip.id, billing: 'month' })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 3 }])
  expect((await standing()).payments.map(({ amount }) => amount)).toEqual([750, 500])

  await commerce.memberships.change(anna, id, { offerId: basic.id, billing: 'month' })
  expect(await standing()).toMatchObject({ tier: 3, nextOfferId: basic.id })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 3 }])
  await commerce.memberships.change(anna, id, { offerId: vip.id, billing: 'month' })
  expect(await standing()).toMatchObject({ tier: 3, nextOfferId: null })
  expect((await standing()).payments).toHaveLength(2)

  await commerce.memberships.change(anna, id, { offerId: basic.id, billing: 'month' })
  clock.advance(15 * DAY)
  await worker.runDue()
  expect(await standing()).toMatchObject({ tier: 1, nextOfferId: null })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 1 }])
  expect((await standing()).payments[0]).toMatchObject({ amount: 500 })
})

test('from month to year at once; from year to month only when it is over', async () => {
  const { basic, anna, buy, commerce, standing, clock } = await withTiers()
  const { id } = await buy(anna, basic.id)
  clock.advance(15 * DAY)
  await commerce.memberships.change(anna, id, { offerId: basic.id, billing: 'year' })
  expect(await standing()).toMatchObject({ billing: 'year', periodEnd: clock.now() + 365 * DAY })
  expect((await standing()).payments[0]).toMatchObject({ amount: 4_750 })
  const back = commerce.memberships.change(anna, id, { offerId: basic.id, billing: 'month' })
  await expect(back).rejects.toMatchObject({ code: 'no_such_change' })
})

test('a payment that fails leaves days of grace, then the door closes; paid late, it opens again', async () => {
  const { basic, anna, buy, rightsOf, clock, testMoney, worker, standing, mails } = await withTiers()
  const { checkoutId } = await buy(anna, basic.id)
  clock.advance(MONTH - 1_000)
  await testMoney.act(checkoutId, 'renewal_fails')
  await worker.runDue()
  await worker.runDue()
  expect(mails).toMatchObject([
    { to: anna.email, subject: expect.stringContaining('A payment for Cooking is missing') },
  ])
  expect(mails[0]!.text).toContain('http://footlight.test/purchases')
  const graceUntil = (await standing()).graceUntil!
  expect(await standing()).toMatchObject({ state: 'past_due', graceUntil: (await standing()).periodStart! + 7 * DAY })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 1, expiresAt: graceUntil }])
  clock.advance(8 * DAY)
  await worker.runDue()
  expect(await rightsOf(anna)).toEqual([])
  await testMoney.act(checkoutId, 'pay_overdue')
  await worker.runDue()
  expect([await rightsOf(anna), (await standing()).state]).toMatchObject([[{ tier: 1 }], 'active'])
})

test('who does not want to pay what is overdue cancels, and it is over at once', async () => {
  const { basic, anna, buy, rightsOf, clock, testMoney, worker, commerce } = await withTiers()
  const { id, checkoutId } = await buy(anna, basic.id)
  clock.advance(MONTH - 1_000)
  await testMoney.act(checkoutId, 'renewal_fails')
  await worker.runDue()
  expect(await commerce.memberships.cancel(anna, id)).toMatchObject({ state: 'ended' })
  expect(await rightsOf(anna)).toEqual([])
})

test('what was paid before the mail was written is not asked for any more', async () => {
  const { basic, anna, buy, clock, testMoney, worker, doers, jobs, mails } = await withTiers()
  const { id, checkoutId } = await buy(anna, basic.id)
  clock.advance(MONTH - 1_000)
  await testMoney.act(checkoutId, 'renewal_fails')
  await testMoney.act(checkoutId, 'pay_overdue')
  await worker.runDue()
  await jobs.enqueue({ kind: 'commerce.past-due', payload: { membershipId: id } })
  await worker.runDue()
  expect([Object.keys(doers), mails]).toEqual([expect.arrayContaining(['commerce.past-due']), []])
})

test('one membership per person and channel; the second attempt is refused before paying', async () => {
  const { basic, vip, anna, buy, commerce } = await withTiers()
  await buy(anna, basic.id)
  for (const offerId of [basic.id, vip.id]) {
    const again = commerce.checkout.start(anna, { offerId, billing: 'month' })
    await expect(again).rejects.toMatchObject({ code: 'already_member' })
  }
})

test('nobody changes, cancels or looks at what another holds', async () => {
  const { basic, vip, anna, buy, person, commerce } = await withTiers()
  const { id, orderId } = await buy(anna, basic.id)
  const mallory = await person('Mallory')
  const tries = [
    () => commerce.memberships.change(mallory, id, { offerId: vip.id, billing: 'month' }),
    () => commerce.memberships.cancel(mallory, id),
    () => commerce.memberships.resume(mallory, id),
    () => commerce.memberships.portal(mallory, id),
    () => commerce.purchases.stateOf(mallory, orderId),
    () => commerce.purchases.look(mallory, orderId),
  ]
  for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ kind: 'not_found' })
})

test('a code takes off the first payment only', async () => {
  const { basic, anna, buy, commerce, creator, channelId, clock, worker, standing } = await withTiers()
  const promotion = { code: 'HELLO', percentOff: null, amountOff: 200, currency: 'EUR', maxUses: null, expiresAt: null }
  await commerce.promotions.create(creator, channelId, { ...promotion, offerId: null })
  await buy(anna, basic.id, { promotionCode: 'hello' })
  clock.advance(MONTH)
  await worker.runDue()
  expect((await standing()).payments.map(({ amount }) => amount)).toEqual([500, 300])
})

test('a creator who gives all the money back and ends it closes the door', async () => {
  const { basic, anna, buy, rightsOf, commerce, creator, channelId, standing } = await withTiers()
  await buy(anna, basic.id)
  const [sale] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  await commerce.sales.refund(creator, sale!.id, { endMembership: true })
  expect([await rightsOf(anna), (await standing()).state]).toEqual([[], 'ended'])
})

test('comps and gift links open without money; each person opens a link once, N people in all', async () => {
  const { commerce, creator, channelId, person, rightsOf, clock, balances } = await withTiers()
  const ben = await person('Ben')
  const comp = { userId: ben.id, scope: null, tier: 3, days: 10, note: 'Guest' }
  const { id } = await commerce.comps.give(creator, channelId, comp)
  expect(await rightsOf(ben)).toMatchObject([{ tier: 3, expiresAt: clock.now() + 10 * DAY }])
  await commerce.comps.revoke(creator, channelId, id)
  expect(await rightsOf(ben)).toEqual([])

  const gift = await commerce.gifts.createLink(creator, channelId, { tier: 1, days: null, maxUses: 5, expiresAt: null })
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => person(`Guest${n}`)))
  const tries = await Promise.allSettled(people.map((one) => commerce.gifts.redeem(one, gift.code)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  const lucky = people[tries.findIndex(({ status }) => status === 'fulfilled')]!
  expect(await rightsOf(lucky)).toMatchObject([{ tier: 1, expiresAt: null }])

  const second = await commerce.gifts.createLink(creator, channelId, { tier: 1, days: 1, maxUses: 5, expiresAt: null })
  await commerce.gifts.redeem(ben, second.code)
  await expect(commerce.gifts.redeem(ben, second.code)).rejects.toMatchObject({ code: 'gift_taken' })
  await commerce.gifts.withdrawLink(creator, channelId, second.id)
  await expect(commerce.gifts.redeem(people[0]!, second.code)).rejects.toMatchObject({ code: 'gift_void' })
  expect(await balances()).toEqual({})
})
