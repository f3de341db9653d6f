import { expect, test } from 'vitest'
import { DAY, moneyRoom, ticket } from '../helpers/money.ts'

test('who pays may watch at once, and every cent is booked', async () => {
  const { offer, buy, person, rightsOf, balances, sessionId, channelId, commerce, told, rechecked } = await moneyRoom()
  const anna = await person('Anna')
  const { id } = await buy(anna, (await offer()).id)
  expect(await rightsOf(anna)).toEqual([{ scope: `session:${sessionId}`, tier: 0, expiresAt: null }])
  // 10.00: a tenth is the platform's, and test money keeps 1.5 % and 25 cents.
  expect(await balances()).toEqual({
    'provider:test EUR': 960,
    [`creator:${channelId} EUR`]: -900,
    'platform EUR': -100,
    'processing EUR': 40,
  })
  expect(told).toMatchObject([['purchase.settled', { purchaseId: id, userId: anna.id, state: 'paid' }]])
  expect(rechecked).toContainEqual({ userId: anna.id, sessionId })
  expect((await commerce.purchases.listOf(anna, { limit: 10 })).items).toMatchObject([
    { id, state: 'paid', amount: 1_000, payments: [{ amount: 1_000, currency: 'EUR', refunded: 0 }] },
  ])
})

test('declined, abandoned and never finished checkouts open nothing and book nothing', async () => {
  const { offer, person, commerce, testMoney, checkoutOf, worker, rightsOf, balances, clock } = await moneyRoom()
  const { id: offerId } = await offer({ seats: 1 })
  const anna = await person('Anna')
  const { url } = await commerce.checkout.start(anna, { offerId, billing: 'month' })
  await expect(testMoney.act(checkoutOf(url), 'decline')).rejects.toMatchObject({ code: 'card_declined' })
  await testMoney.act(checkoutOf(url), 'abandon')
  await worker.runDue()
  // The seat is free again; the next one just closes the page.
  const ben = await person('Ben')
  await commerce.checkout.start(ben, { offerId, billing: 'month' })
  await expect(commerce.checkout.start(anna, { offerId, billing: 'month' })).rejects.toMatchObject({ code: 'sold_out' })
  clock.advance(33 * 60_000)
  await worker.runDue()
  await commerce.checkout.start(anna, { offerId, billing: 'month' })
  expect([await rightsOf(anna), await rightsOf(ben), await balances()]).toEqual([[], [], {}])
})

test('a bank that takes its time: the seat is kept, the right comes with the money or not at all', async () => {
  const { offer, person, commerce, testMoney, checkoutOf, worker, rightsOf, clock } = await moneyRoom()
  const { id: offerId } = await offer({ seats: 2 })
  const [anna, ben, cleo] = [await person('Anna'), await person('Ben'), await person('Cleo')]
  const start = async (buyer: typeof anna) => {
    const { url } = await commerce.checkout.start(buyer, { offerId, billing: 'month' })
    await testMoney.act(checkoutOf(url), 'pay_later')
    await worker.runDue()
    return checkoutOf(url)
  }
  const [hers, his] = [await start(anna), await start(ben)]
  clock.advance(2 * DAY)
  await worker.runDue()
  expect(await rightsOf(anna)).toEqual([])
  await expect(start(anna)).rejects.toMatchObject({ code: 'payment_under_way' })
  await expect(start(cleo)).rejects.toMatchObject({ code: 'sold_out' })
  await testMoney.act(hers, 'bank_confirms')
  await testMoney.act(his, 'bank_refuses')
  await worker.runDue()
  expect([(await rightsOf(anna)).length, (await rightsOf(ben)).length]).toEqual([1, 0])
  await start(cleo)
})

test('bought twice is refused before paying; a checkout left open is taken up again', async () => {
  const { offer, person, commerce, testMoney, checkoutOf, worker, sessionId } = await moneyRoom()
  const { id: offerId } = await offer()
  const own = await offer({ kind: 'own', price: 3_000 })
  const anna = await person('Anna')
  const first = await commerce.checkout.start(anna, { offerId, billing: 'month' })
  expect(await commerce.checkout.start(anna, { offerId, billing: 'month' })).toEqual(first)
  await testMoney.act(checkoutOf(first.url), 'pay')
  await worker.runDue()
  for (const again of [offerId, own.id]) {
    await expect(commerce.checkout.start(anna, { offerId: again, billing: 'month' })).rejects.toMatchObject({
      code: 'already_bought',
    })
  }
  expect(own.scope).toBe(`session:${sessionId}`)
})

