import { openSocket } from './socket.ts'
import type { SessionView } from './views.ts'

const TRY_AGAIN_MS = 3_000

export interface ChannelNews {
  onSession(session: SessionView | null): void
  onViewers(count: number): void
}

/**
 * Follows a channel's session and live count over Socket.IO until told to stop. The library comes as its own file, so the
 * page is painted before it; after a lost connection it asks again and is given the session as it then is.
 */
export function followChannel(channelId: string, news: ChannelNews): () => void {
  const stopping = new AbortController()
  let sessionId: string | null = null

  async function follow(): Promise<void> {
    const line = openSocket()
    const socket = await line.socket.catch((error: unknown) => {
      line.release()
      throw error
    })
    const watch = () => void socket.emit('watch', { channelId })
    const onSession = (session: SessionView | null) => {
      if (session !== null && session.channelId !== channelId) return
      sessionId = session?.id ?? null
      news.onSession(session)
    }
    const onViewers = (told: { sessionId: string; count: number }) => {
      if (told.sessionId === sessionId) news.onViewers(told.count)
    }
    const stop = () => {
      socket.off('connect', watch).off('session', onSession).off('viewers', onViewers)
      line.release()
    }
    if (stopping.signal.aborted) return stop()
    stopping.signal.addEventListener('abort', stop)
    socket.on('connect', watch).on('session', onSession).on('viewers', onViewers)
    if (socket.connected) watch()
  }

  function persist(): void {
    follow().catch(() => {
      if (!stopping.signal.aborted) setTimeout(persist, TRY_AGAIN_MS)
    })
  }
  persist()
  return () => stopping.abort()
}
