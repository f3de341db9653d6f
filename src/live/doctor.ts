/**
 * The stream doctor: what is measured of a source and its encoder, said in sentences a broadcaster can act on. Pure; the
 * order is fixed, so that a page does not jump about.
 */
import { passThrough } from '../../config/ladders.ts'
import type { SourceHealth } from '../ingest/ingest.ts'

export type FindingLevel = 'green' | 'amber' | 'red'

export interface Finding {
  id: 'codec' | 'line' | 'keyframes' | 'bitrate' | 'b-frames' | 'frame-rate' | 'dropped' | 'encoder'
  level: FindingLevel
  title: string
  /** What mends it; null where nothing is to be mended. */
  advice: string | null
}

export interface Examined {
  source: SourceHealth
  /** Frames that went missing within the last half minute. */
  droppedLately: number
  /** Since when nothing has come from the source. */
  silentMs: number
  encoder: {
    /** A state of the supervisor, or null where nothing is encoded. */
    state: string | null
    /** How far the slowest encoded quality is behind real time. */
    behindMs: number | null
  }
}

type Check = (examined: Examined) => Finding | null

const NAMES: Record<string, string> = {
  h264: 'H.264',
  hevc: 'HEVC',
  av1: 'AV1',
  vp9: 'VP9',
  aac: 'AAC',
  mp3: 'MP3',
  opus: 'Opus',
}
const named = (codec: string) => NAMES[codec] ?? codec
const seconds = (ms: number) => `${Number((ms / 1_000).toFixed(1))} s`
const megabits = (bits: number) => `${(bits / 1e6).toFixed(1)} Mbit/s`

const found = (id: Finding['id'], level: FindingLevel, title: string, advice: string | null = null): Finding => ({
  id,
  level,
  title,
  advice,
})

const codec: Check = ({ source: { videoCodec, audioCodec } }) => {
  if (videoCodec === null && audioCodec === null) return null
  if (videoCodec !== null && videoCodec !== 'h264') {
    const advice =
      'Choose an H.264 encoder (x264, NVENC, QuickSync) in OBS (Settings, Output): it is shown as it comes.'
    return found('codec', 'red', `The video is ${named(videoCodec)} and has to be encoded again`, advice)
  }
  if (audioCodec !== null && audioCodec !== 'aac') {
    const advice = 'Choose AAC as the audio encoder in OBS: Settings, Output.'
    return found('codec', 'amber', `The audio is ${named(audioCodec)} and has to be encoded again`, advice)
  }
  if (videoCodec === null) {
    return found('codec', 'amber', 'There is sound but no picture', 'Add a video source to your scene if you want one.')
  }
  if (audioCodec === null) {
    return found('codec', 'amber', 'There is a picture but no sound', 'Check that a sound source is on in the mixer.')
  }
  return found('codec', 'green', 'H.264 video and AAC audio play everywhere')
}

const line: Check = ({ source: { jitterMs, videoCodec }, silentMs }) => {
  if (silentMs > 3_000) {
    const advice = 'Check that your encoder is still sending and that your line is up.'
    return found('line', 'red', `Nothing has arrived for ${seconds(silentMs)}`, advice)
  }
  if (videoCodec === null) return null
  const advice = 'Use a cable instead of Wi-Fi, close other uploads, or lower the bitrate in OBS: Settings, Output.'
  if (jitterMs > 250) return found('line', 'red', 'Your line holds pictures back and lets them go in bursts', advice)
  if (jitterMs > 80) return found('line', 'amber', 'Pictures arrive unevenly over your line', advice)
  return found('line', 'green', 'Pictures arrive evenly')
}

