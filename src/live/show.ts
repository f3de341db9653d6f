/**
 * One publisher on the air: reads its source, decides what is shown as it comes and what is encoded, and keeps a packager and
 * an encoder on the same timeline. When the source changes, or turns out not to be fit to be shown as it comes, the next
 * stretch begins with another plan; the players never leave.
 */
import { audioBitrate, encoderPreset } from '../../config/ladders.ts'
import { type AudioConfig, OFFSET_SECONDS, openFlvSource, type Stream, type Stretch } from '../hls/hls.ts'
import type { Publisher } from '../ingest/ingest.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import {
  type EncodePlan,
  isFallingBehind,
  type Ladder,
  mayPassAudio,
  mayPassVideo,
  type Source,
  type Supervisor,
  type Thumbnails,
  type Transcode,
  thumbnailFrames,
  type VideoRendition,
} from '../transcode/transcode.ts'
import { createRunUp, type RunUp } from './run-up.ts'

/** What was decided, for the session's row and the broadcaster's page. */
export interface Plan {
  source: Source
  renditions: { id: string; width: number; height: number; frameRate: number; bitrate: number }[]
  /** What the broadcaster could mend; null when the source is shown as it comes. */
  note: string | null
  /** Why the picture cannot be shown as it comes. */
  refusal: string | null
  /** How many rungs were decided on, and why. */
  ladderReason: string
}

export interface ShowOptions {
  publisher: Publisher
  stream: Stream
  transcode: Transcode
  ladder: Ladder
  partMs: number
  /** Why the picture of this session has been encoded so far: it goes on so, without trying again before the viewers. */
  refusal: string | null
  clock: Clock
  logger: Logger
  onPlan(plan: Plan): void
  /** A still the encoder made. */
  onThumbnails(thumbnails: Thumbnails): void
  /** Nothing can be shown of this source; the sentence is for the broadcaster. */
  onFailure(reason: string): void
}

export type Show = ReturnType<typeof startShow>

/** How long a second track may take to announce itself before the show begins without it. */
const TRACKS_MS = 1_000
/** What the encoder still owes when the source has ended. */
const FLUSH_MS = 1_500
const FITNESS_MS = 2_000
const PACE_MS = 1_000
const PACE_SAMPLES = 5
const SETTLED_MS = 8_000

