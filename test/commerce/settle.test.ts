import fc from 'fast-check'
import type { KyselyPlugin } from 'kysely'
import { expect, test } from 'vitest'
import { createCommerce } from '../../src/commerce/commerce.ts'
import type { Provider, Truth } from '../../src/commerce/provider.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { isSlowDatabase } from '../helpers/database.ts'
import { DAY, moneyRoom } from '../helpers/money.ts'

type Room = Awaited<ReturnType<typeof moneyRoom>>
type Step = (room: Room, checkoutId: string, paymentRef: string) => Promise<unknown>

const act =
  (name: Parameters<Room['testMoney']['act']>[1]): Step =>
  ({ testMoney }, id) =>
    testMoney.act(id, name)
const refund =
  (amount: number, key = 'first'): Step =>
  ({ testMoney }, _, paymentRef) =>
    testMoney.provider.refund({ paymentRef, amount, key })
const later =
  (days: number): Step =>
  async ({ clock }) =>
    clock.advance(days * DAY)

const lives: Record<string, { kind: 'ticket' | 'membership'; steps: Step[] }> = {
  'paid, partly refunded, disputed, won': {
    kind: 'ticket',
    steps: [act('pay'), refund(300), act('dispute'), act('dispute_won')],
  },
  'paid late, partly refunded, disputed, lost': {
    kind: 'ticket',
    steps: [act('pay_later'), act('bank_confirms'), refund(300), act('dispute'), act('dispute_lost')],
  },
  'paid, refunded in three parts': {
    kind: 'ticket',
    steps: [act('pay'), refund(333), refund(334, 'second'), refund(333, 'third')],
  },
  'refused by the bank': { kind: 'ticket', steps: [act('pay_later'), act('bank_refuses')] },
  'trial, active, past due, active, canceled': {
    kind: 'membership',
    steps: [
      act('pay'),
      later(7),
      act('renew'),
      later(30),
      act('renewal_fails'),
      later(2),
      act('pay_overdue'),
      ({ testMoney }, id) => testMoney.provider.changeMembership(`${id}_s`, { kind: 'cancel_at_period_end' }, ''),
      later(28),
      act('renew'),
    ],
  },
}

interface Lived {
  room: Room
  buyer: Awaited<ReturnType<Room['person']>>
  orderId: string
  checkoutId: string
  events: unknown[]
  /** What was true after each step. */
  truths: Truth[]
}

/** Lives a life at the provider without anything of it arriving here. */
async function live({ kind, steps }: (typeof lives)[string]): Promise<Lived> {
  const room = await moneyRoom()
  const offer = kind === 'ticket' ? await room.offer() : await room.plan(2, 900, { trialDays: 7 })
  const buyer = await room.person('Anna')
  const { orderId, url } = await room.commerce.checkout.start(buyer, { offerId: offer.id, billing: 'month' })
  const checkoutId = room.checkoutOf(url)
  const truths: Truth[] = []
  for (const step of steps) {
    await step(room, checkoutId, `${checkoutId}_p0`)
    truths.push((await room.testMoney.provider.fetch({ kind: 'checkout', id: checkoutId }))!)
  }
  const rows = await room.db
    .selectFrom('job')
    .select(['id', 'payload'])
    .where('kind', '=', 'test-money.ring')
    .orderBy('id')
    .execute()
  await room.db.deleteFrom('job').where('kind', 'like', 'test-money.%').execute()
  return { room, buyer, orderId, checkoutId, truths, events: rows.map(({ payload }) => JSON.parse(payload)) }
}

async function ring({ commerce, testMoney }: Room, event: unknown) {
  const { body, headers } = testMoney.toRequest(event)
  return commerce.webhook.receive(body, headers)
}

/** Everything the books and rights say, without ids made on the way. */
async function booksOf({ room, buyer, orderId }: Lived) {
  const { db } = room
  const [table, id] = orderId.split(':') as ['purchase' | 'membership', string]
  const order = await db.selectFrom(table).select(['state', 'claim']).where('id', '=', id).executeTakeFirst()
  const entries = await db
    .selectFrom('ledgerEntry')
    .select(['postingId', 'account', 'currency', 'amount'])
    .orderBy('postingId')
    .orderBy('account')
    .execute()
  const name = (posting: string) => posting.replace(/[\da-f-]{36}/g, '…')
  return {
    state: order?.state,
    isClaimed: order?.claim !== null,
    entries: entries.map(({ postingId, account, ...entry }) => ({
      ...entry,
      posting: name(postingId),
      account: name(account),
    })),
    rights: (await room.rightsOf(buyer)).map(({ tier, expiresAt }) => ({ tier, expiresAt })),
    imbalances: await room.commerce.ledger.imbalances(),
  }
}

