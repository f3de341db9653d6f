/**
 * One publisher's FLV on a unix socket, for any number of readers. Each gets a file that begins at the last keyframe: header,
 * metadata, sequence headers, the tags since that keyframe, then live. Neither the cache nor a slow reader grows without bound.
 */
import { createServer, type Socket } from 'node:net'
import { type FlvTag, flvHeader, TAG_TYPE, writeTag } from './flv-tags.ts'

const CACHE_BYTES = 24 * 1024 * 1024
const CACHE_MS = 20_000
// What a small tag costs beside its bytes.
const TAG_OVERHEAD = 256
const READER_BACKLOG_BYTES = 32 * 1024 * 1024
const MAX_READERS = 16
const LAST_BYTES_MS = 5_000

interface Reader {
  socket: Socket
  /** It joined where no keyframe was at hand, so pictures would only be noise until one comes. */
  awaitsKeyframe: boolean
}

export type FlvOutlet = Awaited<ReturnType<typeof openFlvOutlet>>

export async function openFlvOutlet(path: string) {
  const readers = new Set<Reader>()
  const headers: { metadata?: Buffer; video?: Buffer; audio?: Buffer } = {}
  let cache: Buffer[] = []
  let cachedBytes = 0
  let cachedFrom = 0

  const server = createServer((socket) => {
    const reader = { socket, awaitsKeyframe: cache.length === 0 }
    socket.on('close', () => readers.delete(reader))
    socket.on('error', () => socket.destroy())
    socket.resume()
    readers.add(reader)
    socket.write(Buffer.concat([flvHeader(), ...headerBytes(), ...cache]))
  })
  server.maxConnections = MAX_READERS
  await listening(server, path)

  const headerBytes = () => [headers.metadata, headers.video, headers.audio].filter((bytes) => bytes !== undefined)

  function clearCache(): void {
    cache = []
    cachedBytes = 0
  }

  function remember(bytes: Buffer, at: number): void {
    cache.push(bytes)
    cachedBytes += bytes.length + TAG_OVERHEAD
    if (cachedBytes > CACHE_BYTES || at - cachedFrom > CACHE_MS) clearCache()
  }

  function send(bytes: Buffer, isPictureToSkip: boolean): void {
    for (const reader of readers) {
      if (isPictureToSkip && reader.awaitsKeyframe) continue
      reader.socket.write(bytes)
      if (reader.socket.writableLength > READER_BACKLOG_BYTES) reader.socket.destroy()
    }
  }

  /** A header that says nothing new is not worth a seam. */
  function replaceHeader(name: keyof typeof headers, bytes: Buffer): void {
    const before = headers[name]
    if (before?.subarray(11).equals(bytes.subarray(11))) return
    headers[name] = bytes
    if (before && name !== 'metadata') clearCache()
    send(bytes, false)
  }

  return {
    writeMetadata(payload: Buffer, at: number): void {
      replaceHeader('metadata', writeTag(TAG_TYPE.metadata, at, payload))
    },

    write(tag: FlvTag, at: number): void {
      const bytes = writeTag(TAG_TYPE[tag.track], at, tag.payload)
      if (tag.kind === 'header') {
        replaceHeader(tag.track, bytes)
        return
      }
      if (tag.kind === 'keyframe') {
        clearCache()
        cachedFrom = at
        for (const reader of readers) reader.awaitsKeyframe = false
      }
      if (tag.kind === 'keyframe' || cache.length > 0) remember(bytes, at)
      send(bytes, tag.track === 'video')
    },

    /** Readers get what is on its way, then the end of the file. */
    close(): void {
      server.close()
      for (const { socket } of readers) {
        socket.end()
        setTimeout(() => socket.destroy(), LAST_BYTES_MS).unref()
      }
      clearCache()
    },
  }
}

function listening(server: ReturnType<typeof createServer>, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(path, () => {
    server.off('error', reject)
    server.on('error', () => {})
    resolve()
  })
  return promise
}
