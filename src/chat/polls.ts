/** Polls: one open at a time in a channel, one vote per account, ended ones kept. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { ChatPollTable } from '../db/schema.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { ChatChannel, ChatDeps, Tell } from './chat.ts'

export const POLL = { question: 140, choice: 60, choices: 6, seconds: 86_400 } as const

export const PollView = z.object({
  id: z.string(),
  question: z.string(),
  choices: z.array(z.object({ text: z.string(), votes: z.number().int() })),
  endsAt: z.iso.datetime(),
  isOpen: z.boolean(),
})
export type Poll = z.infer<typeof PollView>

interface PollsDeps extends ChatDeps {
  requireModerator(actor: User, idOrSlug: string): Promise<{ channel: ChatChannel }>
  tell: Tell
}

const Choices = z.array(z.string())

export function createPolls({ db, clock, channelOf, sessionOf, requireModerator, tell }: PollsDeps) {
  const latest = (channelId: string, tx: Db = db) =>
    tx.selectFrom('chatPoll').selectAll().where('channelId', '=', channelId).orderBy('id', 'desc').limit(1)

  const isOpen = (row: Selectable<ChatPollTable>) => row.endedAt === null && row.endsAt > clock.now()

  async function viewOf(row: Selectable<ChatPollTable>): Promise<Poll> {
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

  async function current(channelId: string): Promise<Poll | null> {
    const row = await latest(channelId).executeTakeFirst()
    return row && isOpen(row) ? viewOf(row) : null
  }

  async function voteOf(channelId: string, userId: string): Promise<number | null> {
    const row = await latest(channelId).executeTakeFirst()
    if (!row) return null
    const vote = await db
      .selectFrom('chatVote')
      .select('choice')
      .where('pollId', '=', row.id)
      .where('userId', '=', userId)
      .executeTakeFirst()
    return vote?.choice ?? null
  }

  async function open(actor: User, idOrSlug: string, poll: { question: string; choices: string[]; seconds: number }) {
    const { channel } = await requireModerator(actor, idOrSlug)
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
    const view = await viewOf(row)
    tell(channel.id, { type: 'poll', poll: view })
    return view
  }

  async function get(channelId: string, pollId: string) {
    const row = await db
      .selectFrom('chatPoll')
      .selectAll()
      .where('id', '=', pollId)
      .where('channelId', '=', channelId)
      .executeTakeFirst()
    if (!row) throw new DomainError('not_found', 'no_such_poll', 'There is no such poll.')
    return row
  }

  /** The first vote of an account stands. */
  async function vote(user: User, idOrSlug: string, pollId: string, choice: number): Promise<Poll> {
    const channel = await channelOf(idOrSlug)
    const row = await get(channel.id, pollId)
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
    const view = await viewOf(row)
    tell(channel.id, { type: 'poll', poll: view })
    return view
  }

  async function end(actor: User, idOrSlug: string, pollId: string): Promise<Poll> {
    const { channel } = await requireModerator(actor, idOrSlug)
    const row = await get(channel.id, pollId)
    const endedAt = Math.min(clock.now(), row.endsAt)
    await db.updateTable('chatPoll').set({ endedAt }).where('id', '=', pollId).where('endedAt', 'is', null).execute()
    const view = await viewOf({ ...row, endedAt })
    tell(channel.id, { type: 'poll', poll: view })
    return view
  }

  return { current, voteOf, open, vote, end }
}
