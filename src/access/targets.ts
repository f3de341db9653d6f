/** What a session asks of its viewers, as its row and its channel's say. */
import { CompiledQuery } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { type Target, VISIBILITIES } from './policy.ts'

const Row = z.object({
  channelId: z.string(),
  ownerId: z.string(),
  state: z.string(),
  visibility: z.enum(VISIBILITIES),
  requiredTier: z.number().nullable(),
  previewMinutes: z.number(),
  freeMaxHeight: z.number().nullable(),
  suspendedAt: z.number().nullable(),
})

/** Null when there is no such session, or no such channel any more. */
export function createTargets(db: Db) {
  const compiled = db
    .selectFrom('session')
    .innerJoin('channel', 'channel.id', 'session.channelId')
    .select(['channelId', 'ownerId', 'state', 'session.visibility', 'requiredTier', 'previewMinutes'])
    .select(['freeMaxHeight', 'suspendedAt'])
    .where('session.id', '=', '$id')
    .where('session.deletedAt', 'is', null)
    .where('channel.deletedAt', 'is', null)
    .compile()

  return async function targetOf(sessionId: string, tx: Db = db): Promise<Target | null> {
    const { rows } = await tx.executeQuery(CompiledQuery.raw(compiled.sql, [sessionId]))
    if (rows[0] === undefined) return null
    const { state, suspendedAt, ...asked } = Row.parse(rows[0])
    return { scope: `session:${sessionId}`, ...asked, isOff: state === 'cancelled' || suspendedAt !== null }
  }
}
