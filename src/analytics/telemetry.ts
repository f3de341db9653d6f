/**
 * How it plays at the viewers': told by our player in batches, and by others with CMCD. Kept as sums per viewing and, for a
 * while, as events. Gathered in memory and written every few seconds; who tells too much is not heard any more.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Db } from '../db/db.ts'
import type { PlaybackEventTable, PlaybackQualityTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { Cmcd } from './cmcd.ts'

export const EVENT_KINDS = ['play', 'pause', 'seek', 'buffering', 'error', 'completed', 'quality'] as const

export interface PlaybackEvent {
  kind: (typeof EVENT_KINDS)[number]
  /** How long ago, milliseconds: the viewer's clock may be wrong. */
  ago: number
  /** How long it took: until the first picture, or the standstill. */
  ms?: number | undefined
  quality?: string | undefined
  bitrate?: number | undefined
  bufferMs?: number | undefined
  code?: string | undefined
}

/** One batch of our own player's. */
export interface Told {
  events: PlaybackEvent[]
  /** The site the page was come to from. */
  referrer: string | null
  /** Bits a second of what is shown now. */
  bitrate: number | null
}

interface Viewing {
  viewingId: string
  sessionId: string
}

interface Options {
  db: Db
  clock: Clock
  logger: Logger
  everyMs?: number
}

/** Of one viewing within an hour; a player in trouble could go on for ever. */
const MOST_EVENTS = 300
const HOUR_MS = 3_600_000
const KEPT_MS = 30 * 86_400_000
const AT_ONCE = 100

export type Telemetry = ReturnType<typeof createTelemetry>

export function createTelemetry({ db, clock, logger, everyMs = 5_000 }: Options) {
  let sums = new Map<string, PlaybackQualityTable>()
  let events: PlaybackEventTable[] = []
  let heard = new Map<string, number>()
  let hourBegan = clock.now()
  let flushing: Promise<void> | null = null

  function sumOf({ viewingId, sessionId }: Viewing): PlaybackQualityTable {
    const known = sums.get(viewingId)
    if (known) return known
    const nothing = { stalls: 0, stalledMs: 0, errors: 0, bitrateSum: 0, bitrateCount: 0 }
    const sum = { viewingId, sessionId, referrer: null, startupMs: null, ...nothing }
    sums.set(viewingId, sum)
    return sum
  }

  /** How many more events of a viewing are heard within this hour. */
  function mayTell(viewingId: string, wanted: number): number {
    if (clock.now() - hourBegan > HOUR_MS) {
      heard = new Map()
      hourBegan = clock.now()
    }
    const before = heard.get(viewingId) ?? 0
    const allowed = Math.max(0, Math.min(wanted, MOST_EVENTS - before))
    heard.set(viewingId, before + allowed)
    return allowed
  }

  function take(viewing: Viewing, told: Told): void {
    const sum = sumOf(viewing)
    sum.referrer ??= told.referrer
    if (told.bitrate !== null) addBitrate(sum, told.bitrate)
    for (const event of told.events.slice(0, mayTell(viewing.viewingId, told.events.length))) {
      add(sum, event)
      const { kind, ago, ms = null, quality = null, bitrate = null, bufferMs = null, code = null } = event
      const at = clock.now() - ago
      const { viewingId, sessionId } = viewing
      events.push({ id: newId(), viewingId, sessionId, at, kind, ms, quality, bitrate, bufferMs, code })
    }
  }

  /** What another player says with a media request. */
  function takeCmcd(viewing: Viewing, { bitrate, isStarved }: Cmcd): void {
    const sum = sumOf(viewing)
    if (isStarved && mayTell(viewing.viewingId, 1) === 1) sum.stalls++
    if (bitrate !== null) addBitrate(sum, bitrate)
  }

  function flush(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = null
    })
    return flushing
  }

  async function write(): Promise<void> {
    const [rows, happened] = [[...sums.values()], events]
    sums = new Map()
    events = []
    for (let from = 0; from < Math.max(rows.length, happened.length); from += AT_ONCE) {
      await save(rows.slice(from, from + AT_ONCE), happened.slice(from, from + AT_ONCE))
      await breathe()
    }
  }

  async function save(rows: PlaybackQualityTable[], happened: PlaybackEventTable[]): Promise<void> {
    await db.transaction().execute(async (tx) => {
      if (happened.length > 0) await tx.insertInto('playbackEvent').values(happened).execute()
      if (rows.length > 0) await addUp(rows, tx)
    })
  }

  async function forgetOld(): Promise<void> {
    await db
      .deleteFrom('playbackEvent')
      .where('at', '<', clock.now() - KEPT_MS)
      .execute()
  }

  const timer = setInterval(() => {
    flush().catch((error: unknown) => logger.error({ err: error }, 'what players told could not be written'))
  }, everyMs)

  return {
    take,
    takeCmcd,
    flush,
    forgetOld,
    async stop(): Promise<void> {
      clearInterval(timer)
      await flushing?.catch(() => undefined) // told above
      await flush()
    },
  }
}

function add(sum: PlaybackQualityTable, { kind, ms = 0 }: PlaybackEvent): void {
  if (kind === 'play' && ms > 0) sum.startupMs ??= ms
  if (kind === 'error') sum.errors++
  if (kind === 'buffering') {
    sum.stalls++
    sum.stalledMs += ms
  }
}

function addBitrate(sum: PlaybackQualityTable, bitrate: number): void {
  sum.bitrateSum += bitrate
  sum.bitrateCount++
}

/** What is told first of start and origin stands; the rest is added. */
async function addUp(rows: PlaybackQualityTable[], db: Db): Promise<void> {
  const added = ['stalls', 'stalledMs', 'errors', 'bitrateSum', 'bitrateCount'] as const
  await db
    .insertInto('playbackQuality')
    .values(rows)
    .onConflict((oc) =>
      oc.column('viewingId').doUpdateSet((eb) => ({
        referrer: eb.fn.coalesce('playbackQuality.referrer', 'excluded.referrer'),
        startupMs: eb.fn.coalesce('playbackQuality.startupMs', 'excluded.startupMs'),
        ...Object.fromEntries(
          added.map((name) => [name, eb(`playbackQuality.${name}`, '+', eb.ref(`excluded.${name}`))]),
        ),
      })),
    )
    .execute()
}
