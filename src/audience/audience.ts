/**
 * Who is watching, counted by what they fetch: each media request marks its viewing's slot in one array of times, and
 * a viewing that falls silent lapses. No JavaScript is asked of the viewer, and counting costs nothing worth naming.
 */
import type { Clock } from '../platform/clock.ts'

/** What the audience needs of a viewing; `mark` is ours to write. */
export interface Watched {
  readonly viewingId: string
  readonly sessionId: string
  mark: number
}

export type Audience = ReturnType<typeof createAudience>

interface Options {
  clock: Clock
  /** A viewing silent for longer is no longer watching: three target durations, and no less than 12 s. */
  silenceMs?: number
}

const SHORTEST_SILENCE_MS = 12_000

export function createAudience({ clock, silenceMs = SHORTEST_SILENCE_MS }: Options) {
  const lapseMs = Math.max(silenceMs, SHORTEST_SILENCE_MS)
  let lastSeen = new Float64Array(1024)
  const holders: (Watched | null)[] = []
  const free: number[] = []
  const slotOf = new Map<string, number>()
  const counts = new Map<string, number>()

  /** Marks the viewing as watching now. Called at every media request. */
  function touch(viewing: Watched): void {
    if (holders[viewing.mark] !== viewing) claim(viewing)
    lastSeen[viewing.mark] = clock.now()
  }

  // A slot belongs to one viewing until it lapses. The same viewing may come as another object, when its token was
  // forgotten and verified anew: it takes over its old slot and is not counted twice.
  function claim(viewing: Watched): void {
    const key = keyOf(viewing)
    const known = slotOf.get(key)
    const slot = known ?? free.pop() ?? holders.length
    if (slot >= lastSeen.length) {
      const larger = new Float64Array(lastSeen.length * 2)
      larger.set(lastSeen)
      lastSeen = larger
    }
    holders[slot] = viewing
    viewing.mark = slot
    if (known !== undefined) return
    slotOf.set(key, slot)
    counts.set(viewing.sessionId, (counts.get(viewing.sessionId) ?? 0) + 1)
  }

  /** Lets the silent ones lapse. 100 000 slots take well under a millisecond. */
  function sweep(): void {
    const silentSince = clock.now() - lapseMs
    for (let slot = 0; slot < holders.length; slot++) {
      const viewing = holders[slot]
      if (!viewing || lastSeen[slot]! >= silentSince) continue
      holders[slot] = null
      free.push(slot)
      slotOf.delete(keyOf(viewing))
      const left = (counts.get(viewing.sessionId) ?? 1) - 1
      if (left > 0) counts.set(viewing.sessionId, left)
      else counts.delete(viewing.sessionId)
    }
  }

  /** Viewers of one session as of the last sweep; joins count at once. */
  function count(sessionId: string): number {
    return counts.get(sessionId) ?? 0
  }

  function total(): number {
    return slotOf.size
  }

  return { touch, sweep, count, total }
}

// A viewing is one of one session; ids hold no space.
function keyOf(viewing: Watched): string {
  return `${viewing.sessionId} ${viewing.viewingId}`
}
