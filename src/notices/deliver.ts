import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { NewJob } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Mailer } from '../platform/mailer.ts'
import type { Kind } from './kinds.ts'
import { letterOf } from './letters.ts'
import type { Notice } from './notices.ts'
import type { Push } from './push.ts'
import type { createUnsubscribe } from './unsubscribe.ts'

interface DeliveryOptions {
  db: Db
  clock: Clock
  logger: Logger
  mailer: Pick<Mailer, 'send'>
  push: Push
  unsubscribe: ReturnType<typeof createUnsubscribe>
  publicUrl: string
}

/** In `mailedAt` and `pushedAt`: to be sent, and not taken up yet. Null: not to be sent at all. */
export const WAITING = 0

type Way = 'mail' | 'push'

/** Taken up together, and under way at once. */
const TAKEN = 50
const AT_ONCE = { mail: 5, push: 20 }
const COLUMN = { mail: 'mailedAt', push: 'pushedAt' } as const

const Payload = z.object({ fact: z.string() })

/** Sends what `notices.ts` wrote down to be sent: one job per fact and way, so that other jobs find free hands. */
export function createDelivery({ db, clock, logger, mailer, push, unsubscribe, publicUrl }: DeliveryOptions) {
  const jobOf = (way: Way, fact: string): NewJob => ({
    kind: `notices.${way}`,
    payload: { fact },
    key: `${way} ${fact}`,
  })

  /** The next ones of this fact, from now on taken: whatever happens, they are not sent again. */
  function take(way: Way, fact: string): Promise<Notice[]> {
    const column = COLUMN[way]
    return db
      .updateTable('notice')
      .set({ [column]: clock.now() })
      .where(column, '=', WAITING)
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('notice')
          .select('id')
          .where('fact', '=', fact)
          .where(column, '=', WAITING)
          .orderBy('id')
          .limit(TAKEN),
      )
      .returningAll()
      .execute()
  }

  const deliver = (way: Way, send: (notice: Notice) => Promise<void>) => async (payload: unknown) => {
    const { fact } = Payload.parse(payload)
    let sent = 0
    for (;;) {
      const taken = await take(way, fact)
      if (taken.length === 0) break
      sent += taken.length
      await eachOf(taken, AT_ONCE[way], send)
    }
    logger.info({ fact, way, sent }, 'notices sent')
  }

  async function mail({ userId, kind, title, text, path }: Notice): Promise<void> {
    const person = await db
      .selectFrom('user')
      .select('email')
      .where('id', '=', userId)
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    if (!person) return
    const off = `${publicUrl}/unsubscribe/${unsubscribe.wordFor(userId, kind as Kind)}` // written by this room alone
    const news = { to: person.email, kind: kind as Kind, title, text, link: publicUrl + path, unsubscribe: off }
    await mailer.send(letterOf(news, publicUrl))
  }

  async function pushTo({ id, userId, title, text, path }: Notice): Promise<void> {
    const addresses = await db.selectFrom('pushSubscription').selectAll().where('userId', '=', userId).execute()
    for (const address of addresses) {
      const outcome = await push.send(address, { id, title, text, path })
      if (outcome === 'gone') await db.deleteFrom('pushSubscription').where('id', '=', address.id).execute()
      if (outcome === 'failed') logger.warn({ userId, host: new URL(address.endpoint).host }, 'a push was not taken')
    }
  }

  return { jobOf, doers: { 'notices.mail': deliver('mail', mail), 'notices.push': deliver('push', pushTo) } }
}

/** So many at a time, until all are done. */
async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
