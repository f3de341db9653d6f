/** What the node carries, minute by minute: viewers, bytes handed out, encoders, and how late its loop runs. */
import type { Db } from '../db/db.ts'
import type { NodeSampleTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

/** What the rooms tell of this moment. */
export interface NodeFigures {
  sessions: number
  viewers: number
  encoders: number
  /** Of what this box can encode in real time, 0 to 1 and above. */
  encoderLoad: number
  loopDelayMs: number
}

interface Options {
  db: Db
  clock: Clock
  logger: Logger
  figures(): NodeFigures
  everyMs?: number
}

const MINUTE_MS = 60_000
const KEPT_MS = 90 * 86_400_000
const STEPS_MS = [1, 5, 15, 60, 360].map((minutes) => minutes * MINUTE_MS)
const MOST_STEPS = 360

export type NodeLoad = ReturnType<typeof createNodeLoad>

export function createNodeLoad({ db, clock, logger, figures, everyMs = MINUTE_MS }: Options) {
  let served = { requests: 0, bytes: 0 }

  async function sample(): Promise<void> {
    const { requests, bytes } = served
    served = { requests: 0, bytes: 0 }
    const now = clock.now()
    const row: NodeSampleTable = { at: now - (now % MINUTE_MS), ...figures(), requests, bytes }
    await db
      .insertInto('nodeSample')
      .values(row)
      .onConflict((oc) => oc.column('at').doNothing())
      .execute()
  }

  /** The greatest of each step, but for what was handed out, which is added up. */
  async function since(from: number): Promise<{ stepMs: number; samples: NodeSampleTable[] }> {
    const stepMs = STEPS_MS.find((step) => (clock.now() - from) / step <= MOST_STEPS) ?? STEPS_MS.at(-1)!
    const rows = await db
      .selectFrom('nodeSample')
      .select((eb) => [
        eb('at', '-', eb('at', '%', eb.lit(stepMs))).as('at'),
        ...(['sessions', 'viewers', 'encoders', 'encoderLoad', 'loopDelayMs'] as const).map((name) =>
          eb.fn.max<number>(name).as(name),
        ),
        ...(['requests', 'bytes'] as const).map((name) => eb.fn.sum<number>(name).as(name)),
      ])
      .where('at', '>=', from)
      .groupBy((eb) => eb('at', '-', eb('at', '%', eb.lit(stepMs))))
      .orderBy((eb) => eb('at', '-', eb('at', '%', eb.lit(stepMs))))
      .execute()
    return {
      stepMs,
      samples: rows.map((row) => ({ ...row, requests: Number(row.requests), bytes: Number(row.bytes) })),
    }
  }

  async function forgetOld(): Promise<void> {
    await db
      .deleteFrom('nodeSample')
      .where('at', '<', clock.now() - KEPT_MS)
      .execute()
  }

  const timer = setInterval(() => {
    sample().catch((error: unknown) => logger.error({ err: error }, 'the load of the node could not be written'))
  }, everyMs)

  return {
    /** Called at each answer of delivery. */
    served(bytes: number): void {
      served.requests++
      served.bytes += bytes
    },
    sample,
    since,
    forgetOld,
    stop: () => clearInterval(timer),
  }
}
