/**
 * Keeps a live player close to the edge without letting it run dry. Pure: readings in, a playback rate out. Every time
 * here is in seconds. hls.js has a controller of its own, which stops catching up under a second of buffer; this one
 * trades on a floor of buffer instead, so it can hold less delay (measured in docs/performance.md).
 */
export interface Reading {
  /** Distance between the live edge and what is on the screen. */
  latency: number
  /** The least media there was ahead of what is on the screen, over the last parts: what is left when one is late. */
  buffer: number
  /** How often the playlist grows: the part target, or the target duration of a playlist without parts. */
  cadence: number
  /** Smallest recent time from asking for a part to its first byte. */
  roundTrip: number
  /** Since the last reading. */
  elapsed: number
  /** Ran dry since the last reading. */
  stalled: boolean
  /** Has played for a while without a seek: what is short now is the line's doing. */
  isSteady: boolean
}

export interface Tuning {
  floor: number
  /** How many times the cadence the target lies above the floor: one being made, and a little to fetch the last one. */
  cadences: number
  /** How much of what is missing under the floor is added to the target, per second: lateness that was seen comes again. */
  perShortfall: number
  /** How much later the target lies per second of round trip: a part is asked for only once it is known of. */
  perRoundTrip: number
  perStall: number
  mostCaution: number
  /** Trust won back per second without a stall. */
  forgiving: number
  jumpBeyond: number
  fastest: number
  slowest: number
}

export const tuning: Tuning = {
  floor: 0.3,
  cadences: 1.15,
  perShortfall: 2.5,
  perRoundTrip: 3,
  perStall: 0.25,
  mostCaution: 1.5,
  forgiving: 0.015,
  jumpBeyond: 2.5,
  fastest: 1.25,
  slowest: 0.95,
}

export interface Pace {
  target: number
  rate: number
  /** Too far behind to catch up by speed: seek to the target. */
  jump: boolean
  /** What past stalls and shortfalls still add to the target. */
  caution: number
}

export const calm: Pace = { target: 0.7, rate: 1, jump: false, caution: 0 }

export function nextPace(before: Pace, reading: Reading, with_: Tuning = tuning): Pace {
  const missing = reading.isSteady ? Math.max(0, with_.floor - reading.buffer) : 0
  const shortfall = missing * Math.min(1, with_.perShortfall * reading.elapsed)
  const learnt = shortfall + (reading.stalled ? with_.perStall : 0)
  const forgiven = learnt > 0 ? 0 : with_.forgiving * reading.elapsed
  const caution = Math.min(with_.mostCaution, Math.max(0, before.caution + learnt - forgiven))
  const target = with_.floor + with_.cadences * reading.cadence + with_.perRoundTrip * reading.roundTrip + caution
  const behind = reading.latency - target
  return { target, caution, jump: behind > with_.jumpBeyond, rate: rateFor(behind, reading.buffer, before.rate, with_) }
}

function rateFor(behind: number, buffer: number, before: number, { floor, fastest, slowest }: Tuning): number {
  if (buffer < floor) return slowest
  // A rate once chosen is kept until the target is all but reached: every change of rate is a seam in the sound.
  if (behind > (before > 1 ? 0.02 : 0.08)) return Math.min(fastest, 1.05 + inSteps(behind * 0.25))
  if (behind < (before < 1 ? -0.02 : -0.15)) return slowest
  return 1
}

function inSteps(excess: number): number {
  return Math.floor(excess * 20) / 20
}
