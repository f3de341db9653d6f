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
