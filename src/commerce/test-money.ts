/**
 * A money provider without money: a page that behaves like a checkout, kept in `test_money`, so that everything sold here
 * can be tried without an account anywhere. It keeps the truth and rings our bell as a real one would: signed, through the
 * same door, at least once (each event is a job). It is never to be met where people pay for real: `config` sees to that.
 */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Secret } from '../platform/secret.ts'
import {
  type Doorbell,
  type MembershipChange,
  type NewOrder,
  type Provider,
  paymentsOf,
  type Truth,
} from './provider.ts'
import { requireSigned, sign } from './signature.ts'
import { accountName, createTestAccounts, isAccountName } from './test-money-accounts.ts'
import { type Act, acted, type Body, begun, closed, refunded, switched } from './test-money-life.ts'
import { createTestStore } from './test-money-store.ts'

interface TestMoneyOptions {
  db: Db
  clock: Clock
  jobs: Jobs
  secret: Secret
  publicUrl: string
}

const Event = z.object({ id: z.string(), type: z.string(), orderId: z.string() })

export type TestMoney = ReturnType<typeof createTestMoney>

export function createTestMoney({ db, clock, jobs, secret, publicUrl }: TestMoneyOptions) {
  const missing = new DomainError('not_found', 'no_such_checkout', 'There is no such checkout.')
  const orders = createTestStore<Body>({
    ...{ db, clock, jobs, missing },
    holds: (name) => !isAccountName(name),
    also: enqueueRenewal,
  })
  const accounts = createTestAccounts({ db, clock, jobs, publicUrl })
  const { get, change } = orders

  async function createCheckout(order: NewOrder) {
    const id = await orders.make(order.id, begun(order))
    return { ref: id, url: `${publicUrl}/test-money/${id}`, expiresAt: order.expiresAt }
  }

  /** A payment's and a subscription's name begin with the checkout's. */
  const checkoutOf = (ref: string) => ref.slice(0, ID_LENGTH)

  async function enqueueRenewal(id: string, { truth }: Body, tx: Db): Promise<void> {
    if (truth.kind !== 'membership' || truth.period === null || truth.state === 'ended') return
    const { end } = truth.period
    const job = { kind: 'test-money.renew', payload: { id, end }, runAt: end, key: `test-money.renew ${id} ${end}` }
    await jobs.enqueue(job, tx)
  }

  const provider: Provider = {
    name: 'test',
    isTest: true,
    createCheckout,
    closeCheckout: async (id) => void (await change(id, 'checkout.closed', closed)),
    async fetch({ id }): Promise<Truth | null> {
      const body = (await orders.find(checkoutOf(id)))?.body
      if (!body) return null
      await accounts.withTransfers(body.order.channelId, paymentsOf(body.truth))
      return body.truth
    },
    async refund({ paymentRef, amount, key }) {
      await change(checkoutOf(paymentRef), 'refund.made', (body, now) =>
        refunded(body, { paymentRef, amount, key }, now),
      )
    },
    async changeMembership(subscriptionRef: string, wanted: MembershipChange) {
      await change(checkoutOf(subscriptionRef), 'subscription.changed', (body, now) => switched(body, wanted, now))
    },
    portalUrl: async (subscriptionRef) => `${publicUrl}/test-money/${checkoutOf(subscriptionRef)}`,
    async readEvent(body, headers): Promise<Doorbell> {
      requireSigned(body, headers.get('test-money-signature'), secret, clock.now())
      const { id, type, orderId } = Event.parse(JSON.parse(body))
      const kind = isAccountName(orderId) ? 'account' : 'checkout'
      const row = await db.selectFrom('testMoney').select('id').where('orderId', '=', orderId).executeTakeFirst()
      return { eventId: id, type, ref: row ? { kind, id: row.id } : null, orderId }
    },
    async *list(since) {
      const rows = await db
        .selectFrom('testMoney')
        .select('id')
        .where('updatedAt', '>=', since)
        .where('orderId', 'not like', `${accountName('')}%`)
        .orderBy('id')
        .execute()
      for (const { id } of rows) yield { kind: 'checkout', id }
    },
    accounts: accounts.accounts,
  }

  /** A body and its signature, as they would come over the wire. */
  function toRequest(event: unknown) {
    const body = JSON.stringify(Event.parse(event))
    return { body, headers: new Headers({ 'test-money-signature': sign(body, secret, clock.now()) }) }
  }

  /** The period is over: it is paid again, or the membership ends as was asked. */
  async function renew(payload: unknown): Promise<void> {
    const { id, end } = z.object({ id: z.string(), end: z.number() }).parse(payload)
    const isDue = ({ truth }: Body) =>
      truth.kind === 'membership' && truth.state !== 'ended' && truth.period?.end === end
    if (!isDue((await get(id)).body)) return
    await change(id, 'renew', (body, now) => (isDue(body) ? acted(id, body, 'renew', now) : body))
  }

  return {
    provider,
    accounts,
    /** What a page shows of a checkout: whose it is, and what may be done next. */
    async look(id: string) {
      const { body } = await get(id)
      return body
    },
    act: (id: string, act: Act) => change(id, act, (body, now) => acted(id, body, act, now)),
    toRequest,
    /** What its jobs do; `receive` is the door at which any provider rings. */
    doers(receive: (body: string, headers: Headers) => Promise<unknown>) {
      return {
        'test-money.ring': async (event: unknown) => {
          const { body, headers } = toRequest(event)
          await receive(body, headers)
        },
        'test-money.renew': renew,
      }
    },
  }
}

/** Of an id made by `newId`. */
const ID_LENGTH = 36
