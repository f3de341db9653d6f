/** FFmpeg itself. fluent-ffmpeg composes the command line; launching, pipes, signals and exits are ours. */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import ffmpeg from 'fluent-ffmpeg'
import { type EncodeOptions, type EncodePlan, encodeOptions } from './encode-options.ts'
import type { Supervised } from './supervisor.ts'
import { collectThumbnails, type ThumbnailFrame, type Thumbnails, thumbnailOptions } from './thumbnails.ts'

export interface Encoder extends Supervised {
  pid: number | undefined
  /** by rendition: fragmented MP4, one frame per fragment. Always flowing: one pipe left unread would freeze them all. */
  outputs: ReadonlyMap<string, Readable>
  /** A still of the picture, now and then; no word of it counts as output. */
  onThumbnails(listener: (thumbnails: Thumbnails) => void): void
  /** what FFmpeg said last, for the person who has to understand it */
  errorTail(): string
}

export interface FfmpegVersion {
  text: string
  /** null for a build from the development tree */
  major: number | null
  minor: number | null
  /** FLV that carries HEVC, AV1 or VP9 (Enhanced RTMP) is understood from 6.1 on. */
  readsEnhancedFlv: boolean
}

const FIRST_PIPE = 3
const TAIL_BYTES = 4_096

/** The whole command line: output n goes to pipe 3 + n. */
export function composeArguments({ input, filters, outputs }: EncodeOptions): string[] {
  const command = ffmpeg(input.target).inputOptions(...input.options)
  if (filters.length > 0) command.complexFilter(filters)
  outputs.forEach(({ options }, index) => {
    command.output(`pipe:${FIRST_PIPE + index}`).outputOptions(...options)
  })
  // The types leave out what is marked private; the version is pinned and a test reads the result.
  return (command as unknown as { _getArguments(): string[] })._getArguments()
}

export function launchEncoder(ffmpegPath: string, plan: EncodePlan): Encoder {
  const options = encodeOptions(plan)
  const frames = plan.video.length > 0 ? (plan.thumbnails ?? []) : []
  const stills = frames.map((frame) => ({
    id: `thumbnail ${frame.size}`,
    options: thumbnailOptions(frame, 'every-ten-seconds'),
  }))
  const pipes = [...options.outputs, ...stills].map(() => 'pipe' as const)
  const child = spawn(ffmpegPath, composeArguments({ ...options, outputs: [...options.outputs, ...stills] }), {
    stdio: ['ignore', 'ignore', 'pipe', ...pipes],
    // In a group of its own: Ctrl-C in a terminal is for us, who then let it finish.
    detached: true,
  })
  const outputs = new Map(options.outputs.map(({ id }, index) => [id, child.stdio[FIRST_PIPE + index] as Readable]))
  const outcome = Promise.withResolvers<Error | null>()
  const outputListeners: (() => void)[] = []
  const thumbnailListeners: ((thumbnails: Thumbnails) => void)[] = []
  let tail = ''
  let interrupted = false

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_BYTES)
  })
  for (const output of outputs.values()) {
    output.on('data', () => {
      for (const listener of outputListeners) listener()
    })
    // A broken pipe is told by the exit that follows it.
    output.on('error', () => {})
  }

  const collected = collectThumbnails(frames, (thumbnails) => {
    for (const listener of thumbnailListeners) listener(thumbnails)
  })
  frames.forEach(({ size }, index) => {
    const pipe = child.stdio[FIRST_PIPE + options.outputs.length + index] as Readable
    pipe.on('data', collected.reader(size))
    pipe.on('error', () => {})
  })

  function settle(code: number | null, signal: NodeJS.Signals | null): void {
    const isFine = code === 0 || interrupted
    outcome.resolve(isFine ? null : new Error(`FFmpeg ended with ${signal ?? `code ${code}`}: ${lastLine(tail)}`))
  }
  child.on('error', (cause) => outcome.resolve(new Error(`FFmpeg could not be started: ${cause.message}`, { cause })))
  // 'close' comes when every pipe has been read to its end; a reader that does not read must not hold up the exit.
  child.on('exit', (code, signal) => setTimeout(settle, 2_000, code, signal).unref())
  child.on('close', settle)

  return {
    pid: child.pid,
    outputs,
    onOutput: (listener) => void outputListeners.push(listener),
    onThumbnails: (listener) => void thumbnailListeners.push(listener),
    onExit: (listener) => void outcome.promise.then(listener),
    interrupt: () => {
      interrupted = true
      child.kill('SIGTERM')
    },
    kill: () => void child.kill('SIGKILL'),
    errorTail: () => tail.trim(),
  }
}

/** Stills of the first keyframe of some MP4, by an FFmpeg that gives way to every other work of the machine. */
export function grabThumbnails(
  ffmpegPath: string,
  media: Buffer,
  frames: readonly ThumbnailFrame[],
  timeoutMs: number,
): Promise<Thumbnails> {
  const args = composeArguments({
    input: {
      target: 'pipe:0',
      options: ['-hide_banner', '-nostats', '-loglevel', 'error', '-threads', '1', '-skip_frame', 'nokey', '-f', 'mp4'],
    },
    filters: [],
    outputs: frames.map((frame) => ({
      id: `thumbnail ${frame.size}`,
      options: thumbnailOptions(frame, 'first'),
    })),
  })
  const child = spawn(ffmpegPath, args, {
    stdio: ['pipe', 'ignore', 'pipe', ...frames.map(() => 'pipe' as const)],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  if (child.pid !== undefined) giveWay(child.pid)
  let found: Thumbnails | null = null
  let said = ''
  const collected = collectThumbnails(frames, (thumbnails) => {
    found = thumbnails
  })
  frames.forEach(({ size }, index) => {
    const pipe = child.stdio[FIRST_PIPE + index] as Readable
    pipe.on('data', collected.reader(size))
    pipe.on('error', () => {})
  })
  const { promise, resolve, reject } = Promise.withResolvers<Thumbnails>()
  // All of these are pipes.
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-TAIL_BYTES)))
  child.stdin!.on('error', () => {})
  child.stdin!.end(media)
  child.on('error', reject)
  child.on('close', () => {
    if (found) resolve(found)
    else reject(new Error(`FFmpeg made no still: ${lastLine(said)}`))
  })
  return promise
}

function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or may not: it is short work either way.
  }
}

/** Runs a short command to its end and gives what it printed; it is killed when it takes too long. */
export async function run(path: string, args: string[], timeoutMs: number): Promise<string> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
  let printed = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-TAIL_BYTES)))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.on('error', reject)
  child.on('close', (code, signal) => {
    if (code === 0) resolve(printed)
    else reject(new Error(signal ? `${path} took longer than ${timeoutMs / 1000} s` : `${path}: ${lastLine(said)}`))
  })
  return promise
}

export async function findVersion(ffmpegPath: string): Promise<FfmpegVersion> {
  const text = /^ffmpeg version (\S+)/.exec(await run(ffmpegPath, ['-version'], 10_000))?.[1] ?? 'unknown'
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(text)?.map(Number) ?? []
  if (major === undefined || minor === undefined) return { text, major: null, minor: null, readsEnhancedFlv: true }
  return { text, major, minor, readsEnhancedFlv: major > 6 || (major === 6 && minor >= 1) }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it said nothing'
}
