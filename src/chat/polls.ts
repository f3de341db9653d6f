/** Polls: one open at a time in a channel, one vote per account, ended ones kept. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { ChatPollTable } from '../db/schema.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Entrance } from './entrance.ts'
import type { Keepers } from './keepers.ts'
import type { Tell } from './news.ts'
import type { Sanctions } from './sanctions.ts'

export const POLL = { question: 140, choice: 60, choices: 6, seconds: 86_400 } as const

export const PollView = z.object({
  id: z.string(),
  question: z.string(),
  choices: z.array(z.object({ text: z.string(), votes: z.number().int() })),
  endsAt: z.iso.datetime(),
  isOpen: z.boolean(),
})
export type Poll = z.infer<typeof PollView>

/** A poll, and the show it was opened in. */
export interface Placed {
  channelId: string
  sessionId: string | null
  poll: Poll
}

interface PollsDeps extends ChatDeps {
  keepers: Keepers
  sanctions: Pick<Sanctions, 'requireWelcome'>
  entrance: Pick<Entrance, 'placeOf' | 'readable' | 'withinOf'>
  tell: Tell
  onEnded(ended: Placed): Promise<void>
}

type Row = Selectable<ChatPollTable>
const Choices = z.array(z.string())
const CHANNELS_KEPT = 500

export type Polls = ReturnType<typeof createPolls>

export function createPolls(deps: PollsDeps) {
  const { db, clock, logger, channelOf, sessionOf, keepers, sanctions, entrance, tell, onEnded } = deps
  /** The open poll of a channel, as each who comes in is told of it. */
  const shown = new Map<string, Promise<Placed | null>>()
  const ends = new Map<string, NodeJS.Timeout>()

  const latest = (channelId: string, tx: Db = db) =>
    tx.selectFrom('chatPoll').selectAll().where('channelId', '=', channelId).orderBy('id', 'desc').limit(1)

  const isOpen = (row: Row) => row.endedAt === null && row.endsAt > clock.now()

  async function viewOf(row: Row): Promise<Poll> {
    const counts = await db
      .selectFrom('chatVote')
      .select((eb) => ['choice', eb.fn.countAll<number>().as('votes')])
      .where('pollId', '=', row.id)
      .groupBy('choice')
      .execute()
    const votes = new Map(counts.map((count) => [count.choice, Number(count.votes)]))
    return {
      id: row.id,
      question: row.question,
      choices: Choices.parse(JSON.parse(row.choices)).map((text, index) => ({ text, votes: votes.get(index) ?? 0 })),
      endsAt: new Date(row.endsAt).toISOString(),
      isOpen: isOpen(row),
    }
  }

  async function current(channelId: string): Promise<Placed | null> {
    const known = shown.get(channelId) ?? findOpen(channelId)
    shown.set(channelId, known)
    known.catch(() => shown.delete(channelId))
    if (shown.size > CHANNELS_KEPT) shown.delete(shown.keys().next().value!)
    const placed = await known
    return placed && Date.parse(placed.poll.endsAt) > clock.now() ? placed : null
  }

  async function findOpen(channelId: string): Promise<Placed | null> {
    const row = await latest(channelId).executeTakeFirst()
    return row && isOpen(row) ? { channelId, sessionId: row.sessionId, poll: await viewOf(row) } : null
  }

  async function tellAsItIs(row: Row): Promise<Poll> {
    const { channelId, sessionId } = row
    const poll = await viewOf(row)
    shown.delete(channelId)
    tell(channelId, { type: 'poll', poll }, await entrance.withinOf(sessionId))
    return poll
  }

  async function voteOf(pollId: string, userId: string): Promise<number | null> {
    const vote = await db
      .selectFrom('chatVote')
      .select('choice')
      .where('pollId', '=', pollId)
      .where('userId', '=', userId)
      .executeTakeFirst()
    return vote?.choice ?? null
  }

  async function open(actor: User, idOrSlug: string, poll: { question: string; choices: string[]; seconds: number }) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const now = clock.now()
    const row = {
      id: newId(),
      channelId: channel.id,
      sessionId: await sessionOf(channel.id),
      question: poll.question,
      choices: JSON.stringify(poll.choices),
      endsAt: now + poll.seconds * 1_000,
      endedAt: null,
      createdAt: now,
      createdBy: actor.id,
    }
    await db.transaction().execute(async (tx) => {
      const before = await latest(channel.id, tx).executeTakeFirst()
      if (before && isOpen(before)) throw new DomainError('conflict', 'poll_open', 'End the open poll first.')
      await tx.insertInto('chatPoll').values(row).execute()
    })
    endInTime(row)
    return tellAsItIs(row)
  }

  function endInTime(row: Row): void {
    const end = () => finish(row).catch((error: unknown) => logger.error({ err: error }, 'a poll was not ended'))
    ends.set(row.id, setTimeout(end, Math.max(0, row.endsAt - clock.now())))
  }

  async function get(channelId: string, pollId: string) {
    const row = await db
      .selectFrom('chatPoll')
      .selectAll()
      .where('id', '=', pollId)
      .where('channelId', '=', channelId)
      .executeTakeFirst()
    if (!row) throw noSuchPoll()
    return row
  }

  /** The first vote of an account stands. Whoever votes must be welcome, and let in to what the poll was opened in. */
  async function vote(user: User, idOrSlug: string, pollId: string, choice: number): Promise<Poll> {
    const channel = await channelOf(idOrSlug)
    await entrance.placeOf(channel.id, user.id)
    await sanctions.requireWelcome(channel.id, user.id)
    const [row] = await entrance.readable([await get(channel.id, pollId)], user.id)
    if (!row) throw noSuchPoll()
    if (!isOpen(row)) throw new DomainError('conflict', 'poll_ended', 'This poll has ended.')
    if (choice >= Choices.parse(JSON.parse(row.choices)).length) {
      throw new DomainError('invalid', 'no_such_choice', 'There is no such choice.')
    }
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('chatVote')
      .values({ pollId, userId: user.id, choice, createdAt: clock.now() })
      .onConflict((conflict) => conflict.columns(['pollId', 'userId']).doNothing())
      .executeTakeFirst()
    if (!numInsertedOrUpdatedRows) throw new DomainError('conflict', 'voted_already', 'You have voted already.')
    return tellAsItIs(row)
  }

  async function end(actor: User, idOrSlug: string, pollId: string): Promise<Poll> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    return finish(await get(channel.id, pollId))
  }

  /** By a moderator or by its time, whichever is first; the other one changes nothing. */
  async function finish(row: Row): Promise<Poll> {
    clearTimeout(ends.get(row.id))
    ends.delete(row.id)
    const endedAt = Math.min(clock.now(), row.endsAt)
    const { numUpdatedRows } = await db
      .updateTable('chatPoll')
      .set({ endedAt })
      .where('id', '=', row.id)
      .where('endedAt', 'is', null)
      .executeTakeFirst()
    const poll = await tellAsItIs({ ...row, endedAt })
    if (numUpdatedRows > 0n) await onEnded({ channelId: row.channelId, sessionId: row.sessionId, poll })
    return poll
  }

  /** Polls that were open when the node went down end in their time as well. */
  async function start(): Promise<void> {
    const open = await db.selectFrom('chatPoll').selectAll().where('endedAt', 'is', null).execute()
    for (const row of open) endInTime(row)
  }

  function stop(): void {
    for (const timer of ends.values()) clearTimeout(timer)
  }

  return { current, voteOf, open, vote, end, start, stop }
}

const noSuchPoll = () => new DomainError('not_found', 'no_such_poll', 'There is no such poll.')
