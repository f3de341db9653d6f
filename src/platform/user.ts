import { DomainError } from './errors.ts'

export const ROLES = ['viewer', 'creator', 'moderator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** The signed-in person on whose behalf something is done. Only an active account ever becomes one. */
export interface User {
  id: string
  name: string
  email: string
  role: Role
  emailVerified: boolean
  /** What the API key they came with may do; absent for a sign-in, which may do all they may. */
  scopes?: readonly string[]
  /** Whence they ask; told to the audit log, which keeps it only where the operator wants addresses kept. */
  address?: string
}

export function requireAdmin(actor: User): void {
  if (actor.role !== 'admin') throw new DomainError('forbidden', 'admins_only', 'Only an admin may do this.')
}
