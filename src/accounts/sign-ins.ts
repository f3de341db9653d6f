import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { People } from './people.ts'

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
  people: People
  recordAct: RecordAct
  /** After the commit: whatever these sign-ins opened elsewhere is looked at anew. */
  onEnded(userId: string): Promise<void>
}

/** Shown at most, the newest first. */
const SHOWN = 100

export type SignIns = ReturnType<typeof createSignIns>

/** A person's own sign-ins: seen, ended one by one, or everywhere. */
export function createSignIns({ db, clock, people, recordAct, onEnded }: SignInsOptions) {
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
    await db.transaction().execute(async (tx) => {
      const ended = await people.endSignIns(user.id, tx, { only: id })
      if (ended === 0n) throw new DomainError('not_found', 'no_such_sign_in', 'There is no such sign-in.')
      await recordAct({ ...by(user), action: 'sign_in.ended', target: `user:${user.id}` }, tx)
    })
    await onEnded(user.id)
  }

  /** This one as well. */
  async function endAll(user: User): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await people.endSignIns(user.id, tx)
      await recordAct({ ...by(user), action: 'sign_ins.ended', target: `user:${user.id}` }, tx)
    })
    await onEnded(user.id)
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
