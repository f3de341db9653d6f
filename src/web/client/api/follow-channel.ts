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
    const { io } = await import('socket.io-client')
    if (stopping.signal.aborted) return
    const socket = io({ transports: ['websocket', 'polling'], reconnectionDelayMax: 4_000 })
    stopping.signal.addEventListener('abort', () => socket.disconnect())
    socket.on('connect', () => socket.emit('watch', { channelId }))
    socket.on('session', (session: SessionView | null) => {
      if (session !== null && session.channelId !== channelId) return
      sessionId = session?.id ?? null
      news.onSession(session)
    })
    socket.on('viewers', (told: { sessionId: string; count: number }) => {
      if (told.sessionId === sessionId) news.onViewers(told.count)
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
