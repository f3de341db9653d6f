/**
 * Who keeps a chat, and what they do. Every act is one row of the log with who, what, whom and why, and is undone by its
 * id. Nobody acts on somebody who keeps the same chat, except those above them.
 */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import type { ChatChannel, ChatDeps, Tell } from './chat.ts'
import { type Badge, type Messages, type Moderated, plainOf } from './messages.ts'
import type { createSettings } from './settings.ts'

const RANK: Record<Badge, number> = { moderator: 1, owner: 2, admin: 3 }
const PEOPLE_REMEMBERED = 20_000

export const ACTIONS = [
  'delete',
  'clear',
  'approve',
  'refuse',
  'timeout',
  'ban',
  'pin',
  'unpin',
  'announce',
  'settings',
  'moderator added',
  'moderator removed',
  'undo',
] as const
export type Action = (typeof ACTIONS)[number]

interface About {
  messageId?: string
  userId?: string
  reason: string
}

interface ModerationDeps extends ChatDeps {
  messages: Messages
  settings: ReturnType<typeof createSettings>
  tell: Tell
}

export function createModeration({
  db,
  clock,
  channelOf,
  sessionOf,
  personOf,
  people,
  messages,
  settings,
  tell,
}: ModerationDeps) {
  /** Where people wrote from last, as a hash; in memory only. A ban keeps it, so that a second sign-in is noticed. */
  const networks = new Map<string, string>()

  async function roleOf(channel: ChatChannel, user: Pick<User, 'id' | 'role'>): Promise<Badge | null> {
    if (channel.ownerId === user.id) return 'owner'
    if (user.role === 'admin') return 'admin'
    if (user.role === 'moderator') return 'moderator'
    return (await people.isModerator(channel.id, user.id)) ? 'moderator' : null
  }

  async function requireModerator(actor: User, idOrSlug: string) {
    const channel = await channelOf(idOrSlug)
    const role = await roleOf(channel, actor)
    if (role === null)
      throw new DomainError('forbidden', 'moderators_only', 'Only moderators of this chat may do this.')
    return { channel, role }
  }

  async function requireOwner(actor: User, idOrSlug: string) {
    const found = await requireModerator(actor, idOrSlug)
    if (found.role !== 'moderator') return found
    throw new DomainError('forbidden', 'not_your_channel', 'Only the owner of this channel may do this.')
  }

  async function record(actor: User, channelId: string, action: Action, about: About, tx: Db = db): Promise<string> {
    const id = newId()
    const { messageId = null, userId = null, reason } = about
    await tx
      .insertInto('chatAct')
      .values({
        id,
        channelId,
        actorId: actor.id,
        actorName: actor.name,
        action,
        messageId,
        userId,
        reason,
        network: (action === 'ban' && userId !== null && networks.get(userId)) || null,
        undoneAt: null,
        createdAt: clock.now(),
      })
      .execute()
    return id
  }

  /** The person acted upon, when the actor stands above them. */
  async function requireBelow(channel: ChatChannel, actorRole: Badge, userId: string): Promise<void> {
    const person = await personOf(userId)
    if (!person) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    const role = await roleOf(channel, person)
    if (role !== null && RANK[role] >= RANK[actorRole]) {
      throw new DomainError('forbidden', 'not_below_you', 'You cannot do this to somebody who keeps this chat.')
    }
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

  async function remove(actor: User, idOrSlug: string, id: string, reason: string): Promise<string> {
    const { channel, role } = await requireModerator(actor, idOrSlug)
    const { author } = await messages.get(channel.id, id)
    if (author && author.id !== actor.id) await requireBelow(channel, role, author.id)
    return db
      .transaction()
      .execute(async (tx) => {
        const userId = author ? { userId: author.id } : {}
        const actId = await record(actor, channel.id, 'delete', { messageId: id, reason, ...userId }, tx)
        const ids = await messages.remove(channel.id, { id }, actId, tx)
        if (ids.length === 0) throw new DomainError('conflict', 'decided_already', 'Somebody was faster.')
        return { actId, ids }
      })
      .then(({ actId, ids }) => {
        tell(channel.id, { type: 'removed', ids })
        return actId
      })
  }

  async function clear(actor: User, idOrSlug: string, reason: string): Promise<string> {
    const { channel } = await requireModerator(actor, idOrSlug)
    const newest = (await messages.before(channel.id, null, 1))[0]
    const actId = await db.transaction().execute(async (tx) => {
      const made = await record(actor, channel.id, 'clear', { reason }, tx)
      await messages.remove(channel.id, 'all', made, tx)
      return made
    })
    tell(channel.id, { type: 'cleared', upTo: newest?.position ?? 0 })
    return actId
  }

  /** Shows a held message, or refuses it. */
  async function decide(actor: User, idOrSlug: string, id: string, isApproved: boolean): Promise<string> {
    const { channel } = await requireModerator(actor, idOrSlug)
    const { author, state } = await messages.get(channel.id, id)
    if (state !== 'held') throw new DomainError('conflict', 'decided_already', 'Somebody was faster.')
    const about = { messageId: id, reason: '', ...(author ? { userId: author.id } : {}) }
    const actId = await record(actor, channel.id, isApproved ? 'approve' : 'refuse', about)
    const isDone = isApproved
      ? await messages.approve(channel.id, id, (message) => tell(channel.id, { type: 'shown', message }))
      : await messages.refuse(channel.id, id, actId)
    if (!isDone) throw new DomainError('conflict', 'decided_already', 'Somebody was faster.')
    tell(channel.id, { type: 'decided', id })
    return actId
  }

  /**
   * Silences somebody for so many seconds, or shuts them out of the channel (`seconds` null), its shows with it. What they
   * wrote can go with them; undoing brings both back.
   */
  async function sanction(
    actor: User,
    idOrSlug: string,
    { userId, seconds, reason, removesMessages }: SanctionOrder,
  ): Promise<string> {
    const { channel, role } = await requireModerator(actor, idOrSlug)
    await requireBelow(channel, role, userId)
    if (seconds === null) await people.ban(actor, channel.id, userId, reason)
    const { actId, ids } = await db.transaction().execute(async (tx) => {
      const made = await record(actor, channel.id, seconds === null ? 'ban' : 'timeout', { userId, reason }, tx)
      if (seconds !== null) {
        const now = clock.now()
        const timeout = { channelId: channel.id, userId, until: now + seconds * 1_000, liftedAt: null, createdAt: now }
        await tx
          .insertInto('chatTimeout')
          .values({ actId: made, ...timeout })
          .execute()
      }
      return {
        actId: made,
        ids: removesMessages ? await messages.remove(channel.id, { authorId: userId }, made, tx) : [],
      }
    })
    if (ids.length > 0) tell(channel.id, { type: 'removed', ids })
    return actId
  }

  /** Takes an act back: messages return to where they were, a silence ends. */
  async function undo(actor: User, idOrSlug: string, actId: string): Promise<void> {
    const { channel } = await requireModerator(actor, idOrSlug)
    const { restored, undone } = await db.transaction().execute(async (tx) => {
      const undone = await tx
        .updateTable('chatAct')
        .set({ undoneAt: clock.now() })
        .where('id', '=', actId)
        .where('channelId', '=', channel.id)
        .where('undoneAt', 'is', null)
        .where('action', 'in', UNDOABLE)
        .returning(['action', 'userId'])
        .executeTakeFirst()
      if (!undone) throw new DomainError('conflict', 'nothing_to_undo', 'There is nothing to undo here.')
      await tx.updateTable('chatTimeout').set({ liftedAt: clock.now() }).where('actId', '=', actId).execute()
      await record(
        actor,
        channel.id,
        'undo',
        { reason: actId, ...(undone.userId ? { userId: undone.userId } : {}) },
        tx,
      )
      return { restored: await messages.bringBack(channel.id, actId, tx), undone }
    })
    if (undone.action === 'ban' && undone.userId !== null) await people.unban(actor, channel.id, undone.userId)
    const shown = restored.filter(({ state }) => state === 'shown')
    if (shown.length > 0) tell(channel.id, { type: 'restored', messages: shown.slice(-RESTORED_AT_ONCE) })
    for (const { id } of restored.filter(({ state }) => state === 'held')) {
      tell(channel.id, { type: 'held', message: await messages.get(channel.id, id) })
    }
  }

  async function pin(actor: User, idOrSlug: string, id: string | null): Promise<void> {
    const { channel } = await requireModerator(actor, idOrSlug)
    const message = id === null ? null : await messages.get(channel.id, id)
    if (message && message.state !== 'shown') {
      throw new DomainError('conflict', 'not_shown', 'Only what everybody sees can be pinned.')
    }
    await settings.pin(channel.id, actor.id, id)
    await record(actor, channel.id, id === null ? 'unpin' : 'pin', {
      reason: '',
      ...(id === null ? {} : { messageId: id }),
    })
    tell(channel.id, { type: 'pinned', message: message && plainOf(message) })
  }

  async function announce(actor: User, idOrSlug: string, text: string): Promise<Moderated> {
    const { channel, role } = await requireModerator(actor, idOrSlug)
    const author = { id: actor.id, name: actor.name, badges: [role] }
    const said = {
      channelId: channel.id,
      sessionId: await sessionOf(channel.id),
      kind: 'announcement' as const,
      author,
      text,
    }
    const { message } = await messages.add({ ...said, reply: null, key: null, heldReason: null }, (added) =>
      tell(channel.id, { type: 'shown', message: plainOf(added) }),
    )
    await record(actor, channel.id, 'announce', { messageId: message.id, reason: '' })
    return message
  }

  async function flag(actor: User, idOrSlug: string, id: string, reason: string): Promise<void> {
    const channel = await channelOf(idOrSlug)
    const message = await messages.flag(channel.id, id, { userId: actor.id, reason })
    tell(channel.id, { type: 'flagged', message })
  }

  async function listHeld(actor: User, idOrSlug: string): Promise<Moderated[]> {
    const { channel } = await requireModerator(actor, idOrSlug)
    return messages.listHeld(channel.id)
  }

  async function log(actor: User, idOrSlug: string, { cursor, limit }: { cursor?: string | undefined; limit: number }) {
    const { channel } = await requireModerator(actor, idOrSlug)
    let query = db.selectFrom('chatAct').selectAll().where('channelId', '=', channel.id)
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const acts = rows.map((row) => ({ ...row, action: z.enum(ACTIONS).parse(row.action) }))
    return toPage(acts, limit, ({ id }) => id)
  }

  async function appoint(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { channel } = await requireOwner(actor, idOrSlug)
    await people.addModerator(actor, channel.id, userId)
    await record(actor, channel.id, 'moderator added', { userId, reason: '' })
  }

  async function dismiss(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { channel } = await requireOwner(actor, idOrSlug)
    await people.removeModerator(actor, channel.id, userId)
    await record(actor, channel.id, 'moderator removed', { userId, reason: '' })
  }

  async function listModerators(actor: User, idOrSlug: string): Promise<{ id: string; name: string }[]> {
    const { channel } = await requireModerator(actor, idOrSlug)
    return (await people.moderators(actor, channel.id)).map(({ userId, name }) => ({ id: userId, name }))
  }

  async function addNote(actor: User, idOrSlug: string, userId: string, text: string): Promise<void> {
    const { channel } = await requireModerator(actor, idOrSlug)
    if (!(await personOf(userId))) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    const note = { id: newId(), channelId: channel.id, userId, text, createdAt: clock.now(), createdBy: actor.id }
    await db.insertInto('chatNote').values(note).execute()
  }

  /** What moderators of this channel know of a person: notes, and the acts that concerned them. */
  async function fileOf(actor: User, idOrSlug: string, userId: string) {
    const { channel } = await requireModerator(actor, idOrSlug)
    const notes = await db
      .selectFrom('chatNote')
      .innerJoin('user', 'user.id', 'chatNote.createdBy')
      .select(['chatNote.id', 'chatNote.text', 'chatNote.createdAt', 'user.name as by'])
      .where('chatNote.channelId', '=', channel.id)
      .where('chatNote.userId', '=', userId)
      .orderBy('chatNote.id', 'desc')
      .limit(100)
      .execute()
    return { notes: notes.map((note) => ({ ...note, createdAt: new Date(note.createdAt).toISOString() })) }
  }

  return {
    roleOf,
    requireModerator,
    requireOwner,
    requireWelcome,
    record,
    seen,
    isNearBanned,
    remove,
    clear,
    decide,
    sanction,
    undo,
    pin,
    announce,
    flag,
    listHeld,
    log,
    appoint,
    dismiss,
    listModerators,
    addNote,
    fileOf,
  }
}

export interface SanctionOrder {
  userId: string
  seconds: number | null
  reason: string
  removesMessages: boolean
}

const UNDOABLE = ['delete', 'clear', 'refuse', 'timeout', 'ban']
/** A page that had more taken away finds the rest by scrolling up. */
const RESTORED_AT_ONCE = 100
