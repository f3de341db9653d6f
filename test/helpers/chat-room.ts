import { createChat, type Facts, type News } from '../../src/chat/chat.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { peopleSide } from './people.ts'

/** What is on, and for whom; all when not said. */
export interface Show {
  sessionId?: string
  guests?: Set<string | null>
}

/** A channel of Olga's with its chat, on the real rooms; `news` is what was told, in order. */
export async function chatRoom(facts: Facts = {}, show: Show = {}) {
  const side = await peopleSide()
  const { db, clock, accounts, channels } = side
  const olga = await side.person('Olga', 'creator')
  const channel = await channels.create(olga.user, { name: 'Night radio' })
  const chat = createChat({
    db,
    clock,
    logger: createLogger('silent'),
    facts,
    people: side.people,
    channelOf: channels.get,
    sessionOf: async () => show.sessionId ?? null,
    mayFollow: async (userId) => show.guests?.has(userId) ?? true,
    personOf: accounts.find,
  })
  const news: News[] = []
  chat.listen((_channel, one) => news.push(one))
  const say = (user: typeof olga.user, text: string, more: { key?: string; replyTo?: string; from?: string } = {}) => {
    const { key = newId(), from = '192.0.2.1', ...rest } = more
    return chat.write(user, channel.id, { text, key, ...rest }, from)
  }
  const shown = async () => (await chat.history(channel.id, olga.user, null, 100)).map(({ text }) => text)
  return { ...side, chat, channel, olga: olga.user, olgaAs: olga.as, news, say, shown }
}
