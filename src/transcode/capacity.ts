/** How much of a ladder fits the box, as pure functions. The unit is one 720p30 encode in real time, its decoding included. */
import { capacity } from '../../config/ladders.ts'
import type { EncoderName } from './encoders.ts'
import type { Source, VideoRendition } from './ladder.ts'

/** What the box can do, and what it does already. */
export interface Load {
  encoder: EncoderName
  /** how many times faster than real time this box encodes 720p30 */
  speed: number
  isMeasured: boolean
  used: number
  sessions: number
}

export interface Fitted {
  video: VideoRendition[]
  cost: number
}

const UNIT = 1280 * 720 * 30

/** Small pictures cost more than their pixels: the cost grows with a power of the pixel rate that is below one. */
export function costOf(source: Source, video: readonly VideoRendition[]): number {
  if (!source.video || video.length === 0) return 0
  const encoding = video.reduce((sum, rendition) => sum + pixelRate(rendition) ** capacity.pixelPower, 0)
  return capacity.decodeShare * pixelRate(source.video) + (1 - capacity.decodeShare) * encoding
}

/** The most renditions, from `most` down to `least`, whose cost still fits beside what runs; `least` whatever it costs. */
export function fitLadder(
  load: Load,
  source: Source,
  { least, most, planFor }: { least: number; most: number; planFor(max: number): VideoRendition[] },
): Fitted {
  const free = load.speed * capacity.usableShare - load.used
  for (let max = most; max > least; max--) {
    const video = planFor(max)
    const cost = costOf(source, video)
    if (cost <= free) return { video, cost }
  }
  const video = planFor(least)
  return { video, cost: costOf(source, video) }
}

/** What was decided and why, for a person. */
export function explain(load: Load, count: number): string {
  const speed = load.speed.toFixed(1)
  const box = load.isMeasured
    ? `this box encodes 720p30 ${speed} times faster than real time`
    : `this box has not been measured yet and is taken to encode 720p30 ${speed} times faster than real time`
  const by = load.encoder === 'software' ? '' : ` with ${load.encoder}`
  return `${rungsOf(count)}: ${box}${by}; ${runningOf(load.sessions)}`
}

export function rungsOf(count: number): string {
  if (count === 0) return 'No rung beside the source'
  return count === 1 ? '1 rung' : `${count} rungs`
}

function runningOf(sessions: number): string {
  if (sessions === 0) return 'no other session is running'
  const words = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
  return `${words[sessions] ?? sessions} other ${sessions === 1 ? 'session is' : 'sessions are'} running`
}

function pixelRate({ width, height, frameRate }: { width: number; height: number; frameRate: number }): number {
  return (width * height * frameRate) / UNIT
}

const PACE_SAMPLES = 5
const BEHIND_SECONDS = 1.2
const CATCHING_UP_SECONDS = 0.2

/**
 * Is an encoder slower than real time? Samples a second apart, the newest last: how far its output has come and how far the
 * source has. One that is frozen is not slow: that is for its supervisor.
 */
export function isFallingBehind(samples: readonly { source: number; output: number }[]): boolean {
  const recent = samples.slice(-PACE_SAMPLES)
  if (recent.length < PACE_SAMPLES) return false
  const lags = recent.map(({ source, output }) => source - output)
  const goesOn = recent.every(({ output }, index) => index === 0 || output > recent[index - 1]!.output)
  return goesOn && Math.min(...lags) > BEHIND_SECONDS && lags.at(-1)! > lags[0]! - CATCHING_UP_SECONDS
}
