/** What the moderators of a channel write down about a person, for each other. */
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Keepers } from './keepers.ts'

export function createNotes({ db, clock, personOf, keepers }: ChatDeps & { keepers: Keepers }) {
  async function add(actor: User, idOrSlug: string, userId: string, text: string): Promise<void> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    if (!(await personOf(userId))) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    const note = { id: newId(), channelId: channel.id, userId, text, createdAt: clock.now(), createdBy: actor.id }
    await db.insertInto('chatNote').values(note).execute()
  }

  async function list(actor: User, idOrSlug: string, userId: string) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const notes = await db
      .selectFrom('chatNote')
      .innerJoin('user', 'user.id', 'chatNote.createdBy')
      .select(['chatNote.id', 'chatNote.text', 'chatNote.createdAt', 'user.name as by'])
      .where('chatNote.channelId', '=', channel.id)
      .where('chatNote.userId', '=', userId)
      .orderBy('chatNote.id', 'desc')
      .limit(100)
      .execute()
    return notes.map((note) => ({ ...note, createdAt: new Date(note.createdAt).toISOString() }))
  }

  return { add, list }
}
