import { createHash, randomBytes } from 'node:crypto'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'

/** How long each link is good for. */
const GOOD_MS = { verify: 24 * 3_600_000, sign_in: 15 * 60_000, reset: 3_600_000, new_address: 24 * 3_600_000 }
export type LinkPurpose = keyof typeof GOOD_MS

export type MailedLinks = ReturnType<typeof createMailedLinks>

/** Words that travel by mail and are good once. Only their hashes are kept. */
export function createMailedLinks({ db, clock }: { db: Db; clock: Clock }) {
  /** Those of the same kind sent before are void: the newest mail is the one that works. */
  async function issue(userId: string, purpose: LinkPurpose, email: string | null = null): Promise<string> {
    const word = randomBytes(32).toString('base64url')
    const now = clock.now()
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('mailToken').where('userId', '=', userId).where('purpose', '=', purpose).execute()
      await tx.deleteFrom('mailToken').where('expiresAt', '<=', now).execute()
      const row = { tokenHash: hashOf(word), userId, purpose, email, expiresAt: now + GOOD_MS[purpose], createdAt: now }
      await tx.insertInto('mailToken').values(row).execute()
    })
    return word
  }

  /** Whom the word was sent to. It is gone afterwards, whatever comes next. */
  async function take(word: string, purpose: LinkPurpose): Promise<{ userId: string; email: string | null }> {
    const row = await db
      .deleteFrom('mailToken')
      .where('tokenHash', '=', hashOf(word))
      .where('purpose', '=', purpose)
      .returning(['userId', 'email', 'expiresAt'])
      .executeTakeFirst()
    if (row && row.expiresAt > clock.now()) return row
    throw new DomainError('forbidden', 'link_void', 'This link is used up, too old, or not the newest one.')
  }

  /** All that were sent to this person are void. */
  async function dropAll(userId: string, tx: Db): Promise<void> {
    await tx.deleteFrom('mailToken').where('userId', '=', userId).execute()
  }

  return { issue, take, dropAll }
}

function hashOf(word: string): string {
  return createHash('sha256').update(word).digest('hex')
}
