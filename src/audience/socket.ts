/**
 * Tells the pages that watch a channel what becomes of its session and how many are watching. A page asks once with
 * `watch {channelId}`; it is told the session as it is, then every change, then the count whenever it moved.
 */
import { z } from 'zod'
import type { Sockets } from '../platform/sockets.ts'
import type { Audience } from './audience.ts'

interface Session {
  id: string
  channelId: string
}

interface Deps {
  sockets: Sockets
  audience: Audience
  /** The channel's session as the world may see it, or null when there is none. */
  sessionOf(channelId: string): Session | null | Promise<Session | null>
  /** How often counts are told, milliseconds. */
  everyMs?: number
}

const Watch = z.strictObject({ channelId: z.string().min(1).max(100) })
const ROOM = 'channel:'

export function audienceSocket({ sockets, audience, sessionOf, everyMs = 2_000 }: Deps) {
  const { io } = sockets
  const told = new Map<string, number>()
  const sessions = new Map<string, Session | null>()

  io.on('connection', (socket) => {
    sockets.answer(socket, 'watch', Watch, async ({ channelId }) => {
      const session = await sessionOf(channelId)
      for (const room of socket.rooms) if (room.startsWith(ROOM)) socket.leave(room)
      socket.join(ROOM + channelId)
      sessions.set(channelId, session)
      socket.emit('session', session)
      if (session) socket.emit('viewers', viewersOf(session.id))
    })
  })
  io.of('/').adapter.on('delete-room', (room: string) => {
    if (room.startsWith(ROOM)) sessions.delete(room.slice(ROOM.length))
  })

  function viewersOf(sessionId: string) {
    return { sessionId, count: audience.count(sessionId) }
  }

  /** To be called at each change of a session: `null` once the channel has none to show. */
  function tellSession(channelId: string, session: Session | null): void {
    if (sessions.has(channelId)) sessions.set(channelId, session)
    io.to(ROOM + channelId).emit('session', session)
  }

  function tellCounts(): void {
    audience.sweep()
    const watched = new Set<string>()
    for (const [channelId, session] of sessions) {
      if (!session) continue
      watched.add(session.id)
      const viewers = viewersOf(session.id)
      if (told.get(session.id) === viewers.count) continue
      told.set(session.id, viewers.count)
      io.to(ROOM + channelId).emit('viewers', viewers)
    }
    for (const sessionId of told.keys()) if (!watched.has(sessionId)) told.delete(sessionId)
  }

  const timer = setInterval(tellCounts, everyMs)
  return { tellSession, stop: () => clearInterval(timer) }
}
