import type { Db } from '../db/db.ts'

/** What people said in the chat during a broadcast and everybody may read; nothing that the house said by itself. */
export function saidIn(
  db: Db,
  { id, channelId, startedAt }: { id: string; channelId: string; startedAt: number | null },
) {
  return db
    .selectFrom('chatMessage')
    .where('channelId', '=', channelId)
    .where('changedAt', '>=', startedAt ?? 0)
    .where('sessionId', '=', id)
    .where('state', '=', 'shown')
    .where('kind', 'in', ['chat', 'paid'])
}
