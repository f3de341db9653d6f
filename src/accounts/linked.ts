import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import { requireWayIn } from './ways-in.ts'

export interface Linked {
  id: string
  provider: string
  createdAt: number
}

/** Accounts elsewhere that open this one: the auth library links them, here they are listed and let go. */
export function createLinked({ db, recordAct }: { db: Db; recordAct: RecordAct }) {
  const ofUser = (user: User, tx: Db = db) =>
    tx
      .selectFrom('credential')
      .select(['id', 'providerId as provider', 'createdAt'])
      .where('userId', '=', user.id)
      .where('providerId', '!=', 'credential')

  async function list(user: User): Promise<Linked[]> {
    return ofUser(user).orderBy('id').execute()
  }

  async function remove(user: User, id: string): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const found = await ofUser(user, tx).where('id', '=', id).executeTakeFirst()
      if (!found) throw new DomainError('not_found', 'no_such_link', 'There is no such account elsewhere.')
      await requireWayIn(user.id, tx, () => tx.deleteFrom('credential').where('id', '=', id).execute())
      const act = { action: 'elsewhere.unlinked', target: `user:${user.id}`, before: { provider: found.provider } }
      await recordAct({ ...by(user), ...act }, tx)
    })
  }

  return { list, remove }
}
