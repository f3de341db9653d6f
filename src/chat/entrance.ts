/** Who may come in to a channel's chat just now, and what they find there. */
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps, Knows } from './chat.ts'
import type { Keepers } from './keepers.ts'
import { type Message, plainOf } from './message-view.ts'
import type { Messages } from './messages.ts'
import type { Polls } from './polls.ts'
import type { Rules } from './rules.ts'
import type { ChatSettings } from './settings.ts'

const CHANNELS_KEPT = 200
const unknown: Knows = async () => false

/** Where somebody is: what is on for them, and which secret show that is, if it is one. */
export interface Place {
  sessionId: string | null
  within: string | null
}

interface EntranceDeps extends ChatDeps {
  keepers: Keepers
  messages: Messages
  settings: ChatSettings
  rules: Rules
  /** They ask here who may vote. */
  polls(): Polls
}

export type Entrance = ReturnType<typeof createEntrance>

export function createEntrance(deps: EntranceDeps) {
  const { channelOf, sessionOf, standingOf, keepers, messages, settings, rules, polls } = deps
  /** The newest messages as they are told to each who comes in: thousands may come within a second. */
  const recent = new Map<string, Promise<Message[]>>()

  function findRecent(channelId: string): Promise<Message[]> {
    const known = recent.get(channelId)
    if (known) return known
    const found = messages.before(channelId, null)
    recent.set(channelId, found)
    found.catch(() => recent.delete(channelId))
    if (recent.size > CHANNELS_KEPT) recent.delete(recent.keys().next().value!)
    return found
  }

  /** Throws where what is on is not for them. Of a secret show nobody else learns: to them nothing is on. */
  async function placeOf(channelId: string, userId: string | null, knows: Knows = unknown): Promise<Place> {
    const sessionId = await sessionOf(channelId)
    if (sessionId === null) return NOTHING_ON
    const { isSecret, mayKnow, mayFollow } = await standingOf(userId, sessionId, knows)
    if (mayFollow) return { sessionId, within: isSecret ? sessionId : null }
    if (!mayKnow) return NOTHING_ON
    throw new DomainError('forbidden', 'not_for_you', 'This chat is not open to you just now.')
  }

  /** The secret show something was said in, which only those inside may hear of. */
  async function withinOf(sessionId: string | null): Promise<string | null> {
    if (sessionId === null) return null
    return (await standingOf(null, sessionId, unknown)).isSecret ? sessionId : null
  }

  /** Sorted by the secret show they were said in; under null what anybody may hear of. */
  async function sorted<One extends { sessionId: string | null }>(all: One[]): Promise<Map<string | null, One[]>> {
    const found = new Map<string | null, One[]>()
    for (const one of all) {
      const within = await withinOf(one.sessionId)
      found.set(within, [...(found.get(within) ?? []), one])
    }
    return found
  }

  /** Without what was said during shows that are not for them. */
  async function readable<One extends { sessionId: string | null }>(
    all: One[],
    userId: string | null,
    knows: Knows = unknown,
  ): Promise<One[]> {
    const may = new Map<string | null, boolean>([[null, true]])
    for (const { sessionId } of all) {
      if (sessionId === null || may.has(sessionId)) continue
      may.set(sessionId, (await standingOf(userId, sessionId, knows)).mayFollow)
    }
    const isReadable = ({ sessionId }: One) => may.get(sessionId) === true
    return all.every(isReadable) ? all : all.filter(isReadable)
  }

  /** What somebody sees who comes in, or comes back having everything up to a position; `onPlace` before any of it is read. */
  async function enter(
    idOrSlug: string,
    user: Pick<User, 'id' | 'role'> | null,
    after: number | null = null,
    knows: Knows = unknown,
    onPlace: (channelId: string, within: string | null) => void = () => {},
  ) {
    const channel = await channelOf(idOrSlug)
    const userId = user?.id ?? null
    const { within } = await placeOf(channel.id, userId, knows)
    onPlace(channel.id, within)
    const missed = after === null ? null : await messages.since(channel.id, after)
    const poll = await polls().current(channel.id)
    const mayVote = poll !== null && (await readable([poll], userId, knows)).length > 0
    return {
      channelId: channel.id,
      /** Whether what follows is to be added to what the page has, or to stand in its place. */
      isAddition: missed !== null,
      messages: await readable(missed?.messages ?? (await findRecent(channel.id)), userId, knows),
      removed: missed?.removed ?? [],
      settings: await rules.publicRules(channel.id),
      pinned: await findPinned(channel.id, userId, knows),
      poll: mayVote ? poll.poll : null,
      ownVote: user && mayVote ? await polls().voteOf(poll.poll.id, user.id) : null,
      role: user ? await keepers.roleOf(channel, user) : null,
    }
  }

  async function findPinned(channelId: string, userId: string | null, knows: Knows): Promise<Message | null> {
    const { pinnedId } = await settings.of(channelId)
    if (pinnedId === null) return null
    const message = await messages.get(channelId, pinnedId)
    if (message.state !== 'shown') return null
    return (await readable([plainOf(message)], userId, knows))[0] ?? null
  }

  async function history(idOrSlug: string, user: User | null, before: number | null, limit: number) {
    const { id } = await channelOf(idOrSlug)
    await placeOf(id, user?.id ?? null)
    return readable(await messages.before(id, before, limit), user?.id ?? null)
  }

  return {
    ...{ placeOf, withinOf, sorted, readable, enter, history },
    forget: (channelId: string) => void recent.delete(channelId),
  }
}

const NOTHING_ON: Place = { sessionId: null, within: null }
