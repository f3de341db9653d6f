/** How each person wants to be told, and the browsers that take pushes for them. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import { allChoices, type Choices, type Kind, parseChoices, type Way } from './kinds.ts'
import type { PushAddress } from './push.ts'
import type { createUnsubscribe } from './unsubscribe.ts'

interface SubscriberOptions {
  db: Db
  clock: Clock
  unsubscribe: ReturnType<typeof createUnsubscribe>
  isPushAddress(endpoint: string): boolean
}

/** Of one person; one more takes the place of the oldest. */
const MOST_BROWSERS = 10

export function createSubscribers({ db, clock, unsubscribe, isPushAddress }: SubscriberOptions) {
  async function chosen(userId: string, tx: Db = db): Promise<Choices> {
    const row = await tx.selectFrom('noticeSetting').select('choices').where('userId', '=', userId).executeTakeFirst()
    return parseChoices(row?.choices)
  }

  const choices = async ({ id }: User) => allChoices(await chosen(id))

  async function choose(userId: string, kind: Kind, ways: Partial<Record<Way, boolean | undefined>>): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const before = await chosen(userId, tx)
      const after = JSON.stringify({ ...before, [kind]: { ...before[kind], ...ways } })
      const change = { choices: after, updatedAt: clock.now() }
      await tx
        .insertInto('noticeSetting')
        .values({ userId, ...change })
        .onConflict((oc) => oc.column('userId').doUpdateSet(change))
        .execute()
    })
  }

  /** By the word in a mail, from whoever holds it: no more mails of this kind. */
  async function endMails(word: string): Promise<Kind> {
    const named = unsubscribe.read(word)
    const person = named && (await db.selectFrom('user').select('id').where('id', '=', named.userId).executeTakeFirst())
    if (!named || !person) throw new DomainError('not_found', 'no_such_word', 'This link is not one of ours.')
    await choose(named.userId, named.kind, { mail: false })
    return named.kind
  }

  /** One browser; the same one again, also for another person, is still one. */
  async function addBrowser({ id: userId }: User, { endpoint, p256dh, auth }: PushAddress): Promise<string> {
    if (!isPushAddress(endpoint)) {
      throw new DomainError('invalid', 'no_push_service', 'This is not the address of a push service.')
    }
    const keys = { userId, p256dh, auth, createdAt: clock.now() }
    const { id } = await db
      .insertInto('pushSubscription')
      .values({ id: newId(), endpoint, ...keys })
      .onConflict((oc) => oc.column('endpoint').doUpdateSet(keys))
      .returning('id')
      .executeTakeFirstOrThrow()
    const kept = db
      .selectFrom('pushSubscription')
      .select('id')
      .where('userId', '=', userId)
      .orderBy('createdAt', 'desc')
      .orderBy('id', 'desc')
      .limit(MOST_BROWSERS)
    const ids = (await kept.execute()).map((row) => row.id)
    await db.deleteFrom('pushSubscription').where('userId', '=', userId).where('id', 'not in', ids).execute()
    return id
  }

  async function removeBrowser({ id: userId }: User, id: string): Promise<void> {
    const { numDeletedRows } = await db
      .deleteFrom('pushSubscription')
      .where('id', '=', id)
      .where('userId', '=', userId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_browser', 'No such browser takes pushes.')
  }

  return { choices, choose, endMails, addBrowser, removeBrowser }
}
