import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One FLV tag as it lies in a file; `bytes` holds header, body and the previous-tag-size that follows. */
export interface FlvTag {
  kind: 'audio' | 'video' | 'script'
  /** metadata, a sequence header, or the mark of a sequence's end: anything that holds no sample */
  isHeader: boolean
  isKeyframe: boolean
  dts: number
  pts: number
  bytes: Buffer
}

const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])

export function readFlvTags(file: Buffer): FlvTag[] {
  const tags: FlvTag[] = []
  let at = file.readUInt32BE(5) + 4
  while (at + 11 <= file.length) {
    const size = file.readUIntBE(at + 1, 3)
    const bytes = file.subarray(at, at + 11 + size + 4)
    const kind = ({ 8: 'audio', 9: 'video' } as const)[bytes[0]!] ?? 'script'
    const dts = bytes.readUIntBE(4, 3) + bytes[7]! * 2 ** 24
    const avc = kind === 'video' && (bytes[11]! & 15) === 7
    tags.push({
      kind,
      isHeader: kind === 'script' || (avc ? bytes[12] !== 1 : bytes[11]! >> 4 === 10 && bytes[12] === 0),
      isKeyframe: kind === 'video' && bytes[11]! >> 4 === 1,
      dts,
      pts: avc ? dts + ((bytes.readUIntBE(13, 3) << 8) >> 8) : dts,
      bytes,
    })
    at += bytes.length
  }
  return tags
}

/** The same tag at another time. */
export function moveTag(tag: FlvTag, byMs: number): FlvTag {
  const bytes = Buffer.from(tag.bytes)
  const dts = tag.dts + byMs
  bytes.writeUIntBE(dts & 0xffffff, 4, 3)
  bytes[7] = Math.floor(dts / 2 ** 24)
  return { ...tag, dts, pts: tag.pts + byMs, bytes }
}

export interface FlvPlayer extends AsyncDisposable {
  path: string
  /** When each video frame was written to the newest reader, by its presentation time. */
  sentAt: Map<number, number>
}

/**
 * Plays FLV tags to every reader of a unix socket, as the ingest room does: at the pace of their timestamps, or at once.
 * The first `burstMs` go out immediately, as from the cache of the running group of pictures. A reader is given the end
 * of the stream after the last tag unless `hangs`.
 */
export async function playFlv(
  tags: readonly FlvTag[],
  opts: { pace: 'real' | 'fast'; burstMs?: number; hangs?: boolean },
): Promise<FlvPlayer> {
  const dir = mkdtempSync(join(tmpdir(), 'flv-'))
  const path = join(dir, 's')
  const sentAt = new Map<number, number>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.write(FLV_HEADER)
    play(socket, 0, performance.now() - (opts.burstMs ?? 0) - (tags[0]?.dts ?? 0))
  })

  function play(socket: Socket, from: number, epoch: number): void {
    let index = from
    for (; index < tags.length; index++) {
      const tag = tags[index]!
      const wait = epoch + tag.dts - performance.now()
      if (opts.pace === 'real' && wait > 1) return void setTimeout(play, wait, socket, index, epoch)
      if (socket.destroyed) return
      if (tag.kind === 'video' && !tag.isHeader) sentAt.set(tag.pts, performance.now())
      if (!socket.write(tag.bytes) && opts.pace === 'fast') {
        return void socket.once('drain', () => play(socket, index + 1, epoch))
      }
    }
    if (!opts.hangs) socket.end()
  }

  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    sentAt,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
