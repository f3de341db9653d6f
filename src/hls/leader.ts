/**
 * The rendition whose frames decide where all are cut. Parts close at the frame nearest to the part duration, segments at a
 * keyframe near the segment duration (RFC 8216bis sections 4.4.3.7 and 4.4.3.1). Where nothing comes for a while, or no
 * keyframe when one is due, the grid goes on with gaps, so that no part and no segment ever outgrows its target.
 */
import type { Sample } from '../containers/containers.ts'

/** A frame whose duration is not known yet: it lasts until the next one. */
export type Frame = Omit<Sample, 'duration'>

/**
 * A runt is shorter than a part may be, but for the last of a segment: the end of its segment follows at once. A still is
 * time in which the leader showed no new frame: whoever has none either has lost nothing.
 */
export type Cut =
  | { type: 'part'; msn: number; start: number; end: number; isFirst: boolean; isRunt: boolean; isStill: boolean }
  | { type: 'end'; msn: number }

export interface Grid {
  /** The part duration aimed at, seconds. */
  part: number
  /** No part of the leader is longer, so that its audio, cut to whole frames, stays within PART-TARGET. */
  longestPart: number
  /** No part is shorter but the last of a segment (RFC 8216bis section 4.4.4.9: 85 % of PART-TARGET). */
  shortestPart: number
  /** The segment duration aimed at. */
  segment: number
}

/** EXTINF, rounded to whole seconds, may not exceed the target duration: this much more still rounds down. */
const ROUNDING = 0.45
/** The longest keyframe interval that is passed through. */
export const LONGEST_TARGET = 4
const SILENCE = 1

interface LeaderOptions {
  timescale: number
  grid: Grid
  firstMsn: number
  /** Null until the first keyframe interval has been measured; from then on it never changes. */
  targetDuration: number | null
  onTargetDuration(seconds: number): void
  /** Samples are null for a gap and for the end of a segment. */
  onCut(cut: Cut, samples: Sample[] | null): void
  /** No keyframe came in time; `at` is where the timeline was cut without one. */
  onOverdue(at: number): void
}

export function createLeader(options: LeaderOptions) {
  const { timescale, onCut } = options
  const ticks = (seconds: number) => Math.round(seconds * timescale)
  const part = ticks(options.grid.part)
  const longestPart = ticks(options.grid.longestPart) + 1
  const shortestPart = ticks(options.grid.shortestPart) + 1
  let target = options.targetDuration
  let msn = options.firstMsn
  let held: Frame | null = null
  let samples: Sample[] = []
  let isStarted = false
  let isMissingKey = false
  let isSkipping = false
  let isFirstPart = true
  let segmentStart = 0
  let partStart = 0
  let composition = 0
  let lastKey = 0
  let longestInterval = 0
  let frameDuration = Math.round(timescale / 30)

  const longestSegment = () => ticks((target ?? LONGEST_TARGET) + ROUNDING)
  const seconds = (time: number) => (time + composition) / timescale

  function arrive(frame: Frame, isNewRun = false): void {
    if (!isStarted) return frame.isKey ? begin(frame) : undefined
    if (isNewRun) beginRun(frame)
    if (isSkipping && !(frame.isKey && frame.dts >= partStart)) return
    isSkipping = false
    settle(frame.dts)
    if (frame.isKey) measureInterval(frame.dts - lastKey)
    if (isMissingKey && !frame.isKey) return
    if (frame.isKey && (isMissingKey || isSegmentDue(frame.dts))) {
      closePart(frame.dts, frame.composition, true)
      closeSegment()
      begin(frame)
    } else {
      if (frame.dts - partStart >= Math.max(part - frameDuration / 2, shortestPart)) closePart(frame.dts)
      if (!isMissingKey) held = frame
    }
    if (frame.isKey) lastKey = frame.dts
  }

  /**
   * An encoder was started anew and this is its first frame: what the one before made from there on, and was not cut yet, is
   * made again. Where parts have been cut beyond it, nothing can be decoded before the next keyframe.
   */
  function beginRun(frame: Frame): void {
    if (held && held.dts >= frame.dts) held = null
    samples = samples.filter(({ dts }) => dts < frame.dts)
    isSkipping = frame.dts < partStart - frameDuration / 2
  }

  function begin(frame: Frame): void {
    isStarted = true
    isMissingKey = false
    isFirstPart = true
    composition = frame.composition
    segmentStart = partStart = lastKey = frame.dts
    held = frame
  }

  /** The held frame lasts until `edge`; where that is far away its part keeps to the grid, which goes on with gaps. */
  function settle(edge: number): void {
    if (held) {
      const duration = edge - held.dts
      samples.push({ ...held, duration })
      if (duration > 0 && duration <= longestPart) frameDuration = duration
      held = null
    }
    while (edge - partStart > longestPart) closePart(partStart + part)
  }

  function measureInterval(interval: number): void {
    longestInterval = Math.max(longestInterval, interval)
    if (target !== null) return
    target = targetFor(interval / timescale, options.grid.segment)
    options.onTargetDuration(target)
  }

  function isSegmentDue(edge: number): boolean {
    const duration = edge - segmentStart
    return (
      duration + longestInterval / 2 >= ticks(options.grid.segment) || duration + longestInterval > longestSegment()
    )
  }

  /** `isEnd` where the end of the segment follows at once. */
  function closePart(end: number, endComposition = composition, isEnd = false): void {
    if (end <= partStart && samples.length === 0) return
    const span = { start: seconds(partStart), end: (end + endComposition) / timescale }
    const cut: Cut = {
      type: 'part',
      msn,
      ...span,
      isFirst: isFirstPart,
      isRunt: isEnd && end - partStart < shortestPart,
      isStill: samples.length === 0,
    }
    onCut(cut, samples.length > 0 ? samples : null)
    samples = []
    isFirstPart = false
    partStart = end
    if (!isEnd && end - segmentStart + longestPart > longestSegment()) forceSegment(end)
  }

  // The next part might not fit any more, and no keyframe is in sight.
  function forceSegment(end: number): void {
    closeSegment()
    isFirstPart = true
    segmentStart = end
    const isOverdue = !isMissingKey
    isMissingKey = true
    held = null
    if (isOverdue) options.onOverdue(seconds(end))
  }

  function closeSegment(): void {
    onCut({ type: 'end', msn }, null)
    msn++
  }

  /** Another rendition has come as far as `at` seconds: a leader that fell silent is not waited for. */
  function keepUp(at: number): void {
    const edge = ticks(at - SILENCE) - composition
    if (isStarted && edge > (held ? held.dts + ticks(SILENCE) : partStart)) settle(edge)
  }

  function finish(): void {
    if (!isStarted) return
    if (held) settle(held.dts + frameDuration)
    if (samples.length > 0)
      closePart(partStart + samples.reduce((sum, { duration }) => sum + duration, 0), composition, true)
    if (!isFirstPart) closeSegment()
    isStarted = false
  }

  return { arrive, keepUp, finish }
}

/** A regular interval that fits gets the short target, anything else the long one: the target can never be changed later. */
function targetFor(interval: number, segment: number): number {
  const ratio = segment / interval
  const isRegular = interval <= segment * 1.05 && Math.abs(ratio - Math.round(ratio)) < 0.06 * ratio
  return isRegular ? Math.round(segment) : LONGEST_TARGET
}
