import { type Begun, request } from '../api/client.ts'
import type { UserView } from '../api/views.ts'

export interface SignInView {
  id: string
  createdAt: string
  lastUsedAt: string
  userAgent: string | null
  address: string | null
  isThis: boolean
}

export interface SecurityView {
  hasSecondFactor: boolean
  hasPassword: boolean
  passkeys: { id: string; name: string; createdAt: string }[]
  elsewhere: { id: string; provider: string; createdAt: string }[]
  creators: 'open' | 'approval' | 'invitation'
  hasAskedToCreate: boolean
}

export interface NewTotp {
  uri: string
  qr: string
  secret: string
  backupCodes: string[]
}

export interface ApiKeyView {
  id: string
  label: string
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
}

export interface WaysView {
  signUp: 'open' | 'invitation' | 'closed'
  elsewhere: { provider: string; name: string }[]
}

type Options = Record<string, unknown>

const part = encodeURIComponent

/** The account's own routes, for its pages. */
export const accountApi = {
  ways: () => request<WaysView>('GET', '/api/auth/ways'),
  verify: (token: string) => request<Begun>('POST', '/api/auth/verify', { token }),
  resend: (email: string) => request<null>('POST', '/api/auth/verify/resend', { email }),
  secondFactor: (code: string, kind: 'totp' | 'backup') =>
    request<{ user: UserView }>('POST', '/api/auth/sign-in/second-factor', { code, kind }),
  sendLink: (email: string) => request<null>('POST', '/api/auth/sign-in/link', { email }),
  takeLink: (token: string) => request<Begun>('POST', '/api/auth/sign-in/link/use', { token }),
  sendReset: (email: string) => request<null>('POST', '/api/auth/reset', { email }),
  reset: (token: string, password: string) => request<null>('POST', '/api/auth/reset/use', { token, password }),
  elsewhere: (provider: string, next: string) =>
    request<{ url: string }>('POST', '/api/auth/sign-in/elsewhere', { provider, next }),
  askForPasskey: () => request<Options>('POST', '/api/auth/sign-in/passkey/options'),
  signInByPasskey: (response: unknown) => request<Begun>('POST', '/api/auth/sign-in/passkey', { response }),

  askForNewAddress: (email: string, password: string, code: string) =>
    request<null>('POST', '/api/account/new-address', { email, password, ...(code && { code }) }),
  takeNewAddress: (token: string) => request<null>('POST', '/api/auth/new-address', { token }),
  link: (provider: string) => request<{ url: string }>('POST', '/api/account/elsewhere', { provider }),
  unlink: (id: string) => request<null>('DELETE', `/api/account/elsewhere/${part(id)}`),

  security: () => request<SecurityView>('GET', '/api/account/security'),
  signIns: () => request<{ signIns: SignInView[] }>('GET', '/api/account/sign-ins'),
  endSignIn: (id: string) => request<null>('DELETE', `/api/account/sign-ins/${part(id)}`),
  signOutEverywhere: () => request<null>('DELETE', '/api/account/sign-ins'),
  beginTotp: (password: string) => request<NewTotp>('POST', '/api/account/totp', { password }),
  confirmTotp: (code: string) => request<null>('POST', '/api/account/totp/confirm', { code }),
  endTotp: (password: string) => request<null>('POST', '/api/account/totp/end', { password }),
  askForNewPasskey: () => request<Options>('POST', '/api/account/passkeys/options'),
  addPasskey: (name: string, response: unknown) => request<null>('POST', '/api/account/passkeys', { name, response }),
  removePasskey: (id: string) => request<null>('DELETE', `/api/account/passkeys/${part(id)}`),
  apiKeys: () => request<{ apiKeys: ApiKeyView[]; scopes: string[] }>('GET', '/api/account/api-keys'),
  createApiKey: (label: string, scopes: string[]) =>
    request<ApiKeyView & { apiKey: string }>('POST', '/api/account/api-keys', { label, scopes }),
  revokeApiKey: (id: string) => request<null>('DELETE', `/api/account/api-keys/${part(id)}`),
  askToCreate: (invitation: string) =>
    request<{ state: 'creator' | 'asked' }>('POST', '/api/account/creator', invitation ? { invitation } : {}),
  leave: (password: string) => request<null>('POST', '/api/account/delete', { password }),
}
