/**
 * What one rendition has on offer: its segments and their parts, oldest first. Durations are seconds; `msn` is the media
 * sequence number of RFC 8216bis section 3, the same interval of time in every rendition of a session.
 */
import { createWaiters } from './waiters.ts'

export interface Part {
  /** Counts up over the whole session, so that a part has its address before its segment is known. */
  sequence: number
  duration: number
  isIndependent: boolean
  /** Nothing came (EXT-X-GAP). */
  isGap: boolean
  /** Null for a gap, and once the bytes have left memory. */
  bytes: Buffer | null
}

export interface Segment {
  msn: number
  /** Milliseconds since 1970 of its first frame. */
  programDateTime: number
  duration: number
  startsDiscontinuity: boolean
  /** How many discontinuities the session has had up to and with this segment. */
  discontinuities: number
  /** Index into the window's init sections; -1 before the first has come. */
  init: number
  parts: Part[]
  firstPart: number
  partCount: number
  isGap: boolean
  isComplete: boolean
  size: number
  /** All of it, from when it is complete until it leaves memory; its parts are views of the same bytes. */
  bytes: Buffer | null
  /** Where the finished segment lies on disk. */
  stored: { file: string; offset: number } | null
}

export interface NewPart extends Omit<Part, 'sequence'> {
  msn: number
  /** The end of its segment follows at once; until then nobody is shown the part, since only a last one may be so short. */
  isRunt: boolean
  programDateTime: number
  startsDiscontinuity: boolean
  discontinuities: number
}

/** No segment has more parts: the longest segment in the shortest parts. */
const MOST_PARTS = 64

export type Window = ReturnType<typeof createWindow>

export function createWindow(id: string, kind: 'video' | 'audio') {
  const waiters = createWaiters()
  const inits: Buffer[] = []
  const segments: Segment[] = []
  const openParts = new Map<number, Part>()
  const bitrate = { peak: 0, bytes: 0, seconds: 0 }
  let nextPart = 0
  let revision = 0
  let isEnded = false

  /** Takes a new init section, and tells whether it is one: the one in force stays when it says the same. */
  function addInit(init: Buffer): boolean {
    if (inits.at(-1)?.equals(init)) return false
    inits.push(init)
    return true
  }

  function addPart({ msn, isRunt, programDateTime, startsDiscontinuity, discontinuities, ...part }: NewPart): void {
    let segment = segments.at(-1)
    if (segment?.msn !== msn) {
      segment = {
        msn,
        programDateTime,
        startsDiscontinuity,
        discontinuities,
        duration: 0,
        init: inits.length - 1,
        parts: [],
        firstPart: nextPart,
        partCount: 0,
        isGap: false,
        isComplete: false,
        size: 0,
        bytes: null,
        stored: null,
      }
      segments.push(segment)
    }
    const added = { sequence: nextPart++, ...part }
    segment.parts.push(added)
    segment.partCount++
    segment.duration += part.duration
    segment.size += part.bytes?.length ?? 0
    openParts.set(added.sequence, added)
    revision++
    if (!isRunt) waiters.release()
  }

  /** Closes the open segment. `isGap` where a player that did not follow part by part would find a hole in it. */
  function endSegment(isGap: boolean): Segment | null {
    const segment = segments.at(-1)
    if (!segment || segment.isComplete) return null
    segment.isComplete = true
    segment.isGap = isGap
    unite(segment)
    if (!isGap && segment.duration >= 0.5) {
      bitrate.peak = Math.max(bitrate.peak, (segment.size * 8) / segment.duration)
      bitrate.bytes += segment.size
      bitrate.seconds += segment.duration
    }
    revision++
    waiters.release()
    return segment
  }

  /**
   * Is that part there? A part index beyond a closed segment's last means the first part of the next one
   * (RFC 8216bis section 6.2.5.2); without a part index the whole segment is meant.
   */
  function has(msn: number, part: number | null): boolean {
    const newest = segments.at(-1)
    if (isEnded) return true
    if (!newest || newest.msn < msn) return false
    const segment = find(msn)
    if (!segment) return true
    if (part === null) return segment.isComplete
    return part < segment.partCount || (segment.isComplete && newest.msn > msn)
  }

  /** Milliseconds since 1970 at the end of the newest part. */
  function edge(): number {
    const newest = segments.at(-1)
    return newest ? newest.programDateTime + newest.duration * 1000 : 0
  }

  const find = (msn: number): Segment | undefined => segments[msn - (segments[0]?.msn ?? 0)]
  const findPart = (sequence: number): Part | undefined => openParts.get(sequence)

  /** Lets the bytes of everything before `msn` go; what is stored can still be read from disk. */
  function releaseBytes(msn: number): void {
    for (const segment of segments) {
      if (segment.msn >= msn) return
      for (const part of segment.parts) openParts.delete(part.sequence)
      segment.parts = []
      segment.bytes = null
    }
  }

  function removeBefore(msn: number): void {
    const first = segments[0]?.msn ?? msn
    releaseBytes(msn)
    segments.splice(0, Math.max(0, Math.min(msn - first, segments.length)))
    revision++
  }

  /** A segment that players may have seen parts of and that is gone: a gap, and a leap over the addresses of its parts. */
  function addLost(msn: number, programDateTime: number, duration: number, discontinuities: number): void {
    nextPart += MOST_PARTS
    const empty = { parts: [], firstPart: nextPart, partCount: 0, size: 0, bytes: null, stored: null }
    const init = inits.length - 1
    const gap = { startsDiscontinuity: false, isGap: true, isComplete: true }
    segments.push({ msn, programDateTime, duration, discontinuities, init, ...gap, ...empty })
    revision++
  }

  /** Takes up what an earlier run of the node left on disk. */
  function restore(stored: Segment[], storedInits: Buffer[]): void {
    segments.push(...stored)
    inits.push(...storedInits)
    nextPart = stored.reduce((next, { firstPart, partCount }) => Math.max(next, firstPart + partCount), 0)
    revision++
  }

  function end(): void {
    isEnded = true
    revision++
    waiters.release()
    waiters.dismiss()
  }

  return {
    id,
    kind,
    segments,
    inits,
    bitrate,
    waiters,
    addInit,
    addPart,
    endSegment,
    has,
    edge,
    find,
    findPart,
    releaseBytes,
    removeBefore,
    restore,
    addLost,
    end,
    get revision() {
      return revision
    },
    get nextPart() {
      return nextPart
    },
    get isEnded() {
      return isEnded
    },
  }
}

/** One piece of memory for the whole, so that it can be sent in one piece. */
function unite(segment: Segment): void {
  const whole = Buffer.concat(segment.parts.flatMap(({ bytes }) => bytes ?? []))
  let offset = 0
  for (const part of segment.parts) {
    if (!part.bytes) continue
    part.bytes = whole.subarray(offset, offset + part.bytes.length)
    offset += part.bytes.length
  }
  segment.bytes = whole
}
