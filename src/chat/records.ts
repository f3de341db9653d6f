/** The log: who did what, to whom, and why. One row for each act, and each is undone by its id. */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'

export const ACTIONS = [
  'delete',
  'clear',
  'approve',
  'refuse',
  'timeout',
  'ban',
  'pin',
  'unpin',
  'announce',
  'highlight',
  'settings',
  'moderator added',
  'moderator removed',
  'undo',
] as const
export type Action = (typeof ACTIONS)[number]

interface About {
  messageId?: string
  userId?: string
  reason: string
  /** Where somebody wrote from who was banned, as a hash. */
  network?: string | null
}

export type Records = ReturnType<typeof createRecords>

export function createRecords({ db, clock }: { db: Db; clock: Clock }) {
  async function add(actor: User, channelId: string, action: Action, about: About, tx: Db = db): Promise<string> {
    const id = newId()
    const { messageId = null, userId = null, network = null, reason } = about
    const who = { actorId: actor.id, actorName: actor.name }
    await tx
      .insertInto('chatAct')
      .values({
        ...{ id, channelId, ...who, action, messageId, userId, reason, network },
        undoneAt: null,
        createdAt: clock.now(),
      })
      .execute()
    return id
  }

  /** Newest first. */
  async function list(channelId: string, { cursor, limit }: { cursor?: string | undefined; limit: number }) {
    let query = db.selectFrom('chatAct').selectAll().where('channelId', '=', channelId)
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const acts = rows.map((row) => ({ ...row, action: z.enum(ACTIONS).parse(row.action) }))
    return toPage(acts, limit, ({ id }) => id)
  }

  return { add, list }
}
