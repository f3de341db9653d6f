import type { Rung } from '../../config/ladders.ts'

/** What the publisher sends, as probed. Sizes are as shown, with square pixels. */
export interface Source {
  video: { codec: string; width: number; height: number; frameRate: number; bitrate: number | null } | null
  audio: { codec: string; sampleRate: number; channels: number } | null
}

export interface VideoRendition {
  id: string
  width: number
  height: number
  frameRate: number
  /** bits per second */
  videoBitrate: number
}

export interface LadderOptions {
  /** The source is shown as it comes: only what is smaller is encoded. Otherwise the first rendition is `source`. */
  passthrough: boolean
  /** How many renditions are encoded at most. */
  max?: number
  /** The operator named these rungs: each that is smaller than the source is taken. */
  named?: boolean
}

type Video = NonNullable<Source['video']>

// A rung hardly smaller than the source, or than the rung above it, costs an encoding and helps nobody.
const NEXT_TO_SOURCE = 0.85
const NEXT_TO_RUNG = 0.7
// Below this a moving picture is not worth looking at.
const LEAST_BITRATE = 100_000

/** Chooses the encodings for a source, from the largest: never larger than it, never with more bits than it has. */
export function planLadder(source: Source, rungs: readonly Rung[], options: LadderOptions): VideoRendition[] {
  const { video } = source
  if (!video || video.width < 2 || video.height < 2) return []
  const { passthrough, named = false, max = named ? rungs.length : 3 } = options
  const top = topOf(video, rungs)
  // What is shown as it comes is not held to the top rung.
  const largest = passthrough ? Math.min(video.width, video.height) : shortSide(top)
  const suited = named ? [...rungs].sort(byHeight) : onePerHeight(video, rungs)
  const below = suited
    .filter((rung) => rung.height < largest * (named ? 1 : NEXT_TO_SOURCE))
    .map((rung) => encodingOf(video, rung))
    .filter((rendition, index, all) => all.findIndex((other) => looksLike(other, rendition)) === index)
  const worthwhile = named ? below : spaced(below).filter((rendition) => rendition.videoBitrate >= LEAST_BITRATE)
  const count = Math.max(0, passthrough ? max + 1 : max)
  const anchor = passthrough ? { ...top, videoBitrate: video.bitrate ?? top.videoBitrate } : top
  const chosen = spread([anchor, ...worthwhile], count)
  return passthrough ? chosen.filter((rendition) => rendition !== anchor) : chosen
}

/** By which whole number frames are thinned out so that they fit: 60 to 30, 50 to 25; 31 stays 31. */
function thinning(frameRate: number, maxFrameRate: number): number {
  return Math.max(1, Math.round(frameRate / maxFrameRate))
}

// Of the rungs of one height: the lowest frame rate that need not thin the source, or else the highest there is.
function onePerHeight({ frameRate }: Video, rungs: readonly Rung[]): Rung[] {
  const heights = new Map<number, Rung[]>()
  for (const rung of rungs) heights.set(rung.height, [...(heights.get(rung.height) ?? []), rung])
  return [...heights.values()]
    .map((same) => {
      const slowestFirst = same.toSorted((a, b) => a.maxFrameRate - b.maxFrameRate)
      return slowestFirst.find((rung) => thinning(frameRate, rung.maxFrameRate) === 1) ?? slowestFirst.at(-1)!
    })
    .sort(byHeight)
}

// The source encoded again: at its own size, or at the top rung's where it is larger.
function topOf(video: Video, rungs: readonly Rung[]): VideoRendition {
  const suited = onePerHeight(video, rungs)
  const short = Math.min(video.width, video.height)
  const over = suited.findLast((rung) => rung.height >= short)
  const nearest = over ?? suited[0]
  if (!nearest) throw new Error('a ladder needs at least one rung')
  const ownSize = { ...nearest, name: 'source', height: short }
  if (!over) return encodingOf(video, { ...nearest, name: 'source' })
  return encodingOf(video, { ...ownSize, videoBitrate: nearest.videoBitrate * (short / nearest.height) ** 1.5 })
}

function encodingOf(video: Video, rung: Rung): VideoRendition {
  const scale = Math.min(1, rung.height / Math.min(video.width, video.height))
  const width = scale === 1 ? evenBelow(video.width) : even(video.width * scale)
  const height = scale === 1 ? evenBelow(video.height) : even(video.height * scale)
  const frameRate = video.frameRate / thinning(video.frameRate, rung.maxFrameRate)
  // Bits needed grow with about the three-quarter power of the pixels, and the square root of the frames.
  const wanted = rung.videoBitrate * ((width * height) / ((rung.height * rung.height * 16) / 9)) ** 0.75
  const share = ((width * height) / (video.width * video.height)) ** 0.75 * (frameRate / video.frameRate) ** 0.5
  const had = (video.bitrate ?? Number.POSITIVE_INFINITY) * share
  const videoBitrate = Math.min(Math.round(wanted / 10_000) * 10_000, Math.floor(had / 1000) * 1000)
  return { id: rung.name, width, height, frameRate, videoBitrate }
}

function spaced(renditions: VideoRendition[]): VideoRendition[] {
  const kept: VideoRendition[] = []
  for (const rendition of renditions) {
    const above = kept.at(-1)
    if (!above || shortSide(rendition) <= shortSide(above) * NEXT_TO_RUNG) kept.push(rendition)
  }
  return kept
}

// The first, the last, and between them those nearest to even steps of bitrate on a logarithmic scale.
function spread(renditions: VideoRendition[], count: number): VideoRendition[] {
  if (renditions.length <= count) return renditions
  if (count <= 1) return renditions.slice(0, count)
  const logs = renditions.map((rendition) => Math.log(rendition.videoBitrate))
  const step = (logs.at(-1)! - logs[0]!) / (count - 1)
  const chosen = new Set([0, renditions.length - 1])
  for (let nth = 1; nth < count - 1; nth++) {
    const distance = (index: number) => Math.abs(logs[index]! - logs[0]! - nth * step)
    const free = renditions.map((_, index) => index).filter((index) => !chosen.has(index))
    chosen.add(free.reduce((best, index) => (distance(index) < distance(best) ? index : best)))
  }
  return renditions.filter((_, index) => chosen.has(index))
}

function byHeight(a: Rung, b: Rung): number {
  return b.height - a.height
}

function looksLike(a: VideoRendition, b: VideoRendition): boolean {
  return a.width === b.width && a.height === b.height && a.frameRate === b.frameRate
}

function shortSide({ width, height }: { width: number; height: number }): number {
  return Math.min(width, height)
}

function even(value: number): number {
  return Math.max(2, 2 * Math.round(value / 2))
}

function evenBelow(value: number): number {
  return 2 * Math.floor(value / 2)
}
