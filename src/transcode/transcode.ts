/**
 * The encoder's room: which renditions a source deserves, the one FFmpeg that makes them, and what keeps it alive. It
 * reads FLV from a unix socket and gives one stream of fragmented MP4 per rendition, one frame per fragment, at FLV time
 * plus ten seconds. It owns no table and knows nothing of playlists or sessions.
 */
import type { Logger } from '../platform/logger.ts'
import type { EncodePlan } from './encode-options.ts'
import type { Limits, State } from './encoder-states.ts'
import { type Encoder, findVersion, grabThumbnails, launchEncoder } from './ffmpeg.ts'
import { probe } from './probe.ts'
import { type SourceFlow, type Supervisor, supervise } from './supervisor.ts'
import { type Thumbnails, thumbnailFrames } from './thumbnails.ts'

export { type EncodePlan, OUTPUT_OFFSET_SECONDS } from './encode-options.ts'
export type { Limits as EncoderLimits, State as EncoderState } from './encoder-states.ts'
export type { Encoder, FfmpegVersion } from './ffmpeg.ts'
export { type LadderOptions, planLadder, type Source, type VideoRendition } from './ladder.ts'
export {
  type MeasuredAudio,
  type MeasuredVideo,
  mayPassAudio,
  mayPassVideo,
  type PassThrough,
} from './pass-through.ts'
export type { SourceFlow, Supervisor } from './supervisor.ts'
export {
  THUMBNAIL_SECONDS,
  THUMBNAIL_SIZES,
  type ThumbnailFrame,
  type ThumbnailSize,
  type Thumbnails,
  thumbnailFrames,
} from './thumbnails.ts'

export interface EncodeHooks {
  /** A new encoder: read its outputs from the same tick on, or the first bytes are lost. */
  onEncoder(encoder: Encoder, plan: EncodePlan): void
  onState(state: State): void
  /** Asked before silence or an end of input is held against the encoder. */
  sourceFlow?(): SourceFlow
}

const GRAB_MS = 10_000
const LIMITS: Limits = { attempts: 5, healthyMs: 30_000, startMs: 10_000, stallMs: 5_000, graceMs: 3_000 }

export type Transcode = ReturnType<typeof createTranscode>

export function createTranscode(deps: {
  logger: Logger
  ffmpegPath?: string
  ffprobePath?: string
  limits?: Partial<Limits>
}) {
  const { logger, ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe' } = deps
  const limits = { ...LIMITS, ...deps.limits }

  /** Keeps an encoder running; the plan is asked for anew at each launch. */
  function superviseEncoder(planOf: () => EncodePlan, hooks: EncodeHooks): Supervisor {
    let encoder: Encoder | undefined
    let makesThumbnails = true
    return supervise({
      limits,
      sourceFlow: hooks.sourceFlow,
      launch() {
        const plan = planOf()
        // Stills are a courtesy: an encoder that failed is not asked for them again.
        encoder = launchEncoder(ffmpegPath, makesThumbnails ? plan : { ...plan, thumbnails: [] })
        hooks.onEncoder(encoder, plan)
        return encoder
      },
      onState(state) {
        const tail = encoder?.errorTail()
        if (state.name === 'waiting') makesThumbnails = false
        if (state.name === 'waiting')
          logger.warn({ err: state.cause, attempt: state.attempt, tail }, 'the encoder stopped')
        if (state.name === 'failed') logger.error({ err: state.cause, tail }, 'the encoder was given up')
        hooks.onState(state)
      },
    })
  }

  return {
    supervise: superviseEncoder,
    /** Stills of the keyframe some MP4 begins with, for a session nothing is encoded of. */
    grabThumbnails: (media: Buffer, picture: { width: number; height: number }): Promise<Thumbnails> =>
      grabThumbnails(ffmpegPath, media, thumbnailFrames(picture), GRAB_MS),
    probe: (socketPath: string) => probe(ffprobePath, socketPath),
    version: () => findVersion(ffmpegPath),
  }
}
