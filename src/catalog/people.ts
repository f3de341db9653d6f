/** Whom a channel has around it: those who follow it, its moderators, and whom it shut out. */

import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import type { Channel, Channels } from './channels.ts'

export interface Known {
  userId: string
  name: string
  since: number
  /** Why somebody was shut out; empty for moderators. */
  reason: string
}

interface PeopleOptions {
  db: Db
  clock: Clock
  logger: Logger
  channels: Pick<Channels, 'get' | 'getOwn'>
  /** What an account is to a channel has changed: what it may watch is looked at again. */
  onStanding(changed: { userId: string; channelId: string }): Promise<void>
  /** Somebody follows who did not before. */
  onFollowed?(userId: string, channelId: string): void
  recordAct: RecordAct
}

interface Noted {
  userId: string
  channelId: string
  reason?: string
}

interface ListQuery {
  cursor?: string | undefined
  limit: number
}

const MOST_MODERATORS = 200
const nothing = async () => {}

export type People = ReturnType<typeof createPeople>

export function createPeople(options: PeopleOptions) {
  const { db, clock, logger, channels, onStanding, onFollowed, recordAct } = options

  async function follow(userId: string, idOrSlug: string): Promise<void> {
    const { id: channelId } = await channels.get(idOrSlug)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('follow')
      .values({ userId, channelId, createdAt: clock.now() })
      .onConflict((oc) => oc.columns(['userId', 'channelId']).doNothing())
      .executeTakeFirst()
    await onStanding({ userId, channelId })
    if (numInsertedOrUpdatedRows) onFollowed?.(userId, channelId)
  }

  async function unfollow(userId: string, idOrSlug: string): Promise<void> {
    const { id: channelId } = await channels.get(idOrSlug)
    await db.deleteFrom('follow').where('userId', '=', userId).where('channelId', '=', channelId).execute()
    await onStanding({ userId, channelId })
  }

  async function followers(
    userId: string | null,
    idOrSlug: string,
  ): Promise<{ followers: number; following: boolean }> {
    const { id: channelId } = await channels.get(idOrSlug)
    const { count } = await db
      .selectFrom('follow')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('channelId', '=', channelId)
      .executeTakeFirstOrThrow()
    const own = userId === null ? undefined : await one('follow', channelId, userId)
    return { followers: Number(count), following: own !== undefined }
  }

  function one(table: 'follow' | 'channelModerator' | 'channelBan', channelId: string, userId: string) {
    return db
      .selectFrom(table)
      .select('userId')
      .where('channelId', '=', channelId)
      .where('userId', '=', userId)
      .executeTakeFirst()
  }

  /** Whether somebody has a part in running the channel: its owner, its moderators, the node's admins. */
  async function runs(actor: User, idOrSlug: string): Promise<boolean> {
    const { id, ownerId } = await channels.get(idOrSlug)
    return actor.role === 'admin' || actor.id === ownerId || isModerator(id, actor.id)
  }

  const isModerator = async (channelId: string, userId: string) =>
    (await one('channelModerator', channelId, userId)) !== undefined
  const isBanned = async (channelId: string, userId: string) =>
    (await one('channelBan', channelId, userId)) !== undefined

  async function followsSince(userId: string, channelId: string): Promise<number | null> {
    const row = await db
      .selectFrom('follow')
      .select('createdAt')
      .where('channelId', '=', channelId)
      .where('userId', '=', userId)
      .executeTakeFirst()
    return row?.createdAt ?? null
  }

  /** The channel, for somebody who keeps order in it: its owner, its moderators, the node's moderators and admins. */
  async function getKept(actor: User, idOrSlug: string): Promise<Channel> {
    const channel = await channels.get(idOrSlug)
    if (channel.ownerId === actor.id || actor.role === 'admin' || actor.role === 'moderator') return channel
    if (await one('channelModerator', channel.id, actor.id)) return channel
    throw new DomainError(
      'forbidden',
      'not_a_moderator',
      'Only the owner and the moderators of this channel may do this.',
    )
  }

  /** The act is one upon the person: whoever asks the audit log about them finds it. */
  function note(actor: User, action: string, { userId, ...after }: Noted, tx: Db) {
    return recordAct({ ...by(actor), action, target: `user:${userId}`, after }, tx)
  }

  async function requirePerson(userId: string): Promise<void> {
    const person = await db
      .selectFrom('user')
      .select('id')
      .where('id', '=', userId)
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    if (!person) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
  }

  async function addModerator(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { id: channelId } = await channels.getOwn(actor, idOrSlug)
    await requirePerson(userId)
    const { count } = await db
      .selectFrom('channelModerator')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('channelId', '=', channelId)
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST_MODERATORS) {
      throw new DomainError('conflict', 'too_many_moderators', `A channel may have ${MOST_MODERATORS} moderators.`)
    }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('channelModerator')
        .values({ channelId, userId, createdAt: clock.now(), createdBy: actor.id })
        .onConflict((oc) => oc.columns(['channelId', 'userId']).doNothing())
        .execute()
      await note(actor, 'moderator.added', { channelId, userId }, tx)
    })
    logger.info({ channelId, userId, by: actor.id }, 'moderator added')
    await onStanding({ userId, channelId })
  }

  async function removeModerator(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { id: channelId } = await channels.getOwn(actor, idOrSlug)
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('channelModerator').where('channelId', '=', channelId).where('userId', '=', userId).execute()
      await note(actor, 'moderator.removed', { channelId, userId }, tx)
    })
    logger.info({ channelId, userId, by: actor.id }, 'moderator removed')
    await onStanding({ userId, channelId })
  }

  /** `also` is written in the same transaction. */
  async function ban(
    actor: User,
    idOrSlug: string,
    userId: string,
    reason: string,
    also: (tx: Db) => Promise<void> = nothing,
  ): Promise<void> {
    const { id: channelId, ownerId } = await getKept(actor, idOrSlug)
    await requirePerson(userId)
    if (userId === ownerId || (await one('channelModerator', channelId, userId))) {
      throw new DomainError('conflict', 'of_the_channel', 'The owner and the moderators cannot be shut out.')
    }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('channelBan')
        .values({ channelId, userId, reason, createdAt: clock.now(), createdBy: actor.id })
        .onConflict((oc) => oc.columns(['channelId', 'userId']).doUpdateSet({ reason }))
        .execute()
      await note(actor, 'channel_ban.made', { channelId, userId, reason }, tx)
      await also(tx)
    })
    logger.info({ channelId, userId, by: actor.id }, 'shut out of a channel')
    await onStanding({ userId, channelId })
  }

  async function unban(
    actor: User,
    idOrSlug: string,
    userId: string,
    also: (tx: Db) => Promise<void> = nothing,
  ): Promise<void> {
    const { id: channelId } = await getKept(actor, idOrSlug)
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('channelBan').where('channelId', '=', channelId).where('userId', '=', userId).execute()
      await note(actor, 'channel_ban.lifted', { channelId, userId }, tx)
      await also(tx)
    })
    logger.info({ channelId, userId, by: actor.id }, 'let into a channel again')
    await onStanding({ userId, channelId })
  }

  async function moderators(actor: User, idOrSlug: string): Promise<Known[]> {
    const { id } = await getKept(actor, idOrSlug)
    const rows = await db
      .selectFrom('channelModerator as m')
      .innerJoin('user as u', 'u.id', 'm.userId')
      .select(['m.userId', 'u.name', 'm.createdAt as since'])
      .where('m.channelId', '=', id)
      .orderBy('m.userId')
      .limit(MOST_MODERATORS)
      .execute()
    return rows.map((row) => ({ ...row, reason: '' }))
  }

  async function bans(actor: User, idOrSlug: string, { cursor, limit }: ListQuery): Promise<Page<Known>> {
    const { id } = await getKept(actor, idOrSlug)
    let query = db
      .selectFrom('channelBan as b')
      .innerJoin('user as u', 'u.id', 'b.userId')
      .select(['b.userId', 'u.name', 'b.createdAt as since', 'b.reason'])
      .where('b.channelId', '=', id)
    if (cursor) query = query.where('b.userId', '>', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('b.userId')
      .limit(limit + 1)
      .execute()
    return toPage(rows, limit, ({ userId }) => userId)
  }

  /** What this room knows of one person, for themselves. */
  async function heldOf(userId: string) {
    const [follows, moderates, shutOutOf] = await Promise.all([
      db.selectFrom('follow').select(['channelId', 'createdAt']).where('userId', '=', userId).execute(),
      db.selectFrom('channelModerator').select(['channelId', 'createdAt']).where('userId', '=', userId).execute(),
      db.selectFrom('channelBan').select(['channelId', 'reason', 'createdAt']).where('userId', '=', userId).execute(),
    ])
    return { follows, moderates, shutOutOf }
  }

  /** They leave: they follow nobody and keep order nowhere. */
  async function forget(userId: string, tx: Db): Promise<void> {
    for (const table of ['follow', 'channelModerator', 'channelBan'] as const) {
      await tx.deleteFrom(table).where('userId', '=', userId).execute()
    }
  }

  return {
    ...{ heldOf, forget, runs },
    ...{ follow, unfollow, followers, followsSince, getKept, addModerator, removeModerator, moderators, isModerator },
    ...{ ban, unban, bans, isBanned },
  }
}
