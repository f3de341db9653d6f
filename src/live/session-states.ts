/** The life of a session, as a pure table: what may follow what. Every end carries a reason, given by whoever ends it. */
export type SessionState = 'scheduled' | 'starting' | 'live' | 'paused' | 'ended' | 'cancelled' | 'error'

export type SessionSignal =
  /** A publisher is there. */
  | 'publish'
  /** There is something (new) to play. */
  | 'playable'
  /** The publisher has left. */
  | 'drop'
  | 'end'
  | 'cancel'
  | 'fail'

export const SESSION_STATES = ['scheduled', 'starting', 'live', 'paused', 'ended', 'cancelled', 'error'] as const

/** Who a session is for; what each asks is judged by the access room. */
export const SESSION_VISIBILITIES = ['public', 'unlisted', 'private', 'followers', 'members', 'ticket'] as const
export type SessionVisibility = (typeof SESSION_VISIBILITIES)[number]

/** What is shown of it to those who may not watch it; see covers.ts. */
export const COVERS = ['blurred', 'picture', 'none'] as const
export type Cover = (typeof COVERS)[number]

const table: Record<SessionState, Partial<Record<SessionSignal, SessionState>>> = {
  scheduled: { publish: 'starting', cancel: 'cancelled', fail: 'error' },
  starting: { playable: 'live', drop: 'paused', end: 'ended', fail: 'error' },
  live: { drop: 'paused', end: 'ended', fail: 'error' },
  // A publisher who is back shows nothing yet: the session goes on with the first new part.
  paused: { playable: 'live', end: 'ended', fail: 'error' },
  ended: {},
  cancelled: {},
  error: {},
}

/** The state after the signal, or null where it changes nothing. */
export const next = (state: SessionState, signal: SessionSignal): SessionState | null => table[state][signal] ?? null
