/**
 * Tells pages what becomes of their right to watch. A page names its viewing once with `viewing {token, sessionId}` and
 * hears `withdrawn {sessionId, reason}` should it lose it; one that shows an offer asks with `rights` and hears `rights`
 * when those of its account have changed, so that it may ask again.
 */
import { z } from 'zod'
import { DomainError } from '../platform/errors.ts'
import type { Socket, Sockets } from '../platform/sockets.ts'
import type { Access, Concerned, Reason, Viewing } from './access.ts'

interface Deps {
  sockets: Sockets
  access: Pick<Access, 'verify' | 'mayKnow'>
  /** Who a socket's cookie belongs to; null for a stranger. */
  userIdOf(headers: Headers): Promise<string | null>
}

const Named = z.strictObject({ token: z.string().min(1).max(600), sessionId: z.string().min(1).max(100) })
const Nothing = z.strictObject({}).optional()

const roomOf = ({ sessionId, viewingId }: Pick<Viewing, 'sessionId' | 'viewingId'>) =>
  `viewing:${sessionId} ${viewingId}`
const userRoom = (userId: string) => `user:${userId}`

export function accessSocket({ sockets, access, userIdOf }: Deps) {
  const { io } = sockets
  const viewings = new WeakMap<Socket, Viewing>()

  function personOf(socket: Socket): Promise<string | null> {
    const { cookie } = socket.data
    return cookie === undefined ? Promise.resolve(null) : userIdOf(new Headers({ cookie }))
  }

  sockets.answer('viewing', Named, async (socket, { token, sessionId }) => {
    const viewing = await access.verify(token, sessionId)
    if (typeof viewing === 'string') throw new DomainError('forbidden', viewing, 'This is not a right to watch.')
    const before = viewings.get(socket)
    if (before) socket.leave(roomOf(before))
    viewings.set(socket, viewing)
    socket.join(roomOf(viewing))
  })
  sockets.answer('rights', Nothing, async (socket) => {
    const userId = await personOf(socket)
    if (userId !== null) socket.join(userRoom(userId))
  })

  return {
    withdrawn(viewing: Viewing, reason: Reason): void {
      io.to(roomOf(viewing)).emit('withdrawn', { sessionId: viewing.sessionId, reason })
    },
    rightsChanged({ userId }: Concerned): void {
      if (userId !== undefined) io.to(userRoom(userId)).emit('rights')
    },
    /** Whether the page behind a socket may learn of a session that is in no list: it is watching it, or might. */
    async mayKnow(socket: Socket, sessionId: string): Promise<boolean> {
      const viewing = viewings.get(socket)
      if (viewing?.sessionId === sessionId && viewing.closed === null) return true
      return access.mayKnow(await personOf(socket), sessionId)
    },
  }
}
