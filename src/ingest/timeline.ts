/**
 * One smooth timeline out of the timestamps a source sends: begins at about 0, knows no wrap and no leap, always
 * goes forward on a track, and keeps sound and picture as far apart as the source had them. Does no I/O, reads no clock.
 *
 * A leap (more than 3 s beyond the newest frame, or more than 0.5 s back) opens a new epoch: another offset between the
 * source's time and ours. Tracks enter it one by one, as their own timestamps leap, so late frames of the other track,
 * interleaved around the seam, still land where they belong.
 */
import type { Track } from './flv-tags.ts'

const FORWARD_MS = 3_000
const BACKWARD_MS = 500
const USUAL_STEP_MS: Record<Track, number> = { video: 33, audio: 21 }
const LONGEST_STEP_MS = 200

interface Epoch {
  offset: number
}

interface TrackState {
  epoch: Epoch
  /** The source's time, counted on through wraps. */
  source: number
  /** Ours. */
  at: number
  stepMs: number
}

export type Timeline = ReturnType<typeof createTimeline>

export function createTimeline() {
  const tracks: Partial<Record<Track, TrackState>> = {}
  let newest: Epoch | null = null
  let front = 0
  let source = 0
  let jumps = 0

  /** The epoch under which this frame falls nearest to where its track should go on; null when it leaps under all. */
  function epochFor(unwrapped: number, state: TrackState | undefined): Epoch | null {
    const expected = state ? state.at + state.stepMs : front
    const earliest = state ? state.at - BACKWARD_MS : front - FORWARD_MS
    const distance = (epoch: Epoch) => Math.abs(unwrapped - epoch.offset - expected)
    const fits = (epoch: Epoch) => {
      const at = unwrapped - epoch.offset
      return at >= earliest && at <= front + FORWARD_MS
    }
    return [state?.epoch, newest]
      .filter((epoch) => epoch !== undefined && epoch !== null)
      .filter(fits)
      .reduce<Epoch | null>((best, epoch) => (best && distance(best) <= distance(epoch) ? best : epoch), null)
  }

  function openEpoch(unwrapped: number, stepMs: number): Epoch {
    const isFirst = newest === null
    if (!isFirst) jumps += 1
    newest = { offset: unwrapped - (isFirst ? 0 : front + stepMs) }
    return newest
  }

  return {
    /** Where a frame with this 32-bit RTMP timestamp belongs, in ms. Frames of a track must come in decode order. */
    place(track: Track, timestamp: number): number {
      const state = tracks[track]
      const reference = state?.source ?? source
      // The shortest way round a circle of 2^31 ms: RTMP begins anew at 2^32, FFmpeg's FLV writer already at 2^31.
      const unwrapped = reference + (((timestamp - reference) << 1) >> 1)
      const stepMs = state?.stepMs ?? USUAL_STEP_MS[track]
      const epoch = epochFor(unwrapped, state) ?? openEpoch(unwrapped, stepMs)
      // What would go back, or stand still, goes on in steps of a millisecond until it has caught up.
      const at = Math.max(unwrapped - epoch.offset, state ? state.at + 1 : 0)
      const advance = state ? at - state.at : 0
      tracks[track] = {
        epoch,
        source: unwrapped,
        at,
        stepMs: advance > 1 && advance <= LONGEST_STEP_MS ? advance : stepMs,
      }
      source = unwrapped
      front = Math.max(front, at)
      return at
    },

    /** Where this track stands now: for headers, which have no time of their own. */
    now: (track: Track): number => tracks[track]?.at ?? front,

    jumps: (): number => jumps,
  }
}
