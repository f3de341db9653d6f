/**
 * What is to come: planned shows and their series, who is reminded of them, the calendars of their viewers, and the word
 * that goes out when one begins, moves or is off. Owns `series`, `occurrence` and `reminder`; the sessions themselves are
 * the conductor's, who plans and calls off through functions handed in.
 */
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Notices } from '../notices/notices.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { toCalendar } from './calendar.ts'
import { createHeralds } from './heralds.ts'
import { createReminders } from './reminders.ts'
import { createSeries } from './series.ts'
import { createShows, type ShowsOptions } from './shows.ts'
import { createUpcoming, type PlannedShow } from './upcoming.ts'

export type { Owed } from './shows.ts'
export { type PlannedShow, RepeatView } from './upcoming.ts'

interface ProgrammeOptions
  extends Pick<
    ShowsOptions,
    'clock' | 'planAll' | 'ownChannel' | 'update' | 'cancel' | 'setPicture' | 'owed' | 'payBack'
  > {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  notices: Notices
  publicUrl: string
  /** So long after its time a show may still begin. */
  lateMs: number
  mayKnow(userId: string | null, sessionId: string): Promise<boolean>
  markMissed(): Promise<void>
}

const EVERY_MS = 60_000
const DAY = 86_400_000
/** What a calendar is told of shows that were, and a reminder is kept at the most. */
const CALENDAR_PAST_MS = 30 * DAY
const REMINDER_KEPT_MS = 3 * 366 * DAY
const MOST_EVENTS = 300

export type Programme = ReturnType<typeof createProgramme>

export function createProgramme(options: ProgrammeOptions) {
  const { db, clock, logger, jobs, publicUrl, planAll } = options
  const upcoming = createUpcoming(options)
  const series = createSeries({ db, clock, logger, planAll })
  const reminders = createReminders({ db, clock, upcoming })
  const heralds = createHeralds(options)
  const shows = createShows({ ...options, series, upcoming })

  /** Every minute: what begins soon, what was missed, what a series makes next. The next look is ordered first. */
  async function lookAhead(): Promise<void> {
    await orderNext(clock.now() + EVERY_MS)
    await heralds.announceSoon()
    await options.markMissed()
    await series.extendAll()
    await reminders.forgetOld(clock.now() - REMINDER_KEPT_MS)
  }

  const orderNext = (runAt = clock.now()) =>
    jobs.enqueue({ kind: 'programme.look-ahead', payload: {}, runAt, key: 'programme.look-ahead' })

  /** What everybody may know of a channel's shows, lately called off ones too. */
  async function feed(channel: { id: string; name: string }): Promise<string> {
    const shown = await upcoming.ofCalendar(channel.id, clock.now() - CALENDAR_PAST_MS, MOST_EVENTS)
    return toCalendar(shown, channel.name, publicUrl)
  }

  return {
    ...shows,
    remind: reminders.remind,
    forget: reminders.forget,
    persons: reminders.persons,
    announce: heralds.announce,
    feed,
    calendarOf: (show: PlannedShow) => toCalendar([show], null, publicUrl),
    start: () => orderNext(),
    doers: { ...heralds.doers, 'programme.look-ahead': lookAhead },
  }
}