test('two clicks at once begin one checkout', async () => {
  const { offer, person, commerce, db } = await moneyRoom()
  const { id: offerId } = await offer()
  const anna = await person('Anna')
  const clicks = await Promise.allSettled(
    Array.from({ length: 8 }, () => commerce.checkout.start(anna, { offerId, billing: 'month' })),
  )
  const urls = new Set(clicks.flatMap((click) => (click.status === 'fulfilled' ? [click.value.url] : [])))
  const refused = new Set(clicks.flatMap((click) => (click.status === 'rejected' ? [click.reason.code] : [])))
  expect(urls.size).toBe(1)
  expect([...refused].filter((code) => code !== 'checkout_under_way')).toEqual([])
  expect(await db.selectFrom('purchase').selectAll().where('state', '=', 'open').execute()).toHaveLength(1)
})

test('a hundred buyers, ten seats: exactly ten', async () => {
  const { offer, person, commerce, testMoney, checkoutOf, worker, db } = await moneyRoom()
  const { id: offerId } = await offer({ seats: 10 })
  const buyers = await Promise.all(Array.from({ length: 100 }, (_, n) => person(`Buyer${n}`)))
  const tries = await Promise.allSettled(
    buyers.map(async (buyer) => {
      const { url } = await commerce.checkout.start(buyer, { offerId, billing: 'month' })
      await testMoney.act(checkoutOf(url), 'pay')
    }),
  )
  await worker.runDue()
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'sold_out' })
  expect(await db.selectFrom('purchase').selectAll().where('state', '=', 'paid').execute()).toHaveLength(10)
})

test('a hundred buyers, ten uses of a code: exactly ten', async () => {
  const { offer, person, commerce, creator, channelId } = await moneyRoom()
  const { id: offerId } = await offer()
  const promotion = { code: 'Bread', percentOff: 50, amountOff: null, currency: null, offerId: null, expiresAt: null }
  const { id } = await commerce.promotions.create(creator, channelId, { ...promotion, maxUses: 10 })
  const buyers = await Promise.all(Array.from({ length: 100 }, (_, n) => person(`Buyer${n}`)))
  const wish = { offerId, billing: 'month', promotionCode: 'BREAD', expectedAmount: 500 } as const
  const tries = await Promise.allSettled(buyers.map((buyer) => commerce.checkout.start(buyer, wish)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'code_void' })
  expect(await commerce.promotions.uses(id)).toBe(10)
})

test('the price is ours: what a page shows is only compared', async () => {
  const { offer, person, commerce, clock, db } = await moneyRoom()
  const { id: offerId } = await offer({ earlyPrice: 700, earlyUntil: clock.now() + DAY })
  const anna = await person('Anna')
  const wish = { offerId, billing: 'month' } as const
  await expect(commerce.checkout.start(anna, { ...wish, expectedAmount: 1 })).rejects.toMatchObject({
    code: 'price_changed',
    details: { amount: 700 },
  })
  await commerce.checkout.start(anna, { ...wish, expectedAmount: 700 })
  clock.advance(DAY)
  await expect(commerce.checkout.start(anna, { ...wish, expectedAmount: 700 })).rejects.toMatchObject({
    code: 'price_changed',
  })
  await commerce.checkout.start(anna, wish)
  const rows = await db.selectFrom('purchase').select(['amount', 'state']).orderBy('id').execute()
  expect(rows).toEqual([
    { amount: 700, state: 'expired' },
    { amount: 1_000, state: 'open' },
  ])
})

test('a sale has its time, and what is free needs no provider', async () => {
  const { offer, person, commerce, clock, rightsOf, balances } = await moneyRoom()
  const anna = await person('Anna')
  const sale = await offer({ saleFrom: clock.now() + DAY, saleUntil: clock.now() + 2 * DAY, price: 0 })
  const wish = { offerId: sale.id, billing: 'month' } as const
  await expect(commerce.checkout.start(anna, wish)).rejects.toMatchObject({ code: 'sale_not_open' })
  clock.advance(2 * DAY)
  await expect(commerce.checkout.start(anna, wish)).rejects.toMatchObject({ code: 'sale_over' })
  clock.advance(-DAY)
  expect((await commerce.checkout.start(anna, wish)).url).toBeNull()
  expect(await rightsOf(anna)).toHaveLength(1)
  expect(await balances()).toEqual({})
})

