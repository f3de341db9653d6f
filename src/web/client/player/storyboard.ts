import type { Hls } from 'hls-video-element'
import { type Sheet, tileAt, timeOnAir } from './tiles.ts'

/** The index is asked for anew when it is older; a still comes every ten seconds. */
const FRESH_MS = 10_000
/**
 * The picture over the seek bar. media-chrome shows what a metadata track called “thumbnails” says of the place that is pointed
 * at; since media time moves with the playlist, that track is written at each question: place → time on air → tile.
 */
export function previewSeeks(options: {
  hls: Hls
  media: HTMLVideoElement
  host: HTMLElement
  storyboardUrl(): string | null
  signal: AbortSignal
}) {
  const { hls, media, host, storyboardUrl, signal } = options
  let sheets: Sheet[] = []
  let askedAt = Number.NEGATIVE_INFINITY
  let track: TextTrack | null = null

  function onPreview(event: Event): void {
    const place = (event as CustomEvent<number | null>).detail
    if (typeof place !== 'number') return
    if (performance.now() - askedAt > FRESH_MS) refresh()
    const at = timeOnAir(hls.latestLevelDetails?.fragments ?? [], place)
    show(at === null ? null : tileAt(sheets, at))
  }

  async function refresh(): Promise<void> {
    const url = storyboardUrl()
    if (!url) return
    askedAt = performance.now()
    try {
      const response = await fetch(url, { signal })
      if (!response.ok) return
      const told = (await response.json()) as { sheets: Sheet[] }
      const base = new URL(url, location.href)
      sheets = told.sheets.map((sheet) => ({ ...sheet, url: new URL(sheet.url, base).href }))
    } catch {
      // A picture less; the next question asks again.
    }
  }

  function show(text: string | null): void {
    track ??= media.addTextTrack('metadata', 'thumbnails')
    // A disabled track tells nobody of its cues.
    track.mode = 'hidden'
    for (const cue of [...(track.cues ?? [])]) track.removeCue(cue)
    if (text !== null) track.addCue(new VTTCue(0, Number.MAX_SAFE_INTEGER, text))
  }

  // Before media-chrome hears of it.
  host.addEventListener('mediapreviewrequest', onPreview, { capture: true, signal })
}
