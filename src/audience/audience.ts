/**
 * Who is watching, counted by what they fetch: each media request marks its viewing's slot in one array of times, and
 * a viewing that falls silent lapses. No JavaScript is asked of the viewer, and counting costs nothing worth naming. Owns
 * `viewing` and `audienceSample`: what came and went is written in batches, and no request ever waits for that.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import { type Asked, type Guest, UNKNOWN_GUEST } from './guests.ts'

export { type CountryOf, openCountries } from './countries.ts'
export { type Asked, createGuests } from './guests.ts'
export { createViewings } from './viewings.ts'
export { siteOf } from './visitor.ts'

/** What the audience needs of a viewing; `mark` is ours to write. */
export interface Watched {
  readonly viewingId: string
  readonly sessionId: string
  readonly userId: string | null
  readonly deviceId: string | null
  mark: number
}

/** One stretch of one viewing, from its first fetch until it falls silent. */
export interface Stretch {
  viewing: Watched
  /** The person as far as known: by account, else by browser, else by the viewing itself. */
  viewer: string
  guest: Guest
  since: number
  /** When it was last heard of, once it has lapsed. */
  leftAt: number | null
  /** What is fetched now, since when, and how long each was watched before. */
  rendition: string | null
  renditionSince: number
  watchedIn: Map<string, number>
}

export type Audience = ReturnType<typeof createAudience>

interface Options {
  clock: Clock
  /** Three target durations of a session, milliseconds; a viewing silent for longer is no longer watching. */
  silenceOf?(sessionId: string): number
  /** The session's own rendition of this name; null where it has none, whatever a viewer asks for. */
  renditionOf?(sessionId: string, name: string): string | null
  /** Who asks; null for a crawler, which does not count. */
  guestOf?(asked: Asked): Guest | null
}

/** One session's people, each with how many viewings they have open. */
interface House {
  viewers: Map<string, number>
  peak: number
  silenceMs: number
}

/** A short target duration leaves a player on a bad line little time to come back. */
const SHORTEST_SILENCE_MS = 12_000