test.each([
  '//evil.example',
  'https://evil.example/',
  '/\\evil.example',
  '/%2f/../../\\\\evil',
  'javascript:alert(1)',
  '/a\n//b',
])('nobody is sent elsewhere after paying: %j', async (returnTo) => {
  const { offer, person, commerce, testMoney, checkoutOf } = await moneyRoom()
  const { id: offerId } = await offer()
  const anna = await person('Anna')
  try {
    const { url } = await commerce.checkout.start(anna, { offerId, billing: 'month', returnTo })
    const { order } = await testMoney.look(checkoutOf(url))
    const to = new URL(order.returnUrl).searchParams.get('to')!
    expect(new URL(to, 'http://footlight.test').origin).toBe('http://footlight.test')
    expect(to).not.toMatch(/^\/[/\\]/)
  } catch (error) {
    expect(error).toMatchObject({ code: 'foreign_return' })
  }
})

test('a rent lasts its hours, from the purchase or from the first play, and can be had again', async () => {
  const { offer, buy, person, rightsOf, clock, commerce, sessionId } = await moneyRoom()
  const anna = await person('Anna')
  const rent = await offer({ kind: 'rent', rentHours: 48, rentFrom: 'first_play' })
  await buy(anna, rent.id)
  clock.advance(5 * DAY)
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt: null }])
  await commerce.played(anna.id, `session:${sessionId}`)
  const expiresAt = clock.now() + 2 * DAY
  clock.advance(DAY)
  await commerce.played(anna.id, `session:${sessionId}`)
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt }])
  await expect(buy(anna, rent.id)).rejects.toMatchObject({ code: 'already_bought' })
  clock.advance(DAY)
  expect(await rightsOf(anna)).toEqual([])
  await buy(anna, rent.id)
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt: null }])

  const ben = await person('Ben')
  await buy(ben, (await offer({ kind: 'rent', rentHours: 2, rentFrom: 'purchase' })).id)
  expect(await rightsOf(ben)).toMatchObject([{ expiresAt: clock.now() + 7_200_000 }])
})

test('a video is sold like a show: a ticket, a rent, or for ever, and its right opens nothing else', async () => {
  const { offer, buy, person, access, clock, channelId, creator, sessionId } = await moneyRoom()
  const terms = { target: { videoId: 'film' } }
  const [anna, ben, cleo] = [await person('Anna'), await person('Ben'), await person('Cleo')]
  await buy(anna, (await offer({ ...terms, kind: 'own', price: 3_000 })).id)
  await buy(ben, (await offer({ ...terms, kind: 'rent', rentHours: 48, rentFrom: 'purchase' })).id)
  await buy(cleo, (await offer()).id)
  const decided = async (scope: 'video:film' | `session:${string}`) => {
    const target = { scope, channelId, ownerId: creator.id, isOff: false, visibility: 'ticket' as const }
    const policy = { requiredTier: null, previewMinutes: 0, freeMaxHeight: null }
    const viewer = ({ id }: typeof anna) => ({ userId: id, deviceId: null, address: null })
    const all = await Promise.all([anna, ben, cleo].map((one) => access.decide(viewer(one), { ...target, ...policy })))
    return all.map((one) => (one.allowed ? 'open' : one.reason))
  }
  expect(await decided('video:film')).toEqual(['open', 'open', 'buy'])
  expect(await decided(`session:${sessionId}`)).toEqual(['buy', 'buy', 'open'])
  clock.advance(2 * DAY)
  expect(await decided('video:film')).toEqual(['open', 'ended', 'buy'])
})

test('the days of replay count from the end of the show', async () => {
  const { offer, buy, person, rightsOf, clock, commerce, worker, db, sessionId } = await moneyRoom()
  const [anna, ben] = [await person('Anna'), await person('Ben')]
  const { id: offerId } = await offer({ replayDays: 3 })
  await buy(anna, offerId)
  clock.advance(5_000)
  await db.updateTable('session').set({ endedAt: clock.now(), state: 'ended' }).where('id', '=', sessionId).execute()
  const expiresAt = clock.now() + 3 * DAY
  await commerce.onSessionEnded(sessionId)
  await worker.runDue()
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt }])
  clock.advance(DAY)
  await buy(ben, offerId)
  expect(await rightsOf(ben)).toMatchObject([{ expiresAt }])
})

test('the end of a show that nobody heard of is found at night', async () => {
  const { offer, buy, person, rightsOf, clock, commerce, worker, db, sessionId } = await moneyRoom()
  const anna = await person('Anna')
  await buy(anna, (await offer({ replayDays: 3 })).id)
  const endedAt = clock.now()
  await db.updateTable('session').set({ endedAt, state: 'ended' }).where('id', '=', sessionId).execute()
  await commerce.reconcile.orderNext()
  clock.advance(DAY)
  await worker.runDue()
  expect(await rightsOf(anna)).toMatchObject([{ expiresAt: endedAt + 3 * DAY }])
})

