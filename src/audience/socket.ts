/**
 * Tells the pages that watch a channel what becomes of its session and how many are watching. A page asks once with
 * `watch {channelId}`; it is told the session as it is, then every change, then the count whenever it moved. Of a session
 * that is in no list only those hear who may know of it: `show` names one that the page has the address of.
 */
import { z } from 'zod'
import type { Socket, Sockets } from '../platform/sockets.ts'
import type { Audience } from './audience.ts'

interface Session {
  id: string
  code: string
  channelId: string
  visibility: string
}

interface Deps {
  sockets: Sockets
  audience: Audience
  /** The channel's session as the world may see it, or null when there is none. */
  sessionOf(channelId: string): Session | null | Promise<Session | null>
  isSecret(visibility: string): boolean
  /** Whether whoever is behind a socket may know of a secret session. */
  mayKnow(socket: Socket, sessionId: string): Promise<boolean>
  /** How often counts are told, milliseconds. */
  everyMs?: number
}

const id = z.string().min(1).max(100)
const Watch = z.strictObject({ channelId: id, show: id.optional() })
const ROOM = 'channel:'
/** Those who may know of a session that is in no list. */
const INSIDE = 'inside:'

export function audienceSocket({ sockets, audience, sessionOf, isSecret, mayKnow, everyMs = 2_000 }: Deps) {
  const { io } = sockets
  const told = new Map<string, number>()
  const sessions = new Map<string, Session | null>()
  const shows = new WeakMap<Socket, string>()

  io.on('connection', (socket) => {
    sockets.answer(socket, 'watch', Watch, async ({ channelId, show }) => {
      const session = await sessionOf(channelId)
      for (const room of socket.rooms) if (room.startsWith(ROOM) || room.startsWith(INSIDE)) socket.leave(room)
      if (show === undefined) shows.delete(socket)
      else shows.set(socket, show)
      socket.join(ROOM + channelId)
      sessions.set(channelId, session)
      const seen = session && (await admitted(socket, session)) ? session : null
      socket.emit('session', seen)
      if (seen) socket.emit('viewers', viewersOf(seen.id))
    })
  })
  io.of('/').adapter.on('delete-room', (room: string) => {
    if (room.startsWith(ROOM)) sessions.delete(room.slice(ROOM.length))
  })

  /** Whether this page is told of the session; those who know of a secret one are kept apart. */
  async function admitted(socket: Socket, session: Session): Promise<boolean> {
    if (!isSecret(session.visibility)) return true
    const show = shows.get(socket)
    const hasAddress =
      session.visibility === 'unlisted' && (show === session.id || show?.toUpperCase() === session.code)
    if (!hasAddress && !(await mayKnow(socket, session.id))) return false
    socket.join(INSIDE + session.id)
    return true
  }

  function viewersOf(sessionId: string) {
    return { sessionId, count: audience.count(sessionId) }
  }

  const audienceRoom = (channelId: string, session: Session | null) =>
    session && isSecret(session.visibility) ? INSIDE + session.id : ROOM + channelId

  /** To be called at each change of a session: `null` once the channel has none to show. */
  async function tellSession(channelId: string, session: Session | null): Promise<void> {
    const before = sessions.get(channelId)
    if (before !== undefined) sessions.set(channelId, session)
    if (!session || !isSecret(session.visibility)) {
      io.to(ROOM + channelId).emit('session', session)
      return
    }
    if (before?.visibility !== session.visibility) await sortOut(channelId, session)
    io.to(INSIDE + session.id).emit('session', session)
    // As if nothing were on; told once, when it became a secret.
    if (before?.visibility !== session.visibility)
      io.to(ROOM + channelId)
        .except(INSIDE + session.id)
        .emit('session', null)
  }

  /** A session has just become a secret, or another kind of one: who may go on knowing? */
  async function sortOut(channelId: string, session: Session): Promise<void> {
    io.in(INSIDE + session.id).socketsLeave(INSIDE + session.id)
    for (const id of io.of('/').adapter.rooms.get(ROOM + channelId) ?? []) {
      const socket = io.of('/').sockets.get(id)
      if (socket) await admitted(socket, session)
    }
  }

  /** Sessions to which somebody has lost their right since the last look. */
  const lost = new Set<string>()

  /** Of those that are in no list, whoever may not know any more hears nothing more. */
  async function showOut(): Promise<void> {
    const ids = new Set(lost)
    lost.clear()
    for (const session of sessions.values()) {
      if (!session || !ids.has(session.id) || !isSecret(session.visibility)) continue
      for (const id of [...(io.of('/').adapter.rooms.get(INSIDE + session.id) ?? [])]) {
        const socket = io.of('/').sockets.get(id)
        const mayStay = !socket || (await admitted(socket, session).catch(() => false))
        if (!mayStay) socket.leave(INSIDE + session.id)
      }
    }
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
      io.to(audienceRoom(channelId, session)).emit('viewers', viewers)
    }
    for (const sessionId of told.keys()) if (!watched.has(sessionId)) told.delete(sessionId)
  }

  const timer = setInterval(() => {
    tellCounts()
    void showOut()
  }, everyMs)
  return {
    tellSession,
    /** Somebody may not watch this session any more: whoever may not even know of it is soon told nothing more. */
    onLost: (sessionId: string) => void lost.add(sessionId),
    stop: () => clearInterval(timer),
  }
}
