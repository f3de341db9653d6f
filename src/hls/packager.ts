/**
 * Cuts every rendition of a session at the same instants: one leads, the others follow. One packager serves one stretch of
 * the timeline, between two discontinuities.
 */

import type { Sample } from '../containers/containers.ts'
import { createFollower } from './follower.ts'
import { type Cut, createLeader, type Frame, type Grid } from './leader.ts'

export interface RenditionKind {
  id: string
  kind: 'video' | 'audio'
}

export interface PackagerOptions {
  leader: string
  /** Every rendition of the session; one that nobody feeds in this stretch is made of gaps. */
  renditions: readonly RenditionKind[]
  grid: Grid
  firstMsn: number
  targetDuration: number | null
  onTargetDuration(seconds: number): void
  /** Samples are null for a gap and for the end of a segment; `duration` in seconds. */
  onCut(rendition: string, cut: Cut, samples: Sample[] | null, duration: number): void
  onOverdue(at: number): void
}

export type Packager = ReturnType<typeof createPackager>

export function createPackager({ leader: leaderId, renditions, grid, onCut, ...options }: PackagerOptions) {
  const followers = new Map(
    renditions
      .filter(({ id }) => id !== leaderId)
      .map(({ id, kind }) => [
        id,
        createFollower({ kind, longestPart: grid.longestPart, onCut: (...cut) => onCut(id, ...cut) }),
      ]),
  )
  let timescale = 90_000
  let leader = lead()

  function lead() {
    return createLeader({
      ...options,
      timescale,
      grid,
      onCut: (cut, samples) => {
        onCut(leaderId, cut, samples, cut.type === 'part' ? cut.end - cut.start : 0)
        for (const follower of followers.values()) follower.cut(cut)
      },
    })
  }

  /** Before its first frame, each rendition says in what unit it counts time. */
  function configure(rendition: string, ticksPerSecond: number): void {
    followers.get(rendition)?.configure(ticksPerSecond)
    if (rendition !== leaderId || ticksPerSecond === timescale) return
    timescale = ticksPerSecond
    leader = lead()
  }

  /** `isNewRun` with the first frame of an encoder that takes the place of another. */
  function arrive(rendition: string, frame: Frame, isNewRun = false): void {
    if (rendition === leaderId) return leader.arrive(frame, isNewRun)
    followers.get(rendition)?.arrive(frame, isNewRun)
  }

  /** Sound that came straight from the source tells how late it is, should the leading picture fall silent. */
  const keepUp = (seconds: number) => leader.keepUp(seconds)

  /** No frame comes any more from the leader; the others may still deliver what they owe. */
  const finishLeader = () => leader.finish()

  function finish(): void {
    leader.finish()
    for (const follower of followers.values()) follower.finish()
  }

  return { configure, arrive, keepUp, finishLeader, finish }
}
