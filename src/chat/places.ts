/**
 * Which page is in which room. A page is in one room of one channel: with everybody, or with those inside a secret show, of
 * which the others hear nothing. What everybody is told, those inside are told as well, through their own room, so that
 * each page has one order.
 */
import type { Socket, Sockets } from '../platform/sockets.ts'
import type { User } from '../platform/user.ts'
import type { Place } from './entrance.ts'

const ROOM = 'chat:'
const DESK = 'chat-desk:'
const OVERLAY = 'chat-overlay:'
const PERSON = 'chat-person:'

/** The page of somebody in a channel's chat. */
export interface Page {
  channelId: string
  within: string | null
  isOverlay: boolean
  whoIs(): Promise<Pick<User, 'id' | 'role'> | null>
  forget(): void
}

export interface Concerned {
  userId?: string
  channelId?: string
}

interface PlacesDeps {
  sockets: Sockets
  placeOf(page: Page, userId: string | null, knows: (sessionId: string) => Promise<boolean>): Promise<Place>
  mayKnow(socket: Socket, sessionId: string): Promise<boolean>
}

const roomOf = (channelId: string, within: string | null) => `${channelId}${within === null ? '' : ` ${within}`}`

export function createPlaces({ sockets: { io }, placeOf, mayKnow }: PlacesDeps) {
  const pages = new WeakMap<Socket, Page>()
  const { adapter } = io.of('/')

  /** The rooms that hear news of a channel, or of a secret show in it. */
  function roomsFor(channelId: string, within: string | null): string[] {
    if (within !== null) return [roomOf(channelId, within)]
    const inside = [...(insides.get(channelId) ?? [])].map((show) => roomOf(channelId, show))
    return [channelId, ...inside]
  }
  /** The secret shows that somebody is inside of, by channel. */
  const insides = new Map<string, Set<string>>()
  adapter.on('delete-room', (name: string) => {
    const [channelId = '', within] = name.slice(ROOM.length).split(' ')
    if (name.startsWith(ROOM) && within) insides.get(channelId)?.delete(within)
    if (insides.get(channelId)?.size === 0) insides.delete(channelId)
  })

  function enter(socket: Socket, page: Page): void {
    leave(socket)
    pages.set(socket, page)
    const { channelId, within } = page
    if (within !== null) insides.set(channelId, (insides.get(channelId) ?? new Set()).add(within))
    socket.join(ROOM + roomOf(channelId, within))
    if (page.isOverlay) socket.join(OVERLAY + channelId)
  }

  function leave(socket: Socket): void {
    pages.delete(socket)
    for (const room of socket.rooms) if (room.startsWith('chat')) socket.leave(room)
  }

  function socketsIn(rooms: Iterable<string>): Socket[] {
    const ids = [...rooms].flatMap((room) => [...(adapter.rooms.get(room) ?? [])])
    return ids.flatMap((id) => io.of('/').sockets.get(id) ?? [])
  }

  function concernedBy({ userId, channelId }: Concerned): Socket[] {
    if (userId !== undefined) return socketsIn([PERSON + userId])
    if (channelId !== undefined) return socketsIn(roomsFor(channelId, null).map((room) => ROOM + room))
    return socketsIn([...adapter.rooms.keys()].filter((room) => room.startsWith(ROOM)))
  }

  /** Rights or what is on have changed: whoever belongs elsewhere now is out at once, and asks again. */
  async function recheck(concerned: Concerned): Promise<void> {
    // Strangers are all alike unless their pages know something: one answer serves thousands.
    const places = new Map<string, Promise<string | null | undefined>>()
    for (const socket of concernedBy(concerned)) {
      const page = pages.get(socket)
      if (!page || (concerned.channelId !== undefined && page.channelId !== concerned.channelId)) continue
      page.forget()
      const user = await page.whoIs()
      let isOwnAnswer = false
      const knows = (sessionId: string) => {
        isOwnAnswer = true
        return mayKnow(socket, sessionId)
      }
      const key = `${page.channelId} ${user?.id ?? ''}`
      const found =
        places.get(key) ??
        placeOf(page, user?.id ?? null, knows).then(
          ({ within }) => within,
          () => undefined,
        )
      const within = await found
      if (!isOwnAnswer) places.set(key, found)
      if (within === page.within && concerned.userId === undefined) continue
      leave(socket)
      socket.emit('chat.again')
    }
  }

  return {
    enter,
    leave,
    recheck,
    roomsFor,
    of: (socket: Socket) => pages.get(socket) ?? null,
    /** Whose page it is; one of a moderator hears what waits to be looked at. */
    know(socket: Socket, userId: string, isModerator: boolean): void {
      const page = pages.get(socket)
      socket.join(PERSON + userId)
      if (isModerator && page) socket.join(DESK + roomOf(page.channelId, page.within))
    },
    /** Overlays whose address is void: they are out, and told to ask again. */
    closeOverlays(channelId: string): void {
      for (const socket of socketsIn([OVERLAY + channelId])) {
        leave(socket)
        socket.emit('chat.again')
      }
    },
    toRoom: (room: string) => io.to(ROOM + room),
    toDesk: (room: string) => io.to(DESK + room),
    toOverlays: (channelId: string) => io.to(OVERLAY + channelId),
  }
}
