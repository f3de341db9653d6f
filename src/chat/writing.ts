/** From what somebody typed to a message: who may write, what may be said, what a moderator looks at first. */
import { createHash } from 'node:crypto'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatChannel, ChatDeps, Knows } from './chat.ts'
import type { Entrance, Place } from './entrance.ts'
import type { Keepers } from './keepers.ts'
import { type Message, plainOf, TEXT_LENGTH } from './message-view.ts'
import type { Messages } from './messages.ts'
import type { Tell } from './news.ts'
import type { Rules } from './rules.ts'
import type { Sanctions } from './sanctions.ts'
import type { ChatSettings } from './settings.ts'
import { createTurns } from './turns.ts'
import { holdsLink } from './word-filter.ts'

export interface Written {
  text: string
  /** Made by the sender, the same at every attempt. */
  key: string
  replyTo?: string | undefined
}

/** Somebody who wants to say something in a channel, and from where. */
export interface Wish {
  user: User
  channel: ChatChannel
  text: string
  address: string
  knows?: Knows | undefined
}

/** What may be said, tidied, and why it must wait, or null. */
export interface Checked extends Place {
  text: string
  heldReason: string | null
  badges: NonNullable<Message['author']>['badges']
}

interface WritingDeps extends ChatDeps {
  entrance: Entrance
  keepers: Keepers
  sanctions: Sanctions
  messages: Messages
  settings: ChatSettings
  rules: Rules
  tell: Tell
}

export type Writing = ReturnType<typeof createWriting>

export function createWriting(deps: WritingDeps) {
  const { clock, logger, channelOf, entrance, keepers, sanctions, messages, settings, rules, tell } = deps
  const turns = createTurns(clock)

  async function write(
    user: User,
    idOrSlug: string,
    { text: given, key, replyTo }: Written,
    address: string,
    knows?: Knows,
  ): Promise<Message> {
    const channel = await channelOf(idOrSlug)
    const again = await messages.sent(channel.id, user.id, key)
    if (again) return plainOf(again)
    const { text, heldReason, badges, sessionId, within } = await check({ user, channel, text: given, address, knows })
    const draft = {
      channelId: channel.id,
      sessionId,
      kind: 'chat' as const,
      author: { id: user.id, name: user.name, badges },
      text,
      reply: replyTo === undefined ? null : await quote(channel.id, replyTo, user, knows),
      key,
      heldReason,
      card: null,
    }
    const { message, isNew } = await messages.add(draft, (added) =>
      tell(
        channel.id,
        heldReason === null ? { type: 'shown', message: plainOf(added) } : { type: 'held', message: added },
        within,
      ),
    )
    if (isNew && heldReason) logger.debug({ channelId: channel.id, userId: user.id, heldReason }, 'message held')
    return plainOf(message)
  }

  async function quote(channelId: string, id: string, user: User, knows?: Knows): Promise<Message['reply']> {
    const message = await messages.get(channelId, id)
    const [seen] = await entrance.readable([message], user.id, knows)
    if (seen?.state !== 'shown') throw new DomainError('not_found', 'no_such_message', 'What you reply to is gone.')
    return { id, name: seen.author?.name ?? '', text: seen.text.slice(0, 120) }
  }

  /** Throws where this person may not say this here and now. */
  async function check({ user, channel, text: given, address, knows }: Wish): Promise<Checked> {
    const place = await entrance.placeOf(channel.id, user.id, knows)
    const text = tidy(given)
    if (text === '' || text.length > TEXT_LENGTH) {
      throw new DomainError('invalid', 'bad_length', `A message has 1 to ${TEXT_LENGTH} characters.`)
    }
    if (channel.suspendedAt !== null) throw new DomainError('forbidden', 'channel_suspended', 'This channel is closed.')
    const role = await keepers.roleOf(channel, user)
    const network = createHash('sha256').update(address).digest('base64url').slice(0, 22)
    const heldReason = role === null ? await judge(channel, user, text, network) : null
    sanctions.seen(user.id, network)
    return { ...place, text, heldReason, badges: await rules.badgesOf(channel.id, user.id, role) }
  }

  async function judge(channel: ChatChannel, user: User, text: string, network: string): Promise<string | null> {
    const { settings: wanted, refused } = await settings.of(channel.id)
    if (!wanted.isOpen) throw new DomainError('forbidden', 'chat_closed', 'This chat is closed just now.')
    await sanctions.requireWelcome(channel.id, user.id)
    await rules.requireWriter(channel.id, user.id, wanted)
    if (!wanted.areLinksAllowed && holdsLink(text)) {
      throw new DomainError('forbidden', 'no_links', 'Links are not allowed in this chat.')
    }
    if (refused(text)) throw new DomainError('forbidden', 'word_refused', 'This chat does not take such words.')
    const reason = await whyHeld(channel.id, user.id, text, network)
    turns.take(channel.id, user.id, wanted.slowSeconds)
    return reason
  }

  async function whyHeld(channelId: string, userId: string, text: string, network: string): Promise<string | null> {
    const { held, settings: wanted } = await settings.of(channelId)
    const word = held(text)
    if (word) return `word: ${word}`
    if (wanted.holdsAll) return 'review'
    if (wanted.holdsFirst && !(await messages.hasSpoken(channelId, userId))) return 'first message'
    return (await sanctions.isNearBanned(channelId, userId, network)) ? 'same address as somebody banned' : null
  }

  return { write, check }
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
