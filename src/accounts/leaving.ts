import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ApiKeys } from './api-keys.ts'
import type { People } from './people.ts'
import type { SignIns } from './sign-ins.ts'

interface LeavingOptions {
  db: Db
  clock: Clock
  people: People
  signIns: SignIns
  apiKeys: ApiKeys
  recordAct: RecordAct
  /** What other rooms hold of a person, by the name it has in the export; app.ts hands it in. */
  elsewhere: Record<string, (user: User) => Promise<unknown>>
  /** In the transaction in which the person leaves: the other rooms drop what is theirs. */
  onLeaving(user: User, tx: Db): Promise<void>
  onLeft(userId: string): Promise<void>
}

/** Taking one's data along, and leaving. */
export function createLeaving(options: LeavingOptions) {
  const { db, clock, people, signIns, apiKeys, recordAct, elsewhere, onLeaving, onLeft } = options

  /** All we know of this person, but for what proves who they are. */
  async function exportData(user: User): Promise<Record<string, unknown>> {
    const credentials = await db
      .selectFrom('credential')
      .select(['providerId', 'accountId', 'createdAt'])
      .where('userId', '=', user.id)
      .execute()
    const passkeys = await db
      .selectFrom('passkey')
      .select(['name', 'createdAt'])
      .where('userId', '=', user.id)
      .execute()
    const others: Record<string, unknown> = {}
    for (const [name, read] of Object.entries(elsewhere)) others[name] = await read(user)
    await recordAct({ ...by(user), action: 'account.exported', target: `user:${user.id}` })
    return {
      exportedAt: clock.now(),
      account: await people.get(user.id),
      waysToSignIn: credentials,
      passkeys,
      signIns: await signIns.list(user),
      apiKeys: await apiKeys.list(user),
      ...others,
    }
  }

  /**
   * The person is gone: name, address and everything that opened the account. An empty row stays, so that the books of
   * what was bought, which have to be kept, still have somebody to point at, without a name.
   */
  async function leave(user: User): Promise<void> {
    await db.transaction().execute(async (tx) => {
      if (user.role === 'admin') await requireAnotherAdmin(user, tx)
      await onLeaving(user, tx)
      await people.endSignIns(user.id, tx)
      for (const table of OWN) await tx.deleteFrom(table).where('userId', '=', user.id).execute()
      const nobody = { name: 'Deleted account', email: `deleted-${user.id}@invalid`, image: null, metadata: null }
      const nothing = { role: 'viewer', emailVerified: 0, twoFactorEnabled: 0, creatorWishAt: null, statusReason: null }
      await tx
        .updateTable('user')
        .set({ ...nobody, ...nothing, deletedAt: clock.now(), updatedAt: clock.now() })
        .where('id', '=', user.id)
        .execute()
      await recordAct({ ...by(user), action: 'account.deleted', target: `user:${user.id}` }, tx)
    })
    await onLeft(user.id)
  }

  return { exportData, leave }
}

const OWN = ['credential', 'mailToken', 'twoFactor', 'passkey', 'apiKey'] as const

async function requireAnotherAdmin(user: User, tx: Db): Promise<void> {
  const other = await tx
    .selectFrom('user')
    .select('id')
    .where('role', '=', 'admin')
    .where('status', '=', 'active')
    .where('deletedAt', 'is', null)
    .where('id', '!=', user.id)
    .executeTakeFirst()
  if (other) return
  throw new DomainError('conflict', 'last_admin', 'You are the only admin: make somebody else one before you leave.')
}
