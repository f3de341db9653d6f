import type { Repeat, Weekday } from './programme-api.ts'

export const WEEKDAYS: Record<Weekday, string> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
}

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** "Mon, 23 Nov 2026, 15:00", as a clock in that zone shows it; the reader's own zone when none is named. */
export function whenInWords(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleString(undefined, {
    ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...(timeZone ? { timeZone } : {}),
  })
}

/** What a clock in that zone shows, as the form's field wants it: `YYYY-MM-DDTHH:MM`. */
export function clockAt(instant: number, timeZone: string): string {
  return new Date(instant).toLocaleString('sv-SE', { timeZone }).slice(0, 16).replace(' ', 'T')
}

export interface Left {
  days: number
  hours: number
  minutes: number
  seconds: number
}

/** What is left until then, nothing less than zero. */
export function leftUntil(iso: string, now: number): Left {
  const seconds = Math.max(0, Math.ceil((Date.parse(iso) - now) / 1_000))
  return {
    days: Math.floor(seconds / 86_400),
    hours: Math.floor(seconds / 3_600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  }
}

/** "every 2 weeks on Monday and Friday" */
export function repeatInWords({ every, interval, on, by, until }: Repeat): string {
  const rhythm = interval === 1 ? `every ${every}` : `every ${interval} ${every}s`
  const days = new Intl.ListFormat('en').format(on.map((day) => WEEKDAYS[day]))
  const which = every === 'week' && on.length > 0 ? ` on ${days}` : ''
  const kind = every === 'month' && by === 'weekday' ? ' on the same weekday' : ''
  return `${rhythm}${which}${kind}${until ? ` until ${until}` : ''}`
}
