import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Auth } from './auth.ts'

export interface Passkey {
  id: string
  name: string
  createdAt: number
}

const MOST = 20

/** Passkeys: the library checks them, here they are named, listed and taken away. */
export function createPasskeys({ db, auth, recordAct }: { db: Db; auth: Auth; recordAct: RecordAct }) {
  async function list(user: User): Promise<Passkey[]> {
    const rows = await db
      .selectFrom('passkey')
      .select(['id', 'name', 'createdAt'])
      .where('userId', '=', user.id)
      .orderBy('id')
      .execute()
    return rows.map(({ id, name, createdAt }) => ({ id, name: name ?? 'Passkey', createdAt: createdAt ?? 0 }))
  }

  const by = (user: User) => ({ actorId: user.id, actorRole: user.role, target: `user:${user.id}` })

  return {
    list,
    ask: auth.askForNewPasskey,

    async add(user: User, given: { response: Record<string, unknown>; name: string }, headers: Headers): Promise<void> {
      if ((await list(user)).length >= MOST) {
        throw new DomainError('conflict', 'too_many_passkeys', `A person has at most ${MOST} passkeys.`)
      }
      await auth.addPasskey(given, headers)
      await recordAct({ ...by(user), action: 'passkey.added', after: { name: given.name } })
    },

    async remove(user: User, id: string): Promise<void> {
      const { numDeletedRows } = await db
        .deleteFrom('passkey')
        .where('id', '=', id)
        .where('userId', '=', user.id)
        .executeTakeFirst()
      if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_passkey', 'There is no such passkey.')
      await recordAct({ ...by(user), action: 'passkey.removed' })
    },
  }
}
