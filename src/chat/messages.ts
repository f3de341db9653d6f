/**
 * The rows of messages. What is shown gets the next position of its channel, one after another, so that everybody sees
 * one order and "after 41" means the same to all; what waits for a moderator has none yet.
 */
import { type Db, isTaken } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { type Card, laterBy, type Message, type Moderated, plainOf, toMessage, toModerated } from './message-view.ts'

export interface Draft {
  channelId: string
  sessionId: string | null
  kind: Message['kind']
  author: Message['author']
  text: string
  reply: Message['reply']
  card: Card | null
  key: string | null
  heldReason: string | null
}

/** How many messages one answer holds, and how many missed ones are filled in before a page begins afresh. */
export const HISTORY = 100
export const CATCH_UP = 500

export type Messages = ReturnType<typeof createMessages>

export function createMessages({ db, clock }: { db: Db; clock: Clock }) {
  const lines = new Map<string, { last: number; turn: Promise<unknown> }>()

  /** One at a time in each channel: a position is on the table before the next one is given out. */
  function inTurn<Answer>(channelId: string, act: (next: () => number) => Promise<Answer>): Promise<Answer> {
    const line = lines.get(channelId) ?? { last: -1, turn: Promise.resolve() }
    lines.set(channelId, line)
    const mine = line.turn.then(async () => {
      if (line.last < 0) line.last = await lastPosition(channelId)
      return act(() => ++line.last)
    })
    const quiet = mine.then(
      () => undefined,
      () => undefined,
    )
    line.turn = quiet
    void quiet.then(() => line.turn === quiet && lines.delete(channelId))
    return mine
  }

  async function lastPosition(channelId: string): Promise<number> {
    const row = await db
      .selectFrom('chatMessage')
      .select('position')
      .where('channelId', '=', channelId)
      .where('position', 'is not', null)
      .orderBy('position', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.position ?? 0
  }

  /** Writes it down; `isNew` is false when this sender's key was used before, and the first one is given back. */
  async function add(
    draft: Draft,
    onAdded: (message: Moderated) => void,
  ): Promise<{ message: Moderated; isNew: boolean }> {
    const { author, reply, card, key, ...rest } = draft
    return inTurn(draft.channelId, async (next) => {
      const now = clock.now()
      const row = {
        ...rest,
        id: newId(),
        position: draft.heldReason === null ? next() : null,
        state: draft.heldReason === null ? 'shown' : 'held',
        authorId: author?.id ?? null,
        authorName: author?.name ?? null,
        badges: JSON.stringify(author?.badges ?? []),
        reply: reply && JSON.stringify(reply),
        card: card && JSON.stringify(card),
        sentKey: key,
        removedByAct: null,
        flags: 0,
        createdAt: now,
        changedAt: now,
      }
      try {
        await db.insertInto('chatMessage').values(row).execute()
      } catch (error) {
        const before = isTaken(error) && author && key ? await sent(draft.channelId, author.id, key) : null
        if (!before) throw error
        return { message: before, isNew: false }
      }
      const message = toModerated(row)
      // Told before the next one is written, so that the order of telling is the order of positions.
      onAdded(message)
      return { message, isNew: true }
    })
  }

  async function sent(channelId: string, authorId: string, key: string): Promise<Moderated | null> {
    const row = await of(channelId).where('authorId', '=', authorId).where('sentKey', '=', key).executeTakeFirst()
    return row ? toModerated(row) : null
  }

  const of = (channelId: string) => db.selectFrom('chatMessage').selectAll().where('channelId', '=', channelId)

  async function get(channelId: string, id: string): Promise<Moderated> {
    const row = await of(channelId).where('id', '=', id).executeTakeFirst()
    if (!row) throw new DomainError('not_found', 'no_such_message', 'There is no such message.')
    return toModerated(row)
  }

  /** The newest, or those before a position; oldest first. */
  async function before(channelId: string, position: number | null, limit = HISTORY): Promise<Message[]> {
    let query = of(channelId).where('state', '=', 'shown').where('position', 'is not', null)
    if (position !== null) query = query.where('position', '<', position)
    const rows = await query.orderBy('position', 'desc').limit(limit).execute()
    return rows.reverse().map(toMessage)
  }

  /**
   * What somebody missed who has everything up to a position: what came after, and what changed of what they have. Null
   * when that is too much, or their position is not one of ours; then they begin afresh.
   */
  async function since(
    channelId: string,
    position: number,
  ): Promise<{ messages: Message[]; removed: string[] } | null> {
    const known = await of(channelId).where('position', '=', position).executeTakeFirst()
    if (!known) return null
    const newer = await of(channelId)
      .where('position', '>', position)
      .where('state', '=', 'shown')
      .orderBy('position')
      .limit(CATCH_UP + 1)
      .execute()
    // One second back: a change may have been on its way when the line broke.
    const changed = await of(channelId)
      .where('changedAt', '>=', known.createdAt - 1_000)
      .where('position', '<=', position)
      .orderBy('position')
      .limit(CATCH_UP + 1)
      .execute()
    if (newer.length > CATCH_UP || changed.length > CATCH_UP) return null
    return {
      messages: [...changed.filter(({ state }) => state === 'shown'), ...newer].map(toMessage),
      removed: changed.filter(({ state }) => state !== 'shown').map(({ id }) => id),
    }
  }

  async function listHeld(channelId: string, limit = 200): Promise<Moderated[]> {
    const rows = await of(channelId).where('state', '=', 'held').orderBy('id').limit(limit).execute()
    return rows.map(toModerated)
  }

  async function hasSpoken(channelId: string, userId: string): Promise<boolean> {
    const row = await of(channelId)
      .where('authorId', '=', userId)
      .where('kind', 'in', ['chat', 'paid'])
      .where('state', '=', 'shown')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** A held message is shown now, at the place of now. Null when somebody else decided first. */
  async function approve(channelId: string, id: string, onShown: (message: Message) => void): Promise<Message | null> {
    return inTurn(channelId, async (next) => {
      const now = clock.now()
      const waiting = await get(channelId, id)
      const card = waiting.card && JSON.stringify(laterBy(waiting.card, now - Date.parse(waiting.at)))
      const { numUpdatedRows } = await db
        .updateTable('chatMessage')
        .set({ state: 'shown', position: next(), changedAt: now, card })
        .where('id', '=', id)
        .where('channelId', '=', channelId)
        .where('state', '=', 'held')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return null
      const message = plainOf(await get(channelId, id))
      onShown(message)
      return message
    })
  }

  /** Refuses a held one; it stays for the log. */
  async function refuse(channelId: string, id: string, actId: string): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('chatMessage')
      .set({ state: 'refused', removedByAct: actId, changedAt: clock.now() })
      .where('id', '=', id)
      .where('channelId', '=', channelId)
      .where('state', '=', 'held')
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Takes from the screens one message, all of one person, or all there are; gives back which. */
  async function remove(
    channelId: string,
    which: { id: string } | { authorId: string } | 'all',
    actId: string,
    tx: Db = db,
  ): Promise<{ id: string }[]> {
    let query = tx
      .updateTable('chatMessage')
      .set({ state: 'removed', removedByAct: actId, changedAt: clock.now() })
      .where('channelId', '=', channelId)
      .where('state', '=', 'shown')
    if (which !== 'all') {
      query = 'id' in which ? query.where('id', '=', which.id) : query.where('authorId', '=', which.authorId)
    }
    return query.returning('id').execute()
  }

  /** Brings back what an act took away: what was shown to the screens, what was held to the moderators. */
  async function bringBack(channelId: string, actId: string, tx: Db = db): Promise<Message[]> {
    const rows = await tx
      .updateTable('chatMessage')
      .set((eb) => ({
        state: eb.case().when('position', 'is', null).then('held').else('shown').end(),
        removedByAct: null,
        changedAt: clock.now(),
      }))
      .where('channelId', '=', channelId)
      .where('removedByAct', '=', actId)
      .returningAll()
      .execute()
    return rows.map(toMessage).sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
  }

  /** A viewer says this one is not right; each person counts once. */
  async function flag(channelId: string, id: string, by: { userId: string; reason: string }): Promise<Moderated> {
    const message = await get(channelId, id)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('chatFlag')
      .values({ messageId: id, ...by, createdAt: clock.now() })
      .onConflict((conflict) => conflict.columns(['messageId', 'userId']).doNothing())
      .executeTakeFirst()
    if (!numInsertedOrUpdatedRows) return message
    await db
      .updateTable('chatMessage')
      .set((eb) => ({ flags: eb('flags', '+', 1) }))
      .where('id', '=', id)
      .execute()
    return { ...message, flags: message.flags + 1 }
  }

  /** What stands beside a message is another now, or nothing. */
  async function setCard(channelId: string, id: string, kind: Message['kind'], card: Card | null): Promise<Message> {
    await db
      .updateTable('chatMessage')
      .set({ kind, card: card && JSON.stringify(card), changedAt: clock.now() })
      .where('id', '=', id)
      .where('channelId', '=', channelId)
      .execute()
    return plainOf(await get(channelId, id))
  }

  return { add, sent, get, before, since, listHeld, hasSpoken, approve, refuse, remove, bringBack, flag, setCard }
}
