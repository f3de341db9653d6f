import type { PlayerNews } from './create-player.ts'
import type { Happening } from './telemetry.ts'

/** After a break the first parts come one by one: waiting for them is no stall. */
const FINDING_FEET_MS = 2_000

export interface Playback {
  hold(): void
  goOn(): void
  isHeld(): boolean
  /** Whether it ran dry since it was last asked. */
  takeStall(): boolean
  isPlaying(): boolean
  hasStarted(): boolean
}

/** What happens on the screen: first picture, standstills, the end. Told to the page and written on the element. */
export function watchPlayback(options: {
  element: HTMLElement
  media: HTMLVideoElement
  askedAt: number
  signal: AbortSignal
  onNews(news: PlayerNews): void
  tell(happening: Happening): void
}): Playback {
  const { element, media, askedAt, signal, onNews, tell } = options
  let held = false
  let started = false
  let stalls = 0
  let stalledMs = 0
  let stalledSince: number | null = null
  let fresh = false
  let settledAt = 0

  const show = (state: string) => {
    element.dataset.state = state
  }
  const on = (type: string, listener: () => void) => media.addEventListener(type, listener, { signal })

  const onFirst = () => {
    if (started || signal.aborted) return
    started = true
    const ms = performance.now() - askedAt
    element.dataset.firstFrameMs = ms.toFixed(0)
    tell({ kind: 'play', ms })
    onNews({ type: 'first-frame', hasPicture: media.videoWidth > 0 })
  }

  const endStall = () => {
    if (stalledSince === null) return
    const ms = performance.now() - stalledSince
    stalledMs += ms
    stalledSince = null
    tell({ kind: 'buffering', ms })
    element.dataset.stalledMs = stalledMs.toFixed(0)
  }

  element.dataset.stalls = '0'
  show('loading')
  if ('requestVideoFrameCallback' in media) media.requestVideoFrameCallback(onFirst)
  on('playing', () => {
    endStall()
    show('playing')
    // Sound alone never shows a frame.
    if (media.videoWidth === 0 || !('requestVideoFrameCallback' in media)) onFirst()
  })
  // Whoever came back before the buffer ran dry has waited for nothing, and no event says that it plays.
  on('timeupdate', () => {
    if (!started || media.paused || media.seeking || media.readyState <= media.HAVE_CURRENT_DATA) return
    endStall()
    if (!held) show('playing')
  })
  on('resize', () => {
    element.dataset.height = String(media.videoHeight)
  })
  on('waiting', () => {
    if (!started) return
    show(held ? 'held' : 'waiting')
    if (held || media.seeking || stalledSince !== null || performance.now() < settledAt) return
    fresh = true
    stalls += 1
    stalledSince = performance.now()
    element.dataset.stalls = String(stalls)
  })
  on('pause', () => {
    endStall()
    if (!media.ended) show('stopped')
  })
  on('ended', () => {
    show('ended')
    onNews({ type: 'ended' })
  })

  return {
    hold() {
      held = true
      show('held')
    },
    goOn() {
      held = false
      settledAt = performance.now() + FINDING_FEET_MS
      show(media.paused ? 'stopped' : 'waiting')
    },
    isHeld: () => held,
    takeStall() {
      const was = fresh
      fresh = false
      return was
    },
    hasStarted: () => started,
    isPlaying: () => started && !held && !media.paused && !media.seeking,
  }
}
