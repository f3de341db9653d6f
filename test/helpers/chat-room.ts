import { createChat } from '../../src/chat/chat.ts'
import type { News } from '../../src/chat/news.ts'
import type { Terms } from '../../src/chat/paid.ts'
import type { Facts } from '../../src/chat/rules.ts'
import { iconOf } from '../../src/live/live.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { peopleSide } from './people.ts'

/** What is on, and for whom; all when not said. Of a secret show only its guests know. */
export interface Show {
  sessionId?: string
  guests?: Set<string | null>
  isSecret?: boolean
}

/** A channel of Olga's with its chat, on the real rooms; `news` is what was told, in order. */
export async function chatRoom(facts: Facts = {}, show: Show = {}) {
  const side = await peopleSide()
  const { db, clock, accounts, channels } = side
  const olga = await side.person('Olga', 'creator')
  const channel = await channels.create(olga.user, { name: 'Night radio' })
  const till = fakeTill()
  const chat = createChat({
    db,
    clock,
    logger: createLogger('silent'),
    facts,
    people: side.people,
    channelOf: channels.get,
    sessionOf: async () => show.sessionId ?? null,
    async standingOf(userId) {
      const mayFollow = show.guests?.has(userId) ?? true
      const isSecret = show.isSecret ?? false
      return { isSecret, mayKnow: mayFollow || !isSecret, mayFollow }
    },
    personOf: accounts.find,
    offerOf: async (channelId, offerId) =>
      channelId === channel.id && offerId === 'vip'
        ? { offerId, name: 'VIP', amount: 900, currency: 'EUR', digits: 2 }
        : null,
    till,
    iconOf,
  })
  const news: News[] = []
  chat.listen((_channel, one) => news.push(one))
  const say = (user: typeof olga.user, text: string, more: { key?: string; replyTo?: string; from?: string } = {}) => {
    const { key = newId(), from = '192.0.2.1', ...rest } = more
    return chat.writing.write(user, channel.id, { text, key, ...rest }, from)
  }
  const shown = async () => (await chat.entrance.history(channel.id, olga.user, null, 100)).map(({ text }) => text)
  return { ...side, chat, channel, olga: olga.user, olgaAs: olga.as, news, say, shown, till }
}

/** A till whose orders stand as a test says. */
function fakeTill() {
  const states = new Map<string, string>()
  const terms: { now: Terms | null } = { now: { offerId: 'm', least: 100, currency: 'EUR', digits: 2, isTest: true } }
  return {
    states,
    termsOf: async () => terms.now,
    async begin() {
      const orderId = `purchase:${newId()}`
      states.set(orderId, 'open')
      return { orderId, url: `https://till.example/${orderId}` }
    },
    stateOf: async (orderId: string) => states.get(orderId) ?? null,
    async setTerms(_actor: unknown, _channel: string, wanted: { least: number; currency: string } | null) {
      terms.now = wanted && { offerId: 'm', digits: 2, isTest: true, ...wanted }
    },
  }
}
