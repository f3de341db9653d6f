import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'

interface StoreOptions<Body> {
  db: Db
  clock: Clock
  jobs: Jobs
  /** Which names are of this kind: other things lie in the same table. */
  holds(orderId: string): boolean
  /** What it says where there is none. */
  missing: DomainError
  /** Written with every change. */
  also?(id: string, body: Body, tx: Db): Promise<void>
}

const ATTEMPTS = 20

/** What the built-in test money keeps: one object under one name, whose every change rings in the same transaction. */
export function createTestStore<Body>({ db, clock, jobs, holds, missing, also }: StoreOptions<Body>) {
  /** The object of this name, made when there is none. */
  async function make(orderId: string, body: Body): Promise<string> {
    const now = clock.now()
    await db
      .insertInto('testMoney')
      .values({ id: newId(), orderId, body: JSON.stringify(body), version: 1, createdAt: now, updatedAt: now })
      .onConflict((oc) => oc.doNothing())
      .execute()
    return (await named(orderId))!.id
  }

  async function find(id: string) {
    const row = await db.selectFrom('testMoney').selectAll().where('id', '=', id).executeTakeFirst()
    // Written by this file alone.
    return row && holds(row.orderId) ? { ...row, body: JSON.parse(row.body) as Body } : undefined
  }

  async function named(orderId: string) {
    const row = await db.selectFrom('testMoney').select('id').where('orderId', '=', orderId).executeTakeFirst()
    return row && find(row.id)
  }

  async function get(id: string) {
    const object = await find(id)
    if (!object) throw missing
    return object
  }

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
        await also?.(id, body, tx)
        return true
      })
      if (isWritten) return body
    }
    throw new DomainError('unavailable', 'busy', 'Try again in a moment.')
  }

  return { make, find, named, get, change }
}
