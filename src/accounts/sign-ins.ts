import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'

export interface SignIn {
  id: string
  createdAt: number
  /** To the day: it is not written on every request. */
  lastUsedAt: number
  expiresAt: number
  userAgent: string | null
  address: string | null
}

interface SignInsOptions {
  db: Db
  clock: Clock
  recordAct: RecordAct
  /** After the commit: whatever these sign-ins opened elsewhere is looked at anew. */
  onEnded(userId: string): void
}

/** Shown at most, the newest first. */
const SHOWN = 100

export type SignIns = ReturnType<typeof createSignIns>

/** A person's own sign-ins: seen, ended one by one, or everywhere. */
export function createSignIns({ db, clock, recordAct, onEnded }: SignInsOptions) {
  async function list(user: User): Promise<SignIn[]> {
    const rows = await db
      .selectFrom('signIn')
      .select(['id', 'createdAt', 'updatedAt', 'expiresAt', 'userAgent', 'ipAddress'])
      .where('userId', '=', user.id)
      .orderBy('id', 'desc')
      .limit(SHOWN)
      .execute()
    return rows.map(({ updatedAt, ipAddress, ...row }) => ({
      ...row,
      lastUsedAt: updatedAt,
      address: ipAddress || null,
    }))
  }

  async function end(user: User, id: string): Promise<void> {
    const { numDeletedRows } = await db
      .deleteFrom('signIn')
      .where('id', '=', id)
      .where('userId', '=', user.id)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_sign_in', 'There is no such sign-in.')
    await recordAct({ ...by(user), action: 'sign_in.ended' })
    onEnded(user.id)
  }

  /** This one as well. */
  async function endAll(user: User, address?: string): Promise<void> {
    await db.deleteFrom('signIn').where('userId', '=', user.id).execute()
    await recordAct({ ...by(user), action: 'sign_ins.ended', ...(address ? { address } : {}) })
    onEnded(user.id)
  }

  /** Where the operator keeps addresses: whence this sign-in was made. The word holds the token before its signature. */
  async function noteAddress(word: string, address: string): Promise<void> {
    const token = word.split('.')[0]!
    await db
      .updateTable('signIn')
      .set({ ipAddress: address, updatedAt: clock.now() })
      .where('token', '=', token)
      .execute()
  }

  return { list, end, endAll, noteAddress }
}

function by({ id, role }: User) {
  return { actorId: id, actorRole: role, target: `user:${id}` }
}
