/**
 * An RTMP client that speaks correctly, and lies where a test wants it to: every byte can be sent by hand. Written from the
 * specification (RTMP 1.0, AMF0), sharing nothing with the server's parser.
 */
import { connect as connectTcp, type Socket } from 'node:net'

export type Amf = number | string | boolean | null | undefined | { [name: string]: Amf } | Buffer

/** A Buffer goes in as it is: that is how the lies are told. */
export function amf(...values: Amf[]): Buffer {
  return Buffer.concat(values.map(encode))
}

function encode(value: Amf): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (value === undefined) return Buffer.from([6])
  if (value === null) return Buffer.from([5])
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0])
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), counted(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [counted(name), encode(field)])
  return Buffer.concat([Buffer.from([3]), ...fields, Buffer.from([0, 0, 9])])
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}

export function decodeAmf(bytes: Buffer): Amf[] {
  const values: Amf[] = []
  let at = 0
  const text = () => {
    const length = bytes.readUInt16BE(at)
    at += 2 + length
    return bytes.toString('utf8', at - length, at)
  }
  const one = (): Amf => {
    const type = bytes[at++]
    if (type === 0) {
      at += 8
      return bytes.readDoubleBE(at - 8)
    }
    if (type === 1) return bytes[at++] !== 0
    if (type === 2) return text()
    if (type !== 3) return type === 5 ? null : undefined
    const fields: { [name: string]: Amf } = {}
    for (let name = text(); name !== ''; name = text()) fields[name] = one()
    at += 1
    return fields
  }
  while (at < bytes.length) values.push(one())
  return values
}

export interface Header {
  chunkStream: number
  type: number
  length: number
  timestamp?: number
  streamId?: number
}

/** A type-0 chunk header (section 5.3.1), with the extended timestamp where it must have one. */
export function chunkHeader({ chunkStream, type, length, timestamp = 0, streamId = 0 }: Header): Buffer {
  const isExtended = timestamp >= 0xffffff
  const bytes = Buffer.alloc(isExtended ? 16 : 12)
  bytes[0] = chunkStream
  bytes.writeUIntBE(isExtended ? 0xffffff : timestamp, 1, 3)
  bytes.writeUIntBE(length, 4, 3)
  bytes[7] = type
  bytes.writeUInt32LE(streamId, 8)
  if (isExtended) bytes.writeUInt32BE(timestamp, 12)
  return bytes
}

export interface Received {
  type: number
  streamId: number
  payload: Buffer
}

export type RtmpClient = Awaited<ReturnType<typeof connectRtmp>>

