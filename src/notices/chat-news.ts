import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Fact } from './notices.ts'

interface Message {
  id: string
  text: string
  sessionId: string | null
  author: { id: string; name: string } | null
  reply: { id: string } | null
}

interface ChatNewsOptions {
  db: Db
  clock: Clock
  tell(fact: Fact, userIds: readonly string[]): Promise<void>
  mayRead(userId: string, sessionId: string): Promise<boolean>
}

/** Who wrote lately can be called by name. */
const LATELY = 300
const MOST_CALLED = 5
/** Somebody who calls a person again and again is told of once in this time. */
const QUIET_MS = 10 * 60_000

/** Somebody was answered or called by name in a chat. */
export function createChatNews({ db, clock, tell, mayRead }: ChatNewsOptions) {
  async function addressed(channelId: string, message: Message): Promise<void> {
    const { author, text, sessionId, reply } = message
    if (!author || (reply === null && !text.includes('@'))) return
    const channel = await db
      .selectFrom('channel')
      .select(['slug', 'name'])
      .where('id', '=', channelId)
      .executeTakeFirst()
    if (!channel) return
    const people = new Set([...(await answered(reply)), ...(await called(channelId, text))])
    people.delete(author.id)
    const listening = await Promise.all(
      [...people].map(async (userId) => (sessionId === null || (await mayRead(userId, sessionId)) ? userId : null)),
    )
    const period = Math.floor(clock.now() / QUIET_MS)
    const fact: Fact = {
      fact: `chat ${channelId} ${author.id} ${period}`,
      kind: 'chat',
      title: `${author.name} in the chat of ${channel.name}`,
      text,
      path: `/c/${channel.slug}`,
    }
    await tell(
      fact,
      listening.filter((userId) => userId !== null),
    )
  }

  async function answered(reply: Message['reply']): Promise<string[]> {
    if (!reply) return []
    const row = await db.selectFrom('chatMessage').select('authorId').where('id', '=', reply.id).executeTakeFirst()
    return row?.authorId ? [row.authorId] : []
  }

  async function called(channelId: string, text: string): Promise<string[]> {
    const names = new Set([...text.matchAll(/@([\p{L}\p{N}_.-]{1,80})/gu)].map(([, name = '']) => plain(name)))
    if (names.size === 0) return []
    const lately = await db
      .selectFrom('chatMessage')
      .select(['authorId', 'authorName'])
      .where('channelId', '=', channelId)
      .where('position', 'is not', null)
      .orderBy('position', 'desc')
      .limit(LATELY)
      .execute()
    const found = lately.filter(({ authorName }) => names.has(plain(authorName ?? '')))
    return [...new Set(found.flatMap(({ authorId }) => authorId ?? []))].slice(0, MOST_CALLED)
  }

  return { addressed }
}

/** A name as it is called: without spaces, in any case; a sentence may end behind it. */
const plain = (name: string) =>
  name
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_')
    .replace(/[.-]+$/, '')
    .toLowerCase()
