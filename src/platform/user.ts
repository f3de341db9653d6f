export const ROLES = ['viewer', 'creator', 'moderator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** The signed-in person on whose behalf something is done. Only an active account ever becomes one. */
export interface User {
  id: string
  name: string
  email: string
  role: Role
}
