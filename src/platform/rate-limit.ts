import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { DomainError } from './errors.ts'

export type RateLimit = ReturnType<typeof createRateLimit>

/** So many points per key in so many seconds; beyond that `take` throws `rate_limited` and says when to come back. */
export function createRateLimit({ points, seconds }: { points: number; seconds: number }) {
  const limiter = new RateLimiterMemory({ points, duration: seconds })
  return {
    async take(key: string): Promise<void> {
      try {
        await limiter.consume(key)
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000))
        const message = `Too many requests; try again in ${retryAfterSeconds} s.`
        throw new DomainError('rate_limited', 'rate_limited', message, { retryAfterSeconds })
      }
    },
    /** Gives the points back: what was limited turned out to be no guess. */
    async forget(key: string): Promise<void> {
      await limiter.delete(key)
    },
  }
}
