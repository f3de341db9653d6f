import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Memberships } from './memberships.ts'

interface PersonsOptions {
  db: Db
  jobs: Jobs
  memberships: Memberships
}

/** What this room knows of one person, and what becomes of it when they leave. */
export function createPersons({ db, jobs, memberships }: PersonsOptions) {
  async function heldOf(userId: string) {
    const [purchases, subscriptions, payments, comps] = await Promise.all([
      db
        .selectFrom('purchase')
        .select(['id', 'channelId', 'name', 'kind', 'state', 'amount', 'currency', 'createdAt', 'accessExpiresAt'])
        .where('userId', '=', userId)
        .execute(),
      db
        .selectFrom('membership')
        .select([
          'id',
          'channelId',
          'name',
          'tier',
          'billing',
          'state',
          'currency',
          'createdAt',
          'periodEnd',
          'endedAt',
        ])
        .where('userId', '=', userId)
        .execute(),
      db
        .selectFrom('payment')
        .select(['id', 'purchaseId', 'membershipId', 'amount', 'refunded', 'currency', 'paidAt', 'receiptUrl'])
        .where('userId', '=', userId)
        .execute(),
      db.selectFrom('comp').select(['channelId', 'scope', 'tier', 'expiresAt']).where('userId', '=', userId).execute(),
    ])
    return { purchases, memberships: subscriptions, payments, comps }
  }

  /** In the transaction in which they leave: from then on nobody pays for them, nor for their channels. */
  async function forget(userId: string, tx: Db): Promise<void> {
    await jobs.enqueue({ kind: 'commerce.person-left', payload: { userId } }, tx)
  }

  /** The provider is told one by one; what went wrong is tried again by the job. */
  async function endMemberships(userId: string): Promise<void> {
    const own = db.selectFrom('channel').select('id').where('ownerId', '=', userId)
    const going = await db
      .selectFrom('membership')
      .selectAll()
      .where('state', 'in', ['active', 'trialing', 'past_due'])
      .where('subscriptionRef', 'is not', null)
      .where((eb) => eb.or([eb('userId', '=', userId), eb('channelId', 'in', own)]))
      .execute()
    for (const membership of going) await memberships.endNow(membership)
  }

  return { heldOf, forget, endMemberships }
}
