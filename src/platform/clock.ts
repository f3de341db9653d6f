/** The only source of "now": milliseconds since 1970 in UTC. Tests hand in a clock of their own. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
