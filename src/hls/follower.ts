/**
 * A rendition that is cut where the leader was cut: it holds its frames until the leader has covered the same time. What
 * does not come in time becomes a gap; after a gap, video goes on only with a keyframe at the head of a segment.
 */

import type { Sample } from '../containers/containers.ts'
import type { Cut, Frame } from './leader.ts'

type PartCut = Extract<Cut, { type: 'part' }>

interface FollowerOptions {
  kind: 'video' | 'audio'
  longestPart: number
  /** `duration` in seconds; samples are null for a gap and for the end of a segment. */
  onCut(cut: Cut, samples: Sample[] | null, duration: number): void
}

const AAC_FRAME = 1024

/** How far the leader may run ahead before a part is given up, seconds: generous until a starting encoder has caught up. */
const PATIENCE = 2
const FIRST_PATIENCE = 6

export function createFollower({ kind, longestPart, onCut }: FollowerOptions) {
  const frames: Frame[] = []
  const cuts: Cut[] = []
  let timescale = 90_000
  let frameDuration = kind === 'audio' ? AAC_FRAME : 3_000
  let newestCut = 0
  let patience = FIRST_PATIENCE
  let isAway = false
  let needsKey = kind === 'video'

  const timeOf = (frame: Frame) => frame.dts + frame.composition

  function configure(ticksPerSecond: number): void {
    timescale = ticksPerSecond
  }

  function arrive(frame: Frame, isNewRun = false): void {
    if (isNewRun) beginRun(frame)
    const before = frames.at(-1)
    const distance = before ? frame.dts - before.dts : 0
    if (kind === 'video' && distance > 0 && distance <= longestPart * timescale) frameDuration = distance
    frames.push(frame)
    isAway = false
    drain(false)
  }

  /** As the leader does: what an encoder started anew makes again counts, from where nothing has been cut yet. */
  function beginRun(frame: Frame): void {
    const again = frames.findIndex((before) => timeOf(before) >= timeOf(frame))
    if (again >= 0) frames.splice(again)
    const uncut = cuts.find((next) => next.type === 'part')?.start ?? newestCut
    if (kind === 'video' && timeOf(frame) < uncut * timescale - frameDuration / 2) needsKey = true
  }

  function cut(next: Cut): void {
    cuts.push(next)
    if (next.type === 'part') newestCut = next.end
    drain(false)
  }

  function drain(isForced: boolean): void {
    for (let next = cuts[0]; next; next = cuts[0]) {
      if (next.type === 'end') onCut(next, null, 0)
      else if (!emit(next, isForced)) return
      cuts.shift()
    }
  }

  /** Emits one part, or returns false while frames of it may still come. */
  function emit(next: PartCut, isForced: boolean): boolean {
    const limit = next.end * timescale - frameDuration / 2
    const isCovered = frames.length > 0 && timeOf(frames.at(-1)!) >= limit
    if (!isCovered && !isForced && !isAway) {
      if (newestCut - next.end <= patience) return false
      isAway = true
    }
    const count = isCovered ? frames.findIndex((frame) => timeOf(frame) >= limit) : frames.length
    const earliest = next.start * timescale - frameDuration / 2
    const taken = frames.splice(0, count).filter((frame) => timeOf(frame) >= earliest)
    if (taken.length > 0 && newestCut - next.end <= PATIENCE) patience = PATIENCE
    if (kind === 'video' && next.isFirst) needsKey = !taken[0]?.isKey
    // Frames that are lost (not merely rare) leave nothing that could be decoded before the next keyframe.
    if (kind === 'video' && isAway) needsKey = true
    if (taken.length > 0 && !needsKey) {
      const samples = withDurations(taken)
      const length = samples.reduce((sum, { duration }) => sum + duration, 0) / timescale
      const isBesideHole = next.end - next.start - length > frameDuration / timescale
      onCut(next, samples, kind === 'audio' && !isBesideHole ? length : next.end - next.start)
    } else {
      onCut(next, null, next.end - next.start)
    }
    return true
  }

  // Where the next frame is far away there is a hole, and the parts in between are gaps.
  function withDurations(taken: Frame[]): Sample[] {
    return taken.map((frame, i) => {
      const following = taken[i + 1] ?? frames[0]
      const distance = following ? following.dts - frame.dts : frameDuration
      return { ...frame, duration: distance > 0 && distance <= longestPart * timescale ? distance : frameDuration }
    })
  }

  /**
   * The stretch is over: what is there is cut, what is not is a gap. The last segment ends where its frames end; its first
   * part is there in any case, so that every rendition has the same numbers.
   */
  function finish(): void {
    const end = (Math.max(...frames.map(timeOf)) + frameDuration / 2) / timescale
    const lastMsn = cuts.at(-1)?.msn
    const kept = cuts.splice(0).filter((cut) => {
      return cut.type === 'end' || cut.msn !== lastMsn || cut.isFirst || cut.start < end
    })
    const last = kept.findLast((cut) => cut.type === 'part')
    cuts.push(...kept.map((cut) => (cut === last ? { ...last, isRunt: true } : cut)))
    drain(true)
  }

  return { configure, arrive, cut, finish }
}
