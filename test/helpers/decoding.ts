/** What FFmpeg makes of media that came over the wire: it must decode without a word, and its frames must follow each other. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Decoded {
  /** Everything the decoder had to complain of: it says so on stderr, and ends well all the same. */
  complaints: string
  /** Presentation times in seconds, in the order shown. */
  times: number[]
  /** The shortest and the longest distance between two frames that follow each other, seconds. */
  steps: { shortest: number; longest: number }
}

/** Decodes an init section and what belongs to it, in one piece. */
export function decode(...pieces: Buffer[]): Decoded {
  return asFile(pieces, (file) => {
    const complaints = run('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-f', 'null', '-']).stderr
    const listed = run('ffprobe', ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file]).stdout
    const times = listed
      .split('\n')
      .filter(Boolean)
      .map(Number.parseFloat)
      .sort((a, b) => a - b)
    const steps = times.slice(1).map((time, i) => time - times[i]!)
    return { complaints, times, steps: { shortest: Math.min(...steps), longest: Math.max(...steps) } }
  })
}

const THUMBNAIL = { width: 32, height: 18 }

/** Every picture in the order shown, small and grey: one byte for each of its points. */
export function pictures(...pieces: Buffer[]): Buffer[] {
  const { width, height } = THUMBNAIL
  const small = ['-fps_mode', 'passthrough', '-vf', `scale=${width}:${height}:flags=area`, '-pix_fmt', 'gray']
  const bytes = asFile(
    pieces,
    (file) => run('ffmpeg', ['-v', 'error', '-i', file, ...small, '-f', 'rawvideo', '-']).bytes,
  )
  const size = width * height
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

function asFile<Result>(pieces: Buffer[], use: (file: string) => Result): Result {
  const place = mkdtempSync(join(tmpdir(), 'decoding-'))
  const file = join(place, 'all.mp4')
  try {
    writeFileSync(file, Buffer.concat(pieces))
    return use(file)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function run(program: string, args: string[]): { bytes: Buffer; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return { bytes: stdout, stdout: stdout.toString(), stderr: stderr.toString() }
}
