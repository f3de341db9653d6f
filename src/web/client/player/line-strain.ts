/** One part on its way: its size in bits, how long it was in coming, and how long it plays; in seconds. */
export interface Trip {
  bits: number
  loading: number
  playing: number
}

export const LOOKED_AT = 2
/** Of its playing time, how much of it loading may take before the line counts as strained. */
const STRAINED = 0.8
/** A strained line carries other things too. */
const SHARE = 0.8

/** What a strained line carries, in bits per second; null while it is not strained or not yet known. */
export function strainedLine(trips: readonly Trip[]): number | null {
  const recent = trips.slice(-LOOKED_AT)
  if (recent.length < LOOKED_AT) return null
  const sum = (of: keyof Trip) => recent.reduce((total, trip) => total + trip[of], 0)
  if (sum('loading') < STRAINED * sum('playing')) return null
  return (sum('bits') / sum('loading')) * SHARE
}
