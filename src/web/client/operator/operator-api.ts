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

export const operatorApi = {
  people: (query: Record<string, string>) =>
    request<{ users: PersonView[]; nextCursor: string | null }>('GET', `/api/users?${new URLSearchParams(query)}`),
  change: (id: string, change: PersonChange) =>
    request<PersonView>('PATCH', `/api/users/${encodeURIComponent(id)}`, change),
  invite: (role: string, note: string) =>
    request<{ word: string }>('POST', '/api/operator/invitations', { role, note }),
  mail: () => request<{ isConfigured: boolean; mail: KeptMailView[] }>('GET', '/api/operator/mail'),
}
