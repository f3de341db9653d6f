import { signal } from '@preact/signals'
import { openSocket } from '../api/socket.ts'
import { toast } from '../ui/parts.tsx'
import type { NoticeView } from './notices-api.ts'

/** How many notices are unread; a hundred stands for many. */
export const unread = signal(0)

/** The newest that came while the page was open. */
export const newest = signal<NoticeView | null>(null)

const TRY_AGAIN_MS = 5_000

/** Hears what this account is told, at once, until stopped. */
export function followNotices(): () => void {
  const stopping = new AbortController()

  async function follow(): Promise<void> {
    const line = openSocket()
    const socket = await line.socket.catch((error: unknown) => {
      line.release()
      throw error
    })
    if (stopping.signal.aborted) return line.release()
    const heard = {
      async connect() {
        const answer = await socket.emitWithAck('notices', {})
        if (typeof answer?.unread === 'number') unread.value = answer.unread
      },
      notice(notice: NoticeView) {
        newest.value = notice
        unread.value += 1
        toast(notice.title)
      },
      'notices.again': () => heard.connect(),
      'notices.read'(told: { unread: number }) {
        unread.value = told.unread
      },
    }
    for (const [event, hear] of Object.entries(heard)) socket.on(event, hear)
    if (socket.connected) await heard.connect()
    stopping.signal.addEventListener('abort', () => {
      for (const [event, hear] of Object.entries(heard)) socket.off(event, hear)
      line.release()
    })
  }

  function persist(): void {
    follow().catch(() => {
      if (!stopping.signal.aborted) setTimeout(persist, TRY_AGAIN_MS)
    })
  }
  persist()
  return () => stopping.abort()
}
