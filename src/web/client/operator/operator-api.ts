import { request } from '../api/client.ts'
import type { UserView } from '../api/views.ts'

export interface PersonView extends UserView {
  status: 'active' | 'suspended' | 'banned'
  statusReason: string | null
  statusUntil: string | null
  createdAt: string
  hasSecondFactor: boolean
  wantsToCreate: boolean
}

export interface KeptMailView {
  id: string
  at: string
  to: string
  subject: string
  text: string
  problem: string | null
}

export interface PersonChange {
  role?: UserView['role']
  status?: PersonView['status']
  statusReason?: string | null
  statusUntil?: string | null
  wantsToCreate?: false
}

export interface CapacityView {
  encoder: string
  tried: { encoder: string; works: boolean; said: string | null }[]
  aside: string | null
  cores: number
  speed: number
  isMeasured: boolean
  used: number
  sessions: number
  decisions: { sessionId: string; channelId: string; channelName: string; ladderReason: string }[]
}

export interface InvitationView {
  id: string
  role: string
  note: string
  email: string | null
  expiresAt: string
  createdAt: string
}

/** The only answer that carries the word itself. */
export interface NewInvitation extends InvitationView {
  word: string
}

export interface AuditEntryView {
  id: string
  at: string
  actorId: string | null
  actorName: string | null
  actorRole: string
  action: string
  target: string
  before: unknown
  after: unknown
  address: string | null
}

export const operatorApi = {
  capacity: () => request<CapacityView>('GET', '/api/operator/capacity'),
  people: (query: Record<string, string>) =>
    request<{ users: PersonView[]; nextCursor: string | null }>('GET', `/api/users?${new URLSearchParams(query)}`),
  change: (id: string, change: PersonChange) =>
    request<PersonView>('PATCH', `/api/users/${encodeURIComponent(id)}`, change),
  invitations: () => request<{ invitations: InvitationView[] }>('GET', '/api/operator/invitations'),
  invite: (role: string, note: string, email: string | null) =>
    request<NewInvitation>('POST', '/api/operator/invitations', { role, note, email }),
  inviteAgain: (id: string) =>
    request<NewInvitation>('POST', `/api/operator/invitations/${encodeURIComponent(id)}/resend`),
  withdrawInvitation: (id: string) => request<null>('DELETE', `/api/operator/invitations/${encodeURIComponent(id)}`),
  audit: (query: Record<string, string>) =>
    request<{ entries: AuditEntryView[]; nextCursor: string | null }>(
      'GET',
      `/api/operator/audit?${new URLSearchParams(query)}`,
    ),
  mail: () => request<{ isConfigured: boolean; mail: KeptMailView[] }>('GET', '/api/operator/mail'),
}
