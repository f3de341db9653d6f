/** What somebody was told in the pages: the newest first, read or not. */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import type { Notice } from './notices.ts'

const KEPT_MS = 90 * 86_400_000
/** Beyond that the bell only says "many". */
const MOST_COUNTED = 100

export function createInbox({ db, clock }: { db: Db; clock: Clock }) {
  const of = ({ id }: User) => db.selectFrom('notice').where('userId', '=', id).where('isListed', '=', 1)

  async function list(
    user: User,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Notice>> {
    let query = of(user).selectAll()
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows, limit, ({ id }) => id)
  }

  /** A hundred at the most. */
  async function unread(user: User): Promise<number> {
    const rows = await of(user).select('id').where('readAt', 'is', null).limit(MOST_COUNTED).execute()
    return rows.length
  }

  /** These, or all there are. */
  async function read(user: User, ids: readonly string[] | null): Promise<void> {
    if (ids?.length === 0) return
    let query = db
      .updateTable('notice')
      .set({ readAt: clock.now() })
      .where('userId', '=', user.id)
      .where('isListed', '=', 1)
      .where('readAt', 'is', null)
    if (ids) query = query.where('id', 'in', ids)
    await query.execute()
  }

  async function forgetOld(): Promise<void> {
    await db
      .deleteFrom('notice')
      .where('createdAt', '<', clock.now() - KEPT_MS)
      .execute()
  }

  return { list, unread, read, forgetOld }
}
