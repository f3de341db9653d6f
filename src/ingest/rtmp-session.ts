/**
 * One peer's RTMP: bytes in, events out. The only importer of node-media-server, whose parser is sound for honest peers and
 * falls to hostile ones; every guard stands here. Whatever is wrong is thrown, and the caller destroys that one socket.
 * We subclass its protocol, not its session class: that one keeps process-wide state and logs stream keys.
 */
import vendorLogger from 'node-media-server/src/core/logger.js'
import Amf from 'node-media-server/src/protocol/amf.js'
import Rtmp from 'node-media-server/src/protocol/rtmp.js'
import type { Track } from './flv-tags.ts'
import {
  isMedia,
  longestMessage,
  MAX_CHUNK_SIZE,
  MAX_CHUNK_STREAMS,
  MAX_STREAMS_CREATED,
  MESSAGE,
  ProtocolViolation,
  type Reservation,
  roomFor,
  SAID_BY_STRANGER,
} from './message-limits.ts'

vendorLogger.log = () => {}

const RTMP_VERSION = 3
const WINDOW_BYTES = 2_500_000
const PING_REQUEST = 6
const PING_RESPONSE = 7
// "@setDataFrame" as an AMF0 string: the encoder's order to keep what follows, no part of what is kept.
const SET_DATA_FRAME = Buffer.from('\u0002\u0000\u000d@setDataFrame', 'latin1')
const ON_META_DATA = Buffer.from('\u0002\u0000\u000aonMetaData', 'latin1')
const LONGEST_METADATA = 8 * 1024

export interface RtmpEvents {
  output(bytes: Buffer): void
  /** A publish command came, and waits for `accept` or `refuse`. */
  publish(streamKey: string): void
  unpublish(): void
  /** The payload's buffer is used again: copy it before returning. */
  media(track: Track, timestamp: number, payload: Buffer): void
  /** An onMetaData script tag, and what it says where it could be read. */
  metadata(payload: Buffer, said: Record<string, unknown>): void
}

type Phase = 'greeting' | 'connected' | 'asking' | 'publishing' | 'over'

export type RtmpSession = ReturnType<typeof createRtmpSession>

export function createRtmpSession(events: RtmpEvents, reservation: Reservation) {
  const rtmp = new GuardedRtmp(events, reservation)
  return {
    receive: (bytes: Buffer): void => rtmp.receive(bytes),
    /** Tells the encoder that it may send. */
    accept: (): void => rtmp.accept(),
    /** Tells the encoder why it may not, or no longer; the codes that begin with NetStream.Publish stop OBS from trying again. */
    refuse: (code: string, description: string): void => rtmp.refuse(code, description),
    ping: (): void => rtmp.sendUserControl(PING_REQUEST, Math.trunc(performance.now()) >>> 0),
  }
}

class GuardedRtmp extends Rtmp {
  readonly #events: RtmpEvents
  readonly #reservation: Reservation
  #phase: Phase = 'greeting'
  #app = ''
  #streamsCreated = 0
  #received = 0
  #acknowledged = 0
  #window = WINDOW_BYTES

  constructor(events: RtmpEvents, reservation: Reservation) {
    super()
    this.#events = events
    this.#reservation = reservation
    // A reader of FLV we never use, and its megabyte.
    this.flv = null
    this.onOutputCallback = events.output
  }

