/**
 * What people say beside a channel's stream. Owns every `chat…` table. Promises one order for everybody, each message
 * once however often it was sent, and nothing lost between two visits; what is taken away is gone from the screens and
 * kept for the log. Who follows or is a member it does not know: such facts come in as functions.
 */
import { createHash } from 'node:crypto'
import type { People } from '../catalog/catalog.ts'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import { type Badge, createMessages, type Message, type Moderated, plainOf } from './messages.ts'
import { createModeration } from './moderation.ts'
import { createPersons } from './persons.ts'
import { createPolls, type Poll } from './polls.ts'
import { createSettings, type PublicSettings, publicSettings, type Settings, type Writers } from './settings.ts'
import { holdsLink } from './word-filter.ts'

export { HISTORY, type Message, MessageView, type Moderated, ModeratedView } from './messages.ts'
export { POLL, type Poll, PollView } from './polls.ts'
export { type PublicSettings, Settings, WRITERS } from './settings.ts'

/** The longest message, characters as JavaScript counts them. */
export const TEXT_LENGTH = 500

const CHANNELS_KEPT = 200

export interface ChatChannel {
  id: string
  ownerId: string
  suspendedAt: number | null
}

/** What is known of people elsewhere. A setting that needs a fact nobody handed in is not on offer. */
export interface Facts {
  isVerified?(userId: string): Promise<boolean>
  /** Since when they follow, or null. */
  followsSince?(userId: string, channelId: string): Promise<number | null>
  /** The tier of their membership, or null. */
  memberTier?(userId: string, channelId: string): Promise<number | null>
}

export type News =
  | { type: 'shown'; message: Message }
  | { type: 'removed'; ids: string[] }
  | { type: 'restored'; messages: Message[] }
  | { type: 'cleared'; upTo: number }
  | { type: 'settings'; settings: PublicSettings }
  | { type: 'pinned'; message: Message | null }
  | { type: 'poll'; poll: Poll }
  | { type: 'held'; message: Moderated }
  | { type: 'decided'; id: string }
  | { type: 'flagged'; message: Moderated }

/** What this room has to say to the others. */
export interface ChatFacts {
  'message.shown': { channelId: string; message: Message }
}

export type Tell = (channelId: string, news: News) => void

export interface ChatDeps {
  db: Db
  clock: Clock
  logger: Logger
  facts: Facts
  /** Moderators and bans are the channel's, not the chat's alone. */
  people: Pick<People, 'isModerator' | 'isBanned' | 'addModerator' | 'removeModerator' | 'moderators' | 'ban' | 'unban'>
  /** The channel by id or slug; throws when there is none. */
  channelOf(idOrSlug: string): Promise<ChatChannel>
  /** What is on there now. */
  sessionOf(channelId: string): Promise<string | null>
  /** Whether somebody may follow what is said during a session; `isKnown` when their page watches it already. */
  mayFollow(userId: string | null, sessionId: string, isKnown?: boolean): Promise<boolean>
  personOf(userId: string): Promise<Pick<User, 'id' | 'name' | 'role'> | null>
}

export interface Written {
  text: string
  /** Made by the sender, the same at every attempt. */
  key: string
  replyTo?: string | undefined
}

/** Whether the page that asks is known to watch a session. */
export type Knows = (sessionId: string) => Promise<boolean>
const unknown: Knows = async () => false

export type Chat = ReturnType<typeof createChat>

