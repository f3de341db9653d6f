/**
 * Sessions planned ahead. Whoever publishes to the channel around the planned time takes the planned session up, or at
 * any time the one that was chosen in the studio. What nobody took up is marked as missed and waits for a new time.
 */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import { coverOfChannel, requirePicture } from './covers.ts'
import { BLANK } from './session-row.ts'
import type { SessionChange } from './sessions.ts'

export interface NewSession extends Omit<SessionChange, 'version' | 'title' | 'scheduledAt'> {
  title: string
  /** Milliseconds since 1970. */
  scheduledAt: number
}

/** A broadcaster may be this much early, or this much late, and still open the planned session. */
export const EARLY_MS = 60 * 60_000
export const LATE_MS = 6 * 60 * 60_000
const FURTHEST_MS = 2 * 366 * 86_400_000
const MOST_PLANNED = 200
export const MISSED = 'Nobody went live around the planned time. Give it a new time, or call it off.'

export function createPlanned({ db, clock }: { db: Db; clock: Clock }) {
  const ofChannel = (channelId: string, tx: Db = db) =>
    tx
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

  async function plan(by: string, channelId: string, { tags, ...asked }: NewSession, tx: Db = db): Promise<string> {
    checkTime(asked.scheduledAt)
    const { count } = await ofChannel(channelId, tx)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST_PLANNED) {
      throw new DomainError('conflict', 'too_many_planned', `A channel may have ${MOST_PLANNED} shows planned at once.`)
    }
    const id = newId()
    const now = clock.now()
    const cover = await coverOfChannel(tx, channelId)
    requirePicture(asked.cover, asked.picture ?? cover.picture)
    const given = { ...cover, ...asked, ...(tags ? { tags: JSON.stringify(tags) } : {}) }
    const stamps = { createdAt: now, updatedAt: now, createdBy: by, updatedBy: by }
    await tx
      .insertInto('session')
      .values({ ...BLANK, ...given, id, code: newCode(), channelId, state: 'scheduled', streamKeyId: null, ...stamps })
      .execute()
    return id
  }

  /** The planned session that was chosen, else the one nearest to now, begun; null when none is due. */
  async function takeUp(channelId: string, streamKeyId: string | null): Promise<string | null> {
    const now = clock.now()
    const due = await ofChannel(channelId)
      .select(['id', 'scheduledAt', 'chosenAt'])
      .where((eb) =>
        eb.or([
          eb('chosenAt', 'is not', null),
          eb.and([eb('scheduledAt', '>', now - LATE_MS), eb('scheduledAt', '<=', now + EARLY_MS)]),
        ]),
      )
      .execute()
    const distance = ({ scheduledAt }: { scheduledAt: number | null }) => Math.abs((scheduledAt ?? 0) - now)
    const next = due.sort((a, b) => (b.chosenAt ?? 0) - (a.chosenAt ?? 0) || distance(a) - distance(b))[0]
    if (!next) return null
    const { numUpdatedRows } = await db
      .updateTable('session')
      .set({ state: 'starting', streamKeyId, note: null, chosenAt: null, updatedAt: now })
      .where('id', '=', next.id)
      .where('state', '=', 'scheduled')
      .executeTakeFirst()
    return numUpdatedRows > 0n ? next.id : null
  }

  /** Whatever is published next is this one, whenever that is; of one channel only the last choice counts. */
  async function choose(channelId: string, id: string, isChosen: boolean): Promise<void> {
    const now = clock.now()
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('session')
        .set({ chosenAt: null })
        .where('channelId', '=', channelId)
        .where('chosenAt', 'is not', null)
        .execute()
      const { numUpdatedRows } = await tx
        .updateTable('session')
        .set({ chosenAt: isChosen ? now : null, updatedAt: now })
        .where('id', '=', id)
        .where('state', '=', 'scheduled')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw notPlanned()
    })
  }

  /** Called off, in one transaction with what follows from it; throws for a show that has begun or is off already. */
  async function cancel(id: string, reason: string, also: (tx: Db) => Promise<void>): Promise<void> {
    const now = clock.now()
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('session')
        .set({ state: 'cancelled', endReason: reason, endedAt: now, chosenAt: null, updatedAt: now })
        .where('id', '=', id)
        .where('state', '=', 'scheduled')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw notPlanned()
      await also(tx)
    })
  }

  /** Marks what nobody took up in time, and gives back which. */
  async function markMissed(): Promise<string[]> {
    const now = clock.now()
    const rows = await db
      .updateTable('session')
      .set({ note: MISSED, updatedAt: now })
      .where('state', '=', 'scheduled')
      .where('scheduledAt', '<=', now - LATE_MS)
      .where('note', 'is', null)
      .returning('id')
      .execute()
    return rows.map(({ id }) => id)
  }

  return { checkTime, plan, takeUp, choose, cancel, markMissed }
}

function notPlanned(): DomainError {
  return new DomainError('conflict', 'not_planned', 'Only a show that has not begun can be changed this way.')
}
