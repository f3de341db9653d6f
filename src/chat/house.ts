/** What nobody in particular says: that the show began, that a poll has ended, what is for sale, what everybody should hear. */
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps, Knows } from './chat.ts'
import type { Keepers } from './keepers.ts'
import { type Card, type Message, plainOf } from './message-view.ts'
import type { Messages } from './messages.ts'
import type { Tell } from './news.ts'
import type { Poll } from './polls.ts'
import type { Records } from './records.ts'
import type { ChatSettings } from './settings.ts'

interface HouseDeps extends ChatDeps {
  keepers: Keepers
  records: Records
  messages: Messages
  settings: ChatSettings
  tell: Tell
}

/** What becomes of a show, as the chat tells it. */
export type ShowChange = 'started' | 'paused' | 'resumed' | 'ended' | 'updated'
interface Show {
  id: string
  channelId: string
  visibility: string
}

const nobody: Knows = async () => false
const SHOWS_REMEMBERED = 1_000
const SHOW_WORDS: Partial<Record<ShowChange, string>> = {
  started: 'The show has begun.',
  paused: 'The show is paused.',
  resumed: 'The show goes on.',
  ended: 'The show is over.',
}
const VISIBLE_WORDS: Record<string, string> = {
  public: 'The show is open to everybody now.',
  unlisted: 'The show is for those who have its address now.',
  followers: 'The show is for followers now.',
  members: 'The show is for members now.',
  ticket: 'The show is for those with a ticket now.',
  private: 'The show is for invited guests now.',
}

export type House = ReturnType<typeof createHouse>

export function createHouse({ sessionOf, standingOf, offerOf, ...deps }: HouseDeps) {
  const { keepers, records, messages, settings, tell } = deps
  /** How each show could be seen when it was last heard of, so that a change is noticed. */
  const visibilities = new Map<string, string>()

  interface Saying {
    kind: Message['kind']
    text: string
    sessionId: string | null
    author?: Message['author']
    card?: Card
  }
  async function say(channelId: string, { author = null, card, ...saying }: Saying): Promise<Message> {
    const standing = saying.sessionId === null ? null : await standingOf(null, saying.sessionId, nobody)
    const within = standing?.isSecret ? saying.sessionId : null
    const draft = { channelId, ...saying, author, card: card ?? null, reply: null, key: null, heldReason: null }
    const { message } = await messages.add(draft, (added) =>
      tell(channelId, { type: 'shown', message: plainOf(added) }, within),
    )
    return plainOf(message)
  }

  async function system(
    channelId: string,
    setting: 'tellsShows' | 'tellsPolls',
    text: string,
    sessionId: string | null,
  ): Promise<void> {
    if ((await settings.of(channelId)).settings[setting]) await say(channelId, { kind: 'system', text, sessionId })
  }

  async function tellShow(change: ShowChange, { id, channelId, visibility }: Show): Promise<void> {
    const before = visibilities.get(id)
    visibilities.delete(id)
    if (change !== 'ended') visibilities.set(id, visibility)
    if (visibilities.size > SHOWS_REMEMBERED) visibilities.delete(visibilities.keys().next().value!)
    const isSeenAnew = change === 'updated' && before !== undefined && before !== visibility
    const words = isSeenAnew ? VISIBLE_WORDS[visibility] : SHOW_WORDS[change]
    if (words) await system(channelId, 'tellsShows', words, id)
  }

  async function tellPoll({ channelId, sessionId, poll }: { channelId: string; sessionId: string | null; poll: Poll }) {
    const most = Math.max(...poll.choices.map(({ votes }) => votes))
    const leading = poll.choices.filter(({ votes }) => votes === most).map(({ text }) => text)
    const outcome = most === 0 ? 'Nobody voted.' : `${leading.join(', ')} (${most} of ${sumOf(poll)}).`
    await system(channelId, 'tellsPolls', `The poll has ended. ${poll.question} ${outcome}`, sessionId)
  }

  async function tellMember(channelId: string, { id, name }: { id: string; name: string }): Promise<void> {
    if (!(await settings.of(channelId)).settings.tellsMembers) return
    const author = { id, name, badges: [] }
    await say(channelId, { kind: 'system', text: 'is a member now.', sessionId: null, author })
  }

  async function announce(actor: User, idOrSlug: string, text: string): Promise<Message> {
    const { channel, role } = await keepers.requireModerator(actor, idOrSlug)
    const author = { id: actor.id, name: actor.name, badges: [role] }
    const sessionId = await sessionOf(channel.id)
    const message = await say(channel.id, { kind: 'announcement', text, sessionId, author })
    await records.add(actor, channel.id, 'announce', { messageId: message.id, reason: '' })
    return message
  }

  /** An offer of the channel, as a card with a button. */
  async function highlight(actor: User, idOrSlug: string, offerId: string): Promise<Message> {
    const { channel, role } = await keepers.requireModerator(actor, idOrSlug)
    const offer = await offerOf(channel.id, offerId)
    if (!offer) throw new DomainError('not_found', 'no_such_offer', 'This is not on sale here.')
    const author = { id: actor.id, name: actor.name, badges: [role] }
    const card: Card = { is: 'offer', ...offer }
    const sessionId = await sessionOf(channel.id)
    const message = await say(channel.id, { kind: 'product_highlight', text: offer.name, sessionId, author, card })
    await records.add(actor, channel.id, 'highlight', { messageId: message.id, reason: offer.name })
    return message
  }

  return { tellShow, tellPoll, tellMember, announce, highlight }
}

const sumOf = ({ choices }: Poll) => choices.reduce((sum, { votes }) => sum + votes, 0)
