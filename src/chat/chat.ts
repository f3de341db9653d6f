/**
 * What people say beside a channel's stream. Owns every `chat…` table. Promises one order for everybody, each message
 * once however often it was sent, and nothing lost between two visits; what is taken away is gone from the screens and
 * kept for the log. Who follows, is a member or paid it does not know: such facts come in as functions.
 */
import type { People } from '../catalog/catalog.ts'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import { createEmotes } from './emotes.ts'
import { createEntrance } from './entrance.ts'
import { createHouse } from './house.ts'
import { createKeepers } from './keepers.ts'
import type { Message } from './message-view.ts'
import { createMessages } from './messages.ts'
import { createModeration } from './moderation.ts'
import type { News, Tell } from './news.ts'
import { createNotes } from './notes.ts'
import { createOverlays } from './overlays.ts'
import { createPaid, type Till } from './paid.ts'
import { createPersons } from './persons.ts'
import { createPolls } from './polls.ts'
import { createRecords } from './records.ts'
import { createRules, type Facts } from './rules.ts'
import { createSanctions } from './sanctions.ts'
import { createSettings } from './settings.ts'
import { createWriting } from './writing.ts'

export type { Facts } from './rules.ts'

export interface ChatChannel {
  id: string
  name: string
  ownerId: string
  suspendedAt: number | null
}

/** Whether the page that asks is known to watch a session. */
export type Knows = (sessionId: string) => Promise<boolean>

/** What a show is to somebody. */
export interface Standing {
  /** In no list: to whom it is unknown, nothing is on. */
  isSecret: boolean
  mayKnow: boolean
  mayFollow: boolean
}

/** What is for sale, as a card in the chat shows it. */
export interface OfferCard {
  offerId: string
  name: string
  amount: number
  currency: string
  digits: number
}

/** What this room has to say to the others. */
export interface ChatFacts {
  'message.shown': { channelId: string; message: Message }
}

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
  standingOf(userId: string | null, sessionId: string, knows: Knows): Promise<Standing>
  personOf(userId: string): Promise<Pick<User, 'id' | 'name' | 'role'> | null>
  /** An offer of a channel that is on sale now, or null. */
  offerOf(channelId: string, offerId: string): Promise<OfferCard | null>
  till: Till
  iconOf(bytes: Uint8Array, size: number): Promise<Buffer>
}

export type Chat = ReturnType<typeof createChat>

export function createChat(deps: ChatDeps) {
  const { db, clock } = deps
  const listeners: Tell[] = []
  const tell: Tell = (channelId, news, within = null) => {
    entrance.forget(channelId)
    for (const listener of listeners) listener(channelId, news, within)
  }
  const messages = createMessages({ db, clock })
  const settings = createSettings({ db, clock })
  const records = createRecords({ db, clock })
  const keepers = createKeepers({ ...deps, records })
  const emotes = createEmotes({ ...deps, keepers, onChange: (channelId) => rules.tellRules(channelId) })
  const sanctions = createSanctions({ ...deps, keepers, records, messages, tell })
  const paid = createPaid({
    ...deps,
    keepers,
    messages,
    tell,
    check: (wish) => writing.check(wish),
    onTerms: (channelId) => rules.tellRules(channelId),
    onSettled: (channelId) => overlays.tellGoal(channelId),
  })
  const rules = createRules({
    ...deps,
    ...{ keepers, records, settings, emotes, paid, tell },
    onGoal: (channelId) => overlays.tellGoal(channelId),
  })
  const entrance = createEntrance({ ...deps, keepers, messages, settings, rules, polls: () => polls })
  const polls = createPolls({ ...deps, entrance, keepers, sanctions, tell, onEnded: (poll) => house.tellPoll(poll) })
  const writing = createWriting({ ...deps, entrance, keepers, sanctions, messages, settings, rules, tell })
  const moderation = createModeration({ ...deps, entrance, keepers, records, sanctions, messages, settings, tell })
  const house = createHouse({ ...deps, keepers, records, messages, settings, tell })
  const overlays = createOverlays({ ...deps, keepers, settings, entrance, house, tell })
  const notes = createNotes({ ...deps, keepers })

  return {
    entrance,
    writing,
    polls,
    rules,
    keepers,
    sanctions,
    moderation,
    records,
    notes,
    house,
    overlays,
    emotes,
    paid,
    persons: createPersons(db),
    /** Hears everything that happens, in order. */
    listen: (listener: Tell) => void listeners.push(listener),
    /** What ended while the node was down. */
    async start() {
      await polls.start()
      await paid.catchUp()
    },
    stop: polls.stop,
  }
}

export type { News }