for (const [name, life] of Object.entries(lives)) {
  test(`any order, repetition and interleaving of its events gives the same books: ${name}`, async () => {
    const straight = await live(life)
    for (const event of straight.events) await ring(straight.room, event)
    const expected = await booksOf(straight)
    expect(expected.imbalances).toEqual([])

    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), fc.array(fc.boolean()), async (dice, pauses) => {
        const shuffled = await live(life)
        const { room, events } = shuffled
        const [next] = [dice[Symbol.iterator]()]
        const roll = (below: number) => (next.next().value as number) % below
        const pending = [...events, ...events.filter(() => roll(2) === 0)]
        const running: Promise<unknown>[] = []
        while (pending.length > 0) {
          const [event] = pending.splice(roll(pending.length), 1)
          running.push(ring(room, event))
          if (pauses[running.length % Math.max(1, pauses.length)] ?? true) await Promise.all(running)
          expect(await room.commerce.ledger.imbalances()).toEqual([])
        }
        await Promise.all(running)
        await room.worker.runDue()
        expect(await booksOf(shuffled)).toEqual(expected)
      }),
      { numRuns: isSlowDatabase ? 2 : 8 },
    )
  })

  test(`whatever of it was seen on the way, the newest truth ends in the same books: ${name}`, async () => {
    const straight = await live(life)
    for (const event of straight.events) await ring(straight.room, event)
    const expected = await booksOf(straight)
    await fc.assert(
      fc.asyncProperty(fc.subarray(life.steps.map((_, n) => n)), async (seen) => {
        const lived = await live(life)
        for (const n of seen) {
          const past = commerceWith(lived.room, { fetch: async () => lived.truths[n]! })
          const ref = { kind: 'checkout', id: lived.checkoutId }
          await past.webhook.settleWaiting({ eventId: `seen ${n}`, type: 'seen', ref, orderId: lived.orderId })
        }
        await ring(lived.room, lived.events.at(-1))
        expect(await booksOf(lived)).toEqual(expected)
      }),
      { numRuns: isSlowDatabase ? 2 : 8 },
    )
  })
}

/** The same room over a provider that is not as it should be. */
function commerceWith(room: Room, odd: Partial<Provider>) {
  const { db, clock, jobs, rights } = room
  return createCommerce({
    db,
    clock,
    jobs,
    rights,
    mailer: { send: async () => 'kept' },
    logger: createLogger('silent'),
    provider: { ...room.testMoney.provider, ...odd },
    publicUrl: 'http://footlight.test',
    config: { feeBps: 1_000, graceDays: 7 },
    announce: () => {},
    ownChannel: async (_, id) => id,
    findTarget: async () => null,
    channelIsOpen: async () => true,
    recordAct: async () => undefined,
  })
}

test('an older truth never lands on a newer one', async () => {
  const lived = await live(lives['paid, partly refunded, disputed, won']!)
  const { room, events, truths, orderId, checkoutId } = lived
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  let isFirst = true
  const slow = commerceWith(room, {
    async fetch(ref) {
      if (!isFirst) return room.testMoney.provider.fetch(ref)
      isFirst = false
      asked.resolve()
      await gate.promise
      return truths[0]! // what was true when it was asked: paid, nothing refunded
    },
  })
  const late = slow.purchases.look(lived.buyer, orderId)
  await asked.promise
  await ring(room, events.at(-1))
  gate.resolve()
  await late
  const payment = await room.db.selectFrom('payment').selectAll().executeTakeFirstOrThrow()
  expect(payment).toMatchObject({ refunded: 300, dispute: 'won', ref: `${checkoutId}_p0` })
})

test('the node may die between any two steps of a settlement: the event comes again and nothing is missing or double', async () => {
  for (const name of ['paid late, partly refunded, disputed, lost', 'trial, active, past due, active, canceled']) {
    const life = lives[name]!
    const straight = await live(life)
    await ring(straight.room, straight.events.at(-1))
    const expected = await booksOf(straight)
    let isThrough = false
    for (let crashAt = 1; !isThrough; crashAt += isSlowDatabase ? 5 : 1) {
      const lived = await live(life)
      let queries = 0
      const crash: KyselyPlugin = {
        transformQuery({ node }) {
          if (++queries >= crashAt) throw new Error('the plug was pulled')
          return node
        },
        transformResult: async ({ result }) => result,
      }
      const { room } = lived
      const dying = commerceWith({ ...room, db: room.db.withPlugin(crash) }, {})
      const { body, headers } = room.testMoney.toRequest(lived.events.at(-1))
      isThrough = await dying.webhook.receive(body, headers).then(
        (outcome) => outcome === 'settled',
        () => false,
      )
      expect(await room.commerce.ledger.imbalances()).toEqual([])
      await ring(room, lived.events.at(-1))
      await room.worker.runDue()
      expect(await booksOf(lived), `died at query ${crashAt}`).toEqual(expected)
      expect(crashAt).toBeLessThan(200)
    }
  }
})

test('a node that dies before the open viewings were decided anew does it when the event comes again', async () => {
  const lived = await live(lives['paid, refunded in three parts']!)
  const { room, events } = lived
  const dying = commerceWith(
    { ...room, rights: { ...room.rights, recheck: async () => Promise.reject(new Error('the plug was pulled')) } },
    {},
  )
  const { body, headers } = room.testMoney.toRequest(events.at(-1))
  expect(await dying.webhook.receive(body, headers)).toBe('waiting')
  expect(room.rechecked).toEqual([])
  expect(await ring(room, events.at(-1))).toBe('settled')
  expect(room.rechecked).toEqual([{ userId: lived.buyer.id, sessionId: room.sessionId }])
})

