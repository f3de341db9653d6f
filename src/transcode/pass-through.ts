import { passThrough } from '../../config/ladders.ts'

export interface MeasuredVideo {
  codec: string
  /** profile_idc of the sequence header (H.264 section A.2), null where it is not known */
  profile: number | null
  frameRate: number
  /** the longest recent distance of two keyframes, null as long as none was measured */
  keyframeIntervalMs: number | null
  /** bits per second, null as long as none was measured */
  bitrate: number | null
}

export interface MeasuredAudio {
  codec: string
  /** audio object type (ISO 14496-3 table 1.17; 2 is AAC-LC), null where it is not known */
  objectType: number | null
  sampleRate: number
  channels: number
}

/** A refusal is one sentence that tells the broadcaster what to change. */
export type PassThrough = { ok: true } | { ok: false; reason: string }

const OK: PassThrough = { ok: true }
// Baseline, Main and High: 8 bits and 4:2:0 by definition, which every browser decodes.
const PROFILES = new Set([66, 77, 100])
const NAMES: Record<string, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', mp3: 'MP3', opus: 'Opus' }

/** May the source's video be shown as it comes? `partMs` is the part target: a part must hold a frame. */
export function mayPassVideo(video: MeasuredVideo, partMs: number): PassThrough {
  if (video.codec !== 'h264') {
    return refuse(`Choose an H.264 video encoder in OBS (Settings, Output): this video is ${named(video.codec)}, \
which not every viewer can play.`)
  }
  if (video.profile !== null && !PROFILES.has(video.profile)) {
    return refuse(`Choose the colour format NV12 and the profile "high" in OBS (Settings, Advanced and Output): \
browsers cannot play this kind of H.264.`)
  }
  const { keyframeIntervalMs, bitrate, frameRate } = video
  if (keyframeIntervalMs !== null && keyframeIntervalMs > passThrough.keyframeIntervalMs) {
    return refuse(`Set the keyframe interval to 2 s in OBS (Settings, Output, Output Mode Advanced): it is \
${seconds(keyframeIntervalMs)} s and may be ${seconds(passThrough.keyframeIntervalMs)} s at most.`)
  }
  if (bitrate !== null && bitrate > passThrough.videoBitrate) {
    return refuse(`Lower the video bitrate in OBS (Settings, Output, Streaming): it is ${kilobits(bitrate)} kbit/s and \
may be ${kilobits(passThrough.videoBitrate)} kbit/s at most.`)
  }
  if (frameRate * partMs < 999) {
    return refuse(`Set the frame rate to 24 or more in OBS (Settings, Video): it is ${frameRate.toFixed(1)} frames a \
second, too few for low delay.`)
  }
  return OK
}

/** May the source's audio be shown as it comes? */
export function mayPassAudio(audio: MeasuredAudio): PassThrough {
  if (audio.codec !== 'aac') {
    return refuse(`Choose AAC as the audio encoder in OBS (Settings, Output): this audio is ${named(audio.codec)}.`)
  }
  if (audio.objectType !== null && audio.objectType !== 2) {
    return refuse('Choose plain AAC (AAC-LC) as the audio encoder in OBS (Settings, Output): this audio is HE-AAC.')
  }
  if (audio.channels > 2) {
    return refuse(`Set the channels to stereo in OBS (Settings, Audio): this audio has ${audio.channels} channels.`)
  }
  if (audio.sampleRate !== 44_100 && audio.sampleRate !== 48_000) {
    return refuse(`Set the sample rate to 48 kHz in OBS (Settings, Audio): it is ${audio.sampleRate / 1000} kHz.`)
  }
  return OK
}

function refuse(reason: string): PassThrough {
  return { ok: false, reason }
}

function named(codec: string): string {
  return NAMES[codec] ?? codec
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1).replace('.0', '')
}

function kilobits(bitrate: number): number {
  return Math.round(bitrate / 1000)
}
