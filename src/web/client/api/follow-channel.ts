import { effect } from '@preact/signals'
import { hopesForRights, rightsChanges, watching, withdrawn } from './rights.ts'
import { openSocket } from './socket.ts'
import type { SessionView } from './views.ts'

const TRY_AGAIN_MS = 3_000

export interface ChannelNews {
  onSession(session: SessionView | null): void
  onViewers(count: number): void
}

/**
 * Follows a channel's session and live count over Socket.IO until told to stop. The library comes as its own file, so the
 * page is painted before it; after a lost connection it asks again and is given the session as it then is. `show` names a
 * session that is in no list, by its code. What becomes of this page's right to watch is told as well (rights.ts).
 */
export function followChannel(channelId: string, news: ChannelNews, show?: string | null): () => void {
  const stopping = new AbortController()
  let sessionId: string | null = null

  async function follow(): Promise<void> {
    const line = openSocket()
    const socket = await line.socket.catch((error: unknown) => {
      line.release()
      throw error
    })
    if (stopping.signal.aborted) return line.release()
    const nameViewing = () => watching.value && socket.emit('viewing', watching.value)
    const askForRights = () => hopesForRights.value && socket.emit('rights', {})
    const onConnect = () => {
      socket.emit('watch', { channelId, ...(show ? { show } : {}) })
      nameViewing()
      askForRights()
    }
    const onWithdrawn = (told: { sessionId: string; reason: string }) => {
      withdrawn.value = told
    }
    const onRights = () => {
      rightsChanges.value += 1
    }
    const onSession = (session: SessionView | null) => {
      if (session !== null && session.channelId !== channelId) return
      sessionId = session?.id ?? null
      news.onSession(session)
    }
    const onViewers = (told: { sessionId: string; count: number }) => {
      if (told.sessionId === sessionId) news.onViewers(told.count)
    }
    const heard = {
      connect: onConnect,
      withdrawn: onWithdrawn,
      rights: onRights,
      session: onSession,
      viewers: onViewers,
    }
    for (const [event, hear] of Object.entries(heard)) socket.on(event, hear)
    if (socket.connected) onConnect()
    // Before the connection stands it is told above.
    const effects = [nameViewing, askForRights].map((tell) => effect(() => void tell()))
    stopping.signal.addEventListener('abort', () => {
      for (const stop of effects) stop()
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
