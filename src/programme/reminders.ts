/** Who asked to be reminded of which show. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Upcoming } from './upcoming.ts'

const MOST = 500

export function createReminders({ db, clock, upcoming }: { db: Db; clock: Clock; upcoming: Upcoming }) {
  async function remind(user: User, idOrCode: string): Promise<void> {
    const { id: sessionId, state } = await upcoming.get(user, idOrCode)
    if (state !== 'scheduled') throw new DomainError('conflict', 'not_to_come', 'This show is not to come any more.')
    const { count } = await db
      .selectFrom('reminder')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('userId', '=', user.id)
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST) throw new DomainError('conflict', 'too_many', `You can be reminded of ${MOST} shows.`)
    await db
      .insertInto('reminder')
      .values({ sessionId, userId: user.id, createdAt: clock.now() })
      .onConflict((oc) => oc.columns(['sessionId', 'userId']).doNothing())
      .execute()
  }

  async function forget(user: User, idOrCode: string): Promise<void> {
    const { id: sessionId } = await upcoming.get(user, idOrCode)
    await db.deleteFrom('reminder').where('sessionId', '=', sessionId).where('userId', '=', user.id).execute()
  }

  /** Of shows long over. */
  async function forgetOld(before: number): Promise<void> {
    await db.deleteFrom('reminder').where('createdAt', '<', before).execute()
  }

  /** What is known of one person: told to them, and gone once they have left. */
  const persons = {
    heldOf: (userId: string) =>
      db.selectFrom('reminder').select(['sessionId', 'createdAt']).where('userId', '=', userId).execute(),
    async forget(userId: string, tx: Db): Promise<void> {
      await tx.deleteFrom('reminder').where('userId', '=', userId).execute()
    },
  }

  return { remind, forget, forgetOld, persons }
}
