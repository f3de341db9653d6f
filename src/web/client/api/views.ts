/** What the API speaks of (the document at /api/openapi.json is the reference). Times are ISO 8601. */
export type SessionState = 'scheduled' | 'starting' | 'live' | 'paused' | 'ended' | 'cancelled' | 'error'

export interface SessionView {
  id: string
  code: string
  channelId: string
  state: SessionState
  title: string
  description: string
  category: string | null
  tags: string[]
  startedAt: string | null
  endedAt: string | null
  endReason: string | null
  /** The newest still, its longer side 640 pixels; other sizes lie beside it. */
  thumbnailUrl: string | null
  /** Its last minute as a short animation. */
  previewUrl: string | null
  /** The index of small pictures for the seek bar. */
  storyboardUrl: string | null
  viewers: number
  note: string | null
  peakViewers: number
  visibility: SessionVisibility
  requiredTier: number | null
  previewMinutes: number
  cover: Cover
  pictureUrl: string | null
  version: number
}

export interface DeviceView {
  id: string
  isThis: boolean
  since: string
}

/** What those see of a show who may not watch it. */
export type Cover = 'blurred' | 'picture' | 'none'

export type SessionVisibility = 'public' | 'unlisted' | 'private' | 'followers' | 'members' | 'ticket'

export type Visibility = 'public' | 'unlisted'

/** Which qualities are made beside the source. */
export type Ladder = 'auto' | 'source' | string[]

export interface ChannelView {
  id: string
  slug: string
  name: string
  description: string
  ownerId: string
  suspended: boolean
  visibility: Visibility
  ladder: Ladder
  cover: Cover
  pictureUrl: string | null
  createdAt: string
  live: SessionView | null
}

export type ChannelChange = Partial<Pick<ChannelView, 'name' | 'description' | 'visibility' | 'ladder' | 'cover'>>

export interface StreamKeyView {
  id: string
  label: string
  createdAt: string
  lastUsedAt: string | null
}

export interface UserView {
  id: string
  name: string
  email: string
  role: 'viewer' | 'creator' | 'moderator' | 'admin'
  emailVerified: boolean
}

export interface NodeView {
  rtmpUrl: string
  rtmpsUrl: string | null
  version: string
  /** Whether anybody may register. */
  signUp: 'open' | 'invitation' | 'closed'
}

export interface PlaybackView {
  url: string
  token: string
  expiresAt: string
  /** Until when it is a free preview; null when it is none. */
  previewEndsAt: string | null
  session: SessionView
}

export interface Finding {
  id: string
  level: 'green' | 'amber' | 'red'
  title: string
  advice: string | null
}

export interface HealthSample {
  at: string
  bitrate: number
  frameRate: number | null
  viewers: number
  encoderSpeed: number | null
}

export interface HealthView {
  at: string
  source: { videoCodec: string | null; width: number | null; height: number | null } | null
  encoder: { state: string | null; behindMs: number | null }
  /** How many qualities are made beside the source, and why. */
  ladderReason: string | null
  findings: Finding[]
  samples: HealthSample[]
}
