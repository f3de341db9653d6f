import type { SessionView } from './views.ts'

export interface ChannelNews {
  onSession(session: SessionView | null): void
  onViewers(count: number): void
}

/**
 * Follows a channel's session and live count over Socket.IO until told to stop. The library comes as its own file, so the
 * page is painted before it; after a lost connection it asks again and is given the session as it then is.
 */
export function followChannel(channelId: string, news: ChannelNews): () => void {
  let stop = () => {}
  let stopped = false
  let sessionId: string | null = null
  import('socket.io-client').then(({ io }) => {
    if (stopped) return
    const socket = io({ transports: ['websocket', 'polling'], reconnectionDelayMax: 4_000 })
    socket.on('connect', () => socket.emit('watch', { channelId }, () => {}))
    socket.on('session', (session: SessionView | null) => {
      if (session !== null && session.channelId !== channelId) return
      sessionId = session?.id ?? null
      news.onSession(session)
    })
    socket.on('viewers', (told: { sessionId: string; count: number }) => {
      if (told.sessionId === sessionId) news.onViewers(told.count)
    })
    stop = () => socket.disconnect()
  })
  return () => {
    stopped = true
    stop()
  }
}
