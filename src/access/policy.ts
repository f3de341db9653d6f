/** Who a thing is for, and what follows for one person. Pure: the rules, and nothing that reads or runs. */

/** Unlisted: in no list, open to whoever has the address. Private: for invited people; nobody else learns of it. */
export const VISIBILITIES = ['public', 'unlisted', 'private', 'followers', 'members', 'ticket'] as const
export type Visibility = (typeof VISIBILITIES)[number]

export type Scope = `channel:${string}` | `session:${string}` | `video:${string}`

/** What a session or a video asks of its viewers. */
export interface Target {
  /** The thing itself: what a ticket to it is a right to. */
  scope: Scope
  channelId: string
  ownerId: string
  /** Called off, or its channel is suspended. */
  isOff: boolean
  visibility: Visibility
  /** Members: the least tier. Ticket: members from this tier up need none. Null: any tier, or none but the ticket. */
  requiredTier: number | null
  previewMinutes: number
  /** The greatest height for those who hold no paid right; null for no limit. */
  freeMaxHeight: number | null
}

/** A right to watch, whatever it came from. Tier 0: a ticket, something owned, an invitation; 1 basic, 2 premium, 3 vip. */
export interface Entitlement {
  userId: string
  scope: Scope
  tier: number
  /** Where it came from, unique: `purchase:<id>`, `membership:<id>`, `comp:<id>`, `invitation:<id>:<user>`. */
  source: string
  expiresAt: number | null
}

/** What one account is to a channel and to one thing of it. */
export interface Standing {
  isActive: boolean
  /** Their e-mail address is proved. */
  isVerified: boolean
  isAdmin: boolean
  isModerator: boolean
  isBanned: boolean
  isFollower: boolean
  rights: Pick<Entitlement, 'scope' | 'tier' | 'expiresAt'>[]
}

/** One word each, which a page turns into one clear offer. */
export type Reason =
  | 'sign_in'
  | 'verify'
  | 'buy'
  | 'join'
  | 'upgrade'
  | 'follow'
  | 'invite_only'
  | 'banned'
  | 'ended'
  | 'device_limit'
  | 'device_ended'

export interface Allowed {
  allowed: true
  /** The greatest height, as the shorter side of a picture; null for no limit. */
  maxHeight: number | null
  /** Until when this is a free preview, milliseconds since 1970; null when it is none. */
  previewEndsAt: number | null
  /** When it must be decided anew: a right or a preview ends then. */
  until: number | null
  /** How many devices of one account may watch at once; null where they are not counted. */
  devices: number | null
}

/** What somebody can do by themselves to be let in. */
type Offered = 'buy' | 'join' | 'upgrade' | 'follow'

export interface Refused {
  allowed: false
  reason: Reason
  /** For a stranger, or who has not proved their address: what would be asked of them afterwards. */
  next: Offered | null
}

export type Decision = Allowed | Refused

/** A refusal that a free preview may soften. */
export type Verdict = Allowed | (Refused & { mayPreview: boolean })

/** `standing` is null for a stranger. `devices` is the limit where devices are counted. */
export function judge(target: Target, standing: Standing | null, now: number, devices: number | null): Verdict {
  if (standing && !standing.isActive) return refuse('banned')
  if (standing && (standing.isAdmin || standing.isModerator)) return allow({})
  if (standing?.isBanned) return refuse('banned')
  if (target.isOff) return refuse('ended')

  const held = standing?.rights.filter(({ expiresAt }) => expiresAt === null || expiresAt > now) ?? []
  const ofThis = held.filter(({ scope }) => scope === target.scope)
  const ofChannel = held.filter(({ scope }) => scope !== target.scope)
  const members = ofChannel.filter(({ tier }) => tier >= Math.max(1, target.requiredTier ?? 1))
  const isPaying = ofThis.length > 0 || ofChannel.some(({ tier }) => tier >= 1)
  const maxHeight = isPaying ? null : target.freeMaxHeight
  const until = (rights: Standing['rights']) => latest(rights.map(({ expiresAt }) => expiresAt))
  const onPaper = until(held)

  switch (target.visibility) {
    case 'public':
    case 'unlisted':
      return allow({ maxHeight, until: onPaper })
    case 'private': {
      const invited = [...ofThis, ...ofChannel.filter(({ tier }) => tier === 0)]
      return invited.length > 0 ? allow({ maxHeight, until: until(invited), devices }) : refuse('invite_only')
    }
    case 'followers':
      if (standing?.isFollower) return allow({ maxHeight, until: onPaper, devices })
      if (isPaying) return allow({ until: onPaper, devices })
      return offer(standing, 'follow')
    case 'members': {
      const rights = [...ofThis, ...members]
      if (rights.length > 0) return allow({ until: until(rights), devices })
      return offer(standing, ofChannel.some(({ tier }) => tier >= 1) ? 'upgrade' : 'join')
    }
    case 'ticket': {
      const rights = target.requiredTier === null ? ofThis : [...ofThis, ...members]
      if (rights.length > 0) return allow({ until: until(rights), devices })
      const hadOne = standing?.rights.some(({ scope }) => scope === target.scope)
      return hadOne ? refuse('ended', null, true) : offer(standing, 'buy')
    }
  }
}

/** Whether somebody who may not watch may learn that it exists: its title, its picture, that something is on. */
export function isSecret(visibility: string): boolean {
  return visibility === 'private' || visibility === 'unlisted'
}

function allow(limits: Partial<Allowed>): Allowed {
  return { allowed: true, maxHeight: null, previewEndsAt: null, until: null, devices: null, ...limits }
}

/** A stranger signs in first, and who has not proved their address does that first. */
function offer(standing: Standing | null, what: Offered): Verdict {
  if (!standing) return refuse('sign_in', what, true)
  return standing.isVerified ? refuse(what, null, true) : refuse('verify', what, true)
}

function refuse(reason: Reason, next: Refused['next'] = null, mayPreview = false): Verdict {
  return { allowed: false, reason, next, mayPreview }
}

/** The latest of several ends; null where one has none, or there is nothing that could end. */
function latest(ends: (number | null)[]): number | null {
  return ends.reduce((last, end) => (last === null || end === null ? null : Math.max(last, end)), ends[0] ?? null)
}
