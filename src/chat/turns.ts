import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'

const PEOPLE_REMEMBERED = 10_000
const FORGOTTEN_MS = 3_600_000

/** Slow mode: when each person wrote last, where a channel is slow. */
export function createTurns(clock: Clock) {
  const lastWritten = new Map<string, number>()

  /** Throws while it is too soon. Checked and taken in one step: two tabs are one person. */
  function take(channelId: string, userId: string, slowSeconds: number): void {
    if (slowSeconds === 0) return
    const who = `${channelId} ${userId}`
    const waitMs = (lastWritten.get(who) ?? Number.NEGATIVE_INFINITY) + slowSeconds * 1_000 - clock.now()
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1_000)
      const message = `Slow mode: you can write again in ${retryAfterSeconds} s.`
      throw new DomainError('rate_limited', 'slow_mode', message, { retryAfterSeconds })
    }
    lastWritten.delete(who)
    lastWritten.set(who, clock.now())
    for (const [oldest, at] of lastWritten) {
      if (lastWritten.size < PEOPLE_REMEMBERED && clock.now() - at < FORGOTTEN_MS) break
      lastWritten.delete(oldest)
    }
  }

  return { take }
}
