/**
 * The open viewings and their tokens. A token seen before is checked in memory; one that is new to this run of the node
 * (it has been restarted, or the token was forgotten) is decided anew, and so is a viewing whose right ends by time: only
 * the first such request waits. A viewing that was closed stays closed.
 */
import type { Clock } from '../platform/clock.ts'
import type { Secret } from '../platform/secret.ts'
import type { Reason } from './policy.ts'
import { type Claims, createTokens } from './tokens.ts'

/** What a viewing is allowed, as delivery asks it. */
export interface Permit {
  readonly isAllowed: true
  readonly maxHeight: number | null
}

/** One allowed viewing. `mark` is the slot the audience gave it at its first fetch, -1 before. */
export interface Viewing {
  readonly viewingId: string
  readonly sessionId: string
  readonly userId: string | null
  readonly deviceId: string | null
  readonly beganAt: number
  mark: number
  permit: Permit
  /** When it must be decided anew; null for never. */
  until: number | null
  /** The limit of devices at once that counts for this viewing; null where they are not counted. */
  devices: number | null
  /** Why it is over; null while it is open. */
  closed: Reason | null
  seenAt: number
  /** Until when its newest token is good. */
  expiresAt: number
}

export type Invalid = 'unknown' | 'expired' | 'withdrawn'

/** What was decided of a viewing. */
export type Outcome =
  | { allowed: true; maxHeight: number | null; until: number | null; devices: number | null }
  | { allowed: false; reason: Reason }

export type Playback = ReturnType<typeof createPlayback>

export interface PlaybackOptions {
  secret: Secret
  clock: Clock
  /** Decides a viewing anew: one whose token this run of the node has not seen, or whose right has come to its end. */
  decide(viewing: Claims): Promise<Outcome>
  /** A viewing silent for longer does not count as watching; when it comes again, `onReturn` is asked. */
  idleMs?: number
  /** Whether a viewing that was silent may go on; it may close others. */
  onReturn?(viewing: Viewing): boolean
  /** How many tokens are remembered; the oldest is forgotten, and decided anew when it comes again. */
  capacity?: number
}

interface Seat {
  viewing: Viewing
  expiresAt: number
}

export const IDLE_MS = 30_000
const UNLIMITED: Permit = { isAllowed: true, maxHeight: null }

