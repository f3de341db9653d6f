/**
 * The encoder's room: which renditions a source deserves, the one FFmpeg that makes them, and what keeps it alive. It
 * reads FLV from a unix socket and gives one stream of fragmented MP4 per rendition, one frame per fragment, at FLV time
 * plus ten seconds. It owns no table and knows nothing of playlists or sessions.
 */
import { maxEncodedRenditions, type Rung } from '../../config/ladders.ts'
import type { Logger } from '../platform/logger.ts'
import { createBox } from './box.ts'
import { costOf, explain, fitLadder, rungsOf } from './capacity.ts'
import type { EncodePlan } from './encode-options.ts'
import type { Limits, State } from './encoder-states.ts'
import type { EncoderChoice, EncoderName } from './encoders.ts'
import { type Encoder, findVersion, grabThumbnails, launchEncoder } from './ffmpeg.ts'
import { planLadder, type Source, type VideoRendition } from './ladder.ts'
import { probe } from './probe.ts'
import { laterEachTime, type SourceFlow, type Supervisor, supervise } from './supervisor.ts'
import { type Thumbnails, thumbnailFrames } from './thumbnails.ts'

export { isFallingBehind } from './capacity.ts'
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
  /** Hardware failed in mid-show; software goes on. */
  onFallBack?(failed: EncoderName): void
  /** Asked before silence or an end of input is held against the encoder. */
  sourceFlow?(): SourceFlow
}

export interface Ladder {
  rungs: readonly Rung[]
  /** Who named the rungs, null where nobody did. The operator's are made whatever the box can carry. */
  chosenBy: 'operator' | 'channel' | null
  isSourceOnly: boolean
}

export interface LadderPlan {
  video: VideoRendition[]
  cost: number
  reason: string
}

/** The start has the processor to itself. */
const SETTLE_MS = 1_000
const GRAB_MS = 10_000
const LIMITS: Limits = { attempts: 5, healthyMs: 30_000, startMs: 10_000, stallMs: 5_000, graceMs: 3_000 }

export type Transcode = ReturnType<typeof createTranscode>

export function createTranscode(deps: {
  logger: Logger
  ffmpegPath?: string
  ffprobePath?: string
  encoder?: EncoderChoice
  /** Where the box's measurement is kept; null or nothing keeps it in memory. */
  dataDir?: string | null
  limits?: Partial<Limits>
}) {
  const { logger, ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe' } = deps
  const limits = { ...LIMITS, ...deps.limits }
  const box = createBox({
    ffmpegPath,
    encoder: deps.encoder ?? 'software',
    dataDir: deps.dataDir ?? null,
    logger,
    version: () => findVersion(ffmpegPath),
  })

  let beginning: NodeJS.Timeout | undefined

  /** The encodings of a new session: as many as still fit the box of those the channel wants, or those the operator named. */
  function plan(source: Source, ladder: Ladder, passthrough: boolean, most?: number): LadderPlan {
    const { rungs, chosenBy, isSourceOnly } = ladder
    const least = passthrough ? 0 : 1
    const limit = isSourceOnly ? least : (most ?? (chosenBy ? rungs.length : maxEncodedRenditions))
    const planFor = (max: number) => planLadder(source, rungs, { passthrough, max, named: chosenBy !== null })
    if (chosenBy === 'operator' || isSourceOnly) {
      const video = planFor(limit)
      const by = chosenBy === 'channel' ? 'this channel chose so' : 'the operator chose so (LADDER)'
      return { video, cost: costOf(source, video), reason: `${rungsOf(video.length)}: ${by}` }
    }
    const load = box.load()
    const fitted = fitLadder(load, source, { least, most: limit, planFor })
    const asked = chosenBy ? `; this channel asked for ${rungs.map(({ name }) => name).join(', ')}` : ''
    return { ...fitted, reason: explain(load, fitted.video.length) + asked }
  }

  /** Keeps an encoder running; the plan is asked for anew at each launch. */
  function superviseEncoder(planOf: () => EncodePlan, hooks: EncodeHooks): Supervisor {
    let encoder: Encoder | undefined
    let name: EncoderName = 'software'
    let isHardwareGood = true
    let makesThumbnails = true
    return supervise({
      limits,
      sourceFlow: hooks.sourceFlow,
      launch() {
        name = isHardwareGood ? box.encoder() : 'software'
        const plan = { ...planOf(), encoder: name }
        // Stills are a courtesy: an encoder that failed is not asked for them again.
        encoder = launchEncoder(ffmpegPath, makesThumbnails ? plan : { ...plan, thumbnails: [] })
        hooks.onEncoder(encoder, plan)
        return encoder
      },
      retryMs(attempt, cause) {
        if (name === 'software') return laterEachTime(attempt)
        isHardwareGood = false
        box.putAside(name, cause)
        hooks.onFallBack?.(name)
        return 0
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
    plan,
    claim: (cost: number) => box.claim(cost),
    /** Tries the encoders and measures the box, in the background. */
    start(): void {
      beginning = setTimeout(() => void box.start(), SETTLE_MS)
    },
    stop(): void {
      clearTimeout(beginning)
      box.stop()
    },
    capacity: box.report,
    /** Stills of the keyframe some MP4 begins with, for a session nothing is encoded of. */
    grabThumbnails: (media: Buffer, picture: { width: number; height: number }): Promise<Thumbnails> =>
      grabThumbnails(ffmpegPath, media, thumbnailFrames(picture), GRAB_MS),
    probe: (socketPath: string) => probe(ffprobePath, socketPath),
    version: () => findVersion(ffmpegPath),
  }
}
