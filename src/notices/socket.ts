/**
 * The bell of a page: `notices` is answered with how many are unread, and from then on `notice` brings each new one at
 * once; `notices.read` keeps the bells of a person's other pages in step; after `notices.again` a page asks anew.
 */
import { z } from 'zod'
import { DomainError } from '../platform/errors.ts'
import type { Sockets } from '../platform/sockets.ts'
import type { User } from '../platform/user.ts'
import { noticeView } from './notice-view.ts'
import type { Notices } from './notices.ts'

interface Deps {
  sockets: Sockets
  notices: Pick<Notices, 'inbox' | 'listen'>
  userOf(headers: Headers): Promise<User | null>
}

const Nothing = z.strictObject({}).optional()
const roomOf = (userId: string) => `notices:${userId}`

export function noticesSocket({ sockets, notices, userOf }: Deps) {
  const { io } = sockets
  sockets.answer('notices', Nothing, async (socket) => {
    const { cookie } = socket.data
    const user = cookie === undefined ? null : await userOf(new Headers({ cookie }))
    if (!user) throw new DomainError('unauthenticated', 'unauthenticated', 'Sign in first.')
    await socket.join(roomOf(user.id))
    return { unread: await notices.inbox.unread(user) }
  })
  notices.listen((notice) => void io.to(roomOf(notice.userId)).emit('notice', noticeView(notice)))

  return {
    /** They read some of it on one page. */
    async wasRead(user: User): Promise<void> {
      io.to(roomOf(user.id)).emit('notices.read', { unread: await notices.inbox.unread(user) })
    },
    /** Some of their sign-ins ended: every page of theirs has to say anew whose it is. */
    askAgain(userId: string): void {
      io.to(roomOf(userId)).emit('notices.again')
      io.in(roomOf(userId)).socketsLeave(roomOf(userId))
    },
  }
}