test('what is not signed, or was signed long ago, or by somebody else, changes nothing', async () => {
  const { room, events } = await live(lives['paid, refunded in three parts']!)
  const { body, headers } = room.testMoney.toRequest(events[0])
  const signature = headers.get('test-money-signature')!
  const refused = { code: 'bad_signature' }
  const receive = (text: string, header: string | null) =>
    room.commerce.webhook.receive(text, new Headers(header === null ? {} : { 'test-money-signature': header }))
  await expect(receive(body, null)).rejects.toMatchObject(refused)
  await expect(receive(body, 'nonsense')).rejects.toMatchObject(refused)
  await expect(receive(body.replace('checkout', 'checkouu').replace('pay', 'pax'), signature)).rejects.toMatchObject(
    refused,
  )
  await expect(receive(body, signature.replace(/v1=./, 'v1=0').replace(/.$/, '0'))).rejects.toMatchObject(refused)
  room.clock.advance(301_000)
  await expect(receive(body, signature)).rejects.toMatchObject(refused)
  expect(await room.commerce.webhook.counts()).toEqual({})
})

test('an event that comes again is answered and does nothing', async () => {
  const { room, events } = await live(lives['refused by the bank']!)
  expect([await ring(room, events[0]), await ring(room, events[0])]).toEqual(['settled', 'repeated'])
})

test("other people's products on the same account are ignored and counted", async () => {
  const { room, events } = await live(lives['refused by the bank']!)
  const shared = commerceWith(room, { fetch: async () => null })
  const { body, headers } = room.testMoney.toRequest(events[0])
  expect(await shared.webhook.receive(body, headers)).toBe('foreign')
  expect(await shared.webhook.counts()).toEqual({ foreign: 1 })
})

test('what cannot be understood yet waits and is settled later; what never can is parked and holds up nobody', async () => {
  const { room, events, orderId, buyer } = await live(lives['paid, refunded in three parts']!)
  const blind = commerceWith(room, { fetch: async () => Promise.reject(new Error('the provider is down')) })
  const { body, headers } = room.testMoney.toRequest(events[0])
  expect(await blind.webhook.receive(body, headers)).toBe('waiting')
  await room.worker.runDue()
  expect(await room.commerce.purchases.stateOf(buyer, orderId)).toMatchObject({ state: 'refunded' })

  const ghost = { eventId: 'x', type: 'pay', ref: { kind: 'payment', id: 'nothing' }, orderId: 'purchase:gone' }
  const odd = commerceWith(room, {
    fetch: async () => ({ kind: 'purchase', orderId: 'purchase:gone', state: 'paid', payment: null }),
  })
  Object.assign(room.doers, odd.doers)
  await room.jobs.enqueue({ kind: 'commerce.settle', payload: ghost })
  for (let attempt = 0; attempt < 10; attempt++) {
    await room.worker.runDue()
    room.clock.advance(DAY)
  }
  const admin = { ...buyer, role: 'admin' } as const
  expect((await room.jobs.list(admin, { state: 'parked', limit: 5 })).items).toMatchObject([
    { kind: 'commerce.settle', lastError: expect.stringContaining('purchase:gone') },
  ])
})

test('the database itself refuses to change or forget what was booked', async () => {
  const { room } = await live(lives['refused by the bank']!)
  await room.buy(await room.person('Ben'), (await room.offer()).id)
  const { db } = room
  for (const table of ['ledgerEntry', 'ledgerPosting'] as const) {
    await expect(db.deleteFrom(table).execute()).rejects.toThrow('append-only')
    await expect(db.updateTable(table).set({ occurredAt: 0 }).execute()).rejects.toThrow('append-only')
  }
})

test('the nightly comparison settles what never arrived, and reports what contradicts', async () => {
  const { room, orderId, buyer } = await live(lives['paid, partly refunded, disputed, won']!)
  const report = await room.commerce.reconcile.run()
  expect(report).toMatchObject({ compared: 1, repaired: [orderId], differences: [], imbalances: [] })
  expect(await room.commerce.purchases.stateOf(buyer, orderId)).toMatchObject({ isSettled: true })
  expect(await room.commerce.reconcile.run()).toMatchObject({ repaired: [], differences: [] })

  const lying = commerceWith(room, {
    async fetch(ref) {
      const truth = await room.testMoney.provider.fetch(ref)
      if (truth?.kind === 'purchase') truth.payment!.amount = 2_000
      return truth
    },
  })
  const odd = await lying.reconcile.run()
  expect(odd.differences[0]).toMatchObject({ subject: expect.stringContaining('charge:') })
  expect(await lying.reconcile.lastReport()).toEqual(odd)
  expect(await room.commerce.ledger.imbalances()).toEqual([])
})
