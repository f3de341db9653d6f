/**
 * Shows as iCalendar (RFC 5545), for the calendars of their viewers. Every event is one instant in UTC, which each calendar
 * shows in its own zone: there is no zone's definition in the file that could be an old one.
 */
import ical, { ICalCalendarMethod, type ICalEventData, ICalEventStatus } from 'ical-generator'
import type { PlannedShow } from './upcoming.ts'

const DEFAULT_MINUTES = 60
const REFRESH_SECONDS = 3_600

/** One file of any number of shows. `name` is what a calendar calls the feed; null for the file of a single show. */
export function toCalendar(shows: readonly PlannedShow[], name: string | null, publicUrl: string): string {
  const calendar = ical({
    prodId: { company: 'Footlight', product: 'Footlight', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    ...(name === null ? {} : { name, ttl: REFRESH_SECONDS }),
  })
  for (const show of shows) calendar.createEvent(eventOf(show, publicUrl))
  return calendar.toString()
}

function eventOf(show: PlannedShow, publicUrl: string): ICalEventData {
  const { id, code, title, description, scheduledAt, durationMinutes, version, updatedAt, channel } = show
  const isCancelled = show.state === 'cancelled'
  return {
    // Stays whatever becomes of the show; a number that grows tells which word of it is the last.
    id: `${id}@${new URL(publicUrl).hostname}`,
    sequence: version - 1 + (isCancelled ? 1 : 0),
    stamp: new Date(updatedAt),
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    start: new Date(scheduledAt),
    end: new Date(scheduledAt + (durationMinutes ?? DEFAULT_MINUTES) * 60_000),
    summary: `${title} – ${channel.name}`,
    ...(description ? { description } : {}),
    url: `${publicUrl}/show/${code}`,
  }
}
