/**
 * A picture that tells when it was made: 48 black or white blocks in its upper left corner hold the milliseconds of the
 * wall clock (40 bits, most significant first) and a check byte. Blocks are large enough to survive scaling and coding.
 */
import { spawn } from 'node:child_process'

export const COLUMNS = 16
export const ROWS = 3
/** A block's side as a share of the picture's width and height: 40 × 40 pixels at 1280 × 720. */
export const BLOCK_WIDTH = 40 / 1280
export const BLOCK_HEIGHT = 40 / 720
const TIME_BITS = 40

/** The 48 blocks of an instant, true for white. */
export function blocksOf(milliseconds: number): boolean[] {
  const time = Math.floor(milliseconds) % 2 ** TIME_BITS
  const bytes = [4, 3, 2, 1, 0].map((at) => Math.floor(time / 2 ** (8 * at)) % 256)
  return [...bytes, checkOf(bytes)].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((byte >> bit) & 1) === 1))
}

/** The instant the blocks tell, in milliseconds since 1970 near `now`; null when the check byte does not fit. */
export function instantOf(blocks: boolean[], now: number): number | null {
  const bytes = [0, 1, 2, 3, 4, 5].map((at) =>
    blocks.slice(at * 8, at * 8 + 8).reduce((byte, isWhite) => byte * 2 + (isWhite ? 1 : 0), 0),
  )
  const check = bytes.pop()
  if (check !== checkOf(bytes)) return null
  const time = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return Math.floor(now / 2 ** TIME_BITS) * 2 ** TIME_BITS + time
}

// Neither an all black nor an all white picture passes.
function checkOf(bytes: number[]): number {
  return bytes.reduce((check, byte) => (check * 31 + byte + 17) % 256, 7)
}

/** Writes the instant's blocks into the luma of a yuv420p frame. */
export function burnIn(frame: Buffer, width: number, height: number, milliseconds: number): void {
  const [blockWidth, blockHeight] = [Math.round(BLOCK_WIDTH * width), Math.round(BLOCK_HEIGHT * height)]
  blocksOf(milliseconds).forEach((isWhite, index) => {
    const left = (index % COLUMNS) * blockWidth
    const top = Math.floor(index / COLUMNS) * blockHeight
    for (let row = top; row < top + blockHeight; row++) {
      frame.fill(isWhite ? 235 : 16, row * width + left, row * width + left + blockWidth)
    }
  })
}

interface Broadcast {
  /** What FFmpeg is told after the encoding: a format and where to. */
  output: string[]
  width?: number
  height?: number
  fps?: number
  kbps?: number
  preset?: string
  bFrames?: number
  /** Frames the encoder holds back to plan its bits. */
  lookahead?: number
}

/** A broadcaster whose every frame carries the instant it was handed to the encoder, over a moving test card. */
export async function broadcastClock(broadcast: Broadcast) {
  const { output, width = 1280, height = 720, fps = 30, kbps = 2_500, preset = 'veryfast' } = broadcast
  const { bFrames = 2, lookahead = 0 } = broadcast
  const card = await testCard(width, height, fps)
  const size = `${width}x${height}`
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', size, '-r', String(fps)],
      ...['-i', 'pipe:0', '-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=2:sample_rate=48000'],
      ...['-c:v', 'libx264', '-preset', preset, '-bf', String(bFrames), '-g', String(fps * 2), '-sc_threshold', '0'],
      ...[
        '-rc-lookahead',
        String(lookahead),
        '-threads',
        '1',
        '-b:v',
        `${kbps}k`,
        '-maxrate',
        `${kbps}k`,
        '-bufsize',
        `${kbps}k`,
      ],
      ...['-c:a', 'aac', '-b:a', '128k', '-shortest', ...output],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => ffmpeg.once('exit', () => resolve()))
  ffmpeg.stdin.on('error', () => undefined)

  const start = performance.now()
  let count = 0
  const timer = setInterval(() => {
    for (; count <= ((performance.now() - start) * fps) / 1000; count++) {
      const frame = Buffer.from(card[count % card.length]!)
      burnIn(frame, width, height, Date.now())
      ffmpeg.stdin.write(frame)
    }
  }, 2)
  return {
    pid: ffmpeg.pid!,
    ended,
    async stop(): Promise<void> {
      clearInterval(timer)
      ffmpeg.stdin.end()
      await ended
    },
    /** Cut off, as by a pulled plug. */
    async kill(): Promise<void> {
      clearInterval(timer)
      ffmpeg.kill('SIGKILL')
      await ended
    },
  }
}

/** Two seconds of moving test card as raw frames. */
async function testCard(width: number, height: number, fps: number): Promise<Buffer[]> {
  const source = `testsrc2=size=${width}x${height}:rate=${fps}:duration=2`
  const args = ['-loglevel', 'error', '-f', 'lavfi', '-i', source, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1']
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const bytes = Buffer.concat(await ffmpeg.stdout.toArray())
  const frameBytes = (width * height * 3) / 2
  return Array.from({ length: Math.floor(bytes.length / frameBytes) }, (_, index) =>
    bytes.subarray(index * frameBytes, (index + 1) * frameBytes),
  )
}
