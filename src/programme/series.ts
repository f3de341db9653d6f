/**
 * Shows that come again and again. A series makes its shows some weeks ahead; from then on each is a show like any other,
 * moved or called off by itself, and the series never makes it a second time.
 */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { clockAt, instantOf, instantsOf, type Rule } from './recurrence.ts'
import { RepeatView } from './upcoming.ts'

const DAY = 86_400_000
/** How far ahead shows are made, and when the next ones are. */
export const AHEAD_MS = 35 * DAY
const MOST_SERIES = 20
/** A rule is counted out from its start. */
const FURTHEST_MS = 2 * 366 * DAY

/** What each show of a series is made from. */
export const ShowTerms = z.object({
  title: z.string(),
  description: z.string().optional(),
  category: z.string().nullable().optional(),
  tags: z.array(z.string()).optional(),
  visibility: z.enum(['public', 'unlisted', 'private', 'followers', 'members', 'ticket']).optional(),
  requiredTier: z.number().nullable().optional(),
  previewMinutes: z.number().optional(),
  durationMinutes: z.number().nullable().optional(),
})
export type ShowTerms = z.infer<typeof ShowTerms>

/** What else a planned show is made with. */
interface Made {
  scheduledAt: number
  timeZone: string
  cover?: 'picture'
  picture?: string
}

/** Makes planned shows, all or none, with what else is written of them. */
export type PlanAll = (
  by: string,
  channelId: string,
  shows: (ShowTerms & Made)[],
  also: (ids: string[], tx: Db) => Promise<void>,
) => Promise<void>

interface SeriesOptions {
  db: Db
  clock: Clock
  logger: Logger
  planAll: PlanAll
}

interface Series extends Rule {
  id: string
  channelId: string
  terms: ShowTerms
  /** What its shows are shown by, where that was chosen for all that follow. */
  picture: string | null
  madeUntil: number
  createdBy: string
}

export type SeriesRoom = ReturnType<typeof createSeries>

