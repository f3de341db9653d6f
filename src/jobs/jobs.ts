/**
 * Work that may wait and must survive a restart. Owns `job`. A job is written in the transaction of what it follows
 * from, so either both happened or neither did. It is done at least once: a doer must not mind being called again. What
 * fails too often is parked and shown to the operator, and never holds up the others.
 */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { JobTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import { requireAdmin, type User } from '../platform/user.ts'

export { createWorker, type Doer, type Worker } from './worker.ts'

export interface NewJob {
  kind: string
  payload: unknown
  /** Not before this moment; at once when left out. */
  runAt?: number
  /** While a job with this key waits, another one is not added. */
  key?: string
}

export const JOB_STATES = ['waiting', 'running', 'parked'] as const
export type JobState = (typeof JOB_STATES)[number]

export interface Job {
  id: string
  kind: string
  payload: unknown
  key: string | null
  state: JobState
  attempts: number
  runAt: number
  lastError: string | null
  createdAt: number
  updatedAt: number
}

const State = z.enum(JOB_STATES)

export type Jobs = ReturnType<typeof createJobs>

export function createJobs({ db, clock, recordAct }: { db: Db; clock: Clock; recordAct: RecordAct }) {
  let wake = () => {}

  /** False when one with this key is waiting already. */
  async function enqueue({ kind, payload, runAt, key }: NewJob, tx: Db = db): Promise<boolean> {
    const now = clock.now()
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('job')
      .values({
        id: newId(),
        kind,
        payload: JSON.stringify(payload),
        key: key ?? null,
        state: 'waiting',
        attempts: 0,
        runAt: runAt ?? now,
        lastError: null,
        createdAt: now,
        updatedAt: now,
      })
      .onConflict((oc) => oc.doNothing())
      .executeTakeFirst()
    wake()
    return numInsertedOrUpdatedRows === 1n
  }

  /** The most urgent due jobs, now this worker's; each counts as tried. Two workers never get the same one. */
  async function claim(limit: number): Promise<Job[]> {
    const now = clock.now()
    const due = await db
      .selectFrom('job')
      .select('id')
      .where('state', '=', 'waiting')
      .where('runAt', '<=', now)
      .orderBy('runAt')
      .orderBy('id')
      .limit(limit)
      .execute()
    const claimed: Job[] = []
    for (const { id } of due) {
      const row = await db
        .updateTable('job')
        .set((eb) => ({ state: 'running', attempts: eb('attempts', '+', 1), updatedAt: now }))
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .returningAll()
        .executeTakeFirst()
      if (row) claimed.push(toJob(row))
    }
    return claimed
  }

  async function finish(id: string, tx: Db = db): Promise<void> {
    await tx.deleteFrom('job').where('id', '=', id).execute()
  }

  /** Tried in vain: again at `runAt`, or never by itself where that is null. */
  async function putBack({ id, key }: Job, lastError: string, runAt: number | null): Promise<void> {
    const now = clock.now()
    if (runAt === null) {
      await db.updateTable('job').set({ state: 'parked', lastError, updatedAt: now }).where('id', '=', id).execute()
      return
    }
    await db.transaction().execute(async (tx) => {
      const twin =
        key !== null &&
        (await tx
          .selectFrom('job')
          .select('id')
          .where('key', '=', key)
          .where('state', '=', 'waiting')
          .executeTakeFirst())
      // The same work was asked for again meanwhile, and that request will do it.
      if (twin) await tx.deleteFrom('job').where('id', '=', id).execute()
      else {
        await tx
          .updateTable('job')
          .set({ state: 'waiting', lastError, runAt, updatedAt: now })
          .where('id', '=', id)
          .execute()
      }
    })
  }

  /** What was running when the node died; it counts as tried, so work that kills the node is parked in the end. */
  async function orphans(): Promise<Job[]> {
    const rows = await db.selectFrom('job').selectAll().where('state', '=', 'running').orderBy('id').execute()
    return rows.map(toJob)
  }

  /** For admins: newest first. */
  async function list(
    actor: User,
    { state, cursor, limit }: { state: JobState; cursor?: string | undefined; limit: number },
  ): Promise<Page<Job>> {
    requireAdmin(actor)
    let query = db.selectFrom('job').selectAll().where('state', '=', state)
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows.map(toJob), limit, ({ id }) => id)
  }

  /** A parked job tries anew, with all its attempts before it. */
  async function retry(actor: User, id: string): Promise<void> {
    requireAdmin(actor)
    const job = await getParked(id)
    await db.updateTable('job').set({ attempts: 0 }).where('id', '=', id).execute()
    await putBack(job, job.lastError ?? '', clock.now())
    await recordAct({ ...by(actor), action: 'job.retried', target: `job:${id}`, before: { kind: job.kind } })
    wake()
  }

  async function discard(actor: User, id: string): Promise<void> {
    requireAdmin(actor)
    const { kind, payload } = await getParked(id)
    await db.transaction().execute(async (tx) => {
      await finish(id, tx)
      await recordAct({ ...by(actor), action: 'job.discarded', target: `job:${id}`, before: { kind, payload } }, tx)
    })
  }

  async function getParked(id: string): Promise<Job> {
    const row = await db
      .selectFrom('job')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'parked')
      .executeTakeFirst()
    if (!row) throw new DomainError('not_found', 'no_such_job', 'There is no such parked job.')
    return toJob(row)
  }

  return {
    enqueue,
    claim,
    finish,
    putBack,
    orphans,
    list,
    retry,
    discard,
    /** The one worker is told that there may be something to do; only a hint, it looks by itself as well. */
    onEnqueued: (listener: () => void) => {
      wake = listener
    },
  }
}

function toJob(row: Selectable<JobTable>): Job {
  return { ...row, state: State.parse(row.state), payload: JSON.parse(row.payload) }
}
