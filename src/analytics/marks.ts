/** What happened during a show and bent its curve: the broadcaster away and back, who it is for. Polls are read from the chat. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'

export const MARK_KINDS = ['visibility', 'away', 'back', 'poll'] as const
export type MarkKind = (typeof MARK_KINDS)[number]

export interface Mark {
  at: number
  kind: MarkKind
  text: string
}

/** A broadcaster with a bad line comes and goes; nobody reads a thousand marks. */
const MOST = 200

export function createMarks({ db, clock }: { db: Db; clock: Clock }) {
  async function add(sessionId: string, kind: MarkKind, text = ''): Promise<void> {
    await db.insertInto('sessionMark').values({ id: newId(), sessionId, at: clock.now(), kind, text }).execute()
  }

  /** Noted when it is not what it was; the first is how it began. */
  async function noteVisibility({ id, visibility }: { id: string; visibility: string }): Promise<void> {
    const last = await db
      .selectFrom('sessionMark')
      .select('text')
      .where('sessionId', '=', id)
      .where('kind', '=', 'visibility')
      .orderBy('id', 'desc')
      .executeTakeFirst()
    if (last?.text !== visibility) await add(id, 'visibility', visibility)
  }

  async function of(sessionId: string): Promise<Mark[]> {
    const noted = await db
      .selectFrom('sessionMark')
      .select(['at', 'kind', 'text'])
      .where('sessionId', '=', sessionId)
      .orderBy('id')
      .limit(MOST)
      .execute()
    const polls = await db
      .selectFrom('session')
      .innerJoin('chatPoll', 'chatPoll.channelId', 'session.channelId')
      .select(['chatPoll.createdAt as at', 'question as text'])
      .where('session.id', '=', sessionId)
      .where('chatPoll.sessionId', '=', sessionId)
      .orderBy('chatPoll.id')
      .limit(MOST)
      .execute()
    const began = noted.find(({ kind }) => kind === 'visibility')
    const marks = [
      ...noted.filter((mark) => mark !== began).map((mark) => ({ ...mark, kind: mark.kind as MarkKind })), // written above
      ...polls.map((poll) => ({ ...poll, kind: 'poll' as const })),
    ]
    return marks.sort((a, b) => a.at - b.at)
  }

  return { add, noteVisibility, of }
}
