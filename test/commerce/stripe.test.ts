import fc from 'fast-check'
import { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { createStripeMoney } from '../../src/commerce/commerce.ts'
import { fromStripe, toStripe } from '../../src/commerce/stripe-amounts.ts'
import { Secret } from '../../src/platform/secret.ts'
import { fakeClock } from '../helpers/clock.ts'
import { DAY, moneyRoom } from '../helpers/money.ts'
import { fakeStripe } from '../helpers/stripe/fake-stripe.ts'

const SECRET = 'whsec_of_these_tests_0123456789'
const sealing = new Secret('what the node seals with in these tests')

async function stripeRoom() {
  const clock = fakeClock()
  const fake = await fakeStripe(clock)
  const secretKey = new Secret('sk_test_0123456789abcdef')
  const room = await moneyRoom({
    clock,
    provider: async (db) => {
      const webhookSecret = new Secret(SECRET)
      const options = {
        db,
        clock,
        secret: sealing,
        secretKey,
        webhookSecret,
        publicUrl: 'http://footlight.test',
        at: fake.at,
      }
      return (await createStripeMoney(options)).provider
    },
  })
  const library = new Stripe(secretKey.reveal())
  function signed(event: unknown, secret = SECRET, at = clock.now()) {
    const payload = JSON.stringify(event)
    const timestamp = Math.floor(at / 1_000)
    return { payload, header: library.webhooks.generateTestHeaderString({ payload, secret, timestamp }) }
  }
  async function ring(event: unknown, secret = SECRET, at = clock.now()) {
    const { payload, header } = signed(event, secret, at)
    return room.commerce.webhook.receive(payload, new Headers({ 'stripe-signature': header }))
  }
  return { ...room, fake, ring, secretKey }
}

test('a ticket over Stripe: paid, opened, partly refunded, disputed and won', async () => {
  const { fake, ring, offer, person, commerce, creator, channelId, rightsOf, balances } = await stripeRoom()
  const anna = await person('Anna')
  const { url, orderId } = await commerce.checkout.start(anna, { offerId: (await offer()).id, billing: 'month' })
  const session = url!.split('/').at(-1)!
  expect(await rightsOf(anna)).toEqual([])
  const [completed] = fake.pay(session)
  expect(await ring(completed)).toBe('settled')
  expect(await rightsOf(anna)).toHaveLength(1)
  expect(await commerce.purchases.stateOf(anna, orderId)).toMatchObject({ state: 'paid' })

  const [sale] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  expect(sale).toMatchObject({ amount: 1_000, fee: 40, receiptUrl: 'https://receipts.example/1' })
  const twice = [1, 2].map(() => commerce.sales.refund(creator, sale!.id, { amount: 300, refundedBefore: 0 }))
  await Promise.allSettled(twice)
  expect(await balances()).toMatchObject({ 'provider:stripe EUR': 660, [`creator:${channelId} EUR`]: -630 })

  const intent = sale!.ref
  const opened = fake.dispute(intent)
  await ring(opened)
  expect(await rightsOf(anna)).toEqual([])
  const dispute = (opened.data as { object: { id: string } }).object.id
  await ring(fake.endDispute(dispute, 'won'))
  expect(await rightsOf(anna)).toHaveLength(1)
  expect(await commerce.ledger.imbalances()).toEqual([])
})

test('a membership for somebody else over Stripe: paid once, taken, and gone with the money', async () => {
  const { fake, ring, plan, person, commerce, creator, channelId, rightsOf } = await stripeRoom()
  const [anna, ben] = [await person('Anna'), await person('Ben')]
  const wish = { offerId: (await plan(1, 500)).id, billing: 'month', giftMonths: 6 } as const
  const { url } = await commerce.checkout.start(anna, wish)
  await ring(fake.pay(url!.split('/').at(-1)!)[0])
  const [bought] = (await commerce.purchases.listOf(anna, { limit: 1 })).items
  expect(bought).toMatchObject({ amount: 3_000, name: 'Basic, 6 months, as a gift', gift: { state: 'waiting' } })
  await commerce.gifts.redeem(ben, bought!.gift!.code)
  expect(await rightsOf(ben)).toMatchObject([{ tier: 1 }])
  const [sale] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  await commerce.sales.refund(creator, sale!.id, {})
  expect(await rightsOf(ben)).toEqual([])
  expect(await commerce.ledger.imbalances()).toEqual([])
})

test('a membership over Stripe: joined with a code, renewed, upgraded, downgraded, past due, cancelled, ended', async () => {
  const { fake, ring, plan, person, commerce, creator, channelId, rightsOf, clock } = await stripeRoom()
  const [basic, vip, anna] = [await plan(1, 500), await plan(3, 2_000), await person('Anna')]
  const promotion = { code: 'HELLO', percentOff: 40, amountOff: null, currency: null, maxUses: null, expiresAt: null }
  await commerce.promotions.create(creator, channelId, { ...promotion, offerId: null })
  const wish = { offerId: basic.id, billing: 'month', promotionCode: 'HELLO' } as const
  const { url, orderId } = await commerce.checkout.start(anna, wish)
  const session = url!.split('/').at(-1)!
  for (const event of fake.pay(session).toReversed()) await ring(event)
  expect(await rightsOf(anna)).toMatchObject([{ tier: 1 }])
  const id = orderId.split(':')[1]!
  const subscription = String(fake.get(session).subscription)
  const standing = async () => (await commerce.purchases.membershipsOf(anna, { limit: 1 })).items[0]!
  expect((await standing()).payments).toMatchObject([{ amount: 300 }])

  clock.advance(30 * DAY)
  for (const event of fake.renew(subscription, true)) await ring(event)
  expect((await standing()).payments.map(({ amount }) => amount)).toEqual([500, 300])
  await commerce.memberships.change(anna, id, { offerId: vip.id, billing: 'month' })
  expect([await rightsOf(anna), await standing()]).toMatchObject([[{ tier: 3 }], { tier: 3, offerId: vip.id }])
  await commerce.memberships.change(anna, id, { offerId: basic.id, billing: 'month' })
  expect(await standing()).toMatchObject({ tier: 3, nextOfferId: basic.id })

  clock.advance(30 * DAY)
  for (const event of fake.renew(subscription, false)) await ring(event)
  expect(await standing()).toMatchObject({ tier: 1, state: 'past_due' })
  expect(await rightsOf(anna)).toMatchObject([{ tier: 1, expiresAt: clock.now() + 7 * DAY }])
  clock.advance(30 * DAY)
  for (const event of fake.renew(subscription, true)) await ring(event)
  expect(await commerce.memberships.cancel(anna, id)).toMatchObject({ cancelAtPeriodEnd: 1 })
  expect(await commerce.memberships.resume(anna, id)).toMatchObject({ cancelAtPeriodEnd: 0 })
  expect(await commerce.memberships.portal(anna, id)).toBe('https://portal.example/cus_1')

  const [sale] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  await commerce.sales.refund(creator, sale!.id, { endMembership: true })
  expect([await rightsOf(anna), (await standing()).state]).toEqual([[], 'ended'])
})

test('a refund of what was paid years ago is booked as well', async () => {
  const { fake, ring, plan, person, commerce, creator, channelId, clock } = await stripeRoom()
  const { url } = await commerce.checkout.start(await person('Anna'), {
    offerId: (await plan(1, 500)).id,
    billing: 'month',
  })
  const session = url!.split('/').at(-1)!
  for (const event of fake.pay(session)) await ring(event)
  const [first] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  for (let month = 0; month < 13; month++) {
    clock.advance(30 * DAY)
    for (const event of fake.renew(String(fake.get(session).subscription), true)) await ring(event)
  }
  await commerce.sales.refund(creator, first!.id, { amount: 200 })
  expect((await commerce.sales.payments(creator, channelId, { limit: 20 })).items.at(-1)).toMatchObject({
    refunded: 200,
  })
})

test('the events of a Stripe life in any order, again and at once, end in the same books', async () => {
  async function live() {
    const room = await stripeRoom()
    const anna = await room.person('Anna')
    const { url } = await room.commerce.checkout.start(anna, { offerId: (await room.offer()).id, billing: 'month' })
    const session = url!.split('/').at(-1)!
    const events = room.fake.pay(session)
    const intent = String(room.fake.get(session).payment_intent)
    events.push(room.fake.refund(intent, 300), room.fake.dispute(intent))
    const dispute = (events.at(-1)!.data as { object: { id: string } }).object.id
    events.push(room.fake.endDispute(dispute, 'lost'))
    return { ...room, anna, events }
  }
  const straight = await live()
  for (const event of straight.events) await straight.ring(event)
  const books = async ({ balances, channelId, rightsOf, anna }: Awaited<ReturnType<typeof live>>) => ({
    balances: Object.entries(await balances()).map(([account, sum]) => [account.replace(channelId, '…'), sum]),
    rights: await rightsOf(anna),
  })
  const expected = await books(straight)
  const order = fc.shuffledSubarray([0, 0, 1, 1, 2, 2, 3, 3], { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(order, async (numbers) => {
      const lived = await live()
      await Promise.all(numbers.map((n) => lived.ring(lived.events[n])))
      await lived.worker.runDue()
      expect(await books(lived)).toEqual(expected)
    }),
    { numRuns: 5 },
  )
})

test('only Stripe’s own signature opens the door, and not one of long ago', async () => {
  const { fake, ring, clock, offer, person, commerce, rightsOf } = await stripeRoom()
  const anna = await person('Anna')
  const { url } = await commerce.checkout.start(anna, { offerId: (await offer()).id, billing: 'month' })
  const [completed] = fake.pay(url!.split('/').at(-1)!)
  await expect(ring(completed, 'whsec_somebody_elses_0123456789')).rejects.toMatchObject({ code: 'bad_signature' })
  await expect(ring(completed, SECRET, clock.now() - 301_000)).rejects.toMatchObject({ code: 'bad_signature' })
  expect(await rightsOf(anna)).toEqual([])
  expect([await ring(completed), await ring(completed)]).toEqual(['settled', 'repeated'])
})

test("another shop's products on the account are none of ours", async () => {
  const { fake, ring, commerce, balances } = await stripeRoom()
  const library = new Stripe('sk_test_other_shop', fake.at)
  const foreign = await library.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example',
    expires_at: Math.ceil(Date.parse('2026-01-16T12:00:00Z') / 1_000),
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 5_000, product_data: { name: 'Shoes' } } }],
    metadata: { footlight: 'another node', order: 'purchase:1' },
    payment_intent_data: { metadata: {} },
  })
  const [completed] = fake.pay(foreign.id)
  expect(await ring(completed)).toBe('foreign')
  expect(await ring(fake.event('customer.created', {}))).toBe('ignored')
  expect([await commerce.webhook.counts(), await balances()]).toEqual([{ foreign: 1, ignored: 1 }, {}])
})

