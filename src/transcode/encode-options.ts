import { type EncoderName, encoders } from './encoders.ts'
import type { VideoRendition } from './ladder.ts'
import type { ThumbnailFrame } from './thumbnails.ts'

/** What one FFmpeg is to make of one publisher's FLV. */
export interface EncodePlan {
  /** path of the unix socket that serves the FLV */
  input: string
  /** from the largest; each is scaled from the one before it */
  video: VideoRendition[]
  /** audio as AAC-LC stereo, rendition `audio`; null where the source's own is shown or there is none */
  audio: { bitrate: number; sampleRate: 44_100 | 48_000 } | null
  /**
   * At the source's own keyframes; or at intervals: what lies before `from` (seconds of FLV time) is dropped, the first
   * frame after it is a keyframe, and so is the first one at or after each further `seconds`.
   */
  keyframes: { at: 'source' } | { at: 'interval'; seconds: number; from: number }
  /** software, unless it says otherwise */
  encoder?: EncoderName
  /** x264's */
  preset: string
  /** a rendition with a lower rate than the source is thinned to every second (third …) frame */
  sourceFrameRate: number
  /** More than one lets a 4K source be decoded in time, and delays every frame by one frame for each. */
  decoderThreads?: number
  /** stills made beside the ladder, from the same decoding; none where no rendition is encoded */
  thumbnails?: readonly ThumbnailFrame[]
}

/** FFmpeg's arguments, before they are put in order: one output per rendition. */
export interface EncodeOptions {
  input: { target: string; options: string[] }
  filters: string[]
  outputs: { id: string; options: string[] }[]
}

/** Encoded media time is FLV time and this: nothing can come out before zero, whatever an encoder puts in front. */
export const OUTPUT_OFFSET_SECONDS = 10

// Filters stay when the source changes its size: ours cope, and remember which frames they took.
const LASTING = ['-reinit_filter:v', '0']
// A small probe finds both tracks within 0.2 s; 32 bytes would misread the sample rate.
const INPUT = ['-fpsprobesize', '0', '-analyzeduration', '1000000', '-probesize', '500000', '-f', 'flv']
// One frame per fragment, on the source's own timeline: no edit list, no start at zero.
const FRAGMENTS = ['-movflags', '+cmaf+frag_discont+frag_every_frame', '-use_editlist', '0']
const OUTPUT = [...FRAGMENTS, '-output_ts_offset', String(OUTPUT_OFFSET_SECONDS), '-f', 'mp4']
// The default would move frames to a constant rate, and with them the keyframes by up to a frame.
const TIMING = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000']

export function encodeOptions(plan: EncodePlan): EncodeOptions {
  const { audio } = plan
  const encoder = encoders[plan.encoder ?? 'software']
  const video = plan.video.map((rendition, index) => ({
    id: rendition.id,
    options: [
      '-map',
      `[v${index}]`,
      ...encoder.options(rendition, plan.preset),
      ...keyframesOf(plan),
      ...TIMING,
      ...OUTPUT,
    ],
  }))
  const sound = audio ? [{ id: 'audio', options: ['-map', '0:a:0', ...audioOptions(audio), ...OUTPUT] }] : []
  return {
    input: {
      target: `unix:${plan.input}`,
      options: [
        ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-copyts', ...encoder.device],
        ...[...LASTING, '-threads', String(plan.decoderThreads ?? 1), ...INPUT],
      ],
    },
    filters: filtersOf(plan),
    outputs: [...video, ...sound],
  }
}

// Holes in the source's audio are filled with silence, so that the samples keep to the timeline.
function audioOptions({ bitrate, sampleRate }: NonNullable<EncodePlan['audio']>): string[] {
  const rate = String(sampleRate)
  return ['-c:a', 'aac', '-b:a', String(bitrate), '-ar', rate, '-ac', '2', '-af', 'aresample=async=1']
}

// Here FFmpeg's `t` begins at zero with the first frame encoded, even under -copyts.
function keyframesOf({ keyframes }: EncodePlan): string[] {
  if (keyframes.at === 'source') return ['-force_key_frames', 'source']
  const due = crossing(keyframes.seconds, 't', 'prev_forced_t')
  return ['-force_key_frames', `expr:if(isnan(prev_forced_t),1,${due})`]
}

// Counted from the keyframe before, so that a source that paused does not make up for the instants it missed. A tenth of a
// millisecond is for rounding.
function crossing(seconds: number, t: string, before: string): string {
  const step = (at: string) => `floor((${at})/${seconds}+0.0001)`
  return `gt(${step(t)},${step(before)})`
}

/** One chain from the largest to the smallest: scaling in cascade costs a tenth less than from the source each time. */
function filtersOf({ video, keyframes, sourceFrameRate, encoder }: EncodePlan): string[] {
  const { upload } = encoders[encoder ?? 'software']
  let frameRate = sourceFrameRate
  return video.flatMap((rendition, index) => {
    const isFirst = index === 0
    const isThinned = Math.round(frameRate / rendition.frameRate) > 1
    const steps = [
      ...(isFirst && keyframes.at === 'interval' ? [`select='gte(t,${keyframes.from})'`] : []),
      ...(isThinned ? [thin(keyframes, frameRate, rendition.frameRate)] : []),
      ...(isFirst ? fitInto(rendition) : [`scale=${rendition.width}:${rendition.height}:flags=bicubic`, 'setsar=1']),
    ]
    frameRate = rendition.frameRate
    const isLast = index === video.length - 1
    const out = upload ? `[u${index}]` : `[v${index}]`
    const to = isLast ? out : `,split${out}[s${index + 1}]`
    const chain = `${isFirst ? '[0:v:0]' : `[s${index}]`}${steps.join(',')}${to}`
    return upload ? [chain, `${out}${upload}[v${index}]`] : [chain]
  })
}

// The first scaling meets the source as it is, and goes on when that changes in mid-stream: another shape is given bars.
export function fitInto({ width, height }: { width: number; height: number }): string[] {
  const isSameShape = `lt(abs(dar*${height}/${width}-1),0.02)`
  const w = `if(${isSameShape},${width},max(2,2*trunc(min(${width},${height}*dar)/2)))`
  const h = `if(${isSameShape},${height},max(2,2*trunc(min(${height},${width}/dar)/2)))`
  const fit = `scale='${w}':'${h}':flags=bicubic:eval=frame`
  return [fit, `pad=${width}:${height}:-1:-1:eval=frame`, 'setsar=1', 'format=yuv420p']
}

// Every second frame (or third …), and every frame that must become a keyframe, so that all renditions cut together.
function thin(keyframes: EncodePlan['keyframes'], from: number, to: number): string {
  const gap = (1 / to - 0.5 / from).toFixed(4)
  const isKey = keyframes.at === 'source' ? 'key' : crossing(keyframes.seconds, 't-start_t', 'prev_selected_t-start_t')
  return `select='${isKey}+isnan(prev_selected_t)+gte(t-prev_selected_t,${gap})'`
}