export function createSeries({ db, clock, logger, planAll }: SeriesOptions) {
  /** The start of the first day whose shows are not made yet: whole days, so that a show may change its hour. */
  const horizon = (timeZone: string) =>
    instantOf(`${clockAt(clock.now() + AHEAD_MS, timeZone).slice(0, 10)}T00:00`, timeZone)

  async function create(by: string, channelId: string, rule: Rule, terms: ShowTerms): Promise<string> {
    const { count } = await db
      .selectFrom('series')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('channelId', '=', channelId)
      .where('endedAt', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST_SERIES) {
      throw new DomainError('conflict', 'too_many_series', `A channel may have ${MOST_SERIES} series at once.`)
    }
    const id = newId()
    const now = clock.now()
    const start = instantOf(rule.startsAt, rule.timeZone)
    if (Math.abs(start - now) > FURTHEST_MS) {
      throw new DomainError('invalid', 'too_far', 'A series begins within two years.')
    }
    const until = Math.max(horizon(rule.timeZone), start + 1)
    const instants = instantsOf(rule, now, until)
    if (instants.length === 0) throw new DomainError('invalid', 'never', 'With this rule there is no show to come.')
    await planAll(by, channelId, showsAt(instants, rule, terms), async (ids, tx) => {
      await tx
        .insertInto('series')
        .values({
          id,
          channelId,
          startsAt: rule.startsAt,
          timeZone: rule.timeZone,
          repeat: JSON.stringify(rule.repeat),
          show: JSON.stringify(terms),
          picture: null,
          madeUntil: until,
          endedAt: null,
          createdAt: now,
          updatedAt: now,
          createdBy: by,
        })
        .execute()
      await noteMade(id, instants, ids, tx)
    })
    return id
  }

  async function noteMade(seriesId: string, instants: number[], ids: string[], tx: Db): Promise<void> {
    const rows = ids.map((sessionId, n) => ({ seriesId, at: instants[n]!, sessionId }))
    if (rows.length > 0) await tx.insertInto('occurrence').values(rows).execute()
  }

  /** Makes what is to come of every series within the weeks ahead. One that cannot go on does not hold up the others. */
  async function extendAll(): Promise<void> {
    const now = clock.now()
    const due = await db
      .selectFrom('series')
      .selectAll()
      .where('endedAt', 'is', null)
      .where('madeUntil', '<', now + AHEAD_MS - DAY)
      .orderBy('madeUntil')
      .limit(100)
      .execute()
    for (const row of due) {
      await extend(toSeries(row)).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error
        logger.warn({ seriesId: row.id, channelId: row.channelId, err: error }, 'a series cannot go on')
      })
    }
  }

  async function extend(series: Series): Promise<void> {
    const { id, channelId, madeUntil, createdBy, terms, picture } = series
    const now = clock.now()
    const until = horizon(series.timeZone)
    const instants = instantsOf(series, Math.max(madeUntil, now), until)
    const shown = picture ? ({ cover: 'picture', picture } as const) : {}
    await planAll(createdBy, channelId, showsAt(instants, series, { ...terms, ...shown }), async (ids, tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('series')
        .set({ madeUntil: until, updatedAt: now })
        .where('id', '=', id)
        .where('madeUntil', '=', madeUntil)
        .where('endedAt', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw new DomainError('conflict', 'changed_meanwhile', 'This series was changed.')
      await noteMade(id, instants, ids, tx)
    })
  }

  async function of(sessionId: string): Promise<(Series & { at: number }) | null> {
    const row = await db
      .selectFrom('occurrence')
      .innerJoin('series', 'series.id', 'occurrence.seriesId')
      .selectAll('series')
      .select('occurrence.at')
      .where('occurrence.sessionId', '=', sessionId)
      .where('series.endedAt', 'is', null)
      .executeTakeFirst()
    return row ? { ...toSeries(row), at: row.at } : null
  }

  /** The shows of a series from one on that have not begun. */
  async function following(seriesId: string, from: number) {
    const rows = await db
      .selectFrom('occurrence')
      .innerJoin('session', 'session.id', 'occurrence.sessionId')
      .select(['session.id', 'occurrence.at', 'session.scheduledAt'])
      .where('occurrence.seriesId', '=', seriesId)
      .where('occurrence.at', '>=', from)
      .where('session.state', '=', 'scheduled')
      .orderBy('occurrence.at')
      .execute()
    return rows.map((row) => ({ ...row, wasMoved: row.scheduledAt !== row.at }))
  }

  /** What the shows still to be made are made from, and the hour they are at. */
  async function change({ id, startsAt, terms }: Series, given: ShowTerms, hour: string): Promise<void> {
    await db
      .updateTable('series')
      .set({
        startsAt: `${startsAt.slice(0, 10)}T${hour}`,
        show: JSON.stringify({ ...terms, ...given }),
        updatedAt: clock.now(),
      })
      .where('id', '=', id)
      .execute()
  }

  async function setPicture(id: string, picture: string | null): Promise<void> {
    await db.updateTable('series').set({ picture, updatedAt: clock.now() }).where('id', '=', id).execute()
  }

  /** A show of a series that is at another hour from now on is still the one of that day. */
  async function shift(sessionId: string, at: number): Promise<void> {
    await db.updateTable('occurrence').set({ at }).where('sessionId', '=', sessionId).execute()
  }

  async function end(id: string): Promise<void> {
    const now = clock.now()
    await db.updateTable('series').set({ endedAt: now, updatedAt: now }).where('id', '=', id).execute()
  }

  return { create, extendAll, of, following, change, setPicture, shift, end }
}

const showsAt = (instants: number[], { timeZone }: Rule, terms: ShowTerms & Pick<Made, 'cover' | 'picture'>) =>
  instants.map((scheduledAt) => ({ ...terms, scheduledAt, timeZone }))

interface SeriesRow {
  id: string
  channelId: string
  startsAt: string
  timeZone: string
  repeat: string
  show: string
  picture: string | null
  madeUntil: number
  createdBy: string
}

function toSeries({ startsAt, timeZone, repeat, show, ...row }: SeriesRow): Series {
  const { id, channelId, picture, madeUntil, createdBy } = row
  const rule = { startsAt, timeZone, repeat: RepeatView.parse(JSON.parse(repeat)) }
  return { ...rule, id, channelId, terms: ShowTerms.parse(JSON.parse(show)), picture, madeUntil, createdBy }
}
