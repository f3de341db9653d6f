/** Silence for a while, or for good; and how somebody who comes back under another name is noticed. */
import type { Db } from '../db/db.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Keepers } from './keepers.ts'
import type { Messages } from './messages.ts'
import type { Tell } from './news.ts'
import type { Records } from './records.ts'

const PEOPLE_REMEMBERED = 20_000

export interface SanctionOrder {
  userId: string
  /** Null: out of the channel for good, its shows with it. */
  seconds: number | null
  reason: string
  removesMessages: boolean
}

interface SanctionsDeps extends ChatDeps {
  keepers: Keepers
  records: Records
  messages: Messages
  tell: Tell
}

export type Sanctions = ReturnType<typeof createSanctions>

export function createSanctions({ db, clock, people, keepers, records, messages, tell }: SanctionsDeps) {
  /** Where people wrote from last, as a hash; in memory only. A ban keeps it, so that a second sign-in is noticed. */
  const networks = new Map<string, string>()

  function seen(userId: string, network: string): void {
    networks.delete(userId)
    networks.set(userId, network)
    if (networks.size > PEOPLE_REMEMBERED) networks.delete(networks.keys().next().value!)
  }

  /** Whether somebody else, banned here, wrote from the same place. */
  async function isNearBanned(channelId: string, userId: string, network: string): Promise<boolean> {
    const row = await db
      .selectFrom('chatAct as act')
      .innerJoin('channelBan as ban', (join) =>
        join.onRef('ban.channelId', '=', 'act.channelId').onRef('ban.userId', '=', 'act.userId'),
      )
      .select('act.id')
      .where('act.channelId', '=', channelId)
      .where('act.network', '=', network)
      .where('act.userId', '!=', userId)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Throws when this person is timed out here, or shut out of the channel. */
  async function requireWelcome(channelId: string, userId: string): Promise<void> {
    if (await people.isBanned(channelId, userId)) {
      throw new DomainError('forbidden', 'banned', 'You are banned from this channel.')
    }
    const last = await db
      .selectFrom('chatTimeout')
      .select('until')
      .where('userId', '=', userId)
      .where('channelId', '=', channelId)
      .where('liftedAt', 'is', null)
      .where('until', '>', clock.now())
      .orderBy('until', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (!last) return
    const retryAfterSeconds = Math.ceil((last.until - clock.now()) / 1_000)
    throw new DomainError('forbidden', 'timed_out', `You can write again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    })
  }

  /** The ban or the silence, its row in the log and what goes with it are one transaction; undoing brings all of it back. */
  async function impose(actor: User, idOrSlug: string, order: SanctionOrder): Promise<string> {
    const { userId, seconds, reason, removesMessages } = order
    const { channel, role } = await keepers.requireModerator(actor, idOrSlug)
    await keepers.requireBelow(channel, role, userId)
    const done = { actId: '', ids: [] as string[] }
    async function write(tx: Db): Promise<void> {
      const network = seconds === null ? (networks.get(userId) ?? null) : null
      const about = { userId, reason, network }
      done.actId = await records.add(actor, channel.id, seconds === null ? 'ban' : 'timeout', about, tx)
      if (seconds !== null) await silence(done.actId, channel.id, userId, seconds, tx)
      if (!removesMessages) return
      const removed = await messages.remove(channel.id, { authorId: userId }, done.actId, tx)
      done.ids = removed.map(({ id }) => id)
    }
    if (seconds === null) await people.ban(actor, channel.id, userId, reason, write)
    else await db.transaction().execute(write)
    if (done.ids.length > 0) tell(channel.id, { type: 'removed', ids: done.ids })
    return done.actId
  }

  async function silence(actId: string, channelId: string, userId: string, seconds: number, tx: Db): Promise<void> {
    const now = clock.now()
    await tx
      .insertInto('chatTimeout')
      .values({ actId, channelId, userId, until: now + seconds * 1_000, liftedAt: null, createdAt: now })
      .execute()
  }

  return { seen, isNearBanned, requireWelcome, impose }
}
