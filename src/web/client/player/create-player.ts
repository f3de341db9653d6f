/**
 * The player: hls.js inside media-chrome, without any framework, in a file of its own so that the page is painted before
 * it comes. It keeps trying by itself; the page tells it only what to play, when the broadcaster is away, and when they
 * are back. What it knows of itself stands in data-* attributes on its element.
 */
import type { Hls } from 'hls-video-element'
import { buildChrome } from './chrome.ts'
import { type DataUse, keepSmall, recallDataUse, rememberDataUse, soundOf } from './data-use.ts'
import { equip } from './equip.ts'
import { createFreshToken } from './fresh-token.ts'
import { hlsConfig, rememberLine } from './hls-config.ts'
import { keepPace } from './keep-pace.ts'
import { watchLine } from './line-watch.ts'
import { askAtOnce, promptSound, showAtOnce } from './quick-start.ts'
import { recover } from './recovery.ts'
import { rememberQuality } from './remember-quality.ts'
import { createRewind } from './rewind.ts'
import { measureRoundTrip } from './round-trip.ts'
import { endStandstills } from './standstill.ts'
import { previewSeeks } from './storyboard.ts'
import { createTelemetry } from './telemetry.ts'
import { watchPlayback } from './watch-playback.ts'

export type PlayerNews =
  | { type: 'first-frame'; hasPicture: boolean }
  | { type: 'muted' }
  | { type: 'needs-click' }
  /** The viewer wants the show with another use of data: it begins anew. */
  | { type: 'data-use'; use: DataUse }
  | { type: 'withdrawn' }
  | { type: 'ended' }
  | { type: 'trouble'; lasting: boolean }
  | { type: 'recovered' }

export interface PlayerOptions {
  host: HTMLElement
  url: string
  /** `performance.now()` at which the viewer asked for this. */
  askedAt: number
  catchUp: 'ours' | 'of hls.js'
  /** Where small pictures of the past are told of; null while there are none. */
  storyboardUrl(): string | null
  startsMuted: boolean
  isSoundOnly: boolean
  onNews(news: PlayerNews): void
}

export type Player = Awaited<ReturnType<typeof createPlayer>>

export async function createPlayer(options: PlayerOptions) {
  const { host, askedAt, catchUp, startsMuted, isSoundOnly, storyboardUrl, onNews } = options
  const url = isSoundOnly ? soundOf(options.url) : options.url
  const dataUse = isSoundOnly ? 'sound' : recallDataUse()
  const { controller, video, media, delay } = buildChrome(host)
  const stopping = new AbortController()
  const { signal } = stopping

  const token = createFreshToken(url)
  const telemetry = createTelemetry({ media, addressNow: () => token.fresh(url), signal })
  const playback = watchPlayback({ element: controller, media, askedAt, signal, onNews, tell: telemetry.tell })
  controller.addEventListener('mediaseekrequest', () => telemetry.tell({ kind: 'seek' }), { signal })
  video.config = { ...hlsConfig(catchUp), ...promptSound(), xhrSetup: token.setUp }
  video.setAttribute('src', url)
  const hls = await engineOf(video)
  const equipment = {
    host,
    controller,
    media,
    signal,
    dataUse,
    hasSound: () => isSoundOnly || !hls || hls.audioTracks.length > 0,
    onDataUse(use: DataUse) {
      rememberDataUse(use)
      onNews({ type: 'data-use', use })
    },
  }

  if (hls) {
    const roundTrip = measureRoundTrip(hls)
    askAtOnce(hls, signal)
    showAtOnce(hls, media)
    watchLine(hls, roundTrip)
    telemetry.listenTo(hls)
    recover(hls, { signal, onNews, isHeld: playback.isHeld })
    if (dataUse === 'less') keepSmall(hls)
    rememberQuality(hls, video, controller, signal)
    const { lookBack, place } = keepPace(hls, {
      media,
      controller,
      delay,
      playback,
      roundTrip,
      signal,
      steers: catchUp === 'ours',
    })
    endStandstills(hls, { media, signal, isHeld: playback.isHeld, place })
    previewSeeks({ hls, media, host, storyboardUrl, signal })
    const rewind = createRewind({ hls, media, controller, url, signal, lookBack })
    equip({ ...equipment, seekBy: rewind.by })
  } else {
    recoverNative(media, () => token.fresh(url), signal, onNews)
    const seekBy = (seconds: number) => (media.currentTime += seconds)
    equip({ ...equipment, seekBy })
  }
  if (startsMuted) {
    media.muted = true
    onNews({ type: 'muted' })
  }
  play(media, onNews, signal)

  return {
    /** The broadcaster is away: show the last picture and ask for nothing. */
    hold() {
      playback.hold()
      hls?.stopLoad()
    },
    /** The broadcaster is back: go on where the picture stands. */
    goOn() {
      playback.goOn()
      if (hls) hls.startLoad(-1)
      else media.src = token.fresh(url)
      play(media, onNews, signal)
    },
    /** The right to watch goes on under a new address. */
    renew: token.renew,
    unmute() {
      media.muted = false
      media.play().catch(() => {})
    },
    destroy() {
      if (hls && playback.hasStarted()) rememberLine(hls.bandwidthEstimate)
      stopping.abort()
      video.removeAttribute('src')
      host.replaceChildren()
    },
  }
}

/** hls-video makes its engine a moment after it is given an address; none where the browser plays HLS by itself. */
async function engineOf(video: { api: Hls | null }): Promise<Hls | null> {
  for (let turn = 0; turn < 10 && !video.api; turn++) await Promise.resolve()
  return video.api
}

function play(media: HTMLVideoElement, onNews: (news: PlayerNews) => void, signal: AbortSignal): void {
  async function start(): Promise<void> {
    try {
      await media.play()
    } catch (error) {
      if (signal.aborted || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return
      if (media.muted) return onNews({ type: 'needs-click' })
      // Browsers refuse sound before the first touch, and allow a silent start.
      media.muted = true
      onNews({ type: 'muted' })
      await start()
    }
  }
  if (media.readyState > 0 || media.src !== '') start()
  else media.addEventListener('loadstart', start, { once: true, signal })
}

function recoverNative(
  media: HTMLVideoElement,
  urlNow: () => string,
  signal: AbortSignal,
  onNews: (news: PlayerNews) => void,
): void {
  const again = () => {
    onNews({ type: 'trouble', lasting: false })
    setTimeout(() => {
      if (signal.aborted) return
      media.src = urlNow()
      play(media, onNews, signal)
    }, 2_000)
  }
  media.addEventListener('error', again, { signal })
}