export function createPlayback({ secret, clock, decide, onReturn, ...limits }: PlaybackOptions) {
  const { capacity = 100_000, idleMs = IDLE_MS } = limits
  const tokens = createTokens(secret)
  const seats = new Map<string, Seat>()
  const viewings = new Map<string, Viewing>()
  const byUser = new Map<string, Set<Viewing>>()
  const bySession = new Map<string, Set<Viewing>>()
  const pending = new Map<string, Promise<Viewing | Invalid>>()

  const keyOf = ({ viewingId, sessionId }: Pick<Claims, 'viewingId' | 'sessionId'>) => `${sessionId} ${viewingId}`

  function remember(token: string, seat: Seat): void {
    if (seats.size >= capacity) {
      for (const oldest of seats.keys()) {
        forget(oldest)
        break
      }
    }
    seats.set(token, seat)
  }

  /** The viewing goes with its newest token. */
  function forget(token: string): void {
    const seat = seats.get(token)
    seats.delete(token)
    if (!seat || seat.expiresAt < seat.viewing.expiresAt) return
    const { viewing } = seat
    viewings.delete(keyOf(viewing))
    leave(bySession, viewing.sessionId, viewing)
    if (viewing.userId !== null) leave(byUser, viewing.userId, viewing)
  }

  function open(claims: Claims, outcome: Outcome): Viewing {
    const { viewingId, sessionId, userId, deviceId, beganAt, expiresAt } = claims
    const known = viewings.get(keyOf(claims))
    const viewing: Viewing = known ?? {
      ...{ viewingId, sessionId, userId, deviceId, beganAt, expiresAt },
      ...{ mark: -1, permit: UNLIMITED, until: null, devices: null, closed: null, seenAt: clock.now() },
    }
    viewing.expiresAt = Math.max(viewing.expiresAt, expiresAt)
    if (!known) {
      viewings.set(keyOf(claims), viewing)
      enter(bySession, sessionId, viewing)
      if (userId !== null) enter(byUser, userId, viewing)
    }
    apply(viewing, outcome)
    return viewing
  }

  function apply(viewing: Viewing, outcome: Outcome): void {
    if (!outcome.allowed) {
      viewing.closed ??= outcome.reason
      return
    }
    const { maxHeight } = outcome
    viewing.permit = maxHeight === null ? UNLIMITED : { isAllowed: true, maxHeight }
    viewing.until = outcome.until
    viewing.devices = outcome.devices
  }

  /** A token, good for `ttlMs`, for a viewing that was allowed: a new one, or one that goes on. */
  function issue(claims: Omit<Claims, 'expiresAt'>, outcome: Outcome & { allowed: true }, ttlMs: number) {
    const expiresAt = (Math.floor(clock.now() / 1000) + Math.floor(ttlMs / 1000)) * 1000
    const token = tokens.write({ ...claims, expiresAt })
    const viewing = open({ ...claims, expiresAt }, outcome)
    remember(token, { viewing, expiresAt })
    return { token, expiresAt, viewing }
  }

  /** Asked at every media request: well under a microsecond once the token is known; a promise where it must be decided. */
  function verify(token: string, sessionId: string): Viewing | Invalid | Promise<Viewing | Invalid> {
    const seat = seats.get(token)
    if (!seat) return first(token, sessionId)
    const { viewing } = seat
    if (viewing.sessionId !== sessionId) return 'unknown'
    const now = clock.now()
    if (seat.expiresAt <= now) {
      forget(token)
      return 'expired'
    }
    if (viewing.closed !== null) return 'withdrawn'
    if (viewing.until !== null && viewing.until <= now) return again(viewing)
    if (now - viewing.seenAt > idleMs && onReturn && !onReturn(viewing)) return 'withdrawn'
    viewing.seenAt = now
    return viewing
  }

  function first(token: string, sessionId: string): Invalid | Promise<Viewing | Invalid> {
    const claims = tokens.read(token, sessionId)
    if (!claims) return 'unknown'
    if (claims.expiresAt <= clock.now()) return 'expired'
    return once(claims.spelling, async () => {
      const outcome = await decide(claims)
      const known = viewings.get(keyOf(claims))
      const viewing = open(claims, outcome)
      remember(claims.spelling, { viewing, expiresAt: claims.expiresAt })
      // Nobody was seen on it in this run of the node, so it comes back like one that was silent.
      if (!known && viewing.closed === null && onReturn && !onReturn(viewing)) return 'withdrawn'
      return viewing.closed === null ? viewing : 'withdrawn'
    })
  }

  function again(viewing: Viewing): Promise<Viewing | Invalid> {
    return once(keyOf(viewing), async () => {
      apply(viewing, await decide(viewing))
      return viewing.closed === null ? viewing : 'withdrawn'
    })
  }

  /** However many ask at once, it is decided once. */
  function once(key: string, work: () => Promise<Viewing | Invalid>): Promise<Viewing | Invalid> {
    const known = pending.get(key)
    if (known) return known
    const begun = work().finally(() => pending.delete(key))
    pending.set(key, begun)
    return begun
  }

  /** What a token says of a viewing, open or closed; null when it is not one of ours or its time is over. */
  function claimsOf(token: string, sessionId: string): Claims | null {
    const claims = tokens.read(token, sessionId)
    return claims && claims.expiresAt > clock.now() ? claims : null
  }

  /** Lets go of what has run out, so that memory holds open viewings only. */
  function sweep(): void {
    const now = clock.now()
    for (const [token, { expiresAt }] of seats) if (expiresAt <= now) forget(token)
  }

  return {
    issue,
    verify,
    claimsOf,
    apply,
    sweep,
    /** From this moment every token of the viewing is refused. */
    close(viewing: Viewing, reason: Reason): void {
      viewing.closed ??= reason
    },
    find: (claims: Pick<Claims, 'viewingId' | 'sessionId'>): Viewing | null => viewings.get(keyOf(claims)) ?? null,
    ofUser: (userId: string): Viewing[] => openOnes(byUser.get(userId)),
    ofSession: (sessionId: string): Viewing[] => openOnes(bySession.get(sessionId)),
    sessions: (): string[] => [...bySession.keys()],
    all: (): Iterable<Viewing> => viewings.values(),
  }
}

const openOnes = (viewings: Set<Viewing> | undefined) => [...(viewings ?? [])].filter(({ closed }) => closed === null)

function enter(index: Map<string, Set<Viewing>>, key: string, viewing: Viewing): void {
  const there = index.get(key)
  if (there) there.add(viewing)
  else index.set(key, new Set([viewing]))
}

function leave(index: Map<string, Set<Viewing>>, key: string, viewing: Viewing): void {
  const there = index.get(key)
  if (!there?.delete(viewing)) return
  if (there.size === 0) index.delete(key)
}
