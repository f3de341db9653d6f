/**
 * What was ended by hand and no rule would say again: one viewing (a device was shown out), or all an account had open
 * when its sign-ins ended. Kept for as long as a token could still be good, so that a restart of the node forgets none.
 */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Reason } from './policy.ts'
import type { Claims } from './tokens.ts'

export function createWithdrawals({ db, clock, keptMs }: { db: Db; clock: Clock; keptMs: number }) {
  async function note(subjects: string[], reason: Reason, tx: Db = db): Promise<void> {
    if (subjects.length === 0) return
    const at = clock.now()
    const until = at + keptMs
    await tx
      .insertInto('withdrawal')
      .values(subjects.map((subject) => ({ subject, reason, at, until })))
      .onConflict((oc) => oc.column('subject').doUpdateSet({ reason, at, until }))
      .execute()
  }

  /** Why this viewing is over, or null. What an account had open ends; what it opens afterwards does not. */
  async function of({ viewingId, userId, beganAt }: Claims | Omit<Claims, 'expiresAt'>): Promise<Reason | null> {
    const subjects = [`viewing:${viewingId}`, ...(userId === null ? [] : [`user:${userId}`])]
    const rows = await db.selectFrom('withdrawal').selectAll().where('subject', 'in', subjects).execute()
    const found = rows.find(({ subject, at }) => subject === subjects[0] || at >= beganAt)
    return found ? (found.reason as Reason) : null // written by `note` alone
  }

  async function forgetOld(): Promise<void> {
    await db.deleteFrom('withdrawal').where('until', '<', clock.now()).execute()
  }

  return {
    viewings: (ids: string[], reason: Reason) =>
      note(
        ids.map((id) => `viewing:${id}`),
        reason,
      ),
    user: (userId: string, reason: Reason, tx?: Db) => note([`user:${userId}`], reason, tx),
    of,
    forgetOld,
  }
}
