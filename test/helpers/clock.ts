import type { Clock } from '../../src/platform/clock.ts'

export interface FakeClock extends Clock {
  set(time: string): void
  advance(milliseconds: number): void
}

/** A clock that stands still until the test moves it. */
export function fakeClock(start = '2026-01-15T12:00:00Z'): FakeClock {
  let now = Date.parse(start)
  return {
    now: () => now,
    set(time) {
      now = Date.parse(time)
    },
    advance(milliseconds) {
      now += milliseconds
    },
  }
}
