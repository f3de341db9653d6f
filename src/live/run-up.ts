/**
 * What a source has said of itself, and its frames until the stream can be played: the plan may still change in the first
 * seconds, and then the show begins again from its first frame.
 */
import type { AudioConfig, SourceFrame, SourceVideoConfig } from '../hls/hls.ts'

export type RunUp = ReturnType<typeof createRunUp>

type Track = 'video' | 'audio'

/** Bounds on what is held: a source of which nothing becomes must not fill memory. */
const LONGEST = 1_500
const LARGEST = 32 * 1024 * 1024
const VIDEO_TIMESCALE = 90_000

export function createRunUp() {
  const frames: { track: Track; frame: SourceFrame }[] = []
  const other: Record<Track, string | null> = { video: null, audio: null }
  const firstVideo: number[] = []
  let video: SourceVideoConfig | null = null
  let audio: AudioConfig | null = null
  let size = 0

  const secondsOf = (track: Track, frame: SourceFrame) =>
    frame.dts / (track === 'video' ? VIDEO_TIMESCALE : (audio?.timescale ?? VIDEO_TIMESCALE))

  return {
    other,
    secondsOf,
    setVideo(config: SourceVideoConfig): void {
      video = config
      firstVideo.length = 0
      drop('video')
    },
    setAudio(config: AudioConfig): void {
      audio = config
      drop('audio')
    },
    setOther(track: Track, codec: string): void {
      other[track] = codec
    },
    push(track: Track, frame: SourceFrame): void {
      if (track === 'video' && firstVideo.length < 16) firstVideo.push(frame.dts)
      if (frames.length >= LONGEST || size > LARGEST) return
      frames.push({ track, frame })
      size += frame.data.length
    },
    /** From the last keyframe on, as an encoder that joins now is given them too. */
    frames(): readonly { track: Track; frame: SourceFrame }[] {
      const lastKey = frames.findLastIndex(({ track, frame }) => track === 'video' && frame.isKey)
      return frames.slice(Math.max(lastKey, 0))
    },
    /** Both tracks have announced themselves. */
    isComplete: () => (video !== null || other.video !== null) && (audio !== null || other.audio !== null),
    /** Frames a second: as the encoder declares it, or else as the first frames came. */
    frameRate(): number | null {
      if (video?.frameRate) return video.frameRate
      const span = (firstVideo.at(-1) ?? 0) - (firstVideo[0] ?? 0)
      return span > 0 ? ((firstVideo.length - 1) * VIDEO_TIMESCALE) / span : null
    },
    get video() {
      return video
    },
    get audio() {
      return audio
    },
  }

  // Frames of a configuration that is gone cannot be shown under the new one.
  function drop(track: Track): void {
    const kept = frames.filter((held) => held.track !== track)
    size = kept.reduce((sum, { frame }) => sum + frame.data.length, 0)
    frames.splice(0, frames.length, ...kept)
  }
}
