/**
 * The chat of one channel on one page. `chat.enter {channel, after?}` is answered with what was missed since position
 * `after`; where that cannot be said, `chat.history` brings the newest before the answer comes. Then `chat` brings packets
 * (see fan-out.ts), and moderators hear `chat.desk`. `chat.write` and `chat.react` are answered, so that a page knows what
 * became of its message. `chat.again` asks a page to come in anew.
 */
import { z } from 'zod'
import { DomainError } from '../platform/errors.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import { requireScope } from '../platform/scopes.ts'
import type { Socket, Sockets } from '../platform/sockets.ts'
import type { User } from '../platform/user.ts'
import type { Chat } from './chat.ts'
import { createFanOut } from './fan-out.ts'
import { createHistories } from './histories.ts'
import { createPlaces, type Page } from './places.ts'
import { createWhoIs, type WhoIs } from './who-is.ts'

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

const LIMITS: Limits = { perPerson: 8, perNetwork: 60, enters: 200 }
const FOR_DESKS = new Set(['held', 'decided', 'flagged'])
const FOR_OVERLAYS = new Set(['alert', 'goal'])
const OVERLAY_SHOWS = 20

export function chatSocket({ sockets, chat, userOf, mayKnow, limits = LIMITS, tickMs = 100 }: Deps) {
  const { io } = sockets
  const placeOf = (page: Page, userId: string | null, knows: (sessionId: string) => Promise<boolean>) =>
    chat.entrance.placeOf(page.channelId, userId, knows)
  const places = createPlaces({ sockets, placeOf, mayKnow })
  const fanOut = createFanOut({ tickMs, send: (room, packet) => void places.toRoom(room).emit('chat', packet) })
  const histories = createHistories({
    tickMs: tickMs / 4,
    send: (ids, history) => void io.to(ids).emit('chat.history', history),
  })
  const perPerson = createRateLimit({ points: limits.perPerson, seconds: 10 })
  const perNetwork = createRateLimit({ points: limits.perNetwork, seconds: 10 })
  const enters = createRateLimit({ points: limits.enters, seconds: 10 })
  const reactions = createRateLimit({ points: 30, seconds: 10 })
  const callers = new WeakMap<Socket, WhoIs>()

  chat.listen((channelId, news, within = null) => {
    if (news.type === 'renewed') places.closeOverlays(channelId)
    else if (FOR_OVERLAYS.has(news.type)) places.toOverlays(channelId).emit('chat.overlay', news)
    for (const room of places.roomsFor(channelId, within)) {
      if (FOR_DESKS.has(news.type)) places.toDesk(room).emit('chat.desk', news)
      else fanOut.tell(room, channelId, news)
    }
  })

  function whoIs(socket: Socket): WhoIs {
    const known = callers.get(socket) ?? createWhoIs(socket, userOf)
    callers.set(socket, known)
    return known
  }

  async function requireUser(socket: Socket): Promise<User> {
    const user = await whoIs(socket)()
    if (!user) throw new DomainError('unauthenticated', 'unauthenticated', 'Sign in to write.')
    if (user.scopes) requireScope(user.scopes, 'chat:write')
    return user
  }

  sockets.answer('chat.enter', Enter, async (socket, { channel, after }) => {
    await enters.take(socket.data.network)
    const caller = whoIs(socket)
    const user = await caller()
    if (user?.scopes) requireScope(user.scopes, 'chat:read')
    const knows = (sessionId: string) => mayKnow(socket, sessionId)
    // In the room before the history is read: what is said meanwhile comes twice at worst, and ids tell.
    const onPlace = (channelId: string, within: string | null) =>
      places.enter(socket, { channelId, within, isOverlay: false, whoIs: caller, forget: caller.forget })
    const { messages, ...seen } = await orLeave(
      socket,
      chat.entrance.enter(channel, user, after ?? null, knows, onPlace),
    )
    if (user) places.know(socket, user.id, seen.role !== null)
    const answer = { ...seen, user: user && { id: user.id, name: user.name } }
    if (seen.isAddition) return { ...answer, messages }
    await histories.tell(socket.id, { channelId: seen.channelId, messages })
    return answer
  })

  sockets.answer('chat.overlay', EnterOverlay, async (socket, { secret }) => {
    await enters.take(socket.data.network)
    const entered = chat.overlays.enter(secret, (owner, channelId, within) =>
      places.enter(socket, { channelId, within, isOverlay: true, whoIs: async () => owner, forget: () => {} }),
    )
    const { channelId, messages, poll, settings, goal } = await orLeave(socket, entered)
    return { channelId, messages: messages.slice(-OVERLAY_SHOWS), poll, settings, goal }
  })

  async function orLeave<Seen>(socket: Socket, entering: Promise<Seen>): Promise<Seen> {
    try {
      return await entering
    } catch (error) {
      places.leave(socket)
      throw error
    }
  }

  sockets.answer('chat.write', Write, async (socket, { channel, ...written }) => {
    const { network } = socket.data
    await perNetwork.take(network)
    const user = await requireUser(socket)
    await perPerson.take(user.id)
    const knows = (sessionId: string) => mayKnow(socket, sessionId)
    return { message: await chat.writing.write(user, channel, written, network, knows) }
  })

  sockets.answer('chat.react', React, async (socket, { channel, reaction }) => {
    const user = await requireUser(socket)
    await reactions.take(user.id)
    const page = places.of(socket)
    if (page?.channelId !== channel || page.isOverlay) return
    for (const room of places.roomsFor(channel, page.within)) fanOut.react(room, channel, reaction)
  })

  return { recheck: places.recheck, stop: fanOut.stop }
}
