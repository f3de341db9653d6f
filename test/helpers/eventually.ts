import { setTimeout as wait } from 'node:timers/promises'

/** Looks again and again until there is something to see; a look that throws ends it. */
export async function eventually<Seen>(
  look: () => Seen | Promise<Seen>,
  { withinMs = 60_000, everyMs = 100 } = {},
): Promise<NonNullable<Exclude<Seen, false>>> {
  const until = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    // What is neither null, undefined nor false is what was looked for.
    if (seen !== null && seen !== undefined && seen !== false) return seen as NonNullable<Exclude<Seen, false>>
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${look}`)
    await wait(everyMs)
  }
}
