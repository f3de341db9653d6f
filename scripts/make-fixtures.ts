/**
 * Clips of every kind a broadcaster may send, made with FFmpeg and kept in the temporary folder for the next run.
 *
 *   node scripts/make-fixtures.ts [name …]      prints the path of each
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Fixture {
  size?: string
  rate?: string
  seconds?: number
  gopSeconds?: number
  bFrames?: number
  sound?: { rate: 44_100 | 48_000; channels: 1 | 2 } | null
  hasPicture?: boolean
  kbps?: number
  /** A filter that leaves frames out or moves them. */
  filter?: string
}

const stereo48 = { rate: 48_000, channels: 2 } as const

/** What a broadcaster may send, by name. `size-change` is two of them in one stream. */
export const FIXTURES = {
  'fps-24': { rate: '24' },
  'fps-25': { rate: '25' },
  'fps-29.97': { rate: '30000/1001' },
  'fps-30': { rate: '30' },
  'fps-50': { rate: '50' },
  'fps-60': { rate: '60' },
  'hd-720': { size: '1280x720', kbps: 2_500 },
  portrait: { size: '360x640' },
  'four-thirds': { size: '640x480' },
  'odd-size': { size: '850x478' },
  'mono-44.1': { sound: { rate: 44_100, channels: 1 } },
  'stereo-44.1': { sound: { rate: 44_100, channels: 2 } },
  'mono-48': { sound: { rate: 48_000, channels: 1 } },
  'no-sound': { sound: null },
  'sound-only': { hasPicture: false },
  'gop-8s': { gopSeconds: 8, seconds: 24 },
  'b-frames': { bFrames: 3 },
  // Every seventh frame is missing and the others come up to 8 ms late, as from a screen recorder under load.
  'variable-rate': { filter: "settb=1/90000,select='mod(n,7)',setpts='PTS+mod(N,5)*180'" },
} satisfies Record<string, Fixture>

export type FixtureName = keyof typeof FIXTURES | 'size-change'

export const FIXTURE_NAMES = [...Object.keys(FIXTURES), 'size-change'] as FixtureName[]

/** The path of the clip, made when it is not there yet. */
export function makeFixture(name: FixtureName): string {
  if (name === 'size-change')
    return joined('size-change', [
      { size: '640x360', seconds: 6 },
      { size: '480x270', seconds: 6 },
    ])
  return encoded(name, FIXTURES[name], 'mp4')
}

function encoded(name: string, fixture: Fixture, format: 'mp4' | 'flv'): string {
  const { size = '640x360', rate = '30', seconds = 12, gopSeconds = 2, bFrames = 0, kbps = 1_000 } = fixture
  const { sound = stereo48, hasPicture = true, filter } = fixture
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`]
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:beep_factor=2:sample_rate=${sound?.rate}:duration=${seconds}`]
  const keyframes = ['-g', '900', '-sc_threshold', '0', '-force_key_frames', `expr:gte(t,n_forced*${gopSeconds})`]
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-pix_fmt',
    'yuv420p',
    '-bf',
    String(bFrames),
    '-b:v',
    `${kbps}k`,
  ]
  const kept = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', ...(filter ? ['-vf', filter] : [])]
  const audio = ['-c:a', 'aac', '-b:a', '96k', '-ac', String(sound?.channels)]
  return madeOnce(name, format, [
    ...(hasPicture ? picture : []),
    ...(sound ? tone : []),
    ...(hasPicture ? [...video, ...keyframes, ...kept] : []),
    ...(sound ? audio : []),
    ...['-f', format],
  ])
}

/** Several encodes as one FLV, each with its own sequence headers: what OBS sends after a change of its settings. */
function joined(name: string, fixtures: Fixture[]): string {
  const path = pathOf(name, 'flv', [JSON.stringify(fixtures)])
  if (existsSync(path)) return path
  const HEADER = 13
  let offset = 0
  const pieces = fixtures.map((fixture, index) => {
    const bytes = readFileSync(encoded(`${name}-${index}`, fixture, 'flv'))
    for (let at = HEADER; at < bytes.length; at += 15 + bytes.readUIntBE(at + 1, 3)) {
      const time = bytes.readUIntBE(at + 4, 3) + offset
      bytes.writeUIntBE(time & 0xffffff, at + 4, 3)
      bytes[at + 7] = time >>> 24
    }
    offset += (fixture.seconds ?? 12) * 1000
    return index === 0 ? bytes : bytes.subarray(HEADER)
  })
  writeFileSync(`${path}.${process.pid}`, Buffer.concat(pieces))
  renameSync(`${path}.${process.pid}`, path)
  return path
}

function madeOnce(name: string, format: string, args: string[]): string {
  const path = pathOf(name, format, args)
  if (existsSync(path)) return path
  const unfinished = `${path}.${process.pid}`
  try {
    execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args, unfinished], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
  return path
}

// The arguments are part of the name: a fixture that is described anew is made anew.
function pathOf(name: string, format: string, args: string[]): string {
  const folder = join(tmpdir(), 'footlight-fixtures')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${name}-${createHash('sha256').update(args.join('\0')).digest('hex').slice(0, 10)}.${format}`)
}

if (import.meta.main) {
  const wanted = process.argv.slice(2)
  for (const name of FIXTURE_NAMES) if (wanted.length === 0 || wanted.includes(name)) console.log(makeFixture(name))
}
