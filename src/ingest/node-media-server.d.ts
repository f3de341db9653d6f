/** The parts of node-media-server 4.4.3 (CommonJS, no types) that rtmp-session.ts stands on. */
declare module 'node-media-server/src/protocol/rtmp.js' {
  interface RtmpPacket {
    header: { fmt: number; cid: number; timestamp: number; length: number; type: number; stream_id: number }
    /** The message's timestamp in ms: absolute or the sum of deltas. */
    clock: number
    /** Reused by the next message of the same chunk stream. */
    payload: Buffer
    capacity: number
    bytes: number
  }

  export default class Rtmp {
    parserPacket: RtmpPacket
    inPackets: Map<number, RtmpPacket>
    inChunkSize: number
    outChunkSize: number
    streamId: number
    objectEncoding: number
    flv: unknown
    onOutputCallback: (bytes: Buffer) => void
    parserData(bytes: Buffer): string | null
    chunkMessageHeaderRead(): number
    packetAlloc(): void
    packetHandler(): void
    controlHandler(): void
    eventHandler(): void
    invokeHandler(): void
    dataHandler(): void
    sendACK(bytesReceived: number): void
    sendWindowACK(size: number): void
    setPeerBandwidth(size: number, type: number): void
    setChunkSize(size: number): void
    sendStreamStatus(event: number, value: number): void
    sendStatusMessage(streamId: number, level: 'status' | 'error', code: string, description: string): void
    respondConnect(transaction: number): void
    respondCreateStream(transaction: number): void
  }
}

declare module 'node-media-server/src/protocol/amf.js' {
  const Amf: { amf0Decode(bytes: Buffer): unknown[] }
  export default Amf
}

declare module 'node-media-server/src/core/logger.js' {
  const logger: { log: (message: string, level?: string) => void }
  export default logger
}
