import type {
  ChannelChange,
  ChannelView,
  Cover,
  DeviceView,
  HealthView,
  NodeView,
  PlaybackView,
  SessionView,
  SessionVisibility,
  StreamKeyView,
  UserView,
} from './views.ts'

/** What the server refused or failed at, in words fit to show. `status` 0: it could not be reached at all. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly details: unknown

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.details = details
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...typeOf(body) },
    body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'unreachable', 'The server cannot be reached just now.')
  })
  const text = await response.text()
  const answer: unknown = text === '' ? null : parse(text)
  if (!response.ok) throw refusal(response.status, answer)
  // The server's own schema shaped this answer; see /api/openapi.json.
  return answer as T
}

/** A file goes as it is and says itself what it is. */
function typeOf(body: unknown): Record<string, string> {
  if (body === undefined) return {}
  return { 'content-type': body instanceof Blob ? body.type : 'application/json' }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Ours is `{ error: { code, message } }`; the sign-in library's is `{ code, message }`. */
function refusal(status: number, answer: unknown): ApiError {
  const outer = isRecord(answer) ? answer : {}
  const error = isRecord(outer.error) ? outer.error : outer
  const code = typeof error.code === 'string' ? error.code : 'unknown'
  const message = typeof error.message === 'string' ? error.message : `The server answered ${status}.`
  return new ApiError(status, code, message, error.details)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const enc = encodeURIComponent

/** Signed in, or half-way there. */
export type Begun = { user: UserView } | { secondFactor: true }

export const api = {
  node: () => request<NodeView>('GET', '/api/node'),
  me: () => request<{ user: UserView | null }>('GET', '/api/me'),
  setup: (owner: { token: string; email: string; password: string; name: string; channelName: string }) =>
    request<{ user: UserView; channel: { id: string; slug: string } }>('POST', '/api/setup', owner),
  signIn: (email: string, password: string) => request<Begun>('POST', '/api/auth/sign-in/email', { email, password }),
  register: (name: string, email: string, password: string, invitation: string | null) =>
    request<unknown>('POST', '/api/auth/sign-up/email', { name, email, password, ...(invitation && { invitation }) }),
  rename: (name: string) => request<{ user: UserView }>('PATCH', '/api/me', { name }),
  changePassword: (change: { currentPassword: string; newPassword: string }) =>
    request<null>('POST', '/api/auth/change-password', change),
  signOut: () => request<null>('POST', '/api/auth/sign-out'),

  channels: (cursor?: string) =>
    request<{ channels: ChannelView[]; nextCursor: string | null }>(
      'GET',
      `/api/channels${cursor ? `?cursor=${enc(cursor)}` : ''}`,
    ),
  myChannels: () => request<{ channels: ChannelView[]; nextCursor: string | null }>('GET', '/api/channels?mine=true'),
  channel: (idOrSlug: string) => request<ChannelView>('GET', `/api/channels/${enc(idOrSlug)}`),
  createChannel: (channel: { name: string }) => request<ChannelView>('POST', '/api/channels', channel),

  streamKeys: (channelId: string) =>
    request<{ streamKeys: StreamKeyView[] }>('GET', `/api/channels/${enc(channelId)}/stream-keys`),
  createStreamKey: (channelId: string, label: string) =>
    request<NewStreamKey>('POST', `/api/channels/${enc(channelId)}/stream-keys`, { label }),
  rotateStreamKey: (channelId: string, keyId: string) =>
    request<NewStreamKey>('POST', `/api/channels/${enc(channelId)}/stream-keys/${enc(keyId)}/rotate`),
  revokeStreamKey: (channelId: string, keyId: string) =>
    request<null>('DELETE', `/api/channels/${enc(channelId)}/stream-keys/${enc(keyId)}`),

  updateChannel: (channelId: string, change: ChannelChange) =>
    request<ChannelView>('PATCH', `/api/channels/${enc(channelId)}`, change),
  sessions: (channelId: string, cursor?: string) =>
    request<{ sessions: SessionView[]; nextCursor: string | null }>(
      'GET',
      `/api/sessions?channelId=${enc(channelId)}&limit=10${cursor ? `&cursor=${enc(cursor)}` : ''}`,
    ),
  sessionHealth: (sessionId: string, since: string | null) =>
    request<HealthView>('GET', `/api/sessions/${enc(sessionId)}/health${since ? `?since=${enc(since)}` : ''}`),
  updateSession: (sessionId: string, change: SessionChange) =>
    request<SessionView>('PATCH', `/api/sessions/${enc(sessionId)}`, change),
  session: (sessionId: string) => request<SessionView>('GET', `/api/sessions/${enc(sessionId)}`),
  uploadPicture: (kind: 'sessions' | 'channels', id: string, picture: Blob) =>
    request<unknown>('PUT', `/api/${kind}/${enc(id)}/picture`, picture),
  endSession: (sessionId: string) => request<SessionView>('POST', `/api/sessions/${enc(sessionId)}/end`, {}),
  /** `previous`: the token this page has, whose viewing goes on. */
  playback: (sessionId: string, { signal, previous }: { signal?: AbortSignal; previous?: string | null } = {}) =>
    request<PlaybackView>('POST', '/api/playback', { sessionId, ...(previous ? { previous } : {}) }, signal),
  follow: (channelId: string) => request<unknown>('PUT', `/api/channels/${enc(channelId)}/follow`),
  devices: () => request<{ devices: DeviceView[] }>('GET', '/api/devices'),
  endDevice: (deviceId: string) => request<null>('DELETE', `/api/devices/${enc(deviceId)}`),
  endOtherDevices: () => request<null>('DELETE', '/api/devices'),
  acceptInvitation: (secret: string) => request<unknown>('POST', '/api/show-invitations/accept', { secret }),
}

/** The only answer that ever carries the key itself. */
export interface NewStreamKey extends StreamKeyView {
  streamKey: string
}

export interface SessionChange {
  title?: string
  description?: string
  category?: string | null
  tags?: string[]
  visibility?: SessionVisibility
  requiredTier?: number | null
  previewMinutes?: number
  cover?: Cover
}