const keyframes: Check = ({ source: { longestKeyframeIntervalMs: longest } }) => {
  if (longest === null) return null
  const advice = 'Set the keyframe interval to 2 s in OBS: Settings, Output, Output Mode Advanced, Streaming.'
  if (longest > passThrough.keyframeIntervalMs) {
    return found('keyframes', 'red', `Keyframes are ${seconds(longest)} apart, too far for low delay`, advice)
  }
  if (longest > 2_600) return found('keyframes', 'amber', `Keyframes are ${seconds(longest)} apart`, advice)
  return found('keyframes', 'green', `Keyframes are ${seconds(longest)} apart`)
}

const bitrate: Check = ({ source: { videoBitrate } }) => {
  if (videoBitrate === 0) return null
  const highest = passThrough.videoBitrate
  const advice = `Lower the video bitrate in OBS (Settings, Output, Streaming): 2.5 to 8 Mbit/s suit most viewers' lines.`
  if (videoBitrate > highest) {
    return found(
      'bitrate',
      'red',
      `${megabits(videoBitrate)} is above the ${megabits(highest)} shown as they come`,
      advice,
    )
  }
  if (videoBitrate > highest * (2 / 3)) {
    return found('bitrate', 'amber', `${megabits(videoBitrate)} is more than many viewers can receive`, advice)
  }
  return found('bitrate', 'green', `The video takes ${megabits(videoBitrate)}`)
}

const bFrames: Check = ({ source: { videoCodec, bFrames: has } }) => {
  if (videoCodec === null) return null
  if (!has) return found('b-frames', 'green', 'No B-frames: the least delay')
  const advice = 'Set B-frames to 0 in OBS (Settings, Output, Output Mode Advanced) to save about a tenth of a second.'
  return found('b-frames', 'amber', 'B-frames add a little delay', advice)
}

const frameRate: Check = ({ source: { frameRate: rate, unevenSteps } }) => {
  if (rate === null) return null
  const shown = `${Number(rate.toFixed(1))} frames a second`
  if (unevenSteps !== null && unevenSteps > 0.15) {
    const advice = 'Set a constant frame rate (30 or 60) in your encoder: in OBS under Settings, Video.'
    return found('frame-rate', 'amber', `The frame rate changes all the time, about ${shown}`, advice)
  }
  if (rate < 20) {
    return found('frame-rate', 'amber', `${shown} look jerky`, 'Set 30 or 60 frames a second in OBS: Settings, Video.')
  }
  return found('frame-rate', 'green', `A steady ${shown}`)
}

const dropped: Check = ({ source: { droppedFrames }, droppedLately }) => {
  if (droppedFrames === null) return null
  if (droppedLately === 0) return found('dropped', 'green', 'No frame went missing lately')
  const advice = 'Lower the bitrate if OBS reports dropped frames, or use a faster encoder preset if it skips them.'
  const title = `${droppedLately} ${droppedLately === 1 ? 'frame' : 'frames'} missing in the last half minute`
  return found('dropped', droppedLately > 60 ? 'red' : 'amber', title, advice)
}

const encoder: Check = ({ encoder: { state, behindMs }, silentMs }) => {
  if (state === null || silentMs > 3_000) return null
  const advice = 'This node is busy: send 720p or 30 frames a second, or let it make fewer qualities.'
  switch (state) {
    case 'failed':
      return found('encoder', 'red', 'The encoder on this node stopped; only the source is on offer', advice)
    case 'stalled':
    case 'waiting':
      return found('encoder', 'red', 'The encoder on this node is being started again', advice)
    case 'running':
      if (behindMs === null) return null
      if (behindMs > 6_000)
        return found('encoder', 'red', `The encoder on this node is ${seconds(behindMs)} behind`, advice)
      if (behindMs > 2_500) {
        return found('encoder', 'amber', `The encoder on this node is ${seconds(behindMs)} behind`, advice)
      }
      return found('encoder', 'green', 'This node encodes as fast as you send')
    default:
      return null
  }
}

const checks: readonly Check[] = [codec, line, keyframes, bitrate, bFrames, frameRate, dropped, encoder]

export function examine(examined: Examined): Finding[] {
  return checks.map((check) => check(examined)).filter((finding) => finding !== null)
}