test('a refund is an entry, not an edit; all of it ends the right', async () => {
  const { offer, buy, person, rightsOf, balances, commerce, creator, worker, channelId } = await moneyRoom()
  const anna = await person('Anna')
  const { id: offerId } = await offer()
  await buy(anna, offerId)
  const [sale] = (await commerce.sales.payments(creator, channelId, { limit: 10 })).items
  expect(sale).toMatchObject({ buyer: 'Anna', item: 'Bread live', amount: 1_000, platformFee: 100 })
  const mallory = await person('Mallory')
  await expect(commerce.sales.refund(mallory, sale!.id, {})).rejects.toThrow()
  await expect(commerce.sales.refund(creator, sale!.id, { amount: 1_001 })).rejects.toMatchObject({
    code: 'more_than_paid',
  })
  await commerce.sales.refund(creator, sale!.id, { amount: 333 })
  expect(await rightsOf(anna)).toHaveLength(1)
  await Promise.allSettled([commerce.sales.refund(creator, sale!.id, {}), commerce.sales.refund(creator, sale!.id, {})])
  await worker.runDue()
  expect(await rightsOf(anna)).toEqual([])
  // The processing fee is gone; all else is as before.
  expect(await balances()).toEqual({
    'provider:test EUR': -40,
    [`creator:${channelId} EUR`]: 0,
    'platform EUR': 0,
    'processing EUR': 40,
  })
  await expect(commerce.sales.refund(creator, sale!.id, { amount: 1 })).rejects.toMatchObject({
    code: 'more_than_paid',
  })
  expect(await commerce.sales.earnings(creator, channelId)).toEqual([
    {
      ...{ paidOut: 0, inAccount: 0, kept: 0 },
      currency: 'EUR',
      gross: 1_000,
      refunded: 1_000,
      disputed: 0,
      platformFee: 0,
      processingFee: 40,
      net: 0,
    },
  ])
  await buy(anna, offerId)
  expect(await rightsOf(anna)).toHaveLength(1)
})

test('a dispute takes the right away; won, it comes back; lost, the money is gone', async () => {
  const { offer, buy, person, rightsOf, balances, testMoney, worker, channelId } = await moneyRoom()
  const { id: offerId } = await offer()
  for (const end of ['won', 'lost'] as const) {
    const buyer = await person(end)
    const { checkoutId } = await buy(buyer, offerId)
    await testMoney.act(checkoutId, 'dispute')
    await worker.runDue()
    expect(await rightsOf(buyer)).toEqual([])
    await testMoney.act(checkoutId, `dispute_${end}`)
    await worker.runDue()
    expect(await rightsOf(buyer)).toHaveLength(end === 'won' ? 1 : 0)
  }
  expect(await balances()).toMatchObject({
    [`creator:${channelId} EUR`]: -900,
    'disputes EUR': 0,
    'platform EUR': -100,
  })
})

test('yen have no cents, dinars have three digits; both are sold as they are', async () => {
  const { offer, buy, person, balances, channelId } = await moneyRoom({ feeBps: 333 })
  await buy(await person('Anna'), (await offer({ ...ticket, currency: 'JPY', price: 1_500 })).id)
  await buy(await person('Ben'), (await offer({ ...ticket, currency: 'KWD', price: 1_999 })).id)
  expect(await balances()).toMatchObject({
    [`creator:${channelId} JPY`]: -1_450,
    'platform JPY': -50,
    [`creator:${channelId} KWD`]: -1_932,
    'platform KWD': -67,
  })
})

test('offers that make no sense are refused', async () => {
  const { offer, plan } = await moneyRoom()
  const refused = { code: 'offer_makes_no_sense' }
  await expect(offer({ tier: 1 })).rejects.toMatchObject(refused)
  await expect(offer({ target: null })).rejects.toMatchObject(refused)
  await expect(offer({ kind: 'rent' })).rejects.toMatchObject(refused)
  await expect(offer({ rentHours: 3, rentFrom: 'purchase' })).rejects.toMatchObject(refused)
  await expect(offer({ trialDays: 3 })).rejects.toMatchObject(refused)
  await expect(offer({ earlyPrice: 2_000, earlyUntil: 5 })).rejects.toMatchObject(refused)
  await expect(offer({ saleFrom: 5, saleUntil: 4 })).rejects.toMatchObject(refused)
  await expect(plan(1, 0)).rejects.toMatchObject(refused)
  await expect(plan(1, 500, { seats: 3 })).rejects.toMatchObject(refused)
  await expect(offer({ target: { sessionId: 'not there' } })).rejects.toMatchObject({ code: 'nothing_to_sell' })
  await plan(1, 500)
  await expect(plan(1, 700)).rejects.toMatchObject({ code: 'tier_taken' })
})
