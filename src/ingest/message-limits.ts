/**
 * How long an RTMP message may be, and how much may be reserved for messages that have begun. Pure: the numbers and the
 * rules, for rtmp-session.ts to keep.
 */

/** A peer broke the protocol or a bound of ours. The message is a label, never the peer's own words. */
export class ProtocolViolation extends Error {}

export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
} as const

/** One per track, one each for control, commands and data, and room for odd encoders. */
export const MAX_CHUNK_STREAMS = 16
/** RTMP 1.0 section 5.4.1: no message is longer, so a greater chunk size says no more than this. */
export const MAX_CHUNK_SIZE = 0xff_ff_ff
export const MAX_STREAMS_CREATED = 8

/** Before a publish is admitted: a handshake and a few commands, and nothing to fill the memory of a thousand strangers with. */
export const SAID_BY_STRANGER = 64 * 1024
const RESERVED_BY_STRANGER = 24 * 1024
const RESERVED_BY_PUBLISHER = 20 * 1024 * 1024
const RESERVED_BY_ALL_PUBLISHERS = 64 * 1024 * 1024

// Audio of 64 KB is a third of a second of uncompressed stereo; video of 8 MB is a keyframe no encoder makes.
const LONGEST = new Map<number, number>([
  [MESSAGE.setChunkSize, 4],
  [MESSAGE.abort, 4],
  [MESSAGE.acknowledgement, 4],
  [MESSAGE.userControl, 64],
  [MESSAGE.windowSize, 4],
  [MESSAGE.peerBandwidth, 5],
  [MESSAGE.audio, 64 * 1024],
  [MESSAGE.video, 8 * 1024 * 1024],
  [MESSAGE.dataAmf3, 64 * 1024],
  [MESSAGE.commandAmf3, 8 * 1024],
  [MESSAGE.data, 64 * 1024],
  [MESSAGE.command, 8 * 1024],
])
// Types we only skip: shared objects, aggregates, whatever a later protocol adds.
const LONGEST_UNKNOWN = 8 * 1024
// A type-3 header on a stream that never had another leaves type 0 and length 0.
const MEDIA = new Set<number>([MESSAGE.audio, MESSAGE.video, MESSAGE.data, MESSAGE.dataAmf3])

export function longestMessage(type: number): number {
  return LONGEST.get(type) ?? LONGEST_UNKNOWN
}

export function isMedia(type: number): boolean {
  return MEDIA.has(type)
}

/** Bytes reserved for messages under way. Strangers are bounded one by one, so they cannot use up what publishers share. */
export function createReservations(byAllPublishers = RESERVED_BY_ALL_PUBLISHERS) {
  let total = 0
  return {
    open() {
      let own = 0
      return {
        /** Throws when this connection, or all of them, would hold too much. */
        take(bytes: number, isPublisher: boolean): void {
          if (own + bytes > (isPublisher ? RESERVED_BY_PUBLISHER : RESERVED_BY_STRANGER)) {
            throw new ProtocolViolation('too much of unfinished messages')
          }
          if (isPublisher && total + bytes > byAllPublishers) {
            throw new ProtocolViolation('no room for more unfinished messages')
          }
          own += bytes
          total += bytes
        },
        release(): void {
          total -= own
          own = 0
        },
      }
    },
    total: () => total,
  }
}

export type Reservations = ReturnType<typeof createReservations>
export type Reservation = ReturnType<Reservations['open']>

/** Grown in powers of two from 512 bytes, so a stream of ever longer keyframes does not allocate at each. */
export function roomFor(length: number): number {
  return Math.max(512, 2 ** Math.ceil(Math.log2(Math.max(length, 1))))
}
