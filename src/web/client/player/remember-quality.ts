import { Hls, type HlsVideoElement } from 'hls-video-element'
import { recallChoice, rememberChoice } from './remembered.ts'

/** media-tracks, which the element's own types leave out. */
export interface Renditions extends Iterable<{ id: string; height?: number }> {
  selectedIndex: number
}

export function renditionsOf(video: HlsVideoElement): Renditions {
  return (video as HlsVideoElement & { videoRenditions: Renditions }).videoRenditions
}

/**
 * A quality chosen by hand is chosen again in the next show, by its height. hls-video pins the quality when hls.js stepped
 * down after a failed fragment; only a person's choice may pin it, and when hls.js gave that up the menu should say so.
 */
export function rememberQuality(hls: Hls, video: HlsVideoElement, controller: HTMLElement, signal: AbortSignal): void {
  const renditions = renditionsOf(video)
  let chosen = false

  const onChoice = (event: Event) => {
    const id = event instanceof CustomEvent ? event.detail : undefined
    chosen = typeof id === 'string' && id !== 'auto'
    const height = chosen ? [...renditions].find((one) => one.id === id)?.height : undefined
    rememberChoice('quality', height === undefined ? 'auto' : String(height))
  }
  controller.addEventListener('mediarenditionrequest', onChoice, { signal, capture: true })

  // After hls-video's own listeners for the same events.
  hls.on(Hls.Events.MANIFEST_PARSED, () =>
    setTimeout(() => {
      const wanted = Number(recallChoice('quality'))
      const index = [...renditions].findIndex(({ height }) => height === wanted)
      if (!(wanted > 0) || index < 0) return
      chosen = true
      renditions.selectedIndex = index
    }),
  )
  const release = () => {
    if (renditions.selectedIndex >= 0 && (!chosen || hls.autoLevelEnabled)) renditions.selectedIndex = -1
  }
  hls.on(Hls.Events.LEVEL_SWITCHED, () => setTimeout(release))
}