export async function connectRtmp(port: number, socket: Socket = connectTcp({ host: '127.0.0.1', port })) {
  const received: Received[] = []
  const listeners = new Set<() => void>()
  let inbound = Buffer.alloc(0)
  let greeting = 1 + 1536 + 1536
  let chunkSize = 128
  let isClosed = false
  let failure: Error | null = null

  socket.setNoDelay(true)
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  socket.on('data', (bytes) => {
    inbound = Buffer.concat([inbound, bytes])
    read()
    wake()
  })

  function wake(): void {
    for (const listener of [...listeners]) listener()
  }

  /** Our server always sends whole messages in one chunk with a type-0 header. */
  function read(): void {
    if (greeting > 0) {
      const taken = Math.min(greeting, inbound.length)
      greeting -= taken
      inbound = inbound.subarray(taken)
      if (greeting > 0) return
    }
    while (inbound.length >= 12 && inbound.length >= 12 + inbound.readUIntBE(4, 3)) {
      const length = inbound.readUIntBE(4, 3)
      received.push({
        type: inbound[7]!,
        streamId: inbound.readUInt32LE(8),
        payload: inbound.subarray(12, 12 + length),
      })
      inbound = inbound.subarray(12 + length)
    }
  }

  /** Resolves when something is so; rejects when the server closed and it still is not. */
  function until<T>(look: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const check = () => {
      const seen = look()
      if (seen === undefined && !isClosed) return
      listeners.delete(check)
      if (seen === undefined) reject(new Error('the server closed the connection'))
      else resolve(seen)
    }
    listeners.add(check)
    check()
    return promise
  }

  const send = (...bytes: Buffer[]) => void (isClosed || socket.write(Buffer.concat(bytes)))

  /** One whole message, cut into chunks as it should be. */
  function message(header: Omit<Header, 'length'>, payload: Buffer): void {
    const pieces = [chunkHeader({ ...header, length: payload.length })]
    for (let at = 0; at < payload.length || at === 0; at += chunkSize) {
      if (at > 0) pieces.push(continuation(header))
      pieces.push(payload.subarray(at, at + chunkSize))
    }
    send(...pieces)
  }

  function continuation({ chunkStream, timestamp = 0 }: Omit<Header, 'length'>): Buffer {
    const bytes = Buffer.alloc(timestamp >= 0xffffff ? 5 : 1)
    bytes[0] = 0xc0 | chunkStream
    if (timestamp >= 0xffffff) bytes.writeUInt32BE(timestamp, 1)
    return bytes
  }

  const command = (streamId: number, ...values: Amf[]) =>
    message({ chunkStream: 3, type: 20, streamId }, amf(...values))
  const commands = () => received.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
  const control = (type: number, value: number) => {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(value)
    message({ chunkStream: 2, type }, payload)
  }

  async function handshake(): Promise<void> {
    send(Buffer.from([3]), Buffer.alloc(1536, 7))
    await until(() => (greeting === 0 ? true : undefined))
    send(Buffer.alloc(1536, 9))
  }

  async function connect(app = 'live'): Promise<void> {
    await handshake()
    command(0, 'connect', 1, { app, type: 'nonprivate', tcUrl: `rtmp://127.0.0.1/${app}` })
    await until(() => commands().find(([name]) => name === '_result'))
  }

  return {
    socket,
    send,
    message,
    command,
    control,
    handshake,
    connect,
    until,
    received,
    closed: () => until(() => (isClosed ? true : undefined)),
    isClosed: () => isClosed,
    /** A reset, say: what was on its way to us may have been lost. */
    failure: () => failure,

    setChunkSize(size: number): void {
      control(1, size)
      chunkSize = size
    },

    /** The order of OBS and FFmpeg; resolves with the code the server answered publish with. */
    async publish(streamKey: string): Promise<{ code: string; description: string }> {
      command(0, 'releaseStream', 2, null, streamKey)
      command(0, 'FCPublish', 3, null, streamKey)
      command(0, 'createStream', 4, null)
      await until(() => commands().find(([name, id]) => name === '_result' && id === 4))
      command(1, 'publish', 5, null, streamKey, 'live')
      return this.status()
    },

    /** The newest onStatus. */
    async status(): Promise<{ code: string; description: string }> {
      const found = await until(() => commands().findLast(([name]) => name === 'onStatus'))
      return found[3] as { code: string; description: string }
    },

    video: (timestamp: number, payload: Buffer) =>
      message({ chunkStream: 6, type: 9, timestamp, streamId: 1 }, payload),
    audio: (timestamp: number, payload: Buffer) =>
      message({ chunkStream: 4, type: 8, timestamp, streamId: 1 }, payload),
    script: (...values: Amf[]) => message({ chunkStream: 5, type: 18, streamId: 1 }, amf(...values)),
    end: () => socket.destroy(),
  }
}

/** Payloads that are tags by their first bytes; what follows nobody in this room reads. */
export const media = {
  videoHeader: Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff]),
  audioHeader: Buffer.from([0xaf, 0, 0x11, 0x90]),
  keyframe: (size = 400) => Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), Buffer.alloc(size, 1)]),
  frame: (size = 200) => Buffer.concat([Buffer.from([0x27, 1, 0, 0, 0]), Buffer.alloc(size, 2)]),
  audio: (size = 100) => Buffer.concat([Buffer.from([0xaf, 1]), Buffer.alloc(size, 3)]),
}
