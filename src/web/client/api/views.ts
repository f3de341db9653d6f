/** What the API speaks of (the document at /api/openapi.json is the reference). Times are ISO 8601. */
export type SessionState = 'scheduled' | 'starting' | 'live' | 'paused' | 'ended' | 'cancelled' | 'error'

export interface SessionView {
  id: string
  code: string
  channelId: string
  state: SessionState
  title: string
  description: string
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
}

export interface ChannelView {
  id: string
  slug: string
  name: string
  description: string
  ownerId: string
  suspended: boolean
  createdAt: string
  live: SessionView | null
}

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
}

export interface NodeView {
  rtmpUrl: string
  rtmpsUrl: string | null
  version: string
  /** Whether anybody may register. */
  signUp: 'open' | 'closed'
}

export interface PlaybackView {
  url: string
  token: string
  expiresAt: string
  session: SessionView
}
