/**
 * One session's stream as players see it: a window for each rendition, fed stretch by stretch. A stretch is what one
 * publisher sends without a seam; the next one begins after a discontinuity with the next media sequence number.
 */

import { createMp4Reader, fragment, initSection, type Sample, type TrackConfig } from '../containers/containers.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Archive, StreamParameters } from './archive.ts'
import type { Cut, Frame } from './leader.ts'
import { createPackager } from './packager.ts'
import { partGrid } from './part-grid.ts'
import { createWindow, type Segment, type Window } from './window.ts'

/** What the multivariant playlist tells of a rendition; the rest is measured. */
export interface RenditionAttributes {
  id: string
  kind: 'video' | 'audio'
  width?: number
  height?: number
  frameRate?: number
  channels?: number
  codec?: string
  /** Bits per second, until segments have been measured. */
  plannedBitrate: number
}

interface StreamOptions {
  sessionId: string
  partMs: number
  dvrWindowMs: number
  memoryBytes: number
  archive: Archive
  clock: Clock
  logger: Logger
  /** There is something new to play: every rendition has its first whole segment, or a later stretch its first part. */
  onPlayable(): void
}

interface StretchOptions {
  leader: string
  renditions: RenditionAttributes[]
  /** Milliseconds since 1970 at second zero of the stretch's timeline; asked when its first part is there. */
  wallAtZero(): number
  /** Frames before this second belong to what has been shown already. */
  from?: number
  onOverdue(at: number): void
}

export type Stream = ReturnType<typeof createStream>
export type Stretch = ReturnType<Stream['begin']>

/** How much of the past an ordinary playlist lists, and how much longer its segments stay in memory. */
const LIVE_WINDOW_MS = 30_000

/** The open segment, and one that was being written. */
const LOST_SEGMENTS = 2

