import type { Grid } from './leader.ts'

/** Sample rates whose audio is cut along the picture's parts. Other rates are encoded to one of these. */
const AAC_FRAME_SECONDS = [1024 / 48_000, 1024 / 44_100]
const SEGMENT_SECONDS = 2

/**
 * The durations that follow from the part duration an operator chose. Audio parts are whole AAC frames, up to one frame
 * longer than the picture's; PART-TARGET must cover them (RFC 8216bis section 4.4.3.7), and a part of the picture may not be
 * so long that its audio would exceed it.
 */
export function partGrid(partMs: number): { grid: Grid; partTarget: number } {
  const part = partMs / 1000 + 1 / 3000 // 333 ms means a third of a second
  const ceilings = AAC_FRAME_SECONDS.map((frame) => Math.ceil(part / frame) * frame)
  const partTarget = Math.ceil(Math.max(...ceilings) * 1000) / 1000
  const grid = {
    part,
    longestPart: Math.min(...ceilings),
    shortestPart: partTarget * 0.85,
    segment: SEGMENT_SECONDS,
  }
  return { grid, partTarget }
}
