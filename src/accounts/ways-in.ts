import type { Db } from '../db/db.ts'
import { DomainError } from '../platform/errors.ts'

/** Takes a way in away, unless it was the last besides a mailed link: then the transaction fails. */
export async function requireWayIn(userId: string, tx: Db, takeAway: () => Promise<unknown>): Promise<void> {
  // The person's row is locked on either database: of two who take the last two at once, one fails.
  await tx.updateTable('user').set({ id: userId }).where('id', '=', userId).execute()
  await takeAway()
  if ((await hasPassword(userId, tx)) || (await hasOther(userId, tx))) return
  throw new DomainError(
    'conflict',
    'last_way_in',
    'This is the only way into your account besides a mailed link: choose a password first.',
  )
}

export async function hasPassword(userId: string, db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('credential')
    .select('id')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .where('password', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

async function hasOther(userId: string, tx: Db): Promise<boolean> {
  const elsewhere = tx.selectFrom('credential').select('id').where('userId', '=', userId)
  const passkey = tx.selectFrom('passkey').select('id').where('userId', '=', userId)
  const found = await elsewhere.where('providerId', '!=', 'credential').unionAll(passkey).executeTakeFirst()
  return found !== undefined
}
