/** Reads viewings in small pages: a report of a big show stalls nobody's part. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Db } from '../db/db.ts'
import type { Counted } from './tally.ts'

/** One viewing as it is told to who runs the channel (no names, no addresses). */
export interface Record extends Counted {
  id: string
  userId: string | null
  joinedAt: number
  leftAt: number | null
}

const AT_ONCE = 1_000

/** A page of a session's viewings, in the order they were begun. Who is still there has watched until now. */
export async function readPage(db: Db, sessionId: string, after: string, limit: number, now: number) {
  const rows = await db
    .selectFrom('viewing')
    .leftJoin('playbackQuality', 'playbackQuality.viewingId', 'viewing.id')
    .select(['viewing.id', 'viewer', 'userId', 'joinedAt', 'leftAt', 'sinceAt', 'watchedMs'])
    .select(['type', 'country', 'device', 'browser', 'player', 'rendition'])
    .select(['stalls', 'stalledMs', 'errors', 'startupMs', 'bitrateSum', 'bitrateCount'])
    .select((eb) => eb.fn.coalesce('playbackQuality.referrer', 'viewing.referrer').as('referrer'))
    .where('viewing.sessionId', '=', sessionId)
    .where('viewing.id', '>', after)
    .orderBy('viewing.id')
    .limit(limit)
    .execute()
  return rows.map(
    ({ sinceAt, ...row }): Record => ({
      ...row,
      watchedMs: row.watchedMs + (row.leftAt === null ? Math.max(0, now - sinceAt) : 0),
    }),
  )
}

export async function* pagesOf(db: Db, sessionId: string, now: number): AsyncGenerator<Record[]> {
  for (let after = ''; ; ) {
    const page = await readPage(db, sessionId, after, AT_ONCE, now)
    if (page.length > 0) yield page
    if (page.length < AT_ONCE) return
    after = page.at(-1)!.id
    await breathe()
  }
}
