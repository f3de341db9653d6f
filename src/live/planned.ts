/** Sessions planned ahead. Whoever publishes to the channel around the planned time takes the planned session up. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import { coverOfChannel, requirePicture } from './covers.ts'
import { BLANK } from './session-row.ts'
import type { SessionChange } from './sessions.ts'

export interface NewSession extends Omit<SessionChange, 'version' | 'title' | 'scheduledAt' | 'picture'> {
  title: string
  /** Milliseconds since 1970. */
  scheduledAt: number
}

/** A broadcaster may be this much early, or this much late, and still open the planned session. */
export const EARLY_MS = 60 * 60_000
export const LATE_MS = 6 * 60 * 60_000
const FURTHEST_MS = 2 * 366 * 86_400_000
const MOST_PLANNED = 200

export function createPlanned({ db, clock }: { db: Db; clock: Clock }) {
  const ofChannel = (channelId: string) =>
    db
      .selectFrom('session')
      .where('channelId', '=', channelId)
      .where('state', '=', 'scheduled')
      .where('deletedAt', 'is', null)

  function checkTime(at: number): void {
    const now = clock.now()
    if (at > now - 60_000 && at < now + FURTHEST_MS) return
    throw new DomainError(
      'invalid',
      'not_to_come',
      'A show is planned for a time to come, two years ahead at the most.',
    )
  }

  async function plan(by: string, channelId: string, { tags, ...asked }: NewSession): Promise<string> {
    checkTime(asked.scheduledAt)
    const { count } = await ofChannel(channelId)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST_PLANNED) {
      throw new DomainError('conflict', 'too_many_planned', `A channel may have ${MOST_PLANNED} shows planned at once.`)
    }
    const id = newId()
    const now = clock.now()
    const cover = await coverOfChannel(db, channelId)
    requirePicture(asked.cover, cover.picture)
    const given = { ...cover, ...asked, ...(tags ? { tags: JSON.stringify(tags) } : {}) }
    const stamps = { createdAt: now, updatedAt: now, createdBy: by, updatedBy: by }
    await db
      .insertInto('session')
      .values({ ...BLANK, ...given, id, code: newCode(), channelId, state: 'scheduled', streamKeyId: null, ...stamps })
      .execute()
    return id
  }

  /** The planned session nearest to now, begun; null when none is due. */
  async function takeUp(channelId: string, streamKeyId: string | null): Promise<string | null> {
    const now = clock.now()
    const due = await ofChannel(channelId)
      .select(['id', 'scheduledAt'])
      .where('scheduledAt', '>', now - LATE_MS)
      .where('scheduledAt', '<=', now + EARLY_MS)
      .execute()
    const distance = ({ scheduledAt }: { scheduledAt: number | null }) => Math.abs((scheduledAt ?? 0) - now)
    const nearest = due.sort((a, b) => distance(a) - distance(b))[0]
    if (!nearest) return null
    const { numUpdatedRows } = await db
      .updateTable('session')
      .set({ state: 'starting', streamKeyId, updatedAt: now })
      .where('id', '=', nearest.id)
      .where('state', '=', 'scheduled')
      .executeTakeFirst()
    return numUpdatedRows > 0n ? nearest.id : null
  }

  return { checkTime, plan, takeUp }
}