export function createAudience({ clock, silenceOf, renditionOf = (_, name) => name, guestOf }: Options) {
  let lastSeen = new Float64Array(1024)
  const holders: (Watched | null)[] = []
  const stretches: (Stretch | null)[] = []
  const fetching: (string | null)[] = []
  const free: number[] = []
  const slotOf = new Map<string, number>()
  const houses = new Map<string, House>()
  /** What is to be written, each stretch once however much happened to it. */
  const changed = new Set<Stretch>()

  /**
   * Marks the viewing as watching now. Called at every media request; `asked` is absent when one that waited is looked at
   * again. A list of renditions is not yet media.
   */
  function touch(viewing: Watched, asked?: Asked): void {
    if (asked?.file === 'main.m3u8') return
    // At ten thousand viewers this runs a hundred thousand times a second: most requests stop at the three arrays.
    if (holders[viewing.mark] !== viewing && !claim(viewing, asked)) return
    const now = clock.now()
    lastSeen[viewing.mark] = now
    if (asked?.file.endsWith('.m4s') && !isWatched(fetching[viewing.mark] ?? null, asked.file)) {
      noteRendition(viewing, asked.file, now)
    }
  }

  /** Another rendition is asked for than before: it counts if the session has it. */
  function noteRendition({ mark, sessionId }: Watched, file: string, now: number): void {
    const fetched = renditionOf(sessionId, file.slice(0, file.indexOf('/')))
    if (fetched === null) return
    const stretch = stretches[mark]!
    const { rendition, renditionSince, watchedIn } = stretch
    if (rendition !== null) watchedIn.set(rendition, (watchedIn.get(rendition) ?? 0) + now - renditionSince)
    stretch.rendition = fetching[mark] = fetched
    stretch.renditionSince = now
    changed.add(stretch)
  }

  // A slot belongs to one viewing until it lapses. The same viewing may come as another object, when its token was
  // forgotten and verified anew: it takes over its old slot and is not counted twice.
  function claim(viewing: Watched, asked: Asked | undefined): boolean {
    const key = keyOf(viewing)
    const known = slotOf.get(key)
    if (known !== undefined) {
      holders[known] = viewing
      viewing.mark = known
      return true
    }
    const guest = asked && guestOf ? guestOf(asked) : UNKNOWN_GUEST
    if (guest === null) return false
    const slot = free.pop() ?? stretches.length
    if (slot >= lastSeen.length) grow()
    viewing.mark = slot
    slotOf.set(key, slot)
    holders[slot] = viewing
    stretches[slot] = begin(viewing, guest)
    fetching[slot] = null
    enter(viewing.sessionId, stretches[slot].viewer)
    return true
  }

  function grow(): void {
    const larger = new Float64Array(lastSeen.length * 2)
    larger.set(lastSeen)
    lastSeen = larger
  }

  function begin(viewing: Watched, guest: Guest): Stretch {
    const since = clock.now()
    const stretch: Stretch = {
      ...{ viewing, viewer: viewerOf(viewing), guest, since, leftAt: null },
      ...{ rendition: null, renditionSince: since, watchedIn: new Map<string, number>() },
    }
    changed.add(stretch)
    return stretch
  }

  function enter(sessionId: string, viewer: string): void {
    const house = houses.get(sessionId) ?? { viewers: new Map(), peak: 0, silenceMs: silence(sessionId) }
    houses.set(sessionId, house)
    house.viewers.set(viewer, (house.viewers.get(viewer) ?? 0) + 1)
    house.peak = Math.max(house.peak, house.viewers.size)
  }

  function leave(sessionId: string, viewer: string): void {
    const house = houses.get(sessionId)
    const left = (house?.viewers.get(viewer) ?? 1) - 1
    if (left > 0) house?.viewers.set(viewer, left)
    else house?.viewers.delete(viewer)
  }

  const silence = (sessionId: string) => Math.max(silenceOf?.(sessionId) ?? 0, SHORTEST_SILENCE_MS)

  /** Lets the silent ones lapse. 100 000 slots take well under a millisecond. */
  function sweep(): void {
    const now = clock.now()
    for (const [sessionId, house] of houses) house.silenceMs = silence(sessionId)
    for (let slot = 0; slot < stretches.length; slot++) {
      const stretch = stretches[slot]
      if (!stretch) continue
      const { sessionId } = stretch.viewing
      if (lastSeen[slot]! < now - houses.get(sessionId)!.silenceMs) lapse(slot, stretch)
    }
  }

  function lapse(slot: number, stretch: Stretch): void {
    stretches[slot] = null
    holders[slot] = null
    free.push(slot)
    slotOf.delete(keyOf(stretch.viewing))
    stretch.leftAt = lastSeen[slot]!
    changed.add(stretch)
    leave(stretch.viewing.sessionId, stretch.viewer)
  }

  /** What came and went since this was last asked, in its order and as it is now. */
  function takeChanges(): Stretch[] {
    const taken = [...changed].map((stretch) => ({ ...stretch }))
    changed.clear()
    return taken
  }

  /** The most viewers at once of each session since this was last asked; one nobody watches any more is told once. */
  function takePeaks(): Map<string, number> {
    const peaks = new Map<string, number>()
    for (const [sessionId, house] of houses) {
      peaks.set(sessionId, house.peak)
      house.peak = house.viewers.size
      if (house.peak === 0) houses.delete(sessionId)
    }
    return peaks
  }

  return {
    touch,
    sweep,
    takeChanges,
    takePeaks,
    /** The node is stopping: everybody leaves as they were last seen. */
    end(): void {
      for (const [slot, stretch] of stretches.entries()) if (stretch) lapse(slot, stretch)
    },
    /** Viewers of one session as of the last sweep; joins count at once. Three tabs of one browser are one viewer. */
    count: (sessionId: string): number => houses.get(sessionId)?.viewers.size ?? 0,
    /** Viewings of the whole node. */
    total: (): number => slotOf.size,
  }
}

/** Whether this file is of what is watched. The sound beside a picture is not a rendition somebody chose. */
const isWatched = (rendition: string | null, file: string) =>
  rendition !== null &&
  (file.startsWith('audio/') || (file.startsWith(rendition) && file.charAt(rendition.length) === '/'))

/** Names a person without naming them: enough to know them again, nothing to read. */
function viewerOf({ userId, deviceId, viewingId }: Watched): string {
  if (userId === null && deviceId === null) return viewingId
  const name = userId === null ? `device ${deviceId}` : `user ${userId}`
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}

// A viewing is one of one session; ids hold no space.
function keyOf(viewing: Watched): string {
  return `${viewing.sessionId} ${viewing.viewingId}`
}
