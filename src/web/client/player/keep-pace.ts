import { Hls } from 'hls-video-element'
import { JUMPS_BEYOND } from './hls-config.ts'
import { calm, nextPace } from './latency-controller.ts'
import type { Playback } from './watch-playback.ts'

const EVERY_MS = 200
/** Two or three parts. */
const LOWS_MS = 900
/** A start, a jump and a return leave little buffer for a moment, which says nothing of the line. */
const STEADY_MS = 2_000
/** Seconds behind the target at which a seek is taken for a person's wish to look back. */
const LOOKING_BACK = 4

interface Kept {
  lookBack(): void
  /** Where in the show this viewer belongs: near its edge, or where they look back to; null while that is not known. */
  place(): number | null
}

/** Reads the player five times a second, lets the controller decide, and carries it out. */
export function keepPace(
  hls: Hls,
  options: {
    media: HTMLVideoElement
    controller: HTMLElement
    delay: HTMLElement
    playback: Playback
    roundTrip(): number
    signal: AbortSignal
    /** Whether to act on what was read, or only to show it. */
    steers: boolean
  },
): Kept {
  const { media, controller, delay, playback, roundTrip, signal, steers } = options
  let pace = calm
  let last = performance.now()
  let lows: { at: number; buffer: number }[] = []
  let steadyAt = Number.POSITIVE_INFINITY
  let isFollowing = true
  const follow = (isWanted: boolean) => {
    isFollowing = isWanted
    hls.config.liveMaxLatencyDuration = isWanted ? JUMPS_BEYOND : Number.POSITIVE_INFINITY
  }
  let jumped = false

  // Just before more is added there is the least.
  const noteLow = () => {
    if (playback.isPlaying()) lows.push({ at: performance.now(), buffer: bufferAhead(media) })
  }
  hls.on(Hls.Events.BUFFER_APPENDING, noteLow)
  media.addEventListener(
    'seeked',
    () => {
      if (!jumped && playback.isPlaying()) follow(hls.latency < pace.target + LOOKING_BACK)
      jumped = false
    },
    { signal },
  )
  controller.addEventListener('mediaseektoliverequest', () => follow(true), { signal, capture: true })

  function read(): void {
    const now = performance.now()
    const elapsed = (now - last) / 1_000
    last = now
    noteLow()
    lows = lows.filter(({ at }) => now - at < LOWS_MS)
    controller.dataset.latency = hls.latency.toFixed(3)
    if (!playback.isPlaying() || hls.latency <= 0) {
      lows = []
      steadyAt = now + STEADY_MS
      return
    }
    const buffer = Math.min(...lows.map((low) => low.buffer))
    controller.dataset.buffer = buffer.toFixed(3)
    const details = hls.latestLevelDetails
    const cadence = details?.partTarget || details?.targetduration || 2
    pace = nextPace(pace, {
      latency: hls.latency,
      buffer,
      cadence,
      roundTrip: roundTrip(),
      elapsed,
      stalled: playback.takeStall(),
      isSteady: now > steadyAt,
    })
    delay.textContent = isFollowing ? `${hls.latency.toFixed(1)} s behind` : ''
    if (!steers || details?.live !== true) return
    controller.dataset.target = pace.target.toFixed(3)
    if (!isFollowing) {
      setRate(media, 1)
      return
    }
    if (pace.jump) {
      const edge = media.currentTime + hls.latency - pace.target
      jumped = true
      media.currentTime = Math.max(media.currentTime, edge)
    }
    setRate(media, pace.jump ? 1 : pace.rate)
  }

  controller.addEventListener('mediaseekrequest', () => follow(false), { signal, capture: true })
  const timer = setInterval(read, EVERY_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
  return {
    lookBack: () => follow(false),
    place: () => (isFollowing ? hls.liveSyncPosition : media.currentTime),
  }
}

function setRate(media: HTMLVideoElement, rate: number): void {
  if (media.playbackRate !== rate) media.playbackRate = rate
}

function bufferAhead(media: HTMLVideoElement): number {
  const { buffered, currentTime } = media
  for (let index = 0; index < buffered.length; index++) {
    if (buffered.start(index) - 0.1 <= currentTime && currentTime <= buffered.end(index)) {
      return buffered.end(index) - currentTime
    }
  }
  return 0
}
