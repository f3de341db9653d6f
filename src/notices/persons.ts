/** What this room knows of one person: told to them, and gone once they have left. */
import type { Db } from '../db/db.ts'

export function createPersons(db: Db) {
  async function heldOf(userId: string) {
    const [notices, choices, browsers] = await Promise.all([
      db
        .selectFrom('notice')
        .select(['kind', 'title', 'text', 'path', 'createdAt', 'readAt', 'mailedAt', 'pushedAt'])
        .where('userId', '=', userId)
        .orderBy('id')
        .execute(),
      db.selectFrom('noticeSetting').select('choices').where('userId', '=', userId).execute(),
      db.selectFrom('pushSubscription').select(['endpoint', 'createdAt']).where('userId', '=', userId).execute(),
    ])
    return { notices, choices, browsers }
  }

  async function forget(userId: string, tx: Db): Promise<void> {
    await tx.deleteFrom('notice').where('userId', '=', userId).execute()
    await tx.deleteFrom('noticeSetting').where('userId', '=', userId).execute()
    await tx.deleteFrom('pushSubscription').where('userId', '=', userId).execute()
  }

  return { heldOf, forget }
}
