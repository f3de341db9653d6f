import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import type { HealthSample, HealthView } from '../api/views.ts'

const EVERY_MS = 2_000
const KEPT = 150

/** How a broadcast is doing, asked every two seconds while the page is looked at; null before the first answer. */
export function useHealth(sessionId: string | null): HealthView | null {
  const [health, setHealth] = useState<HealthView | null>(null)
  useEffect(() => {
    setHealth(null)
    if (sessionId === null) return
    const asked = sessionId
    let samples: HealthSample[] = []
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined

    async function look(): Promise<void> {
      clearTimeout(timer)
      try {
        const told = await api.sessionHealth(asked, samples.at(-1)?.at ?? null)
        if (isOver) return
        samples = [...samples, ...told.samples].slice(-KEPT)
        setHealth({ ...told, samples })
      } catch {
        // The next look tells; the page has other ways to say that the server cannot be reached.
      }
      if (!isOver && !document.hidden) timer = setTimeout(look, EVERY_MS)
    }
    const onSight = () => !document.hidden && void look()
    document.addEventListener('visibilitychange', onSight)
    look()
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onSight)
    }
  }, [sessionId])
  return health
}
