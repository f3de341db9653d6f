/**
 * Keeps the ingest child alive: starts it with next to nothing in hand, hears it out, starts it again with back-off when it
 * dies, and ends it when it has fallen dumb.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Logger } from '../platform/logger.ts'

const CHILD = realpathSync(fileURLToPath(new URL('./child.ts', import.meta.url)))
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000
const HEALTHY_AFTER_MS = 30_000
const STOP_WITHIN_MS = 3_000
// The child speaks once a second. Counted in ticks, so a main process that was itself asleep does not kill a healthy child.
const TICK_MS = 2_000
const SILENT_TICKS = 8
const STDERR_TAIL = 2_000

/** Small spaces make the collector work early: the heap is no place to be generous to strangers. */
const HEAP = ['--max-old-space-size=96', '--max-semi-space-size=2']
/** Node's permission model: the child reads its own code and nothing else, writes nothing, starts nothing. */
const MAY_READ = [
  dirname(CHILD),
  dirname(fileURLToPath(import.meta.resolve('node-media-server/package.json'))),
  fileURLToPath(new URL('../../package.json', import.meta.url)),
]
const EXEC_ARGV = [...HEAP, '--permission', ...MAY_READ.map((path) => `--allow-fs-read=${realpathSync(path)}`)]
/**
 * Nothing of ours. For glibc: one arena, and big blocks mapped one by one, which costs nothing until they are written to.
 * The vendor's parser sets a megabyte aside for each connection; a thousand of them were 160 MB without this, 100 MB with.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

const count = z.number().int().nonnegative()
const nullableNumber = z.number().nullable()
const Health = z.object({
  videoCodec: z.string().max(10).nullable(),
  audioCodec: z.string().max(10).nullable(),
  width: nullableNumber,
  height: nullableNumber,
  videoBitrate: z.number(),
  audioBitrate: z.number(),
  frameRate: nullableNumber,
  keyframeIntervalMs: nullableNumber,
  longestKeyframeIntervalMs: nullableNumber,
  unevenSteps: nullableNumber,
  bFrames: z.boolean(),
  droppedFrames: nullableNumber,
  jitterMs: z.number(),
  timestampJumps: count,
  lastMediaAt: nullableNumber,
})

/** What the child may say. It faces hostile bytes, so it is believed only in this shape. */
const FromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), rtmp: count, rtmps: count.nullable() }),
  z.object({
    type: z.literal('ask'),
    connection: count,
    streamKey: z.string().max(8_192),
    address: z.string().max(64),
  }),
  z.object({ type: z.literal('ready'), connection: count }),
  z.object({ type: z.literal('gone'), connection: count, reason: z.string().max(200) }),
  z.object({ type: z.literal('health'), connection: count, health: Health }),
  z.object({
    type: z.literal('figures'),
    connections: count,
    reservedBytes: count,
    rssBytes: count,
    drops: z.record(z.string().max(80), count),
  }),
])
export type FromChild = z.infer<typeof FromChild>
export type Figures = Extract<FromChild, { type: 'figures' }>

export interface ListenOrder {
  type: 'listen'
  rtmp: { host: string; port: number }
  /** The certificate and its key travel by this channel only: not in the environment, not among the arguments. */
  rtmps: { host: string; port: number; cert: string; key: string } | null
  maxPerAddress: number
  maxConnections: number
  patience: Patience
}

/** How long a peer may take. */
export interface Patience {
  publishWithinMs: number
  silenceMs: number
  pingEveryMs: number
}

export type ToChild =
  | ListenOrder
  | { type: 'admit'; connection: number; flvPath: string }
  | { type: 'start'; connection: number }
  | { type: 'refuse'; connection: number; code: string; description: string; reason: string }
  | { type: 'drop'; connection: number; reason: string }

export interface ChildHooks {
  logger: Logger
  /** Read anew for every start, so that a renewed certificate is taken up. */
  listenOrder(): Promise<ListenOrder>
  onMessage(message: Exclude<FromChild, { type: 'listening' }>): void
  /** All its connections are gone with it. */
  onDeath(): void
}

export interface Ports {
  rtmp: number
  rtmps: number | null
}

export function createIngestProcess({ logger, listenOrder, onMessage, onDeath }: ChildHooks) {
  let child: ChildProcess | null = null
  let ports: Ports | null = null
  let retry: NodeJS.Timeout | undefined
  let attempt = 0
  let restarts = 0
  let isStopping = false

  /** Resolves when the child listens; rejects when it dies before. */
  function launch(order: ListenOrder): Promise<Ports> {
    const { promise, resolve, reject } = Promise.withResolvers<Ports>()
    const born = Date.now()
    let stderr = ''
    let silentTicks = 0
    const launched = fork(CHILD, [], {
      env: ENVIRONMENT,
      execArgv: EXEC_ARGV,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child = launched
    const watch = setInterval(() => {
      silentTicks += 1
      if (silentTicks > SILENT_TICKS) launched.kill('SIGKILL')
    }, TICK_MS)

    function died(cause: string): void {
      if (child !== launched) return
      child = null
      clearInterval(watch)
      reject(new Error(`The ingest process ended before it listened (${cause}). ${stderr.trim()}`))
      onDeath()
      if (isStopping || !ports) return
      if (Date.now() - born > HEALTHY_AFTER_MS) attempt = 0
      logger.warn({ cause, stderr: stderr.trim() }, 'the ingest child died and is started again')
      startAgain()
    }

    launched.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_TAIL)
    })
    launched.on('message', (raw) => {
      // Last words may arrive after the exit, and their connection numbers are given out anew by then.
      if (child !== launched) return
      silentTicks = 0
      const parsed = FromChild.safeParse(raw)
      if (!parsed.success) {
        logger.error({ issues: parsed.error.issues }, 'the ingest child speaks nonsense and is ended')
        launched.kill('SIGKILL')
      } else if (parsed.data.type === 'listening') {
        ports = { rtmp: parsed.data.rtmp, rtmps: parsed.data.rtmps }
        resolve(ports)
      } else onMessage(parsed.data)
    })
    launched.on('exit', (code, signal) => died(String(signal ?? code)))
    // Without a pid it was never born, and there will be no exit; otherwise a message came too late, which is no matter.
    launched.on('error', (error) => launched.pid ?? died(error.message))
    launched.send(order)
    return promise
  }

  function startAgain(): void {
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS)
    attempt += 1
    retry = setTimeout(async () => {
      restarts += 1
      const order = await listenOrder().catch((error: unknown) => {
        logger.warn({ err: error }, 'the ingest child cannot be started')
        return null
      })
      if (isStopping) return
      if (!order) return startAgain()
      // A child that dies before it listens is tried again from `died`.
      launch(order).catch(() => {})
    }, delayMs)
  }

  return {
    start: async (): Promise<Ports> => launch(await listenOrder()),

    async stop(): Promise<void> {
      isStopping = true
      clearTimeout(retry)
      const leaving = child
      if (!leaving) return
      const exited = new Promise((resolve) => leaving.once('exit', resolve))
      leaving.kill('SIGTERM')
      const force = setTimeout(() => leaving.kill('SIGKILL'), STOP_WITHIN_MS)
      await exited
      clearTimeout(force)
    },

    send(message: ToChild): void {
      if (child?.connected) child.send(message)
    },

    ports: (): Ports | null => ports,
    pid: (): number | undefined => child?.pid,
    restarts: (): number => restarts,
  }
}
