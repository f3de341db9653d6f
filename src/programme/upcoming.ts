/** Planned shows as their viewers and their makers see them: the nearest first. */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import { chosenPicture } from '../platform/picture-address.ts'
import type { User } from '../platform/user.ts'
import { type Repeat, WEEKDAYS } from './recurrence.ts'

export const RepeatView = z.strictObject({
  every: z.enum(['day', 'week', 'month']),
  interval: z.number().int().min(1).max(12).default(1),
  on: z.array(z.enum(WEEKDAYS)).max(7).default([]).describe('Weeks: on these days.'),
  by: z
    .enum(['date', 'weekday'])
    .default('date')
    .describe('Months: on the same date, or the same weekday of the month.'),
  until: z.iso.date().nullable().default(null).describe('The last day it may be on.'),
}) satisfies z.ZodType<Repeat>

/** Times are milliseconds since 1970. */
export interface PlannedShow {
  id: string
  code: string
  channel: { id: string; slug: string; name: string; ownerId: string }
  state: string
  title: string
  description: string
  category: string | null
  visibility: string
  requiredTier: number | null
  previewMinutes: number
  scheduledAt: number
  durationMinutes: number | null
  timeZone: string | null
  endReason: string | null
  /** Nobody went live around its time. */
  isMissed: boolean
  /** Whatever is published next is this one. */
  isChosen: boolean
  /** Where the picture is fetched that was chosen for it. */
  pictureUrl: string | null
  /** It is one of a series. */
  series: { id: string; repeat: Repeat } | null
  isReminded: boolean
  version: number
  updatedAt: number
}

interface UpcomingOptions {
  db: Db
  clock: Clock
  /** So long after its time a show may still begin. */
  lateMs: number
  mayKnow(userId: string | null, sessionId: string): Promise<boolean>
}

interface Query {
  /** Of this channel alone. */
  channelId?: string | undefined
  /** For who runs it: also what is in no list, and what was missed. */
  isOwn?: boolean
  cursor?: string | undefined
  limit: number
}

const Place = z.object({ at: z.number(), id: z.string() })
const SECRET = ['private', 'unlisted']

export type Upcoming = ReturnType<typeof createUpcoming>

export function createUpcoming({ db, clock, lateMs, mayKnow }: UpcomingOptions) {
  const shows = () =>
    db
      .selectFrom('session')
      .innerJoin('channel', 'channel.id', 'session.channelId')
      .leftJoin('occurrence', 'occurrence.sessionId', 'session.id')
      .leftJoin('series', (join) =>
        join.onRef('series.id', '=', 'occurrence.seriesId').on('series.endedAt', 'is', null),
      )
      .select(['session.id', 'code', 'state', 'title', 'session.description', 'category', 'session.visibility'])
      .select(['requiredTier', 'previewMinutes', 'scheduledAt', 'durationMinutes', 'session.timeZone', 'endReason'])
      .select([
        'session.note',
        'session.chosenAt',
        'session.version',
        'session.updatedAt',
        'session.channelId',
        'session.cover',
        'session.picture',
        'slug',
        'channel.name',
      ])
      .select(['channel.ownerId', 'series.id as seriesId', 'series.repeat'])
      .where('session.deletedAt', 'is', null)
      .where('channel.deletedAt', 'is', null)
      .where('session.scheduledAt', 'is not', null)

  type Row = Awaited<ReturnType<ReturnType<typeof shows>['execute']>>[number]

  async function list(viewer: User | null, { channelId, isOwn, cursor, limit }: Query): Promise<Page<PlannedShow>> {
    let query = shows().where('session.state', '=', 'scheduled')
    if (channelId) query = query.where('session.channelId', '=', channelId)
    else query = query.where('channel.visibility', '=', 'public')
    if (!isOwn) {
      query = query
        .where('session.visibility', 'not in', SECRET)
        .where('channel.suspendedAt', 'is', null)
        .where('scheduledAt', '>', clock.now() - lateMs)
    }
    if (cursor) {
      const { at, id } = fromCursor(Place, cursor)
      query = query.where((eb) =>
        eb.or([eb('scheduledAt', '>', at), eb.and([eb('scheduledAt', '=', at), eb('session.id', '>', id)])]),
      )
    }
    const rows = await query
      .orderBy('scheduledAt')
      .orderBy('session.id')
      .limit(limit + 1)
      .execute()
    const page = toPage(rows, limit, ({ scheduledAt, id }) => ({ at: scheduledAt, id }))
    return { ...page, items: await seenBy(viewer, page.items) }
  }

  /** One show that was planned, whatever became of it. What is private is not there for those it is not for. */
  async function get(viewer: User | null, idOrCode: string): Promise<PlannedShow> {
    const [column, value] =
      idOrCode.length > 20 ? (['id', idOrCode] as const) : (['code', idOrCode.toUpperCase()] as const)
    const row = await shows().where(`session.${column}`, '=', value).executeTakeFirst()
    if (!row || (row.visibility === 'private' && !(await mayKnow(viewer?.id ?? null, row.id)))) {
      throw new DomainError('not_found', 'no_such_show', 'There is no such show.')
    }
    return (await seenBy(viewer, [row]))[0]!
  }

  /** For everybody's calendar: nothing that is in no list, and what was called off as such. */
  async function ofCalendar(channelId: string, since: number, limit: number): Promise<PlannedShow[]> {
    const rows = await shows()
      .where('session.channelId', '=', channelId)
      .where('session.visibility', 'not in', SECRET)
      .where('scheduledAt', '>', since)
      .orderBy('scheduledAt')
      .limit(limit)
      .execute()
    return seenBy(null, rows)
  }

  async function seenBy(viewer: User | null, rows: Row[]): Promise<PlannedShow[]> {
    const ids = rows.map(({ id }) => id)
    const reminded =
      viewer && ids.length > 0
        ? await db
            .selectFrom('reminder')
            .select('sessionId')
            .where('userId', '=', viewer.id)
            .where('sessionId', 'in', ids)
            .execute()
        : []
    const isReminded = new Set(reminded.map(({ sessionId }) => sessionId))
    return rows.map((row) => toShow(row, isReminded.has(row.id)))
  }

  function toShow(row: Row, isReminded: boolean): PlannedShow {
    const { channelId, slug, name, ownerId, note, chosenAt, seriesId, repeat, scheduledAt, cover, picture, ...rest } =
      row
    return {
      ...rest,
      scheduledAt: scheduledAt ?? 0, // asked for only where there is one
      channel: { id: channelId, slug, name, ownerId },
      isMissed: row.state === 'scheduled' && note !== null,
      isChosen: chosenAt !== null,
      pictureUrl: chosenPicture({ cover, picture }),
      series:
        seriesId === null || repeat === null ? null : { id: seriesId, repeat: RepeatView.parse(JSON.parse(repeat)) },
      isReminded,
    }
  }

  return { list, get, ofCalendar }
}