export function createStream(options: StreamOptions) {
  const { archive, clock, logger, sessionId } = options
  const { grid, partTarget } = partGrid(options.partMs)
  const windows = new Map<string, Window>()
  const attributes = new Map<string, RenditionAttributes>()
  let targetDuration: number | null = null
  let discontinuities = 0
  let nextMsn = 0
  let lastEnd = 0
  let isPlayable = false
  let isTold = false
  let isEnded = false
  let isArchiving = true
  let current: { finish(): void } | null = null

  function begin({ leader, renditions, wallAtZero, from = 0, onOverdue }: StretchOptions) {
    current?.finish()
    if (!isPlayable) forgetAll()
    isTold = false
    for (const rendition of renditions) {
      attributes.set(rendition.id, { ...attributes.get(rendition.id), ...rendition })
      if (!windows.has(rendition.id)) windows.set(rendition.id, createWindow(rendition.id, rendition.kind))
    }
    const firstMsn = nextMsn
    const isSeam = firstMsn > 0
    const gaps = new Map<string, boolean>()
    const reached = new Map<string, number>()
    let isOver = false
    let edge = from
    let isAnchored = false
    let seam = 0
    let sequence = 0
    // Real time must not run backwards over a seam, whatever the clocks say.
    let wall = 0

    const packager = createPackager({
      leader,
      renditions: [...windows.values()].map(({ id, kind }) => ({ id, kind })),
      grid,
      firstMsn,
      targetDuration,
      onTargetDuration: setTarget,
      onOverdue,
      onCut,
    })

    function onCut(id: string, cut: Cut, samples: Sample[] | null, duration: number): void {
      const window = windows.get(id)!
      nextMsn = Math.max(nextMsn, cut.msn + 1)
      if (cut.type === 'end') return endSegment(window, gaps.get(id) ?? false)
      if (cut.isFirst) gaps.set(id, false)
      if (!samples && (!cut.isStill || cut.isFirst)) gaps.set(id, true)
      if (!isAnchored) {
        isAnchored = true
        // Counted with its first part: a stretch of which nothing came leaves no seam.
        if (isSeam) discontinuities++
        seam = discontinuities
        wall = Math.max(wallAtZero(), lastEnd - cut.start * 1000)
      }
      window.addPart({
        msn: cut.msn,
        isRunt: cut.isRunt,
        programDateTime: wall + cut.start * 1000,
        startsDiscontinuity: isSeam && cut.msn === firstMsn,
        discontinuities: seam,
        // Sound beside a hole may come out half a frame longer than the grid; what is announced keeps to the target.
        duration: Math.min(duration, partTarget),
        isIndependent: samples?.[0]?.isKey ?? false,
        isGap: samples === null,
        bytes: samples && fragment(++sequence, samples),
      })
      if (id !== leader) return
      edge = cut.end
      lastEnd = wall + cut.end * 1000
      if (isPlayable) tellPlayable()
    }

    function configure(id: string, config: TrackConfig): void {
      const window = windows.get(id)
      if (!window || isOver) return
      const known = attributes.get(id)
      const seen =
        config.kind === 'video' ? { width: config.width, height: config.height } : { channels: config.channels }
      attributes.set(id, { ...known!, ...seen, codec: config.codec })
      packager.configure(id, config.timescale)
      if (window.addInit(initSection(config)))
        void saved(archive.saveInit(id, window.inits.length - 1, window.inits.at(-1)!))
    }

    function arrive(id: string, frame: Frame, isNewRun = false): void {
      if (!isOver) packager.arrive(id, frame, isNewRun)
    }

    /** Takes the fragmented MP4 of an encoder. A new encoder for the same rendition begins with a reader of its own. */
    function reader(id: string): (chunk: Buffer) => void {
      let ticks = 90_000
      let isNewRun = true
      return createMp4Reader({
        onConfig: (config) => {
          ticks = config.timescale
          configure(id, config)
        },
        onSample: (sample) => {
          reached.set(id, (sample.dts + sample.composition) / ticks)
          if (sample.dts + sample.composition < from * ticks) return
          arrive(id, sample, isNewRun)
          isNewRun = false
        },
      })
    }

    /** The leader has sent its last frame; the others may still deliver what they owe. */
    function finishLeader(): void {
      if (isPlayable && !isOver) isTold = true
      packager.finishLeader()
    }

    function finish(): void {
      if (isOver) return
      finishLeader()
      packager.finish()
      isOver = true
    }

    current = { finish }
    return {
      configure,
      arrive,
      reader,
      keepUp: packager.keepUp,
      finishLeader,
      finish,
      edge: () => edge,
      /** How far an encoder's output has come, in seconds; null before its first frame. */
      reached: (id: string) => reached.get(id) ?? null,
    }
  }

  /** Once a stretch, and not for what is only its last gasp. */
  function tellPlayable(): void {
    if (isTold) return
    isTold = true
    options.onPlayable()
  }

  function setTarget(seconds: number): void {
    targetDuration = seconds
    void saveParameters()
  }

  function saveParameters(): Promise<void> {
    const renditions = [...attributes.values()].map(({ id, kind, ...rest }) => ({ id, kind, attributes: rest }))
    return saved(archive.saveParameters({ targetDuration: targetDuration!, partTarget, renditions }))
  }

  function endSegment(window: Window, isGap: boolean): void {
    const segment = window.endSegment(isGap)
    if (!segment) return
    void saved(archive.append(window.id, segment))
    if (!isPlayable && targetDuration !== null && [...windows.values()].every(hasWholeSegment)) {
      isPlayable = true
      void saveParameters()
      tellPlayable()
    }
    trim(window)
  }

  /** A disk that fails turns rewinding off for this session; the live show goes on. */
  async function saved(work: Promise<unknown>): Promise<void> {
    if (!isArchiving) return void work.catch(() => undefined)
    await work.catch((error: unknown) => {
      if (!isArchiving) return
      isArchiving = false
      logger.warn({ err: error, sessionId }, 'the media folder cannot be written: rewinding is off for this session')
    })
  }

  /** Bytes of what has left the live list go once they are on disk, or when memory is full; old segments go altogether. */
  function trim(window: Window): void {
    const edge = lastEnd
    const liveFrom = edge - liveWindowMs() - (targetDuration ?? 4) * 2000
    const keepMs = isArchiving ? Math.max(options.dvrWindowMs, liveWindowMs()) : liveWindowMs()
    let held = 0
    const share = options.memoryBytes / Math.max(windows.size, 1)
    let releaseTo = 0
    for (const segment of window.segments.toReversed()) {
      if (segment.parts.length === 0) break
      held += segment.size
      const isOld = segment.programDateTime < liveFrom
      if ((isOld && (segment.stored !== null || segment.isGap || !isArchiving)) || held > share) {
        releaseTo = segment.msn + 1
        break
      }
    }
    const newest = window.segments.at(-1)!.msn
    window.releaseBytes(Math.min(releaseTo, newest))
    const oldest = window.segments.find(({ programDateTime }) => programDateTime >= edge - keepMs - 10_000)
    if (!oldest || oldest.msn === window.segments[0]!.msn) return
    window.removeBefore(oldest.msn)
    void saved(archive.sweep(Math.min(...[...windows.values()].map(({ segments }) => segments[0]?.msn ?? 0))))
  }

  const liveWindowMs = () => Math.max(LIVE_WINDOW_MS, (targetDuration ?? 4) * 8000)

  /** The first media sequence number of a list: the last half minute, or as far back as one may rewind. */
  function listFrom(window: Window, isDvr: boolean): number {
    const span = isDvr && isArchiving ? Math.max(options.dvrWindowMs, liveWindowMs()) : liveWindowMs()
    const from = lastEnd - span
    const first = window.segments.find((segment) => segment.programDateTime >= from && isOnOffer(segment))
    return first?.msn ?? window.segments.at(-1)?.msn ?? 0
  }

  const isOnOffer = (segment: Segment) => segment.parts.length > 0 || segment.isGap || segment.stored !== null

  // What came before the stream was first playable was seen by nobody.
  function forgetAll(): void {
    windows.clear()
    attributes.clear()
    nextMsn = 0
    discontinuities = 0
    targetDuration = null
  }

  function restore(parameters: StreamParameters, stored: Map<string, { segments: Segment[]; inits: Buffer[] }>): void {
    targetDuration = parameters.targetDuration
    for (const { id, kind, attributes: rest } of parameters.renditions) {
      const window = createWindow(id, kind)
      const found = stored.get(id)
      if (found) window.restore(found.segments, found.inits)
      windows.set(id, window)
      attributes.set(id, { id, kind, plannedBitrate: 1_000_000, ...rest })
      for (const segment of found?.segments ?? []) {
        nextMsn = Math.max(nextMsn, segment.msn + 1)
        discontinuities = Math.max(discontinuities, segment.discontinuities)
        lastEnd = Math.max(lastEnd, segment.programDateTime + segment.duration * 1000)
      }
    }
    isPlayable = [...windows.values()].some(hasWholeSegment)
    if (isPlayable) skipLost()
  }

  // What was on offer when the node died, but not on disk yet: its numbers and addresses are never used again.
  function skipLost(): void {
    for (let lost = 0; lost < LOST_SEGMENTS; lost++, nextMsn++, lastEnd += targetDuration! * 1000) {
      for (const window of windows.values()) window.addLost(nextMsn, lastEnd, targetDuration!, discontinuities)
    }
  }

  function end(): void {
    if (isEnded) return
    current?.finish()
    isEnded = true
    for (const window of windows.values()) window.end()
  }

  const expiry = setInterval(() => {
    for (const window of windows.values()) window.waiters.expire(clock.now())
  }, 250)

  return {
    sessionId,
    windows,
    attributes,
    partTarget,
    begin,
    restore,
    end,
    listFrom,
    readStored: archive.read,
    /** Nothing more is served; the disk keeps what it has unless told otherwise. */
    close(): void {
      clearInterval(expiry)
      end()
    },
    get targetDuration() {
      return targetDuration
    },
    get isPlayable() {
      return isPlayable
    },
    get isEnded() {
      return isEnded
    },
    get canRewind() {
      return isArchiving
    },
  }
}

const hasWholeSegment = (window: Window) => window.segments.some(({ isComplete }) => isComplete)
