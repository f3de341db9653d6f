import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Auth } from './auth.ts'
import { requireWayIn } from './ways-in.ts'

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

  return {
    list,
    ask: auth.askForNewPasskey,

    async add(user: User, given: { response: Record<string, unknown>; name: string }, headers: Headers): Promise<void> {
      if ((await list(user)).length >= MOST) {
        throw new DomainError('conflict', 'too_many_passkeys', `A person has at most ${MOST} passkeys.`)
      }
      await auth.addPasskey(given, headers)
      const after = { name: given.name }
      await recordAct({ ...by(user), action: 'passkey.added', target: `user:${user.id}`, after })
    },

    async remove(user: User, id: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const own = tx.deleteFrom('passkey').where('id', '=', id).where('userId', '=', user.id)
        await requireWayIn(user.id, tx, async () => {
          const { numDeletedRows } = await own.executeTakeFirst()
          if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_passkey', 'There is no such passkey.')
        })
        await recordAct({ ...by(user), action: 'passkey.removed', target: `user:${user.id}` }, tx)
      })
    },
  }
}
