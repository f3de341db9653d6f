import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Job, Jobs } from './jobs.ts'

/** Does one kind of job. It may be called again for the same job: after a failure, or after the node died half way. */
export type Doer = (payload: unknown) => Promise<unknown>

interface WorkerOptions {
  jobs: Jobs
  doers: Record<string, Doer>
  clock: Clock
  logger: Logger
  /** How many at once. */
  concurrency?: number
  /** After so many a job is parked. */
  attempts?: number
}

const LOOK_EVERY_MS = 1_000
const FIRST_BACK_OFF_MS = 1_000
const LONGEST_BACK_OFF_MS = 3_600_000

export type Worker = ReturnType<typeof createWorker>

/** Carries jobs out, a few at a time, the oldest first. */
export function createWorker({ jobs, doers, clock, logger, concurrency = 4, attempts = 10 }: WorkerOptions) {
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  let isStopped = false

  async function work(job: Job): Promise<void> {
    try {
      const doer = doers[job.kind]
      if (!doer) throw new Error(`nobody knows how to do ${job.kind}`)
      await doer(job.payload)
      await jobs.finish(job.id)
    } catch (error) {
      await failed(job, error)
    }
  }

  async function failed(job: Job, error: unknown): Promise<void> {
    const isParked = job.attempts >= attempts
    const seen = { err: error, jobId: job.id, kind: job.kind, attempts: job.attempts }
    if (isParked) logger.error(seen, 'a job failed too often and is parked')
    else logger.warn(seen, 'a job failed and will be tried again')
    const message = error instanceof Error ? error.message : String(error)
    await jobs.putBack(job, message.slice(0, 1_000), isParked ? null : clock.now() + backOffMs(job.attempts))
  }

  /** Takes up what is due while there are hands free. */
  async function look(): Promise<void> {
    const free = concurrency - running.size
    if (free <= 0 || isStopped) return
    for (const job of await jobs.claim(free)) {
      const done = work(job)
        .catch((error: unknown) => logger.error({ err: error, jobId: job.id }, 'a job could not be put back'))
        .finally(() => {
          running.delete(done)
          wake()
        })
      running.add(done)
    }
  }

  function wake(): void {
    if (isStopped || timer === undefined) return
    clearTimeout(timer)
    timer = setTimeout(tick, 0)
  }

  function tick(): void {
    looking ??= look()
      .catch((error: unknown) => logger.error({ err: error }, 'the jobs could not be read'))
      .finally(() => {
        looking = null
        if (!isStopped) timer = setTimeout(tick, LOOK_EVERY_MS)
      })
  }

  return {
    /** What a dead node left behind is tried again; then looks for work until stopped. */
    async start(): Promise<void> {
      for (const job of await jobs.orphans()) await failed(job, new Error('the node ended while this was being done'))
      jobs.onEnqueued(wake)
      timer = setTimeout(tick, 0)
    },
    /** Does what is due now and what follows from it, and is back when nothing is due any more. */
    async runDue(): Promise<void> {
      do {
        await look()
        await Promise.all(running)
      } while (running.size > 0 || (await anyDue()))
    },
    /** Lets what runs come to its end; the rest waits for the next start. */
    async stop(): Promise<void> {
      isStopped = true
      clearTimeout(timer)
      jobs.onEnqueued(() => {})
      await looking
      await Promise.all(running)
    },
  }

  async function anyDue(): Promise<boolean> {
    await look()
    return running.size > 0
  }
}

/** 1 s, 2 s, 4 s … up to an hour: ten attempts span about a quarter of an hour, enough for a provider to come back. */
function backOffMs(attempts: number): number {
  return Math.min(FIRST_BACK_OFF_MS * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS)
}
