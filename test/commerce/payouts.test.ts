import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AccountAct, balancesOf } from '../../src/commerce/test-money-accounts.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { isSlowDatabase } from '../helpers/database.ts'
import { DAY, moneyRoom } from '../helpers/money.ts'

type Room = Awaited<ReturnType<typeof payoutRoom>>

async function payoutRoom() {
  const room = await moneyRoom()
  const { commerce, testMoney, worker, creator, channelId } = room
  const { payouts, sales } = commerce
  let accountId = ''
  return {
    ...room,
    async connect(act: AccountAct | null = 'complete') {
      const url = await payouts.connect(creator, channelId, 'DE')
      accountId = url.split('/').at(-1)!
      if (act) await testMoney.accounts.act(accountId, act)
      await worker.runDue()
      return accountId
    },
    async act(act: AccountAct) {
      await testMoney.accounts.act(accountId, act)
      await worker.runDue()
    },
    earned: async () => (await sales.earnings(creator, channelId))[0],
    payments: async () => (await sales.payments(creator, channelId, { limit: 10 })).items,
    sent: async () => (await payouts.list(creator, channelId, { limit: 10 })).page.items,
    account: async () => (await payouts.list(creator, channelId, { limit: 1 })).account,
  }
}

test('what was earned before there is an account is kept, and goes there once it is active', async () => {
  const { offer, buy, person, connect, act, account, earned, commerce } = await payoutRoom()
  await buy(await person('Anna'), (await offer()).id)
  expect(await earned()).toMatchObject({ net: 900, kept: 900, inAccount: 0 })
  expect(await account()).toBeNull()
  await connect(null)
  expect(await account()).toMatchObject({ state: 'incomplete' })
  await act('restrict')
  expect(await account()).toMatchObject({ state: 'restricted' })
  expect(await earned()).toMatchObject({ kept: 900 })
  await act('complete')
  expect(await earned()).toMatchObject({ net: 900, kept: 0, inAccount: 900, platformFee: 100 })
  await buy(await person('Ben'), (await offer()).id)
  expect(await earned()).toMatchObject({ net: 1_800, kept: 0, inAccount: 1_800 })
  expect(await commerce.ledger.imbalances()).toEqual([])
})

test('a refund takes the creator’s share back out of the account, and a lost dispute the rest of it', async () => {
  const { offer, buy, person, connect, act, earned, payments, commerce, creator, testMoney, worker } =
    await payoutRoom()
  await connect()
  const { checkoutId } = await buy(await person('Anna'), (await offer()).id)
  const [payment] = await payments()
  await commerce.sales.refund(creator, payment!.id, { amount: 300 })
  await worker.runDue()
  expect(await earned()).toMatchObject({ net: 630, inAccount: 630, kept: 0 })
  await testMoney.act(checkoutId, 'dispute')
  await worker.runDue()
  expect(await earned()).toMatchObject({ inAccount: 630 })
  await testMoney.act(checkoutId, 'dispute_lost')
  await worker.runDue()
  expect(await earned()).toMatchObject({ net: 0, inAccount: 0, kept: 0 })

  await act('restrict')
  const other = await buy(await person('Ben'), (await offer()).id)
  await testMoney.act(other.checkoutId, 'dispute')
  await act('complete')
  expect(await earned()).toMatchObject({ kept: 900 })
  await testMoney.act(other.checkoutId, 'dispute_won')
  await worker.runDue()
  expect(await earned()).toMatchObject({ kept: 0, inAccount: 900 })
})

test('a payout is pending, on its way, and there; one that fails comes back', async () => {
  const { offer, buy, person, connect, act, earned, sent, balances, channelId } = await payoutRoom()
  await connect()
  await buy(await person('Anna'), (await offer()).id)
  await act('pay_out')
  expect(await sent()).toMatchObject([{ state: 'pending', amount: 900, currency: 'EUR' }])
  expect(await earned()).toMatchObject({ net: 900, paidOut: 900, inAccount: 0 })
  await act('payout_leaves')
  await act('payout_fails')
  expect(await sent()).toMatchObject([{ state: 'failed', failure: expect.stringContaining('bank') }])
  expect(await earned()).toMatchObject({ paidOut: 0, inAccount: 900 })
  await act('pay_out')
  await act('payout_leaves')
  await act('payout_arrives')
  expect((await sent()).map(({ state }) => state)).toEqual(['paid', 'failed'])
  const books = await balances()
  expect(books[`creator:${channelId} EUR`]).toBe(0)
  expect(Object.values(books).reduce((sum, balance) => sum + balance, 0)).toBe(0)
})