  receive(bytes: Buffer): void {
    if (this.#received === 0 && bytes[0] !== RTMP_VERSION) throw new ProtocolViolation('not RTMP')
    if (this.#isStranger() && this.#received > SAID_BY_STRANGER)
      throw new ProtocolViolation('too much said before publish')
    this.#received += bytes.length
    const error = this.parserData(bytes)
    if (error !== null) throw new ProtocolViolation('malformed')
    if (this.#phase === 'greeting' || this.#received - this.#acknowledged < this.#window) return
    this.#acknowledged = this.#received
    this.sendACK(this.#received % 2 ** 32)
  }

  #isStranger(): boolean {
    return this.#phase === 'greeting' || this.#phase === 'connected'
  }

  accept(): void {
    if (this.#phase !== 'asking') return
    this.#phase = 'publishing'
    this.sendStatusMessage(this.streamId, 'status', 'NetStream.Publish.Start', 'You are publishing.')
  }

  refuse(code: string, description: string): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    // The vendor's AMF counts characters where bytes are meant.
    this.sendStatusMessage(this.streamId, 'error', code, description.replaceAll(/[^\x20-\x7e]/g, '?'))
  }

  /** RTMP 1.0 section 7.1.7. */
  sendUserControl(event: number, value: number): void {
    this.sendStreamStatus(event, value)
  }

  /** Runs for every chunk, before anything is reserved for it. */
  override chunkMessageHeaderRead(): number {
    const { header, bytes } = this.parserPacket
    const { length, type } = header
    const offset = super.chunkMessageHeaderRead()
    if (this.inPackets.size > MAX_CHUNK_STREAMS) throw new ProtocolViolation('too many chunk streams')
    if (bytes > 0 && (header.length !== length || header.type !== type)) {
      throw new ProtocolViolation('a message changed while it was under way')
    }
    if (header.length > longestMessage(header.type)) throw new ProtocolViolation('a message too long')
    if (isMedia(header.type) && this.#isStranger()) throw new ProtocolViolation('media before publish')
    return offset
  }

  /** Runs once for every message, its timestamp known. */
  override packetAlloc(): void {
    const packet = this.parserPacket
    // The vendor drops all messages beyond 2^32 ms; the protocol begins again at 0 (section 5.3.1.3).
    packet.clock %= 2 ** 32
    if (packet.capacity >= packet.header.length && packet.capacity > 0) return
    const capacity = roomFor(packet.header.length)
    this.#reservation.take(capacity - packet.capacity, this.#phase === 'publishing')
    packet.payload = Buffer.allocUnsafeSlow(capacity)
    packet.capacity = capacity
  }

  override packetHandler(): void {
    if (this.#phase !== 'over') super.packetHandler()
  }

  override controlHandler(): void {
    const { header, payload } = this.parserPacket
    if (header.length < 4) throw new ProtocolViolation('a control message too short')
    const value = payload.readUInt32BE()
    if (header.type === MESSAGE.setChunkSize) this.#setIncomingChunkSize(value)
    if (header.type === MESSAGE.windowSize && value > 0) this.#window = value
    if (header.type === MESSAGE.abort) this.#abort(value)
  }

  #setIncomingChunkSize(size: number): void {
    if (size === 0 || size > 0x7f_ff_ff_ff) throw new ProtocolViolation('an impossible chunk size')
    // The parser counts chunks from a message's start, so a new size in its middle would make it read noise.
    if ([...this.inPackets.values()].some((packet) => packet.bytes > 0)) {
      throw new ProtocolViolation('a chunk size changed inside a message')
    }
    this.inChunkSize = Math.min(size, MAX_CHUNK_SIZE)
  }

  /** Section 5.4.2: the rest of that message will not come. */
  #abort(chunkStream: number): void {
    const packet = this.inPackets.get(chunkStream)
    if (packet) packet.bytes = 0
  }

  override eventHandler(): void {
    const { header, payload } = this.parserPacket
    if (header.length < 6 || payload.readUInt16BE() !== PING_REQUEST) return
    this.sendUserControl(PING_RESPONSE, payload.readUInt32BE(2))
  }

  override invokeHandler(): void {
    const { header, payload } = this.parserPacket
    const body = payload.subarray(header.type === MESSAGE.commandAmf3 ? 1 : 0, header.length)
    const [name, transaction, object, argument] = Amf.amf0Decode(body)
    if (typeof name !== 'string') throw new ProtocolViolation('a command without a name')
    const id = typeof transaction === 'number' ? transaction : 0
    switch (name) {
      case 'connect':
        this.#connect(id, object)
        break
      case 'createStream':
        this.#createStream(id)
        break
      case 'publish':
        this.#publish(argument)
        break
      case 'play':
      case 'play2':
        throw new ProtocolViolation('playing is not offered here')
      case 'deleteStream':
      case 'closeStream':
      case 'FCUnpublish':
        this.#unpublish()
        break
      default:
      // Whatever else encoders say (releaseStream, FCPublish, _checkbw …) asks for no answer.
    }
  }

  #connect(transaction: number, object: unknown): void {
    if (this.#phase !== 'greeting') throw new ProtocolViolation('a second connect')
    const app = isRecord(object) ? object.app : null
    if (typeof app !== 'string') throw new ProtocolViolation('a connect without an app')
    this.#app = app
    this.#phase = 'connected'
    this.objectEncoding = 0
    this.sendWindowACK(WINDOW_BYTES)
    this.setPeerBandwidth(WINDOW_BYTES, 2)
    this.setChunkSize(this.outChunkSize)
    this.respondConnect(transaction)
  }

  #createStream(transaction: number): void {
    if (this.#phase === 'greeting') throw new ProtocolViolation('a command before connect')
    this.#streamsCreated += 1
    if (this.#streamsCreated > MAX_STREAMS_CREATED) throw new ProtocolViolation('too many streams created')
    this.respondCreateStream(transaction)
  }

  #publish(name: unknown): void {
    if (this.#phase === 'greeting') throw new ProtocolViolation('a command before connect')
    if (this.#phase !== 'connected') throw new ProtocolViolation('a second publish')
    if (typeof name !== 'string') throw new ProtocolViolation('a publish without a name')
    this.streamId = this.parserPacket.header.stream_id
    this.#phase = 'asking'
    this.#events.publish(streamKeyIn(this.#app, name))
  }

  #unpublish(): void {
    if (this.#phase !== 'asking' && this.#phase !== 'publishing') return
    this.#phase = 'over'
    this.#events.unpublish()
  }

  override dataHandler(): void {
    const { header, payload, clock } = this.parserPacket
    const body = payload.subarray(0, header.length)
    if (header.type === MESSAGE.audio) this.#events.media('audio', clock, body)
    if (header.type === MESSAGE.video) this.#events.media('video', clock, body)
    if (header.type === MESSAGE.data) this.#readScript(body)
    // An AMF3 message whose first byte is 0 holds AMF0 (section 7.1.1); real AMF3 no encoder sends.
    if (header.type === MESSAGE.dataAmf3 && body[0] === 0) this.#readScript(body.subarray(1))
  }

  #readScript(body: Buffer): void {
    const isOrder = body.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME)
    const script = isOrder ? body.subarray(SET_DATA_FRAME.length) : body
    if (!script.subarray(0, ON_META_DATA.length).equals(ON_META_DATA)) return
    if (script.length > LONGEST_METADATA) return
    const [, said] = Amf.amf0Decode(script)
    this.#events.metadata(script, isRecord(said) ? said : {})
  }
}

/**
 * The last word of the address is the key, wherever the broadcaster pasted it: `live` + `KEY`, `live/` + `KEY?x=1`, or
 * `live/KEY` + nothing. Empty when there is none.
 */
export function streamKeyIn(app: string, name: string): string {
  const words = (text: string) => text.split('?', 1)[0]!.split('/').filter(Boolean)
  return [...words(app).slice(1), ...words(name)].at(-1) ?? ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
