/**
 * The chat of one channel on one page. `chat.enter {channel, after?}` answers with the history, or with what was missed
 * since position `after`; then `chat` brings packets (see fan-out.ts), and moderators hear `chat.desk`. `chat.write` and
 * `chat.react` are answered, so that a page knows what became of its message.
 */
import { z } from 'zod'
import { DomainError } from '../platform/errors.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import type { Socket, Sockets } from '../platform/sockets.ts'
import type { User } from '../platform/user.ts'
import type { Chat } from './chat.ts'
import { createFanOut } from './fan-out.ts'

export const REACTIONS = ['❤️', '👏', '😂', '🔥', '😮', '🎉'] as const

const ChannelName = z.string().min(1).max(100)
const Enter = z.strictObject({ channel: ChannelName, after: z.number().int().min(0).nullable().optional() })
const EnterOverlay = z.strictObject({ secret: z.string().min(10).max(100) })
const Write = z.strictObject({
  channel: ChannelName,
  text: z.string().min(1).max(2_000),
  key: z.string().min(8).max(64),
  replyTo: z.string().max(64).optional(),
})
const React = z.strictObject({ channel: ChannelName, reaction: z.enum(REACTIONS) })

export interface Limits {
  /** What one person may write, and what all of one network may, in ten seconds. */
  perPerson: number
  perNetwork: number
  /** How often pages of one network may come in, in ten seconds. */
  enters: number
}

interface Deps {
  sockets: Sockets
  chat: Chat
  userOf(headers: Headers): Promise<User | null>
  /** Whether the page behind a socket watches a session, or may know of it. */
  mayKnow(socket: Socket, sessionId: string): Promise<boolean>
  limits?: Limits
  tickMs?: number
}

const ROOM = 'chat:'
const DESK = 'chat-desk:'
/** How long an answer of who somebody is is believed: a ban from the node or a lost sign-in counts after this. */
const KNOWN_MS = 5_000
const LIMITS: Limits = { perPerson: 8, perNetwork: 60, enters: 200 }

export function chatSocket({ sockets, chat, userOf, mayKnow, limits = LIMITS, tickMs = 100 }: Deps) {
  const { io } = sockets
  const fanOut = createFanOut({
    tickMs,
    send: (packet) => void io.to(ROOM + packet.channelId).emit('chat', packet),
  })
  const perPerson = createRateLimit({ points: limits.perPerson, seconds: 10 })
  const perNetwork = createRateLimit({ points: limits.perNetwork, seconds: 10 })
  const enters = createRateLimit({ points: limits.enters, seconds: 10 })
  const reactions = createRateLimit({ points: 30, seconds: 10 })

  chat.listen((channelId, news) => {
    fanOut.tell(channelId, news)
    if (['held', 'decided', 'flagged'].includes(news.type)) io.to(DESK + channelId).emit('chat.desk', news)
  })

  const pages = new Map<Socket, Page>()

  /** Rights or what is on have changed: whoever may not follow any more is out at once, and all of them ask again. */
  async function recheck(concerned: { userId?: string; channelId?: string }): Promise<void> {
    for (const [socket, { whoIs, inside, leave }] of pages) {
      if (concerned.userId !== undefined && whoIs.last() !== concerned.userId) continue
      whoIs.forget()
      const user = await whoIs()
      for (const channelId of inside) {
        if (concerned.channelId !== undefined && channelId !== concerned.channelId) continue
        const may = chat.requireFollower(channelId, user?.id ?? null, (sessionId) => mayKnow(socket, sessionId))
        const isFine = await may.then(
          () => concerned.userId === undefined,
          () => false,
        )
        if (isFine) continue
        leave()
        socket.emit('chat.again')
      }
    }
  }

  io.on('connection', (socket) => {
    const network = sockets.networkOf(socket)
    const whoIs = createWhoIs(socket, userOf)
    const inside = new Set<string>()
    const knows = (sessionId: string) => mayKnow(socket, sessionId)
    pages.set(socket, { whoIs, inside, leave })
    socket.on('disconnect', () => pages.delete(socket))

    async function requireUser(): Promise<User> {
      const user = await whoIs()
      if (!user) throw new DomainError('unauthenticated', 'unauthenticated', 'Sign in to write.')
      return user
    }

    sockets.answer(socket, 'chat.enter', Enter, async ({ channel, after }) => {
      await enters.take(network)
      const user = await whoIs()
      const { channelId } = await chat.whereIs(channel)
      // In the room before the history is read: what is said meanwhile comes twice at worst, and ids tell.
      leave()
      await socket.join(ROOM + channelId)
      const seen = await chat.enter(channelId, user, after ?? null, knows).catch((error: unknown) => {
        leave()
        throw error
      })
      if (seen.role !== null) await socket.join(DESK + channelId)
      inside.add(channelId)
      return { ...seen, user: user && { id: user.id, name: user.name } }
    })

    sockets.answer(socket, 'chat.overlay', EnterOverlay, async ({ secret }) => {
      await enters.take(network)
      const channelId = await chat.channelOfOverlay(secret)
      leave()
      await socket.join(ROOM + channelId)
      const { messages, poll } = await chat.enterOverlay(secret)
      return { channelId, messages: messages.slice(-20), poll }
    })

    sockets.answer(socket, 'chat.write', Write, async ({ channel, ...written }) => {
      await perNetwork.take(network)
      const user = await requireUser()
      await perPerson.take(user.id)
      return { message: await chat.write(user, channel, written, network, knows) }
    })

    sockets.answer(socket, 'chat.react', React, async ({ channel, reaction }) => {
      const user = await requireUser()
      await reactions.take(user.id)
      if (inside.has(channel)) fanOut.react(channel, reaction)
    })

    function leave(): void {
      inside.clear()
      for (const room of socket.rooms) if (room.startsWith(ROOM) || room.startsWith(DESK)) socket.leave(room)
    }
  })

  return { recheck, stop: fanOut.stop }
}

interface Page {
  whoIs: ReturnType<typeof createWhoIs>
  inside: Set<string>
  leave(): void
}

/** Who holds this socket, by the headers it came with; asked again after a while, or when it was told to forget. */
function createWhoIs(socket: Socket, userOf: Deps['userOf']) {
  const { cookie, authorization } = socket.handshake.headers
  let known: Promise<User | null> = Promise.resolve(null)
  let last: string | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  async function whoIs(): Promise<User | null> {
    if ((cookie || authorization) && performance.now() - askedAt > KNOWN_MS) {
      askedAt = performance.now()
      const headers = new Headers()
      if (cookie) headers.set('cookie', cookie)
      if (authorization) headers.set('authorization', authorization)
      known = userOf(headers)
    }
    const user = await known
    if (user) last = user.id
    return user
  }
  const forget = () => {
    askedAt = Number.NEGATIVE_INFINITY
  }
  return Object.assign(whoIs, { forget, last: () => last })
}
