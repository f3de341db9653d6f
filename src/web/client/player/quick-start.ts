import type { HlsConfig, LevelDetails } from 'hls.js'
import { Hls } from 'hls-video-element'

/**
 * Asks at once for everything the first picture needs. By itself hls.js asks one after another, a round trip each: the
 * picture's init section, its parts, and only then the same for the sound. What is asked for here lies in the browser's
 * cache, or is on its way there, when hls.js comes to it. Once, as the player starts.
 */
export function askAtOnce(hls: Hls, signal: AbortSignal): void {
  let video: LevelDetails | null = null
  let audio: LevelDetails | null = null

  function begin(): void {
    if (!video || (!audio && hls.audioTracks.length > 0)) return
    hls.off(Hls.Events.LEVEL_LOADED, onVideo)
    hls.off(Hls.Events.AUDIO_TRACK_LOADED, onAudio)
    const start = video.edge - (hls.config.liveSyncDuration ?? video.partHoldBack)
    const [init, first, ...rest] = neededAt(video, start)
    const sound = audio ? neededAt(audio, audio.edge - (video.edge - start)) : []
    // Over HTTP/1.1 six at a time, two of which wait for news of the playlists: the most urgent go first.
    for (const url of [init, first, ...sound, ...rest]) {
      // Whatever becomes of it, hls.js asks for the same and answers for it.
      if (url) fetch(url, { signal }).catch(() => {})
    }
  }
  function onVideo(_name: string, loaded: { details: LevelDetails }): void {
    video = loaded.details
    begin()
  }
  function onAudio(_name: string, loaded: { details: LevelDetails }): void {
    audio = loaded.details
    begin()
  }
  hls.on(Hls.Events.LEVEL_LOADED, onVideo)
  hls.on(Hls.Events.AUDIO_TRACK_LOADED, onAudio)
}

/** The init section, and the parts from the last one that can be decoded by itself up to the one after the one shown first. */
function neededAt(details: LevelDetails, start: number): string[] {
  const parts = details.partList ?? []
  const at = parts.findIndex((part) => part.end > start)
  const from = parts.findLastIndex((part, index) => index <= at && part.independent)
  const init = parts[from]?.fragment.initSegment?.url
  return init ? [init, ...parts.slice(from, at + 2).map((part) => part.url)] : []
}

/**
 * Goes to the first picture as soon as it is there. hls.js itself waits until every part on offer of that segment has come,
 * each a round trip after the other.
 */
export function showAtOnce(hls: Hls, media: HTMLVideoElement): void {
  function look(): void {
    const start = hls.startPosition
    const hasBegun = hls.hasEnoughToStart || media.currentTime > 0
    if (hasBegun) hls.off(Hls.Events.BUFFER_APPENDED, look)
    if (hasBegun || start <= 0 || media.buffered.length === 0) return
    // The sound's first part may begin a little after the picture's.
    const at = Math.max(start, media.buffered.start(0))
    if (at < start + SEAM && at + SEAM < media.buffered.end(0)) media.currentTime = at
  }
  hls.on(Hls.Events.BUFFER_APPENDED, look)
}

/** Seconds within which two tracks may begin apart, and what must lie ahead for a browser to show a frame. */
const SEAM = 0.1

type SoundLoader = NonNullable<HlsConfig['audioStreamController']>

/**
 * The sound's parts are asked for once the picture's first timestamp is known. hls.js looks whether it is at its ticks, up
 * to a fifth of a second later; this one looks at once.
 */
export function promptSound(): { audioStreamController: SoundLoader } | Record<string, never> {
  const Loader = Hls.DefaultConfig.audioStreamController
  if (!Loader) return {}
  class PromptLoader extends Loader {
    override onInitPtsFound(...found: Parameters<InstanceType<SoundLoader>['onInitPtsFound']>): void {
      super.onInitPtsFound(...found)
      // Once to leave the waiting, once to ask.
      this.tick()
      this.tick()
    }
  }
  return { audioStreamController: PromptLoader }
}