test('a checkout that expired at Stripe frees its seat; the night finds what never arrived', async () => {
  const { fake, offer, person, commerce, clock, worker, rightsOf } = await stripeRoom()
  const { id: offerId } = await offer({ seats: 1 })
  const [anna, ben] = [await person('Anna'), await person('Ben')]
  await commerce.checkout.start(anna, { offerId, billing: 'month' })
  clock.advance(33 * 60_000)
  await worker.runDue()
  const { url, orderId } = await commerce.checkout.start(ben, { offerId, billing: 'month' })
  fake.pay(url!.split('/').at(-1)!) // and its event is lost
  expect(await commerce.reconcile.run()).toMatchObject({ repaired: [orderId], differences: [] })
  expect([await rightsOf(anna), (await rightsOf(ben)).length]).toEqual([[], 1])
})

test('the endpoints are made once, and moved when the address of the node changes', async () => {
  const { db, clock, fake, secretKey } = await stripeRoom()
  const options = { db, clock, secret: sealing, secretKey, webhookSecret: null, at: fake.at }
  const first = await createStripeMoney({ ...options, publicUrl: 'https://old.example.org' })
  expect(await first.setUpWebhook()).toMatchObject({
    url: 'https://old.example.org/webhooks/stripe',
    endpoints: [
      { kind: 'orders', did: 'made' },
      { kind: 'payouts', did: 'made' },
    ],
  })
  const moved = await createStripeMoney({ ...options, publicUrl: 'https://new.example.org' })
  const at = { url: 'https://new.example.org/webhooks/stripe' }
  expect(await moved.setUpWebhook()).toMatchObject({ ...at, endpoints: [{ did: 'moved' }, { did: 'moved' }] })
  const library = new Stripe(secretKey.reveal(), fake.at)
  expect((await library.webhookEndpoints.list()).data).toMatchObject([at])
  expect((await library.v2.core.eventDestinations.list()).data).toMatchObject([{ webhook_endpoint: at }])

  const kept = await db.selectFrom('moneySetting').selectAll().execute()
  expect(kept).toHaveLength(3)
  expect(JSON.stringify(kept)).not.toContain('whsec_')
  const elsewhere = await createStripeMoney({ ...options, publicUrl: 'https://new.example.org', secret: secretKey })
  expect(await elsewhere.setUpWebhook()).toMatchObject({ endpoints: [{ did: 'made' }, { did: 'made' }] })
  expect((await library.webhookEndpoints.list()).data).toHaveLength(1)
})

test.each([
  [1_234, 'EUR', 1_234],
  [500, 'JPY', 500],
  [500, 'ISK', 50_000],
  [500, 'UGX', 50_000],
  [1_230, 'KWD', 1_230],
])('%i minor units of %s are %i at Stripe', (ours, currency, theirs) => {
  expect(toStripe(ours, currency)).toBe(theirs)
  expect(fromStripe(theirs, currency.toLowerCase())).toBe(ours)
})
