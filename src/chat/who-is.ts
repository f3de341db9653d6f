import type { Socket } from '../platform/sockets.ts'
import type { User } from '../platform/user.ts'

/** How long an answer of who somebody is is believed: a ban from the node or a lost sign-in counts after this. */
const KNOWN_MS = 5_000

export type WhoIs = ReturnType<typeof createWhoIs>

/** Who holds this socket, by the headers it came with; asked again after a while, or when it was told to forget. */
export function createWhoIs(socket: Socket, userOf: (headers: Headers) => Promise<User | null>) {
  const { cookie, authorization } = socket.data
  if (!cookie && !authorization) return NOBODY
  let known: Promise<User | null> = Promise.resolve(null)
  let askedAt = Number.NEGATIVE_INFINITY
  async function whoIs(): Promise<User | null> {
    if (performance.now() - askedAt > KNOWN_MS) {
      askedAt = performance.now()
      const headers = new Headers()
      if (cookie) headers.set('cookie', cookie)
      if (authorization) headers.set('authorization', authorization)
      known = userOf(headers)
    }
    return known
  }
  const forget = () => {
    askedAt = Number.NEGATIVE_INFINITY
  }
  return Object.assign(whoIs, { forget })
}

/** Most readers are strangers, and share this. */
const NOBODY = Object.assign(async () => null, { forget: () => {} })
