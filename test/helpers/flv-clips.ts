import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type FlvTag, readFlvTags } from './flv-player.ts'

export interface TestCard {
  size?: string
  rate?: string
  seconds?: number
  /** frames between keyframes */
  gop?: number
  bFrames?: number
  audio?: { rate: number; channels: number } | null
  hasVideo?: boolean
  /** a filter on the picture, and one on the sound */
  videoFilter?: string
  audioFilter?: string
}

const CLIPS = resolve('../shared/clips')

/** A moving picture with sound as an encoder would send it, made by FFmpeg once and kept for the next run. */
export function testCard(card: TestCard = {}): FlvTag[] {
  const { size = '640x360', rate = '30', seconds = 4, gop = 60, bFrames = 0, hasVideo = true } = card
  const audio = card.audio === undefined ? { rate: 48_000, channels: 2 } : card.audio
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`]
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${audio?.rate}:duration=${seconds}`]
  const encodeVideo = [
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(gop),
      '-keyint_min',
      String(gop),
    ],
    ...['-sc_threshold', '0', '-bf', String(bFrames), ...(card.videoFilter ? ['-vf', card.videoFilter] : [])],
    ...['-fps_mode', 'passthrough'],
  ]
  const encodeAudio = [
    ...['-c:a', 'aac', '-ac', String(audio?.channels)],
    ...(card.audioFilter ? ['-af', card.audioFilter] : []),
  ]
  return made([
    ...(hasVideo ? picture : []),
    ...(audio ? sound : []),
    ...(hasVideo ? encodeVideo : []),
    ...(audio ? encodeAudio : []),
  ])
}

/** One of the shared clips as FLV, its samples untouched; where the clips are absent, a test card in its stead. */
export function clip(name: string, seconds: number, otherwise: TestCard): FlvTag[] {
  const path = join(CLIPS, name)
  if (!existsSync(path)) return testCard({ ...otherwise, seconds })
  return made(['-t', String(seconds), '-i', path, '-map', '0:v:0', '-map', '0:a:0?', '-c', 'copy'])
}

function made(args: string[]): FlvTag[] {
  const dir = join(tmpdir(), 'footlight-test-clips')
  mkdirSync(dir, { recursive: true })
  const path = join(dir, `${createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 16)}.flv`)
  if (!existsSync(path)) {
    const unfinished = `${path}.${process.pid}`
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, '-f', 'flv', unfinished])
    renameSync(unfinished, path)
  }
  return readFlvTags(readFileSync(path))
}
