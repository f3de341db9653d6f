import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { UserTable } from '../db/schema.ts'
import { ROLES, type User } from '../platform/user.ts'

export const STATUSES = ['active', 'suspended', 'banned'] as const
export type Status = (typeof STATUSES)[number]

export interface Person extends User {
  status: Status
  statusReason: string | null
  statusUntil: number | null
  createdAt: number
  hasSecondFactor: boolean
  /** They asked to become a creator and nobody has answered yet. */
  creatorWishAt: number | null
}

const RoleColumn = z.enum(ROLES)
const StatusColumn = z.enum(STATUSES)

/** A status that had an end is over by itself; nobody has to come and lift it. */
export function toPerson(row: Selectable<UserTable>, now: number): Person {
  const isOver = row.statusUntil !== null && row.statusUntil <= now
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: RoleColumn.parse(row.role),
    emailVerified: row.emailVerified === 1,
    status: isOver ? 'active' : StatusColumn.parse(row.status),
    statusReason: isOver ? null : row.statusReason,
    statusUntil: isOver ? null : row.statusUntil,
    createdAt: row.createdAt,
    hasSecondFactor: row.twoFactorEnabled === 1,
    creatorWishAt: row.creatorWishAt,
  }
}

/** What is told about a person as the one who acts. */
export function asUser({ id, name, email, role, emailVerified }: Person): User {
  return { id, name, email, role, emailVerified }
}
