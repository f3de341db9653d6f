import type { FlvTag } from './flv-tags.ts'

/** What can be told of a source from the tags that arrive: the stream doctor's measurements. */
export interface SourceHealth {
  /** 'h264', 'hevc', 'av1', 'vp9' …; null while no video has come. */
  videoCodec: string | null
  /** 'aac', 'mp3', 'opus' …; null while no audio has come. */
  audioCodec: string | null
  /** As the encoder's metadata says; the sequence header knows better. */
  width: number | null
  height: number | null
  /** Bits per second over the last five seconds of media. */
  videoBitrate: number
  audioBitrate: number
  /** Frames per second over the last five seconds of media; null before the third frame. */
  frameRate: number | null
  /** The last distance from keyframe to keyframe; null before the second. */
  keyframeIntervalMs: number | null
  /** The longest of the last eight, and of the one still open. */
  longestKeyframeIntervalMs: number | null
  /** The share of frames whose distance from the one before is off the usual by more than a third; null at first. */
  unevenSteps: number | null
  /** Pictures are sent in another order than they are shown. */
  bFrames: boolean
  /** Frames missing from an otherwise steady rhythm; null when the source states no frame rate to measure by. */
  droppedFrames: number | null
  /** How unevenly video arrives against its own timestamps (smoothed as in RFC 3550 section 6.4.1). */
  jitterMs: number
  /** How often the source's timestamps leapt and were folded. */
  timestampJumps: number
  lastMediaAt: number | null
}

export const unknownHealth: SourceHealth = {
  videoCodec: null,
  audioCodec: null,
  width: null,
  height: null,
  videoBitrate: 0,
  audioBitrate: 0,
  frameRate: null,
  keyframeIntervalMs: null,
  longestKeyframeIntervalMs: null,
  unevenSteps: null,
  bFrames: false,
  droppedFrames: null,
  jitterMs: 0,
  timestampJumps: 0,
  lastMediaAt: null,
}

const WINDOW_MS = 5_000
const KEPT_INTERVALS = 8
// Five seconds at 300 frames a second; a source whose time stands still must not fill the memory.
const MOST_FRAMES = 1_500
const FEWEST_STEPS = 20

/** Bytes and frames of one track within the last five seconds of its own time. */
function createWindow() {
  let frames: { at: number; bytes: number }[] = []
  return {
    add(at: number, bytes: number): void {
      frames.push({ at, bytes })
      if (frames.length % 64 !== 0) return
      frames = frames.filter((frame) => frame.at > at - WINDOW_MS).slice(-MOST_FRAMES)
    },
    /** The newest frame's own duration is not known yet, so it is left out of the sum. */
    read(): { bitrate: number; rate: number | null; uneven: number | null } {
      const newest = frames.at(-1)?.at ?? 0
      const recent = frames.filter((frame) => frame.at > newest - WINDOW_MS)
      const spanMs = newest - (recent[0]?.at ?? newest)
      if (spanMs <= 0) return { bitrate: 0, rate: null, uneven: null }
      const bytes = recent.slice(0, -1).reduce((sum, frame) => sum + frame.bytes, 0)
      return {
        bitrate: (bytes * 8_000) / spanMs,
        rate: recent.length > 2 ? ((recent.length - 1) * 1_000) / spanMs : null,
        uneven: unevenShare(recent),
      }
    },
  }
}

/** RTMP counts in whole milliseconds: two of them are no unevenness, however short the frames. */
function unevenShare(frames: readonly { at: number }[]): number | null {
  if (frames.length < FEWEST_STEPS) return null
  const steps = frames.slice(1).map(({ at }, index) => at - frames[index]!.at)
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)]!
  const slack = Math.max(2, usual / 3)
  return steps.filter((step) => Math.abs(step - usual) > slack).length / steps.length
}

export function createSourceHealth() {
  const video = createWindow()
  const audio = createWindow()
  const intervals: number[] = []
  const compositionOffsets = new Set<number>()
  const health = { ...unknownHealth }
  let statedFrameRate: number | null = null
  let keyframeAt: number | null = null
  let previous: { at: number; arrivedAt: number } | null = null

  function addVideo(tag: FlvTag, at: number, arrivedAt: number): void {
    video.add(at, tag.payload.length)
    if (compositionOffsets.size < 2) compositionOffsets.add(tag.compositionOffset)
    if (previous) {
      const stepMs = at - previous.at
      const drift = Math.abs(arrivedAt - previous.arrivedAt - stepMs)
      health.jitterMs += (drift - health.jitterMs) / 16
      if (statedFrameRate) health.droppedFrames = (health.droppedFrames ?? 0) + missingFrames(stepMs, statedFrameRate)
    }
    previous = { at, arrivedAt }
    if (tag.kind !== 'keyframe') return
    if (keyframeAt !== null) {
      health.keyframeIntervalMs = at - keyframeAt
      intervals.push(health.keyframeIntervalMs)
      if (intervals.length > KEPT_INTERVALS) intervals.shift()
    }
    keyframeAt = at
  }

  return {
    add(tag: FlvTag, at: number, arrivedAt: number): void {
      if (tag.track === 'video') health.videoCodec = tag.codec
      else health.audioCodec = tag.codec
      if (tag.kind === 'header') return
      health.lastMediaAt = arrivedAt
      if (tag.track === 'video') addVideo(tag, at, arrivedAt)
      else audio.add(at, tag.payload.length)
    },

    /** The encoder's own words, decoded; anything may stand in them. */
    describe(metadata: Record<string, unknown>): void {
      health.width = bounded(metadata.width, 16_384)
      health.height = bounded(metadata.height, 16_384)
      statedFrameRate = bounded(metadata.framerate, 300)
    },

    read(timestampJumps: number): SourceHealth {
      const seen = video.read()
      const openMs = previous && keyframeAt !== null ? previous.at - keyframeAt : null
      const longest = Math.max(...intervals, intervals.length > 0 ? (openMs ?? 0) : -1)
      return {
        ...health,
        videoBitrate: Math.round(seen.bitrate),
        audioBitrate: Math.round(audio.read().bitrate),
        frameRate: seen.rate === null ? null : Math.round(seen.rate * 100) / 100,
        longestKeyframeIntervalMs: longest >= 0 ? longest : null,
        unevenSteps: seen.uneven === null ? null : Math.round(seen.uneven * 100) / 100,
        bFrames: compositionOffsets.size > 1,
        jitterMs: Math.round(health.jitterMs * 10) / 10,
        timestampJumps,
      }
    },
  }
}

function bounded(value: unknown, most: number): number | null {
  return typeof value === 'number' && value > 0 && value <= most ? value : null
}

// A step of nearly two frames or more is a hole; RTMP's whole milliseconds alone never make one.
function missingFrames(stepMs: number, frameRate: number): number {
  const frames = (stepMs * frameRate) / 1_000
  return frames > 1.75 ? Math.round(frames) - 1 : 0
}
