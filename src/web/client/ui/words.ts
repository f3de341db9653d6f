import type { SessionView } from '../api/views.ts'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago", from an ISO 8601 time. */
export function ago(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1_000
  if (seconds < -30 * 86_400) return new Date(time).toLocaleDateString('en', { dateStyle: 'medium' })
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit)
  }
  return 'just now'
}

/** "1 h 20 min", between two ISO 8601 times. */
export function lasted(from: string, to: string): string {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / 60_000)
  if (minutes < 1) return 'under a minute'
  const hours = Math.floor(minutes / 60)
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}

const counted = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function viewersInWords(count: number): string {
  return `${counted.format(count)} watching`
}

export function stateInWords(session: SessionView | null): string {
  switch (session?.state) {
    case 'live':
      return 'Live'
    case 'paused':
      return 'Paused'
    case 'starting':
      return 'Starting'
    case 'ended':
    case 'error':
      return 'Ended'
    default:
      return 'Offline'
  }
}
