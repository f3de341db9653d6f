/**
 * What is sold, to whom, and the books. Owns offers, orders (purchases and memberships), payments, the ledger, payout
 * accounts and payouts, gifts and what the built-in test money keeps. It promises that whoever paid can watch and that every movement of money is booked
 * once: settlement (settle.ts) is the only road from a provider's word to a right, and the ledger is never rewritten.
 */
import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import type { Doer, Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Mailer } from '../platform/mailer.ts'
import type { User } from '../platform/user.ts'
import { createCheckout } from './checkout.ts'
import { createComps } from './comps.ts'
import { createGifts } from './gifts.ts'
import { createLedger } from './ledger.ts'
import { createLeveller } from './leveller.ts'
import { createMemberships } from './memberships.ts'
import { createNotices } from './notices.ts'
import { createOffers, type FindTarget } from './offers.ts'
import { createPaidGifts } from './paid-gifts.ts'
import { createPaidMessages } from './paid-messages.ts'
import { createPayouts } from './payouts.ts'
import { createPersons } from './persons.ts'
import { createPromotions } from './promotions.ts'
import type { Provider, Subject } from './provider.ts'
import { createPurchases } from './purchases.ts'
import { createReconcile } from './reconcile.ts'
import { concerned, type Rights, type Scope } from './rights.ts'
import { createSales } from './sales.ts'
import { type Announce, createSettle, type Look } from './settle.ts'
import { createTakings } from './takings.ts'
import { offerView } from './views.ts'
import { createWebhook } from './webhook.ts'

export { createNoMoney } from './no-money.ts'
export type { Announce, MoneyFacts } from './settle.ts'
export { createStripeMoney } from './stripe-money.ts'
export { createTestMoney, type TestMoney } from './test-money.ts'

interface CommerceOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  mailer: Pick<Mailer, 'send'>
  provider: Provider
  rights: Rights
  publicUrl: string
  config: { feeBps: number; graceDays: number }
  announce: Announce
  /** The channel's id, for somebody who may run it; throws for anybody else. */
  ownChannel(actor: User, channelId: string): Promise<string>
  findTarget: FindTarget
  channelIsOpen(channelId: string): Promise<boolean>
  recordAct: RecordAct
}

export type Commerce = ReturnType<typeof createCommerce>

export function createCommerce(options: CommerceOptions) {
  const { db, clock, logger, jobs, provider, rights, publicUrl, ownChannel, findTarget, recordAct } = options
  const { feeBps, graceDays } = options.config
  const ledger = createLedger({ db, clock })
  const paidGifts = createPaidGifts({ db, clock, rights })
  const notices = createNotices(options)
  const settle = createSettle({ ...options, ledger, paidGifts, notices, graceDays })
  const offers = createOffers({ db, clock, logger, ownChannel, findTarget, recordAct })
  const promotions = createPromotions({ db, clock, ownChannel, recordAct })
  const payouts = createPayouts({ ...options, ledger })
  const leveller = createLeveller({ ...options, settle, payouts, ledger })
  const checkout = createCheckout({ ...options, feeBps, offers, promotions, settle, payouts })
  const memberships = createMemberships({ db, clock, provider, offers, settle, publicUrl })
  const purchases = createPurchases({ db, settle, paidGifts })
  const persons = createPersons({ db, jobs, memberships })
  const sales = createSales({ db, logger, provider, settle, ledger, memberships, ownChannel, recordAct })
  const channelOf = async (scope: Scope) => (await findTarget(scope))?.channelId ?? null
  const comps = createComps({ db, clock, logger, rights, ownChannel, channelOf, recordAct })
  const gifts = createGifts({ db, clock, rights, comps, ownChannel, recordAct })
  const look: Look<Subject> = (subject, hint, also) =>
    subject.kind === 'account' ? payouts.look(subject, hint, also) : settle.look(subject, hint, also)
  const webhook = createWebhook({ db, clock, logger, jobs, provider, look })
  const reconcile = createReconcile({ db, clock, logger, jobs, provider, settle, payouts, ledger })

  /** The show is over: from now on the days of replay count. */
  async function sessionEnded(sessionId: string): Promise<void> {
    const ids = await paidFor(`session:${sessionId}`)
    for (const id of ids) await db.transaction().execute((tx) => settle.countAnew(id, null, tx))
    if (ids.length > 0) await rights.recheck({ sessionId })
  }

  /** Shows whose end was not heard of here, because the node died just then. */
  async function catchUpEnds(): Promise<void> {
    const waiting = await db
      .selectFrom('purchase')
      .select('scope')
      .distinct()
      .where('kind', '=', 'ticket')
      .where('state', '=', 'paid')
      .where('replayDays', 'is not', null)
      .where('accessExpiresAt', 'is', null)
      .where('scope', 'like', 'session:%')
      .execute()
    for (const { scope } of waiting) {
      const target = await findTarget(scope as Scope) // written by this room alone
      if (target?.isOver) await sessionEnded(scope.slice('session:'.length))
    }
  }

  async function nightly(): Promise<void> {
    await reconcile.nightly()
    await catchUpEnds()
  }

  /** A rent that counts from the first play begins to count. */
  async function played(userId: string, scope: Scope): Promise<void> {
    const waiting = await db
      .selectFrom('purchase')
      .select('id')
      .where('userId', '=', userId)
      .where('scope', '=', scope)
      .where('rentFrom', '=', 'first_play')
      .where('firstPlayedAt', 'is', null)
      .where('state', '=', 'paid')
      .execute()
    for (const { id } of waiting) await db.transaction().execute((tx) => settle.countAnew(id, clock.now(), tx))
    if (waiting.length > 0) await rights.recheck({ userId, ...concerned(scope) })
  }

  async function paidFor(scope: Scope): Promise<string[]> {
    const rows = await db
      .selectFrom('purchase')
      .select('id')
      .where('scope', '=', scope)
      .where('state', '=', 'paid')
      .where('kind', '=', 'ticket')
      .execute()
    return rows.map(({ id }) => id)
  }

  const doers: Record<string, Doer> = {
    'commerce.close': (payload) => checkout.abandon((payload as { orderId: string }).orderId), // enqueued by checkout.ts
    'commerce.past-due': notices.sendPastDue, // enqueued by settle.ts
    'commerce.settle': webhook.settleWaiting,
    'commerce.level': leveller.level,
    'commerce.level-channel': leveller.levelChannel,
    'commerce.reconcile': nightly,
    'commerce.person-left': (payload) => persons.endMemberships((payload as { userId: string }).userId), // by persons.ts
    'commerce.session-ended': (payload) => sessionEnded((payload as { sessionId: string }).sessionId), // enqueued below
  }

  /** One offer as it is sold now; null where it is not on sale. */
  async function onSale(offerId: string) {
    const offer = await offers.find(offerId)
    const view = offer && offerView(offer, offer.seats === null ? 0 : await offers.seatsTaken(offer.id), clock.now())
    return view?.isOnSale ? view : null
  }

  return {
    onSale,
    paidMessages: createPaidMessages({ offers, isTest: provider.isTest }),
    ledger,
    offers,
    promotions,
    checkout,
    memberships,
    purchases,
    persons,
    sales,
    payouts,
    gifts,
    comps,
    webhook,
    reconcile,
    played,
    takings: createTakings({ db }),
    doers,
    onSessionEnded: (sessionId: string) => jobs.enqueue({ kind: 'commerce.session-ended', payload: { sessionId } }),
    provider: { name: provider.name, isTest: provider.isTest },
  }
}
