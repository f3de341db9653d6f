import { Hls } from 'hls-video-element'

/**
 * Looking back. A show starts from the short playlist, which is what keeps its start fast; whoever goes back further than
 * that holds is given the one with the whole rewind window, once, and keeps it.
 */
export function createRewind(options: {
  hls: Hls
  media: HTMLVideoElement
  controller: HTMLElement
  url: string
  signal: AbortSignal
  /** Stops following the edge, before the picture moves. */
  lookBack(): void
}) {
  const { hls, media, controller, url, signal, lookBack } = options
  let isOpen = false

  function by(seconds: number): void {
    if (!Number.isFinite(media.duration) && media.seekable.length === 0) return
    if (seconds < 0) lookBack()
    const to = media.currentTime + seconds
    if (seconds < 0 && !isOpen) return open(-seconds)
    media.currentTime = Math.max(media.seekable.start(0), to)
  }

  /** The playlist's own time begins anew: the place is kept as a distance from its end. */
  function open(backBy: number): void {
    isOpen = true
    const behind = Math.max(0, hls.latency) + backBy
    hls.once(Hls.Events.MANIFEST_PARSED, () => {
      hls.startLoad(-1)
      media.play().catch(() => {})
    })
    // Begins at the edge like any start, and goes back from there: a place given beforehand is lost on the way now and then.
    const goBack = () => {
      const { edge = 0, fragmentStart = 0 } = hls.latestLevelDetails ?? {}
      lookBack()
      media.currentTime = Math.max(fragmentStart, edge - behind)
      controller.setAttribute('data-rewind', '')
    }
    media.addEventListener('playing', goBack, { once: true, signal })
    hls.loadSource(`${url}?dvr`)
  }

  return { by }
}
