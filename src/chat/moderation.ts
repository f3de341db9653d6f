/**
 * What is done with messages: taken away, looked at, pinned, announced, and all of it taken back. A keeper acts only upon
 * what they may read: what is said in a show that is not for them is not theirs to judge.
 */
import type { Db } from '../db/db.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Entrance } from './entrance.ts'
import type { Keepers } from './keepers.ts'
import { type Message, type Moderated, plainOf } from './message-view.ts'
import type { Messages } from './messages.ts'
import type { Tell } from './news.ts'
import type { Records } from './records.ts'
import type { Sanctions } from './sanctions.ts'
import type { ChatSettings } from './settings.ts'

interface ModerationDeps extends ChatDeps {
  entrance: Entrance
  keepers: Keepers
  records: Records
  sanctions: Sanctions
  messages: Messages
  settings: ChatSettings
  tell: Tell
}

export type Moderation = ReturnType<typeof createModeration>

const UNDOABLE = ['delete', 'clear', 'refuse', 'timeout', 'ban']
/** A page that had more taken away finds the rest by scrolling up. */
const RESTORED_AT_ONCE = 100

export function createModeration(deps: ModerationDeps) {
  const { db, clock, channelOf, people, entrance, keepers, records, sanctions, messages, settings, tell } = deps

  async function requireReadable(actor: User, channelId: string, id: string): Promise<Moderated> {
    const [message] = await entrance.readable([await messages.get(channelId, id)], actor.id)
    if (!message) throw new DomainError('not_found', 'no_such_message', 'There is no such message.')
    return message
  }

  async function remove(actor: User, idOrSlug: string, id: string, reason: string): Promise<string> {
    const { channel, role } = await keepers.requireModerator(actor, idOrSlug)
    const { author, sessionId } = await requireReadable(actor, channel.id, id)
    if (author && author.id !== actor.id) await keepers.requireBelow(channel, role, author.id)
    const actId = await db.transaction().execute(async (tx) => {
      const about = { messageId: id, reason, ...(author ? { userId: author.id } : {}) }
      const made = await records.add(actor, channel.id, 'delete', about, tx)
      const removed = await messages.remove(channel.id, { id }, made, tx)
      if (removed.length === 0) throw tooLate()
      return made
    })
    tell(channel.id, { type: 'removed', ids: [id] }, await entrance.withinOf(sessionId))
    return actId
  }

  async function clear(actor: User, idOrSlug: string, reason: string): Promise<string> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const newest = (await messages.before(channel.id, null, 1))[0]
    const actId = await db.transaction().execute(async (tx) => {
      const made = await records.add(actor, channel.id, 'clear', { reason }, tx)
      await messages.remove(channel.id, 'all', made, tx)
      return made
    })
    tell(channel.id, { type: 'cleared', upTo: newest?.position ?? 0 })
    return actId
  }

  /** Shows a held message, or refuses it. */
  async function decide(actor: User, idOrSlug: string, id: string, isApproved: boolean): Promise<string> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const { author, state, sessionId } = await requireReadable(actor, channel.id, id)
    if (state !== 'held') throw tooLate()
    const within = await entrance.withinOf(sessionId)
    const about = { messageId: id, reason: '', ...(author ? { userId: author.id } : {}) }
    const actId = await records.add(actor, channel.id, isApproved ? 'approve' : 'refuse', about)
    const isDone = isApproved
      ? await messages.approve(channel.id, id, (message) => tell(channel.id, { type: 'shown', message }, within))
      : await messages.refuse(channel.id, id, actId)
    if (!isDone) throw tooLate()
    tell(channel.id, { type: 'decided', id }, within)
    return actId
  }

  /** Takes an act back: messages return to where they were, a silence or a ban ends. */
  async function undo(actor: User, idOrSlug: string, actId: string): Promise<void> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const act = await db
      .selectFrom('chatAct')
      .select(['action', 'userId'])
      .where('id', '=', actId)
      .where('channelId', '=', channel.id)
      .executeTakeFirst()
    let restored: Message[] = []
    const write = async (tx: Db) => {
      restored = await takeBack(actor, channel.id, actId, tx)
    }
    if (act?.action === 'ban' && act.userId !== null) await people.unban(actor, channel.id, act.userId, write)
    else await db.transaction().execute(write)
    await tellRestored(channel.id, restored)
  }

  async function takeBack(actor: User, channelId: string, actId: string, tx: Db): Promise<Message[]> {
    const undone = await tx
      .updateTable('chatAct')
      .set({ undoneAt: clock.now() })
      .where('id', '=', actId)
      .where('channelId', '=', channelId)
      .where('undoneAt', 'is', null)
      .where('action', 'in', UNDOABLE)
      .returning('userId')
      .executeTakeFirst()
    if (!undone) throw new DomainError('conflict', 'nothing_to_undo', 'There is nothing to undo here.')
    await tx.updateTable('chatTimeout').set({ liftedAt: clock.now() }).where('actId', '=', actId).execute()
    const about = { reason: actId, ...(undone.userId ? { userId: undone.userId } : {}) }
    await records.add(actor, channelId, 'undo', about, tx)
    return messages.bringBack(channelId, actId, tx)
  }

  async function tellRestored(channelId: string, restored: Message[]): Promise<void> {
    for (const [within, some] of await entrance.sorted(restored)) {
      const shown = some.filter(({ state }) => state === 'shown')
      if (shown.length > 0) tell(channelId, { type: 'restored', messages: shown.slice(-RESTORED_AT_ONCE) }, within)
      for (const { id } of some.filter(({ state }) => state === 'held')) {
        tell(channelId, { type: 'held', message: await messages.get(channelId, id) }, within)
      }
    }
  }

  async function pin(actor: User, idOrSlug: string, id: string | null): Promise<void> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    const message = id === null ? null : await requireReadable(actor, channel.id, id)
    if (message && message.state !== 'shown') {
      throw new DomainError('conflict', 'not_shown', 'Only what everybody sees can be pinned.')
    }
    await settings.pin(channel.id, actor.id, id)
    const about = { reason: '', ...(id === null ? {} : { messageId: id }) }
    await records.add(actor, channel.id, id === null ? 'unpin' : 'pin', about)
    const within = await entrance.withinOf(message?.sessionId ?? null)
    tell(channel.id, { type: 'pinned', message: message && plainOf(message) }, within)
  }

  /** A viewer says that something is wrong with a message; those do who may read it and are welcome. */
  async function flag(user: User, idOrSlug: string, id: string, reason: string): Promise<void> {
    const { id: channelId } = await channelOf(idOrSlug)
    await entrance.placeOf(channelId, user.id)
    await sanctions.requireWelcome(channelId, user.id)
    const { sessionId } = await requireReadable(user, channelId, id)
    const message = await messages.flag(channelId, id, { userId: user.id, reason })
    tell(channelId, { type: 'flagged', message }, await entrance.withinOf(sessionId))
  }

  async function listHeld(actor: User, idOrSlug: string): Promise<Moderated[]> {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    return entrance.readable(await messages.listHeld(channel.id), actor.id)
  }

  async function log(actor: User, idOrSlug: string, page: { cursor?: string | undefined; limit: number }) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    return records.list(channel.id, page)
  }

  return { remove, clear, decide, undo, pin, flag, listHeld, log }
}

const tooLate = () => new DomainError('conflict', 'decided_already', 'Somebody was faster.')
