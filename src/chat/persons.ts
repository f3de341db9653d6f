/** What the chat knows of one person: told to them, and without their name once they have left. */
import type { Db } from '../db/db.ts'
import { Reply } from './messages.ts'

const LEFT = 'Deleted account'

export function createPersons(db: Db) {
  async function heldOf(userId: string) {
    const [messages, flags, votes, timeouts] = await Promise.all([
      db
        .selectFrom('chatMessage')
        .select(['id', 'channelId', 'sessionId', 'text', 'state', 'createdAt'])
        .where('authorId', '=', userId)
        .orderBy('id')
        .execute(),
      db.selectFrom('chatFlag').select(['messageId', 'reason', 'createdAt']).where('userId', '=', userId).execute(),
      db.selectFrom('chatVote').select(['pollId', 'choice', 'createdAt']).where('userId', '=', userId).execute(),
      db.selectFrom('chatTimeout').select(['channelId', 'until', 'createdAt']).where('userId', '=', userId).execute(),
    ])
    return { messages, flags, votes, timeouts }
  }

  /** What they said stays where others answered it; who said it is gone. */
  async function forget(userId: string, tx: Db): Promise<void> {
    const said = await tx
      .selectFrom('chatMessage')
      .select(['id', 'authorName'])
      .where('authorId', '=', userId)
      .execute()
    const ids = new Set(said.map(({ id }) => id))
    for (const name of new Set(said.map(({ authorName }) => authorName ?? ''))) await forgetInReplies(name, ids, tx)
    await tx.updateTable('chatMessage').set({ authorName: LEFT }).where('authorId', '=', userId).execute()
    await tx.updateTable('chatAct').set({ actorName: LEFT }).where('actorId', '=', userId).execute()
    await tx.deleteFrom('chatNote').where('userId', '=', userId).execute()
  }

  /** An answer repeats the name of whom it answers. */
  async function forgetInReplies(name: string, ids: ReadonlySet<string>, tx: Db): Promise<void> {
    // A backslash means something else in a pattern on each database; `_` is any one character on both.
    const pattern = `%${JSON.stringify(name).replaceAll('\\', '_')}%`
    const answers = await tx.selectFrom('chatMessage').select(['id', 'reply']).where('reply', 'like', pattern).execute()
    for (const { id, reply: text } of answers) {
      const reply = Reply.parse(JSON.parse(text ?? ''))
      if (!ids.has(reply.id)) continue
      const changed = JSON.stringify({ ...reply, name: LEFT })
      await tx.updateTable('chatMessage').set({ reply: changed }).where('id', '=', id).execute()
    }
  }

  return { heldOf, forget }
}
