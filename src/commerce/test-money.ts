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
import { newId } from '../platform/ids.ts'
import type { Secret } from '../platform/secret.ts'
import type { Doorbell, MembershipChange, NewOrder, Provider, Ref, Truth } from './provider.ts'
import { requireSigned, sign } from './signature.ts'
import { type Act, acted, type Body, begun, closed, refunded, switched } from './test-money-life.ts'

interface TestMoneyOptions {
  db: Db
  clock: Clock
  jobs: Jobs
  secret: Secret
  publicUrl: string
}

const Event = z.object({ id: z.string(), type: z.string(), orderId: z.string() })
const ATTEMPTS = 20

export type TestMoney = ReturnType<typeof createTestMoney>

export function createTestMoney({ db, clock, jobs, secret, publicUrl }: TestMoneyOptions) {
  async function createCheckout(order: NewOrder) {
    const there = await db.selectFrom('testMoney').select('id').where('orderId', '=', order.id).executeTakeFirst()
    const id = there?.id ?? newId()
    const now = clock.now()
    await db
      .insertInto('testMoney')
      .values({ id, orderId: order.id, body: JSON.stringify(begun(order)), version: 1, createdAt: now, updatedAt: now })
      .onConflict((oc) => oc.doNothing())
      .execute()
    return { ref: id, url: `${publicUrl}/test-money/${id}`, expiresAt: order.expiresAt }
  }

  async function find({ kind, id }: Ref) {
    // A payment's and a subscription's name begin with the checkout's.
    const checkout = kind === 'checkout' ? id : id.slice(0, ID_LENGTH)
    const row = await db.selectFrom('testMoney').selectAll().where('id', '=', checkout).executeTakeFirst()
    return row && { ...row, body: JSON.parse(row.body) as Body } // written by this file alone
  }

  async function get(id: string) {
    const object = await find({ kind: 'checkout', id })
    if (!object) throw new DomainError('not_found', 'no_such_checkout', 'There is no such checkout.')
    return object
  }

  /** Changes one object, and rings in the same transaction. */
  async function change(id: string, type: string, next: (body: Body, now: number) => Body): Promise<Body> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { body: before, version, orderId } = await get(id)
      const body = next(structuredClone(before), clock.now())
      const isWritten = await db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('testMoney')
          .set({ body: JSON.stringify(body), version: version + 1, updatedAt: clock.now() })
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        await jobs.enqueue({ kind: 'test-money.ring', payload: { id: `evt_${newId()}`, type, orderId } }, tx)
        await enqueueRenewal(id, body, tx)
        return true
      })
      if (isWritten) return body
    }
    throw new DomainError('unavailable', 'busy', 'Try again in a moment.')
  }

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
    async fetch(ref): Promise<Truth | null> {
      return (await find(ref))?.body.truth ?? null
    },
    async refund({ paymentRef, amount, key }) {
      const { id } = (await find({ kind: 'payment', id: paymentRef })) ?? { id: '' }
      await change(id, 'refund.made', (body, now) => refunded(body, { paymentRef, amount, key }, now))
    },
    async changeMembership(subscriptionRef: string, wanted: MembershipChange) {
      const id = subscriptionRef.slice(0, ID_LENGTH)
      await change(id, 'subscription.changed', (body, now) => switched(body, wanted, now))
    },
    portalUrl: async (subscriptionRef) => `${publicUrl}/test-money/${subscriptionRef.slice(0, ID_LENGTH)}`,
    async readEvent(body, headers): Promise<Doorbell> {
      requireSigned(body, headers.get('test-money-signature'), secret, clock.now())
      const { id, type, orderId } = Event.parse(JSON.parse(body))
      const row = await db.selectFrom('testMoney').select('id').where('orderId', '=', orderId).executeTakeFirst()
      return { eventId: id, type, ref: row ? { kind: 'checkout', id: row.id } : null, orderId }
    },
    async *list(since) {
      const rows = await db.selectFrom('testMoney').select('id').where('updatedAt', '>=', since).orderBy('id').execute()
      for (const { id } of rows) yield { kind: 'checkout', id }
    },
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
