import { effect } from '@preact/signals'
import { hopesForRights, rightsChanges, watching, withdrawn } from './rights.ts'
import type { SessionView } from './views.ts'

const TRY_AGAIN_MS = 3_000

export interface ChannelNews {
  onSession(session: SessionView | null): void
  onViewers(count: number): void
}

/**
 * Follows a channel's session and live count over Socket.IO until told to stop. The library comes as its own file, so the
 * page is painted before it; after a lost connection it asks again and is given the session as it then is. `show` names a session that is in no list, by its code. What becomes of this page's right
 * to watch is told as well (rights.ts).
 */
export function followChannel(channelId: string, news: ChannelNews, show?: string | null): () => void {
  const stopping = new AbortController()
  let sessionId: string | null = null

  async function follow(): Promise<void> {
    const { io } = await import('socket.io-client')
    if (stopping.signal.aborted) return
    const socket = io({ transports: ['websocket', 'polling'], reconnectionDelayMax: 4_000 })
    stopping.signal.addEventListener('abort', () => socket.disconnect())
    const nameViewing = () => watching.value && socket.emit('viewing', watching.value)
    const askForRights = () => hopesForRights.value && socket.emit('rights', {})
    socket.on('connect', () => {
      socket.emit('watch', { channelId, ...(show ? { show } : {}) })
      nameViewing()
      askForRights()
    })
    // Before the connection stands it is told above.
    for (const tell of [nameViewing, askForRights]) {
      const stop = effect(() => void tell())
      stopping.signal.addEventListener('abort', stop)
    }
    socket.on('withdrawn', (told: { sessionId: string; reason: string }) => {
      withdrawn.value = told
    })
    socket.on('rights', () => {
      rightsChanges.value += 1
    })
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
