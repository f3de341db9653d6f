/**
 * What people are told: in the pages at once, by mail, by push, as each of them chose. Owns `notice`, `noticeSetting` and
 * `pushSubscription`. A fact has a name, and nobody is told of it twice: the row is written first, and each mail or push
 * is taken from it before it is sent, so a node that dies half way leaves one out rather than sending it again.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { NoticeTable } from '../db/schema.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { Mailer } from '../platform/mailer.ts'
import type { Secret } from '../platform/secret.ts'
import { createChatNews } from './chat-news.ts'
import { createDelivery, WAITING } from './deliver.ts'
import { createInbox } from './inbox.ts'
import { isOn, type Kind, parseChoices } from './kinds.ts'
import { createMembershipNews } from './membership-news.ts'
import { createPersons } from './persons.ts'
import { createPush, type PushOptions } from './push.ts'
import { createSubscribers } from './subscribers.ts'
import { createUnsubscribe } from './unsubscribe.ts'

export { KINDS } from './kinds.ts'

export type Notice = Selectable<NoticeTable>

export interface Fact {
  /** Unique: who was told of it is not told again. */
  fact: string
  kind: Kind
  title: string
  text: string
  /** Where to look, on this site. */
  path: string
  /** Whoever knows of it writes its letter; it is not mailed a second time. */
  hasLetter?: boolean
}

export interface NoticesOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  mailer: Pick<Mailer, 'send'>
  publicUrl: string
  /** Seals the word that ends a kind of mail. */
  secret: Secret
  push: Omit<PushOptions, 'publicUrl'>
  /** Whether a page may be sent there: public hosts alone. */
  isPushAddress(endpoint: string): boolean
  /** Whether somebody may read what is said during a session. */
  mayRead(userId: string, sessionId: string): Promise<boolean>
}

/** Rows written in one transaction: a short one, other requests wait for it. */
const AT_ONCE = 50
const HOUR = 3_600_000

export type Notices = ReturnType<typeof createNotices>

export function createNotices(options: NoticesOptions) {
  const { db, clock, jobs, secret, publicUrl } = options
  const listeners: ((notice: Notice) => void)[] = []
  const push = createPush({ ...options.push, publicUrl })
  const unsubscribe = createUnsubscribe(secret)
  const inbox = createInbox({ db, clock })
  const subscribers = createSubscribers({ db, clock, unsubscribe, isPushAddress: options.isPushAddress })
  const delivery = createDelivery({ ...options, push, unsubscribe })
  const chatNews = createChatNews({ db, clock, tell, mayRead: options.mayRead })
  const membershipNews = createMembershipNews({ db, clock, tell })

  /** Tells each of them, by the ways they chose; what was told before is not told again. */
  async function tell(fact: Fact, userIds: readonly string[]): Promise<void> {
    for (let from = 0; from < userIds.length; from += AT_ONCE) {
      const told = await write(fact, userIds.slice(from, from + AT_ONCE))
      for (const notice of told) if (notice.isListed) for (const listener of listeners) listener(notice)
      await breathe()
    }
  }

  function write(
    { fact, kind, title, text, path, hasLetter = false }: Fact,
    userIds: readonly string[],
  ): Promise<Notice[]> {
    return db.transaction().execute(async (tx) => {
      const people = await tx
        .selectFrom('user')
        .leftJoin('noticeSetting', 'noticeSetting.userId', 'user.id')
        .select(['user.id', 'emailVerified', 'choices'])
        .select((eb) =>
          eb
            .exists(eb.selectFrom('pushSubscription').select('id').whereRef('pushSubscription.userId', '=', 'user.id'))
            .as('hasPush'),
        )
        .where('user.id', 'in', userIds)
        .where('status', '=', 'active')
        .where('deletedAt', 'is', null)
        .execute()
      const what = { fact, kind, title: title.slice(0, 200), text: text.slice(0, 1_000), path, readAt: null }
      const rows = people.map(({ id, emailVerified, choices: chosen, hasPush }) => {
        const choices = parseChoices(chosen)
        return {
          ...what,
          id: newId(),
          userId: id,
          createdAt: clock.now(),
          isListed: isOn(choices, kind, 'app') ? 1 : 0,
          mailedAt: !hasLetter && isOn(choices, kind, 'mail') && emailVerified === 1 ? WAITING : null,
          pushedAt: isOn(choices, kind, 'push') && hasPush ? WAITING : null,
        }
      })
      if (rows.length === 0) return []
      const told = await tx
        .insertInto('notice')
        .values(rows)
        .onConflict((oc) => oc.columns(['userId', 'fact']).doNothing())
        .returningAll()
        .execute()
      if (told.some(({ mailedAt }) => mailedAt === WAITING)) await jobs.enqueue(delivery.jobOf('mail', fact), tx)
      if (told.some(({ pushedAt }) => pushedAt === WAITING)) await jobs.enqueue(delivery.jobOf('push', fact), tx)
      return told
    })
  }

  /** Every hour: memberships that end soon, and what is old enough to be forgotten. The next look is ordered first. */
  async function lookAhead(): Promise<void> {
    await orderNext(clock.now() + HOUR)
    await membershipNews.endingSoon()
    await inbox.forgetOld()
  }

  const orderNext = (runAt = clock.now()) =>
    jobs.enqueue({ kind: 'notices.look-ahead', payload: {}, runAt, key: 'notices.look-ahead' })

  return {
    tell,
    inbox,
    subscribers,
    persons: createPersons(db),
    pushKey: push.publicKey,
    addressed: chatNews.addressed,
    membershipChanged: membershipNews.changed,
    membershipEnded: membershipNews.ended,
    /** Hears each notice that is to be seen in the pages. */
    listen: (listener: (notice: Notice) => void) => void listeners.push(listener),
    start: () => orderNext(),
    doers: { ...delivery.doers, 'notices.look-ahead': lookAhead },
  }
}