test('the night finds transfers and payouts whose news was lost, and reports what contradicts', async () => {
  const { db, offer, buy, person, connect, testMoney, commerce, earned } = await payoutRoom()
  const account = await connect()
  await buy(await person('Anna'), (await offer()).id)
  await testMoney.accounts.act(account, 'pay_out')
  await db.deleteFrom('job').execute() // the bell was never rung
  expect(await earned()).toMatchObject({ paidOut: 0 })
  const report = await commerce.reconcile.run()
  expect(report).toMatchObject({ repaired: [expect.stringContaining('payout:')], differences: [] })
  expect(await earned()).toMatchObject({ paidOut: 900 })
  expect(await commerce.reconcile.run()).toMatchObject({ repaired: [], differences: [] })

  const row = await db.selectFrom('testMoney').selectAll().where('id', '=', account).executeTakeFirstOrThrow()
  const lying = row.body.replaceAll('"amount":900', '"amount":800')
  await db.updateTable('testMoney').set({ body: lying }).where('id', '=', account).execute()
  const { differences } = await commerce.reconcile.run()
  const subjects = differences.map(({ subject }) => subject.split(':')[0])
  expect([...new Set(subjects)]).toEqual(['transfer', 'payout'])
})

test('the creator may ask by themselves how the account stands; strangers may not', async () => {
  const { connect, db, testMoney, commerce, creator, channelId, person } = await payoutRoom()
  const account = await connect(null)
  await testMoney.accounts.act(account, 'complete')
  await db.deleteFrom('job').execute()
  expect(await commerce.payouts.refresh(creator, channelId)).toMatchObject({ state: 'active' })
  const anna = await person('Anna')
  await expect(commerce.payouts.refresh(anna, channelId)).rejects.toThrow('not theirs')
  await expect(commerce.payouts.connect(anna, channelId, 'DE')).rejects.toThrow('not theirs')
  expect(await commerce.payouts.connect(creator, channelId, 'DE')).toContain(account)
})

test('a share passed on by a node that then died, or by two at once, is passed on once', async () => {
  const { db, doers, offer, buy, person, connect, testMoney, worker, earned, payments } = await payoutRoom()
  const account = await connect(null)
  await buy(await person('Anna'), (await offer()).id)
  await testMoney.accounts.act(account, 'complete')
  await db.deleteFrom('job').execute()
  const [payment] = await payments()
  await db.updateTable('payoutAccount').set({ state: 'active' }).execute()
  const level = () => doers['commerce.level']!({ paymentRef: payment!.ref })
  const { fetch } = testMoney.provider
  const both = Promise.withResolvers<void>()
  let asked = 0
  testMoney.provider.fetch = async (ref) => {
    const truth = await fetch(ref)
    if (++asked === 2) both.resolve()
    await both.promise
    return truth
  }
  const { transfer } = testMoney.provider.accounts
  testMoney.provider.accounts.transfer = async (share) => {
    await transfer(share)
    throw new Error('the plug was pulled')
  }
  const died = await Promise.allSettled([level(), level()])
  expect(died.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await earned()).toMatchObject({ kept: 900 })
  testMoney.provider.accounts.transfer = transfer
  await level()
  await worker.runDue()
  expect(await earned()).toMatchObject({ kept: 0, inAccount: 900 })
  expect((await testMoney.accounts.look(account)).transfers).toHaveLength(1)
})

/** A life of payments, an account and payouts, lived at the provider without anything of it arriving here. */
async function live() {
  const room = await payoutRoom()
  const { db, commerce, testMoney, creator, channelId, person, offer } = room
  const { id: offerId } = await offer()
  const checkouts: string[] = []
  for (const name of ['Anna', 'Ben']) {
    const { url } = await commerce.checkout.start(await person(name), { offerId, billing: 'month' })
    checkouts.push(room.checkoutOf(url))
    await testMoney.act(checkouts.at(-1)!, 'pay')
  }
  const account = (await commerce.payouts.connect(creator, channelId, 'DE')).split('/').at(-1)!
  await testMoney.accounts.act(account, 'complete')
  const paymentRef = `${checkouts[0]}_p0`
  const share = {
    paymentRef,
    accountRef: account,
    currency: 'EUR',
    amount: 900,
    isFromBalance: false,
    key: `${paymentRef}-0-900`,
  }
  await testMoney.provider.accounts.transfer(share)
  for (const act of ['pay_out', 'payout_leaves', 'payout_fails', 'pay_out', 'payout_leaves', 'payout_arrives'] as const)
    await testMoney.accounts.act(account, act)
  await testMoney.provider.refund({ paymentRef, amount: 400, key: 'first' })
  await testMoney.act(checkouts[1]!, 'dispute')
  await testMoney.act(checkouts[1]!, 'dispute_lost')
  const rows = await db.selectFrom('job').selectAll().where('kind', '=', 'test-money.ring').orderBy('id').execute()
  await db.deleteFrom('job').execute()
  return { room, events: rows.map(({ payload }) => JSON.parse(payload)) }
}

async function ring({ commerce, testMoney }: Room, event: unknown) {
  const { body, headers } = testMoney.toRequest(event)
  return commerce.webhook.receive(body, headers)
}

/** What the books say in the end, and that they balanced all the way. */
async function booksOf({ db, balances, channelId, commerce, earned, sent }: Room) {
  const kinds = await db.selectFrom('ledgerPosting').select('kind').orderBy('kind').execute()
  return {
    kinds: kinds.map(({ kind }) => kind),
    balances: Object.entries(await balances()).map(([name, sum]) => [name.replace(channelId, '…'), sum]),
    earned: await earned(),
    sent: (await sent()).map(({ state, amount }) => ({ state, amount })),
    imbalances: await commerce.ledger.imbalances(),
  }
}

