import type { ErrorData } from 'hls.js'
import { Hls } from 'hls-video-element'
import type { PlayerNews } from './create-player.ts'

const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 3_000
/** After this many failures of the same kind in a row the page is told that it is not a hiccup. */
const LASTING = 4
const REFUSALS = new Set([401, 403, 410])

/** What hls.js gives up on is begun again, ever more slowly, without end: a live show may come back at any moment. */
export function recover(
  hls: Hls,
  options: { signal: AbortSignal; onNews(news: PlayerNews): void; isHeld(): boolean },
): void {
  const { signal, onNews, isHeld } = options
  let failures = 0
  let timer = 0
  let lostAt = 0

  function again(data: ErrorData): void {
    if (signal.aborted) return
    if (data.type === 'mediaError') hls.recoverMediaError()
    else if (hls.levels.length === 0 && hls.url) hls.loadSource(hls.url)
    if (!isHeld()) hls.startLoad(-1)
  }

  hls.on(Hls.Events.ERROR, (_name, data) => {
    if (!data.fatal) return
    failures += 1
    const code = data.response?.code ?? 0
    // These do not get better by asking again: the page asks for a new right to play.
    const isUnknown = code === 404 && hls.levels.length === 0
    if (REFUSALS.has(code) || isUnknown) return onNews({ type: 'withdrawn' })
    onNews({ type: 'trouble', lasting: failures >= LASTING })
    clearTimeout(timer)
    timer = window.setTimeout(() => again(data), Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))
  })
  hls.on(Hls.Events.FRAG_BUFFERED, (_name, { stats }) => {
    // What was already on its way says nothing of a line that has gone since.
    if (stats.loading.start < lostAt) return
    if (failures > 0) onNews({ type: 'recovered' })
    failures = 0
  })
  // The browser knows at once what hls.js would find out by waiting.
  const onOffline = () => {
    lostAt = performance.now()
    failures = Math.max(failures, LASTING)
    onNews({ type: 'trouble', lasting: true })
  }
  const onOnline = () => {
    if (!isHeld()) hls.startLoad(-1)
  }
  addEventListener('offline', onOffline, { signal })
  addEventListener('online', onOnline, { signal })
  signal.addEventListener('abort', () => clearTimeout(timer))
}
