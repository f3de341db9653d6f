/**
 * One thing told to thousands of sockets. Socket.IO encodes it once, but then walks five layers for every socket; here the
 * WebSocket frame is one buffer, and a socket with nothing in its way gets it from hand to hand. Polling, and whoever is
 * still waiting for something, go Socket.IO's own way. Stands on insides of socket.io 4.8 and its engine, hence pinned.
 */
import { Adapter, type BroadcastOptions } from 'socket.io-adapter'

/** What lies under a socket, as far as it is used here. */
interface Inside {
  client: { conn: Connection; writeToEngine(packets: string[], options: object): void }
}
interface Connection {
  readyState: string
  writeBuffer: unknown[]
  transport: { name: string; socket?: { readyState: number; terminate(): void; _socket: Stream } }
}
interface Stream {
  writableLength: number
  write(frame: Buffer): boolean
}
interface Namespace {
  name: string
  sockets: Map<string, Inside>
  server: { encoder: { encode(packet: object): (string | Buffer)[] } }
}

/** Who has so many bytes waiting does not read any more, and is let go rather than kept in memory. */
const BEHIND = 1_048_576
const OPEN = 1

export class DirectAdapter extends Adapter {
  override broadcast(packet: object, options: BroadcastOptions): void {
    const { name, sockets, server } = this.nsp as Namespace // untyped in Adapter
    const ids = this.#idsIn(options)
    const encoded = ids && server.encoder.encode({ ...packet, nsp: name })
    if (!isOneText(encoded)) {
      super.broadcast(packet, options)
      return
    }
    // "4" is Engine.IO's word for a message.
    const frame = frameOf(Buffer.from(`4${encoded[0]}`))
    const underWay = { preEncoded: true, wsPreEncodedFrame: [frame] }
    for (const id of ids!) {
      const socket = sockets.get(id)
      if (socket && !handOver(socket.client.conn, frame)) socket.client.writeToEngine(encoded, underWay)
    }
  }

  /** Null where somebody is left out, or all are meant. */
  #idsIn({ rooms, except }: BroadcastOptions): Iterable<string> | null {
    if (rooms.size === 0 || except?.size) return null
    const found = Array.from(rooms, (room) => this.rooms.get(room) ?? NOBODY)
    return found.length === 1 ? found[0]! : new Set(found.flatMap((ids) => [...ids]))
  }
}

const NOBODY: ReadonlySet<string> = new Set()

function isOneText(encoded: (string | Buffer)[] | null): encoded is [string] {
  return encoded?.length === 1 && typeof encoded[0] === 'string'
}

/** Whether it was written, or there is nobody to write to any more. */
function handOver({ readyState, writeBuffer, transport }: Connection, frame: Buffer): boolean {
  const { socket } = transport
  if (transport.name !== 'websocket' || !socket || readyState !== 'open' || writeBuffer.length > 0) return false
  if (socket.readyState !== OPEN) return true
  if (socket._socket.writableLength > BEHIND) socket.terminate()
  else socket._socket.write(frame)
  return true
}

/** A whole text message, unmasked (RFC 6455, section 5.2), head and body in one piece. */
function frameOf(body: Buffer): Buffer {
  const { length } = body
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x81
  if (length < 126) head[1] = length
  else if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeUIntBE(length, 4, 6)
  }
  return Buffer.concat([head, body])
}
