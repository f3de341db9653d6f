import { Hls } from 'hls-video-element'

/** What happened, as the server is told (see `POST /api/telemetry`). */
export interface Happening {
  kind: 'play' | 'pause' | 'seek' | 'buffering' | 'error' | 'completed' | 'quality'
  /** How long it took, milliseconds. */
  ms?: number
  code?: string
}

interface Noted extends Happening {
  at: number
  quality: string | undefined
  bitrate: number | undefined
  bufferMs: number
}

/** So long what happened may wait for more to go with it, and so often a player that has nothing to tell says what it shows. */
const GATHER_MS = 10_000
const SIGN_OF_LIFE_MS = 300_000
const MOST_AT_ONCE = 50
/** What lasts longer is told as this. */
const LONGEST_MS = 3_600_000
const IN_ADDRESS = /\/hls\/([\w-]+)\/([\w-]+)\//

export type Telemetry = ReturnType<typeof createTelemetry>

/**
 * Tells the broadcaster how it plays here: in small batches, beside everything else, and once more when the page goes.
 * Nothing of it is needed to watch or to be counted.
 */
export function createTelemetry(options: { media: HTMLVideoElement; addressNow(): string; signal: AbortSignal }) {
  const { media, addressNow, signal } = options
  let engine: Hls | null = null
  let noted: Noted[] = []
  let timer = 0

  const level = () => engine?.levels[engine.currentLevel]
  const bitrateNow = () => (level() ? Math.round(level()!.bitrate) : undefined)

  function tell(happening: Happening): void {
    if (noted.length >= MOST_AT_ONCE) return
    const height = level()?.height
    const bufferMs = whole(Math.max(0, bufferedUntil(media) - media.currentTime) * 1_000)
    const shown = { quality: height ? `${height}p` : undefined, bitrate: bitrateNow(), bufferMs }
    noted.push({ ...happening, ...shown, at: performance.now() })
    if (timer === 0) timer = window.setTimeout(send, GATHER_MS)
  }

  function send(): void {
    clearTimeout(timer)
    timer = 0
    const found = IN_ADDRESS.exec(addressNow())
    if (!found) return
    const [, token, sessionId] = found
    const events = noted.map(({ at, ms, ...rest }) => ({
      ...rest,
      ...(ms === undefined ? {} : { ms: whole(ms) }),
      ago: whole(performance.now() - at),
    }))
    noted = []
    const batch = { token, sessionId, events, bitrate: bitrateNow(), referrer: document.referrer || undefined }
    navigator.sendBeacon('/api/telemetry', new Blob([JSON.stringify(batch)], { type: 'application/json' }))
  }

  /** What the engine knows, where there is one. */
  function listenTo(hls: Hls): void {
    engine = hls
    hls.on(Hls.Events.ERROR, (_name, { fatal, details }) => {
      if (fatal) tell({ kind: 'error', code: details })
    })
    hls.on(Hls.Events.LEVEL_SWITCHED, () => tell({ kind: 'quality' }))
  }

  const on = (type: string, kind: Happening['kind'], isIt = () => true) =>
    media.addEventListener(type, () => isIt() && tell({ kind }), { signal })
  on('pause', 'pause', () => !media.ended)
  on('ended', 'completed')
  const sendWhatIsNoted = () => noted.length > 0 && send()
  // The last chance on a phone: a page that is hidden may never come back.
  const onHidden = () => document.visibilityState === 'hidden' && sendWhatIsNoted()
  document.addEventListener('visibilitychange', onHidden, { signal })
  addEventListener('pagehide', sendWhatIsNoted, { signal })
  const signsOfLife = setInterval(() => !media.paused && send(), SIGN_OF_LIFE_MS)
  signal.addEventListener('abort', () => {
    clearInterval(signsOfLife)
    sendWhatIsNoted()
    clearTimeout(timer)
  })

  return { tell, listenTo }
}

const whole = (ms: number) => Math.min(Math.round(ms), LONGEST_MS)

function bufferedUntil({ buffered }: HTMLVideoElement): number {
  return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1)
}
