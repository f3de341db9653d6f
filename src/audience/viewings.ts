/**
 * What is written of the audience: one row a viewing, whatever became of it, and the most viewers of each ten seconds. Written
 * every few seconds in small transactions. A node that was killed closes what it left open at the last sign of life.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Insertable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { ViewingTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Audience, Stretch } from './audience.ts'
import { viewerTypes } from './viewer-types.ts'

interface Options {
  db: Db
  clock: Clock
  logger: Logger
  audience: Pick<Audience, 'sweep' | 'takeChanges' | 'takePeaks' | 'end'>
  /** Sessions on air, watched or not. */
  onAir(): string[]
  /** How long addresses are kept where they are kept at all. */
  addressDays: number
  everyMs?: number
}

/** The grain of the curve of viewers. */
export const SAMPLE_MS = 10_000
const DAY_MS = 86_400_000
/** A block of the database long enough to be noticed nowhere. */
const AT_ONCE = 100

export function createViewings({ db, clock, logger, audience, onAir, addressDays, everyMs = 5_000 }: Options) {
  let waiting: Stretch[] = []
  let flushing: Promise<void> | null = null

  /** Writes what has come and gone. One at a time; what could not be written waits for the next. */
  function flush(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = null
    })
    return flushing
  }

  async function write(): Promise<void> {
    audience.sweep()
    waiting.push(...audience.takeChanges())
    while (waiting.length > 0) {
      const batch = firstOf(waiting)
      await db.transaction().execute((tx) => save(batch, tx))
      waiting = waiting.slice(batch.length)
      await breathe()
    }
    await sample()
  }

  async function save(stretches: Stretch[], tx: Db): Promise<void> {
    const typeOf = await viewerTypes(
      stretches.map(({ viewing }) => viewing),
      clock.now(),
      tx,
    )
    const rows = stretches.map((stretch) => toRow(stretch, typeOf(stretch.viewing), clock.now()))
    await tx
      .insertInto('viewing')
      .values(rows)
      .onConflict((oc) =>
        oc.column('id').doUpdateSet((eb) => ({
          type: eb.ref('excluded.type'),
          rendition: eb.fn.coalesce('excluded.rendition', 'viewing.rendition'),
          sinceAt: eb.ref('excluded.sinceAt'),
          leftAt: eb.ref('excluded.leftAt'),
          watchedMs: eb('viewing.watchedMs', '+', eb.ref('excluded.watchedMs')),
        })),
      )
      .execute()
  }

  /** The most viewers since the last time. Also the sign of life that bounds what a killed node loses. */
  async function sample(): Promise<void> {
    const now = clock.now()
    const peaks = audience.takePeaks()
    for (const sessionId of onAir()) if (!peaks.has(sessionId)) peaks.set(sessionId, 0)
    const at = now - (now % SAMPLE_MS)
    const rows = [...peaks].map(([sessionId, viewers]) => ({ sessionId, at, viewers, aliveAt: now }))
    if (rows.length === 0) return
    await db
      .insertInto('audienceSample')
      .values(rows)
      .onConflict((oc) =>
        oc.columns(['sessionId', 'at']).doUpdateSet((eb) => ({
          aliveAt: eb.ref('excluded.aliveAt'),
          viewers: eb
            .case()
            .when('excluded.viewers', '>', eb.ref('audienceSample.viewers'))
            .then(eb.ref('excluded.viewers'))
            .else(eb.ref('audienceSample.viewers'))
            .end(),
        })),
      )
      .execute()
  }

  /** Closes what an earlier run of the node left open. To be called before anybody can watch. */
  async function recover(): Promise<void> {
    const open = await db.selectFrom('viewing').select('sessionId').distinct().where('leftAt', 'is', null).execute()
    for (const { sessionId } of open) {
      const { alive } = await db
        .selectFrom('audienceSample')
        .select((eb) => eb.fn.max<number | null>('aliveAt').as('alive'))
        .where('sessionId', '=', sessionId)
        .executeTakeFirstOrThrow()
      const ofSession = db.updateTable('viewing').where('sessionId', '=', sessionId).where('leftAt', 'is', null)
      if (alive !== null) {
        await ofSession
          .where('sinceAt', '<=', alive)
          .set((eb) => ({ leftAt: alive, watchedMs: eb('watchedMs', '+', eb(eb.val(alive), '-', eb.ref('sinceAt'))) }))
          .execute()
      }
      await ofSession.set((eb) => ({ leftAt: eb.ref('sinceAt') })).execute()
    }
  }

  /** Addresses are for the operator's next weeks, not for ever. */
  async function forgetAddresses(): Promise<void> {
    await db
      .updateTable('viewing')
      .set({ address: null })
      .where('address', 'is not', null)
      .where('joinedAt', '<', clock.now() - addressDays * DAY_MS)
      .execute()
  }

  /** What one person watched, for themselves. */
  function heldOf(userId: string) {
    return db
      .selectFrom('viewing')
      .select(['sessionId', 'joinedAt', 'leftAt', 'watchedMs', 'country', 'device', 'browser', 'player', 'referrer'])
      .select('address')
      .where('userId', '=', userId)
      .execute()
  }

  /** They leave: what they watched stays counted and is nobody's. */
  async function forget(userId: string, tx: Db): Promise<void> {
    await tx.updateTable('viewing').set({ userId: null, address: null }).where('userId', '=', userId).execute()
  }

  const inBackground = () => {
    flush().catch((error: unknown) => logger.error({ err: error }, 'the audience could not be written; trying again'))
  }
  const timer = setInterval(inBackground, everyMs)

  return {
    flush,
    recover,
    forgetAddresses,
    heldOf,
    forget,
    async stop(): Promise<void> {
      clearInterval(timer)
      await flushing?.catch(() => undefined) // told above
      audience.end()
      await flush()
    },
  }
}

/** As many as one statement takes, each viewing once: what came back at once is written by the next one. */
function firstOf(stretches: Stretch[]): Stretch[] {
  const ids = new Set<string>()
  for (const { viewing } of stretches) {
    if (ids.size === AT_ONCE || ids.has(viewing.viewingId)) break
    ids.add(viewing.viewingId)
  }
  return stretches.slice(0, ids.size)
}

function toRow(stretch: Stretch, type: string, now: number): Insertable<ViewingTable> {
  const { viewing, viewer, guest, since, leftAt } = stretch
  return {
    id: viewing.viewingId,
    sessionId: viewing.sessionId,
    viewer,
    userId: viewing.userId,
    type,
    ...guest,
    rendition: longest(stretch, leftAt ?? now),
    joinedAt: since,
    sinceAt: since,
    leftAt,
    watchedMs: leftAt === null ? 0 : leftAt - since,
  }
}

/** The rendition watched for most of the time. */
function longest({ rendition, renditionSince, watchedIn }: Stretch, now: number): string | null {
  const times = new Map(watchedIn)
  if (rendition !== null) times.set(rendition, (times.get(rendition) ?? 0) + now - renditionSince)
  return [...times].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null
}