export function startShow(options: ShowOptions) {
  const { publisher, stream, transcode, ladder, partMs, clock, logger, ...tell } = options
  const runUp: RunUp = createRunUp()
  let stretch: Stretch | null = null
  let encoder: Supervisor | null = null
  let release: (() => void) | null = null
  let newest = 0
  /** Fewer than at first, once the encoder has turned out too slow. */
  let most: number | undefined
  let checkPace: (() => void) | null = null
  let wallAtZero = 0
  /** Real time at second zero as the headers tell, for a source whose frames only FFmpeg can read. */
  let wallByHeaders = 0
  let tracksTimer: NodeJS.Timeout | undefined
  let isOver = false
  let lastFrameAt = clock.now()
  let foreign: Promise<Source | null> | null = null
  /** Once a source has shown itself unfit, it is encoded until the session ends. */
  let { refusal } = options

  const source = openFlvSource(
    publisher.flvPath,
    {
      onVideoConfig: (config) => configured(() => runUp.setVideo(config)),
      onAudioConfig: (config) => configured(() => runUp.setAudio(config)),
      onVideo: (frame) => arrived('video', frame),
      onAudio: (frame) => arrived('audio', frame),
      onOther: (track, codec) => configured(() => runUp.setOther(track, codec)),
      onEnd: () => void finish(),
    },
    logger,
  )

  function configured(change: () => void): void {
    change()
    if (wallByHeaders === 0) wallByHeaders = clock.now() - OFFSET_SECONDS * 1000
    if (stretch) return void replan(stretch.edge())
    if (runUp.isComplete()) return void begin(0)
    tracksTimer ??= setTimeout(() => void begin(0), TRACKS_MS)
  }

  function arrived(track: 'video' | 'audio', frame: Parameters<RunUp['push']>[1]): void {
    lastFrameAt = clock.now()
    if (wallAtZero === 0) wallAtZero = lastFrameAt - runUp.secondsOf(track, frame) * 1000
    newest = Math.max(newest, runUp.secondsOf(track, frame))
    if (!stream.isPlayable) runUp.push(track, frame)
    if (stretch) deliver(track, frame)
  }

  let delivers: { video: boolean; audio: boolean } = { video: false, audio: false }

  function deliver(track: 'video' | 'audio', frame: Parameters<RunUp['push']>[1]): void {
    if (!stretch || !delivers[track]) return
    stretch.arrive(track === 'video' ? 'source' : 'audio', frame)
    if (track === 'audio' && delivers.video) stretch.keepUp(runUp.secondsOf('audio', frame))
  }

  /** Begins a stretch at `from` seconds with what is known of the source by now. */
  async function begin(from: number): Promise<void> {
    clearTimeout(tracksTimer)
    if (isOver) return
    const seen = await readSource()
    if (isOver) return
    if (!seen) return tell.onFailure('No picture or sound that can be read has come from this source.')
    const passing = fitness(seen)
    release?.()
    const { video: encoded, cost, reason } = transcode.plan(seen, ladder, passing.video, most)
    release = transcode.claim(cost)
    const plan = { ...planOf(seen, encoded, passing), ladderReason: reason }
    const encodesAudio = seen.audio !== null && !passing.audio
    const leader = passing.video ? 'source' : (encoded[0]?.id ?? 'audio')
    encoder?.stop()
    checkPace = null
    delivers = { video: passing.video, audio: passing.audio }
    const next = stream.begin({
      leader,
      renditions: [
        ...plan.renditions.map(({ bitrate, ...rest }) => ({
          ...rest,
          kind: 'video' as const,
          plannedBitrate: bitrate,
        })),
        ...(seen.audio ? [{ id: 'audio', kind: 'audio' as const, plannedBitrate: audioBitrate * 1.5 }] : []),
      ],
      // The plan may be made between the headers and the first frame.
      wallAtZero: () => wallAtZero || wallByHeaders,
      from,
      onOverdue: (at) => queueMicrotask(() => overdue(next, at)),
    })
    stretch = next
    tell.onPlan(plan)
    if (passing.video) next.configure('source', runUp.video!)
    if (passing.audio) next.configure('audio', runUp.audio!)
    for (const { track, frame } of runUp.frames()) {
      if (runUp.secondsOf(track, frame) >= from) deliver(track, frame)
    }
    if (encoded.length > 0 || encodesAudio) encode(next, seen, encoded, encodesAudio, passing.video, from, plan)
  }

  function overdue(late: Stretch, at: number): void {
    if (late !== stretch || isOver || refusal) return
    refusal =
      'Set the keyframe interval to 2 s in OBS (Settings, Output, Output Mode Advanced): the last keyframe is too long ago.'
    replan(at)
  }

  function replan(from: number): void {
    stretch?.finishLeader()
    void begin(stream.isPlayable ? Math.max(from, stretch?.edge() ?? 0) : 0)
  }

  async function readSource(): Promise<Source | null> {
    const { video, audio, other } = runUp
    const known: Source = {
      video: video && {
        codec: 'h264',
        width: video.width,
        height: video.height,
        frameRate: runUp.frameRate() ?? publisher.health().frameRate ?? 30,
        bitrate: measuredBitrate(),
      },
      audio: audio && { codec: 'aac', sampleRate: audio.timescale, channels: audio.channels },
    }
    const isForeign = (!video && other.video !== null) || (!audio && other.audio !== null)
    if (!isForeign) return known.video || known.audio ? known : null
    foreign ??= transcode.probe(publisher.flvPath).catch((error: unknown) => {
      logger.warn({ err: error, publisherId: publisher.id, codecs: other }, 'this source cannot be read here')
      return null
    })
    const probed = await foreign
    if (!probed) {
      const codec = other.video ?? other.audio
      tell.onFailure(
        `This node cannot read ${codec}: choose H.264 and AAC in OBS (Settings, Output), or use a newer FFmpeg here.`,
      )
      return null
    }
    return { video: known.video ?? probed.video, audio: known.audio ?? probed.audio }
  }

  // The first seconds of a show are often a still picture: they say nothing of what it will need.
  const measuredBitrate = () =>
    clock.now() - publisher.startedAt > SETTLED_MS ? publisher.health().videoBitrate || null : null

  function fitness(seen: Source): { video: boolean; audio: boolean; reason: string | null } {
    const video = runUp.video
    const picture = video
      ? mayPassVideo(
          {
            codec: 'h264',
            profile: video.avcC[1] ?? null,
            frameRate: seen.video!.frameRate,
            keyframeIntervalMs: null, // the packager tells when one is overdue
            bitrate: measuredBitrate(),
          },
          partMs,
        )
      : null
    const sound = runUp.audio ? mayPassAudio(measuredAudio(runUp.audio)) : null
    if (picture?.ok === false) refusal = picture.reason
    return {
      video: picture?.ok === true && refusal === null,
      audio: sound?.ok === true,
      reason: refusal ?? (sound?.ok === false ? sound.reason : null),
    }
  }

  function planOf(seen: Source, encoded: VideoRendition[], passing: ReturnType<typeof fitness>) {
    const renditions = encoded.map(({ videoBitrate, ...rest }) => ({ ...rest, bitrate: videoBitrate }))
    if (passing.video && seen.video) {
      const { width, height, frameRate, bitrate } = seen.video
      renditions.unshift({ id: 'source', width, height, frameRate, bitrate: bitrate ?? 4_000_000 })
    }
    return { source: seen, renditions, note: passing.reason, refusal }
  }

  function encode(
    on: Stretch,
    seen: Source,
    video: VideoRendition[],
    encodesAudio: boolean,
    alongSource: boolean,
    from: number,
    decided: Plan,
  ): void {
    let making = video
    let told = decided
    const revise = (change: Partial<Plan>) => {
      told = { ...told, ...change }
      tell.onPlan(told)
    }
    const planNow = (): EncodePlan => ({
      input: publisher.flvPath,
      video: making,
      audio: encodesAudio
        ? { bitrate: audioBitrate, sampleRate: seen.audio?.sampleRate === 44_100 ? 44_100 : 48_000 }
        : null,
      keyframes: alongSource
        ? { at: 'source' }
        : { at: 'interval', seconds: 2, from: Math.max(0, Math.max(from, on.edge()) - OFFSET_SECONDS) },
      preset: encoderPreset,
      thumbnails: seen.video ? thumbnailFrames(seen.video) : [],
      sourceFrameRate: seen.video?.frameRate ?? 30,
    })
    encoder = transcode.supervise(planNow, {
      onEncoder(running) {
        running.onThumbnails(tell.onThumbnails)
        for (const [id, output] of running.outputs) {
          const read = on.reader(id)
          output.on('data', (chunk: Buffer) => {
            try {
              read(chunk)
            } catch (error) {
              logger.warn({ err: error, rendition: id }, 'the encoder wrote something that cannot be read')
              running.kill()
            }
          })
        }
      },
      onFallBack(failed) {
        if (!isOver && on === stretch)
          revise({ ladderReason: `${told.ladderReason}; ${failed} failed, and software took over` })
      },
      onState(state) {
        if (state.name !== 'failed' || isOver) return
        if (!alongSource) return tell.onFailure(`The encoder stopped: ${state.cause.message}`)
        revise({
          renditions: told.renditions.filter(({ id }) => id === 'source'),
          note: 'The encoder stopped; only the source quality is on offer.',
        })
      },
      sourceFlow: () => (isOver ? 'ended' : clock.now() - lastFrameAt > 2_000 ? 'silent' : 'flowing'),
    })
    const supervisor = encoder
    let samples: { source: number; output: number }[] = []
    checkPace = () => {
      // What the others follow cannot be left out: the next below it goes first.
      const top = making[alongSource ? 0 : 1]
      const output = on.reached(making[0]?.id ?? 'audio')
      if (!top || output === null || isOver) return
      samples = [...samples, { source: newest, output }].slice(-PACE_SAMPLES)
      if (!isFallingBehind(samples)) return
      samples = []
      making = making.filter((rendition) => rendition !== top)
      most = making.length
      const behind = (newest - output).toFixed(1)
      logger.warn(
        { shed: top.id, behind, left: making.map(({ id }) => id) },
        'the encoder is behind: a rendition was shed',
      )
      revise({
        renditions: told.renditions.filter(({ id }) => id !== top.id),
        note: `This node could not encode fast enough: ${top.id} is no longer offered.`,
        ladderReason: `${told.ladderReason}; ${top.id} was shed when the encoder was ${behind} s behind`,
      })
      if (making.length > 0 || encodesAudio) supervisor.replace()
      else supervisor.stop()
    }
  }

  const paceTimer = setInterval(() => checkPace?.(), PACE_MS)

  // A source may be sane at first and not stay so.
  const fitnessTimer = setInterval(() => {
    if (!stretch || refusal || !delivers.video || !stream.isPlayable || measuredBitrate() === null) return
    const { videoBitrate, frameRate } = publisher.health()
    const fit = mayPassVideo(
      { codec: 'h264', profile: null, frameRate: frameRate ?? 30, keyframeIntervalMs: null, bitrate: videoBitrate },
      partMs,
    )
    if (fit.ok) return
    refusal = fit.reason
    replan(stretch.edge())
  }, FITNESS_MS)

  const finished = Promise.withResolvers<void>()

  /** The publisher has left: what has come is shown to its end. */
  async function finish(): Promise<void> {
    if (isOver) return finished.promise
    isOver = true
    clearTimeout(tracksTimer)
    clearInterval(fitnessTimer)
    clearInterval(paceTimer)
    source.close()
    stretch?.finishLeader()
    if (encoder) {
      const flushed = encoder.ended
      await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref())])
      encoder.stop()
    }
    release?.()
    stretch?.finish()
    finished.resolve()
  }

  return { publisher, finish, encoderState: () => encoder?.state().name ?? null }
}

const measuredAudio = ({ codec, timescale, channels }: AudioConfig) => ({
  codec: 'aac',
  objectType: Number(codec.split('.')[2]),
  sampleRate: timescale,
  channels,
})
