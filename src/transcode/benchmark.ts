/** What this box can encode: a picture that is as hard as film, through the same options as a show, at the lowest priority. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EncoderName, encoders } from './encoders.ts'

interface Bench {
  ffmpegPath: string
  encoder: EncoderName
  preset: string
  cores: number
  signal: AbortSignal
}

const SECONDS = 5
const RENDITION = { id: 'probe', width: 1280, height: 720, frameRate: 30, videoBitrate: 2_800_000 }
const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-y']
// A small moving picture with noise, blown up, at the bitrate broadcasters send: about as hard as a battle scene.
const PICTURE = 'testsrc2=size=320x180:rate=30,noise=alls=40:allf=t,scale=1280:720:flags=bicubic'

/** How many times faster than real time the whole box encodes 720p30. */
export async function measureSpeed({ ffmpegPath, encoder, preset, cores, signal }: Bench): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'footlight-bench-'))
  try {
    const clip = join(folder, 'clip.flv')
    const bits = ['-b:v', '2500k', '-maxrate', '2500k', '-bufsize', '2500k']
    const source = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...bits, '-g', '60', clip]
    await runNiced(ffmpegPath, [...QUIET, '-f', 'lavfi', '-i', PICTURE, '-t', String(SECONDS), ...source], signal)
    const args = [...encodeArguments(encoder, preset, ['-threads', '1', '-i', clip]), '-benchmark', '-f', 'null', '-']
    // As many at once as keep every core busy, so that cores that share something are measured sharing it.
    const count = Math.min(16, Math.ceil(cores / 2))
    const runs = await Promise.all(Array.from({ length: count }, () => runNiced(ffmpegPath, args, signal)))
    const spent = runs.map(readSpent)
    if (encoder !== 'software') return (count * SECONDS) / Math.max(...spent.map(({ real }) => real))
    // Processor time, not time that passed: what else the box does meanwhile is not held against it.
    return (cores * count * SECONDS) / spent.reduce((sum, { cpu }) => sum + cpu, 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Encodes one second; throws with what FFmpeg said when this encoder does not work here. */
export async function tryEncoder(ffmpegPath: string, encoder: EncoderName, signal: AbortSignal): Promise<void> {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=1']
  await runNiced(ffmpegPath, [...encodeArguments(encoder, 'veryfast', input), '-f', 'null', '-'], signal)
}

function encodeArguments(encoder: EncoderName, preset: string, input: string[]): string[] {
  const { device, upload, options } = encoders[encoder]
  const filter = ['scale=1280:720:flags=bicubic', upload || 'format=yuv420p'].join(',')
  const keyframes = ['-force_key_frames', 'expr:gte(t,n_forced*2)']
  return [...QUIET, ...device, ...input, '-an', '-vf', filter, ...options(RENDITION, preset), ...keyframes]
}

const TIMEOUT_MS = 120_000
const SAID_BYTES = 16_384

async function runNiced(path: string, args: string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const child = spawn(path, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_BYTES)))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) resolve(said)
    else reject(new Error(said.trim().split('\n').at(-1) || `${path} ended with code ${code}`))
  })
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  return promise
}

function readSpent(said: string): { cpu: number; real: number } {
  const [, user, system, real] = /bench: utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(said)?.map(Number) ?? []
  if (user === undefined || system === undefined || real === undefined) throw new Error('FFmpeg did not tell its time')
  return { cpu: Math.max(user + system, 0.01), real: Math.max(real, 0.01) }
}