test('the events of accounts, transfers and payouts in any order, again and at once, end in the same books', async () => {
  const straight = await live()
  for (const event of straight.events) await ring(straight.room, event)
  await straight.room.worker.runDue()
  const expected = await booksOf(straight.room)
  // Of 1800 net, 360 and 900 went back to buyers; 900 was sent to the bank, 360 of which is owed now.
  expect(expected.earned).toMatchObject({ net: 540, paidOut: 900, inAccount: -360, kept: 0 })

  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (dice) => {
      const { room, events } = await live()
      const [next] = [dice[Symbol.iterator]()]
      const roll = (below: number) => (next.next().value as number) % below
      const pending = [...events, ...events.filter(() => roll(2) === 0)]
      const running: Promise<unknown>[] = []
      while (pending.length > 0) {
        const [event] = pending.splice(roll(pending.length), 1)
        running.push(ring(room, event))
        if (roll(3) > 0) await Promise.all(running)
        if (roll(4) === 0) await room.worker.runDue()
      }
      await Promise.all(running)
      await room.worker.runDue()
      expect(await booksOf(room)).toEqual(expected)
    }),
    { numRuns: isSlowDatabase ? 2 : 8 },
  )
})

const acts = [
  'complete',
  'restrict',
  'leave_incomplete',
  'pay_out',
  'payout_leaves',
  'payout_arrives',
  'payout_fails',
] as const
const moves = ['buy', 'refund', 'dispute', 'dispute_won', 'dispute_lost', 'hear', 'lose the news', ...acts] as const

test('whatever befalls payments, account and payouts, and whatever is heard of it, the books are the provider’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...moves), fc.nat(5)), { maxLength: 40 }), async (life) => {
      const room = await payoutRoom()
      const { db, clock, commerce, testMoney, worker, person, creator, channelId, offer, balances, earned, sent } = room
      const { id: offerId } = await offer()
      const account = await room.connect()
      const checkouts: string[] = []
      const unlessRefused = (attempt: Promise<unknown>) =>
        attempt.catch((error) => expect(error).toBeInstanceOf(DomainError))
      async function move(name: (typeof moves)[number], n: number): Promise<unknown> {
        const checkout = checkouts[n % checkouts.length] ?? ''
        switch (name) {
          case 'buy': {
            const { url } = await commerce.checkout.start(await person('Anna'), { offerId, billing: 'month' })
            checkouts.push(room.checkoutOf(url))
            return testMoney.act(checkouts.at(-1)!, 'pay')
          }
          case 'refund':
            return testMoney.provider.refund({ paymentRef: `${checkout}_p0`, amount: 300, key: String(n) })
          case 'dispute':
          case 'dispute_won':
          case 'dispute_lost':
            return testMoney.act(checkout, name)
          case 'hear':
            return worker.runDue()
          case 'lose the news':
            return db.deleteFrom('job').where('kind', '=', 'test-money.ring').execute()
          default:
            return testMoney.accounts.act(account, name)
        }
      }
      for (const [name, n] of life) await unlessRefused(move(name, n))
      for (const checkout of checkouts) await unlessRefused(testMoney.act(checkout, 'dispute_won'))
      await unlessRefused(testMoney.accounts.act(account, 'complete'))
      await db.deleteFrom('job').where('kind', '=', 'test-money.ring').execute()
      await commerce.reconcile.run()
      clock.advance(DAY) // what the provider refused meanwhile is tried again
      await worker.runDue()

      const body = await testMoney.accounts.look(account)
      const there = balancesOf(body)[0]?.amount ?? 0
      expect((await balances())[`account:${channelId} EUR`] ?? 0).toBe(there)
      expect((await earned())?.kept ?? 0).toBe(0)
      expect((await sent()).map(({ ref, state }) => [ref, state]).toSorted()).toEqual(
        body.truth.payouts.map(({ ref, state }) => [ref, state]).toSorted(),
      )
      expect(await commerce.reconcile.run()).toMatchObject({ repaired: [], differences: [], imbalances: [] })
      expect((await commerce.payouts.list(creator, channelId, { limit: 1 })).account?.state).toBe('active')
    }),
    { numRuns: isSlowDatabase ? 2 : 15 },
  )
})

test('an older picture of an account never lands on a newer one', async () => {
  const { connect, act, testMoney, commerce, sent, offer, buy, person } = await payoutRoom()
  const id = await connect()
  await buy(await person('Anna'), (await offer()).id)
  await act('pay_out')
  const { fetch } = testMoney.provider.accounts
  const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const old = await fetch(id)
  testMoney.provider.accounts.fetch = async () => {
    testMoney.provider.accounts.fetch = fetch
    asked.resolve()
    await gate.promise
    return old
  }
  const late = commerce.payouts.look({ id }, null)
  await asked.promise
  await act('payout_leaves')
  gate.resolve()
  await late
  expect(await sent()).toMatchObject([{ state: 'in_transit' }])
})