export function createChat(deps: ChatDeps) {
  const { db, clock, logger, facts, channelOf, sessionOf, mayFollow } = deps
  const listeners: Tell[] = []
  /** The newest messages as they are told to each who comes in: thousands may come within a second. */
  const recent = new Map<string, Promise<Message[]>>()
  const tell: Tell = (channelId, news) => {
    recent.delete(channelId)
    for (const listener of listeners) listener(channelId, news)
  }
  const messages = createMessages({ db, clock })
  const settings = createSettings({ db, clock })
  const moderation = createModeration({ ...deps, messages, settings, tell })
  const polls = createPolls({ ...deps, requireModerator: moderation.requireModerator, tell })
  /** When each person wrote last, where a channel is slow. */
  const lastWritten = new Map<string, number>()

  function findRecent(channelId: string): Promise<Message[]> {
    const known = recent.get(channelId)
    if (known) return known
    const found = messages.before(channelId, null)
    recent.set(channelId, found)
    found.catch(() => recent.delete(channelId))
    if (recent.size > CHANNELS_KEPT) recent.delete(recent.keys().next().value!)
    return found
  }

  async function findPinned(channelId: string): Promise<Message | null> {
    const { pinnedId } = await settings.of(channelId)
    if (pinnedId === null) return null
    const message = await messages.get(channelId, pinnedId)
    return message.state === 'shown' ? plainOf(message) : null
  }

  async function whereIs(idOrSlug: string): Promise<{ channelId: string }> {
    return { channelId: (await channelOf(idOrSlug)).id }
  }

  /** Throws where what is on now is not for them. */
  async function requireFollower(channelId: string, userId: string | null, knows: Knows = unknown): Promise<void> {
    const sessionId = await sessionOf(channelId)
    if (sessionId === null || (await mayFollow(userId, sessionId, await knows(sessionId)))) return
    throw new DomainError('forbidden', 'not_for_you', 'This chat is not open to you just now.')
  }

  /** Without what was said during shows that are not for them. */
  async function readable(all: Message[], userId: string | null, knows: Knows = unknown): Promise<Message[]> {
    const may = new Map<string | null, boolean>([[null, true]])
    for (const { sessionId } of all) {
      if (sessionId !== null && !may.has(sessionId)) {
        may.set(sessionId, await mayFollow(userId, sessionId, await knows(sessionId)))
      }
    }
    return all.filter(({ sessionId }) => may.get(sessionId))
  }

  /** What somebody sees who comes in, or comes back having everything up to a position. */
  async function enter(
    idOrSlug: string,
    user: Pick<User, 'id' | 'role'> | null,
    after: number | null = null,
    knows: Knows = unknown,
  ) {
    const channel = await channelOf(idOrSlug)
    const userId = user?.id ?? null
    await requireFollower(channel.id, userId, knows)
    const missed = after === null ? null : await messages.since(channel.id, after)
    const pinned = await findPinned(channel.id)
    return {
      channelId: channel.id,
      /** Whether what follows is to be added to what the page has, or to stand in its place. */
      isAddition: missed !== null,
      messages: await readable(missed?.messages ?? (await findRecent(channel.id)), userId, knows),
      removed: missed?.removed ?? [],
      settings: publicSettings(await settings.of(channel.id)),
      pinned: pinned ? ((await readable([pinned], userId, knows))[0] ?? null) : null,
      poll: await polls.current(channel.id),
      ownVote: user ? await polls.voteOf(channel.id, user.id) : null,
      role: user ? await moderation.roleOf(channel, user) : null,
    }
  }

  /** The overlay shows what its channel's owner sees. */
  async function enterOverlay(secret: string) {
    const { id, ownerId } = await channelOf(await settings.channelOfOverlay(secret))
    return enter(id, await deps.personOf(ownerId))
  }

  async function write(
    user: User,
    idOrSlug: string,
    { text: given, key, replyTo }: Written,
    address: string,
    knows?: Knows,
  ) {
    const channel = await channelOf(idOrSlug)
    await requireFollower(channel.id, user.id, knows)
    const again = await messages.sent(channel.id, user.id, key)
    if (again) return plainOf(again)
    const text = tidy(given)
    if (text === '' || text.length > TEXT_LENGTH) {
      throw new DomainError('invalid', 'bad_length', `A message has 1 to ${TEXT_LENGTH} characters.`)
    }
    if (channel.suspendedAt !== null) throw new DomainError('forbidden', 'channel_suspended', 'This channel is closed.')
    const role = await moderation.roleOf(channel, user)
    const network = createHash('sha256').update(address).digest('base64url').slice(0, 22)
    const heldReason = role === null ? await judge(channel, user, text, network) : null
    moderation.seen(user.id, network)
    const { message, isNew } = await messages.add(
      {
        channelId: channel.id,
        sessionId: await sessionOf(channel.id),
        kind: 'chat',
        author: { id: user.id, name: user.name, badges: badgesOf(role) },
        text,
        reply: replyTo === undefined ? null : await quote(channel.id, replyTo),
        key,
        heldReason,
      },
      (added) =>
        tell(
          channel.id,
          heldReason === null ? { type: 'shown', message: plainOf(added) } : { type: 'held', message: added },
        ),
    )
    if (isNew && heldReason) logger.debug({ channelId: channel.id, userId: user.id, heldReason }, 'message held')
    return plainOf(message)
  }

  async function quote(channelId: string, id: string): Promise<Message['reply']> {
    const { author, text, state } = await messages.get(channelId, id)
    if (state !== 'shown') throw new DomainError('not_found', 'no_such_message', 'What you reply to is gone.')
    return { id, name: author?.name ?? '', text: text.slice(0, 120) }
  }

  /** Throws where the message may not be; otherwise why it must wait, or null. */
  async function judge(channel: ChatChannel, user: User, text: string, network: string): Promise<string | null> {
    const rules = await settings.of(channel.id)
    if (!rules.settings.isOpen) throw new DomainError('forbidden', 'chat_closed', 'This chat is closed just now.')
    await moderation.requireWelcome(channel.id, user.id)
    await requireWriter(channel.id, user.id, rules.settings)
    if (!rules.settings.areLinksAllowed && holdsLink(text)) {
      throw new DomainError('forbidden', 'no_links', 'Links are not allowed in this chat.')
    }
    if (rules.refused(text)) throw new DomainError('forbidden', 'word_refused', 'This chat does not take such words.')
    const reason = await whyHeld(channel.id, user.id, text, network)
    takeTurn(channel.id, user.id, rules.settings.slowSeconds)
    return reason
  }

  async function whyHeld(channelId: string, userId: string, text: string, network: string): Promise<string | null> {
    const { held, settings: rules } = await settings.of(channelId)
    const word = held(text)
    if (word) return `word: ${word}`
    if (rules.holdsAll) return 'review'
    if (rules.holdsFirst && !(await messages.hasSpoken(channelId, userId))) return 'first message'
    return (await moderation.isNearBanned(channelId, userId, network)) ? 'same address as somebody banned' : null
  }

  /** In slow mode each person waits between two messages. Checked and taken in one step: two tabs are one person. */
  function takeTurn(channelId: string, userId: string, slowSeconds: number): void {
    if (slowSeconds === 0) return
    const who = `${channelId} ${userId}`
    const waitMs = (lastWritten.get(who) ?? Number.NEGATIVE_INFINITY) + slowSeconds * 1_000 - clock.now()
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1_000)
      const message = `Slow mode: you can write again in ${retryAfterSeconds} s.`
      throw new DomainError('rate_limited', 'slow_mode', message, { retryAfterSeconds })
    }
    lastWritten.delete(who)
    lastWritten.set(who, clock.now())
    for (const [oldest, at] of lastWritten) {
      if (lastWritten.size < 10_000 && clock.now() - at < 3_600_000) break
      lastWritten.delete(oldest)
    }
  }

  async function requireWriter(channelId: string, userId: string, rules: Settings): Promise<void> {
    const { writers, followedMinutes, memberTier } = rules
    if (writers === 'verified' && !(await facts.isVerified?.(userId))) {
      throw new DomainError('forbidden', 'verified_only', 'Confirm your e-mail address to write here.')
    }
    if (writers === 'followers') {
      const since = (await facts.followsSince?.(userId, channelId)) ?? null
      if (since === null || clock.now() - since < followedMinutes * 60_000) {
        const message = followedMinutes
          ? `Followers of ${followedMinutes} minutes write here.`
          : 'Followers write here.'
        throw new DomainError('forbidden', 'followers_only', message)
      }
    }
    if (writers === 'members' && ((await facts.memberTier?.(userId, channelId)) ?? -1) < memberTier) {
      throw new DomainError('forbidden', 'members_only', 'Members of this channel write here.')
    }
  }

  /** The choices of `writers` this node can keep. */
  function writersOnOffer(): Writers[] {
    return [
      'everyone',
      ...(facts.isVerified ? (['verified'] as const) : []),
      ...(facts.followsSince ? (['followers'] as const) : []),
      ...(facts.memberTier ? (['members'] as const) : []),
    ]
  }

  async function readSettings(actor: User, idOrSlug: string) {
    const { channel } = await moderation.requireModerator(actor, idOrSlug)
    return { settings: (await settings.of(channel.id)).settings, writersOnOffer: writersOnOffer() }
  }

  async function changeSettings(actor: User, idOrSlug: string, change: Partial<Settings>) {
    const { channel } = await moderation.requireModerator(actor, idOrSlug)
    if (change.writers && !writersOnOffer().includes(change.writers)) {
      throw new DomainError('invalid', 'not_on_offer', 'This node does not know who that would be.')
    }
    await settings.update(channel.id, actor.id, change)
    await moderation.record(actor, channel.id, 'settings', { reason: Object.keys(change).join(', ') })
    tell(channel.id, { type: 'settings', settings: publicSettings(await settings.of(channel.id)) })
    return readSettings(actor, channel.id)
  }

  async function renewOverlay(actor: User, idOrSlug: string): Promise<string> {
    const { channel } = await moderation.requireOwner(actor, idOrSlug)
    return settings.renewOverlay(channel.id, actor.id)
  }

  async function history(idOrSlug: string, user: User | null, before: number | null, limit: number) {
    const { id } = await channelOf(idOrSlug)
    await requireFollower(id, user?.id ?? null)
    return readable(await messages.before(id, before, limit), user?.id ?? null)
  }

  /** Whoever votes or flags must be welcome, and let in to what is on. */
  async function requireGuest(user: User, idOrSlug: string): Promise<void> {
    const { id } = await channelOf(idOrSlug)
    await requireFollower(id, user.id)
    await moderation.requireWelcome(id, user.id)
  }

  async function vote(user: User, idOrSlug: string, pollId: string, choice: number): Promise<Poll> {
    await requireGuest(user, idOrSlug)
    return polls.vote(user, idOrSlug, pollId, choice)
  }

  async function flag(user: User, idOrSlug: string, messageId: string, reason: string): Promise<void> {
    await requireGuest(user, idOrSlug)
    const { id } = await channelOf(idOrSlug)
    const [message] = await readable([plainOf(await messages.get(id, messageId))], user.id)
    if (!message) throw new DomainError('not_found', 'no_such_message', 'There is no such message.')
    await moderation.flag(user, idOrSlug, messageId, reason)
  }

  return {
    whereIs,
    requireFollower,
    vote,
    flag,
    enter,
    write,
    history,
    readSettings,
    changeSettings,
    renewOverlay,
    channelOfOverlay: settings.channelOfOverlay,
    enterOverlay,
    moderation,
    polls,
    persons: createPersons(db),
    /** Hears everything that happens, in order. */
    listen: (listener: Tell) => void listeners.push(listener),
  }
}

function badgesOf(role: Badge | null): Badge[] {
  return role === null ? [] : [role]
}

/** One line of text: no control characters, no marks that turn the page's direction, no tower of accents. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, '')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .trim()
}
