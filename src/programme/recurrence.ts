/**
 * When a series has its shows. Pure. Times are a wall clock's word in a zone ("every Monday at 15:00 Berlin"), so summer
 * time moves the instants and not the clock. As RFC 5545 (section 3.3.10) has it, a date or time that does not exist is
 * left out: the 31st of a short month, 02:30 in the night the clocks go forward.
 */
import { RRuleTemporal } from 'rrule-temporal'

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Repeat {
  every: 'day' | 'week' | 'month'
  /** Every so many of them. */
  interval: number
  /** Weeks: on these days; the day it starts on where none is named. */
  on: Weekday[]
  /** Months: on the same date, or on the same weekday (the second Tuesday, or the last where it is the fifth). */
  by: 'date' | 'weekday'
  /** The last day it may be on, `YYYY-MM-DD`; null for no end. */
  until: string | null
}

export interface Rule {
  /** `YYYY-MM-DDTHH:MM` */
  startsAt: string
  timeZone: string
  repeat: Repeat
}

const FREQUENCY = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY' } as const

/** The instant a wall clock shows this; an hour later where the clocks skip it, the first of two where they go back. */
export function instantOf(startsAt: string, timeZone: string): number {
  return ruleOf(startsAt, timeZone, 'FREQ=DAILY;COUNT=1').all()[0]!.epochMilliseconds
}

/** What a wall clock shows at this instant: `YYYY-MM-DDTHH:MM`. */
export function clockAt(instant: number, timeZone: string): string {
  return new Date(instant).toLocaleString('sv-SE', { timeZone }).slice(0, 16).replace(' ', 'T')
}

/** The instants of a series from one instant to before another. */
export function instantsOf({ startsAt, timeZone, repeat }: Rule, from: number, before: number): number[] {
  if (from >= before) return []
  return ruleOf(startsAt, timeZone, textOf(startsAt, repeat))
    .between(new Date(from), new Date(before - 1), true)
    .map(({ epochMilliseconds }) => epochMilliseconds)
    .filter((at) => repeat.until === null || clockAt(at, timeZone).slice(0, 10) <= repeat.until)
}

function ruleOf(startsAt: string, timeZone: string, rule: string): RRuleTemporal {
  const start = `${startsAt.replaceAll(/[-:]/g, '')}00`
  return new RRuleTemporal({ rruleString: `DTSTART;TZID=${timeZone}:${start}\nRRULE:${rule}` })
}

function textOf(startsAt: string, { every, interval, on, by }: Repeat): string {
  const head = `FREQ=${FREQUENCY[every]};INTERVAL=${interval};WKST=MO`
  if (every === 'week' && on.length > 0) return `${head};BYDAY=${on.join(',')}`
  if (every !== 'month' || by === 'date') return head
  const day = Number(startsAt.slice(8, 10))
  const nth = Math.ceil(day / 7)
  return `${head};BYDAY=${weekdayOf(startsAt)};BYSETPOS=${nth === 5 ? -1 : nth}`
}

function weekdayOf(startsAt: string): Weekday {
  return WEEKDAYS[(new Date(`${startsAt}Z`).getUTCDay() + 6) % 7]!
}
