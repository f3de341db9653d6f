/** Figures in words; times in the viewer's own zone. */
import { inMoney } from '../money/amounts.ts'
import type { Dimension, ReportView, RevenueView } from './analytics-api.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** "2 h 5 min", "3.5 min", "20 s". */
export function span(ms: number): string {
  if (ms > 0 && ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`
  if (ms < 10 * MINUTE_MS) return `${Number((ms / MINUTE_MS).toFixed(1))} min`
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`
  const minutes = Math.round(ms / MINUTE_MS)
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Steps of an axis of such spans, seconds. */
export const SPAN_STEPS = [1, 5, 15, 60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200]

export const orDash = <Value>(value: Value | null, say: (value: Value) => string = String) =>
  value === null ? '–' : say(value)

export function revenueInWords(revenue: readonly RevenueView[]): string {
  return revenue.length === 0 ? '–' : revenue.map((sum) => inMoney(sum.amount, sum)).join(' + ')
}

export const clockTime = (iso: string) =>
  new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
export const dayAndTime = (iso: string) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
export const moment = (iso: string) =>
  new Date(iso).toLocaleString([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
export const yourZone = () => `Times in your zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`

export const bits = (perSecond: number) => `${(perSecond / 1e6).toFixed(1)} Mbit/s`

const VISIBILITY: Record<string, string> = {
  public: 'for everybody',
  unlisted: 'for who has the address',
  followers: 'for followers',
  members: 'for members',
  ticket: 'for ticket holders',
  private: 'for invited people',
}

export function markInWords({ kind, text }: ReportView['marks'][number]): string {
  if (kind === 'away') return 'The broadcaster dropped out'
  if (kind === 'back') return 'The broadcaster was back'
  if (kind === 'poll') return `Poll: ${text}`
  return `From here on ${VISIBILITY[text] ?? text}`
}

export const DIMENSIONS: readonly { key: Dimension; title: string; unknown: string }[] = [
  { key: 'referrer', title: 'Where they come from', unknown: 'Directly' },
  { key: 'country', title: 'Countries', unknown: 'Not known' },
  { key: 'device', title: 'Devices', unknown: 'Not known' },
  { key: 'browser', title: 'Browsers', unknown: 'Not known' },
  { key: 'player', title: 'Players', unknown: 'Not known' },
  { key: 'rendition', title: 'Qualities', unknown: 'Not known' },
  { key: 'type', title: 'Who they are', unknown: 'Not known' },
]

const countries = new Intl.DisplayNames(undefined, { type: 'region' })

export function nameOf(dimension: Dimension, name: string): string {
  if (name === 'tv') return 'TV'
  if (dimension === 'country') return countries.of(name) ?? name
  return ['device', 'type', 'rendition'].includes(dimension) ? name.charAt(0).toUpperCase() + name.slice(1) : name
}
