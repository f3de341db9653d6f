/** Many stills made into one file, by a short FFmpeg that gives way to every other work of the machine. */
import { spawn } from 'node:child_process'
import { fitInto } from './encode-options.ts'
import { composeArguments, giveWay } from './ffmpeg.ts'

export interface Tile {
  width: number
  height: number
}

/** The longer side of a tile, in pixels. */
const TILE_SIZE = 160
const MOST_TILES_IN_A_ROW = 5
const FRAMES_PER_SECOND = 2
const LARGEST_FILE = 4 * 1024 * 1024

/** How a sheet of so many stills is laid out: row by row, from the upper left. */
export function sheetLayout(still: Tile, count: number): { tile: Tile; columns: number; rows: number } {
  const columns = Math.min(count, MOST_TILES_IN_A_ROW)
  return { tile: shrink(still, TILE_SIZE), columns, rows: Math.ceil(count / columns) }
}

/** Stills of one size, in order, as one JPEG. */
export function makeSheet(ffmpegPath: string, stills: readonly Buffer[], still: Tile, timeoutMs: number) {
  const { tile, columns, rows } = sheetLayout(still, stills.length)
  return convert(ffmpegPath, stills, timeoutMs, [
    ...['-vf', [...fitInto(tile), `tile=${columns}x${rows}`].join(','), '-frames:v', '1'],
    ...['-c:v', 'mjpeg', '-threads', '1', '-pix_fmt', 'yuvj420p', '-q:v', '4', '-f', 'mjpeg'],
  ])
}

/** Stills of one size, in order, as an animated WebP that begins again at its end. */
export function makePreview(ffmpegPath: string, stills: readonly Buffer[], still: Tile, timeoutMs: number) {
  return convert(ffmpegPath, stills, timeoutMs, [
    ...['-vf', fitInto(still).join(',')],
    ...['-c:v', 'libwebp_anim', '-quality', '50', '-compression_level', '2', '-threads', '1'],
    ...['-pix_fmt', 'yuv420p', '-loop', '0', '-f', 'webp'],
  ])
}

/** Width and height as the frame header says (ISO/IEC 10918-1, B.2.2); null for what is no JPEG. */
export function sizeOfJpeg(jpeg: Buffer): Tile | null {
  let at = 2
  while (at + 9 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1]!
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: jpeg.readUInt16BE(at + 7), height: jpeg.readUInt16BE(at + 5) }
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return null
}

function shrink({ width, height }: Tile, size: number): Tile {
  const scale = Math.min(1, size / Math.max(width, height))
  const even = (length: number) => Math.max(2, 2 * Math.round((length * scale) / 2))
  return { width: even(width), height: even(height) }
}

function convert(ffmpegPath: string, stills: readonly Buffer[], timeoutMs: number, options: string[]): Promise<Buffer> {
  const from = ['-hide_banner', '-nostats', '-loglevel', 'error', '-threads', '1', '-filter_threads', '1']
  const args = composeArguments({
    input: {
      target: 'pipe:0',
      options: [...from, '-f', 'image2pipe', '-framerate', String(FRAMES_PER_SECOND), '-c:v', 'mjpeg'],
    },
    filters: [],
    outputs: [{ id: 'storyboard', options }],
  })
  const child = spawn(ffmpegPath, args, {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  if (child.pid !== undefined) giveWay(child.pid)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const made: Buffer[] = []
  let size = 0
  let said = ''
  // All of these are pipes.
  child.stdio[3]!.on('error', () => {}).on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= LARGEST_FILE) made.push(chunk)
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1_000)))
  child.stdin!.on('error', () => {})
  child.stdin!.end(Buffer.concat(stills))
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0 && size > 0 && size <= LARGEST_FILE) resolve(Buffer.concat(made))
    else reject(new Error(`FFmpeg made no storyboard of ${stills.length} stills: ${said.trim()}`))
  })
  return promise
}
