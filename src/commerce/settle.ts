import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { MembershipTable, PurchaseTable } from '../db/schema.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { dueOf, postingsOf, standingOf } from './books.ts'
import type { Ledger } from './ledger.ts'
import { levelLater } from './leveller.ts'
import { shareOf } from './money.ts'
import type { Notices } from './notices.ts'
import type { PaidGifts } from './paid-gifts.ts'
import type { MembershipTruth, Paid, Provider, PurchaseTruth, Ref } from './provider.ts'
import {
  accessEnd,
  concerned,
  holdsClaim,
  membershipEnd,
  offerInForce,
  purchaseState,
  type Rights,
  type Scope,
} from './rights.ts'

export interface MoneyFacts {
  'purchase.settled': { purchaseId: string; userId: string; channelId: string; scope: Scope; state: string }
  'membership.started': { userId: string; channelId: string; tier: number }
  'membership.changed': { userId: string; channelId: string; tier: number; state: string }
  'membership.ended': { userId: string; channelId: string }
}

export type Announce = <Name extends keyof MoneyFacts>(name: Name, fact: MoneyFacts[Name]) => void

interface SettleOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  provider: Provider
  ledger: Ledger
  rights: Rights
  paidGifts: PaidGifts
  notices: Pick<Notices, 'pastDue'>
  graceDays: number
  announce: Announce
}

/** `foreign`: a thing of somebody else's on the same account. */
export type Outcome = 'settled' | 'foreign'
/** Brings the books to what is true of this now; `also` is written in the same transaction. */
export type Look<What> = (what: What, hint: string | null, also?: (tx: Db) => Promise<void>) => Promise<Outcome>

type Purchase = Selectable<PurchaseTable>
type Membership = Selectable<MembershipTable>
/** What is done once the transaction is there for good. */
type After = () => Promise<void>

const ATTEMPTS = 8
export type Settle = ReturnType<typeof createSettle>

/**
 * Brings our books to what the provider says now. The truth is fetched, then one transaction writes order, payments,
 * ledger and right. It is written only if nobody else wrote the order since before the fetch: so an older truth never
 * lands on a newer one, however events are shuffled, repeated or handled at once.
 */
export function createSettle(options: SettleOptions) {
  const { db, clock, logger, jobs, provider, ledger, rights, paidGifts, notices, graceDays, announce } = options

  const look: Look<Ref> = async (ref, hint, also = nothing) => {
    let orderId = hint
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const version = orderId === null ? null : await versionOf(orderId)
      const truth = await provider.fetch(ref)
      if (truth === null) {
        await db.transaction().execute(also)
        return 'foreign'
      }
      if (truth.orderId !== orderId || version === null) {
        if (truth.orderId === orderId) throw new Error(`there is no order ${orderId} here yet`)
        orderId = truth.orderId
        continue
      }
      const after = await db.transaction().execute(async (tx) => {
        const done =
          truth.kind === 'purchase' ? await purchase(truth, version, tx) : await membership(truth, version, tx)
        if (done) await also(tx)
        return done
      })
      if (!after) continue
      await after()
      return 'settled'
    }
    throw new Error(`the order ${orderId} is written by others all the time`)
  }

  async function versionOf(orderId: string): Promise<number | null> {
    const [table, id = ''] = orderId.split(':')
    if (table !== 'purchase' && table !== 'membership') return null
    const row = await db.selectFrom(table).select('version').where('id', '=', id).executeTakeFirst()
    return row?.version ?? null
  }

  /** Nothing to pay: the same road without a provider. */
  async function free(purchaseId: string): Promise<void> {
    const orderId = `purchase:${purchaseId}`
    await settleHere(orderId, { kind: 'purchase', orderId, state: 'paid', payment: null })
  }

  /** The provider never gave an address for this order, so nobody can pay it. */
  async function neverSent(orderId: string): Promise<void> {
    if (orderId.startsWith('purchase:')) {
      await settleHere(orderId, { kind: 'purchase', orderId, state: 'expired', payment: null })
      return
    }
    const row = await db
      .selectFrom('membership')
      .select('offerId')
      .where('id', '=', orderId.slice('membership:'.length))
      .executeTakeFirstOrThrow()
    await settleHere(orderId, { ...NOT_BEGUN, orderId, plan: { ...row, billing: 'month' } })
  }

  async function settleHere(orderId: string, truth: PurchaseTruth | MembershipTruth): Promise<void> {
    const version = await versionOf(orderId)
    if (version === null) throw new Error(`there is no order ${orderId} here`)
    const after = await db
      .transaction()
      .execute((tx) => (truth.kind === 'purchase' ? purchase(truth, version, tx) : membership(truth, version, tx)))
    await after?.()
  }

  async function purchase(truth: PurchaseTruth, version: number, tx: Db): Promise<After | null> {
    const id = truth.orderId.slice('purchase:'.length)
    const before = await tx.selectFrom('purchase').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const state = purchaseState(truth)
    const paidAt = truth.payment?.paidAt ?? (state === 'paid' ? (before.paidAt ?? clock.now()) : null)
    const accessExpiresAt = accessEnd({ ...before, paidAt }, await endOf(before.scope, tx))
    const { numUpdatedRows } = await tx
      .updateTable('purchase')
      .set({
        state,
        paidAt,
        accessExpiresAt,
        claim: holdsClaim(before.kind, state) ? before.claim : null,
        version: version + 1,
        updatedAt: clock.now(),
      })
      .where('id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return null

    if (truth.payment) await book(truth.payment, before, { purchaseId: id, membershipId: null }, tx)
    const scope = before.scope as Scope // written by this room alone
    const isPaid = state === 'paid'
    const holder =
      before.kind === 'gift'
        ? await paidGifts.settle(before, isPaid, tx)
        : await entitle({ ...before, accessExpiresAt }, isPaid, tx)

    return async () => {
      if (holder) await rights.recheck({ userId: holder, ...concerned(scope) })
      if (state === before.state) return
      const { userId, channelId } = before
      logger.info({ orderId: truth.orderId, userId, channelId, state }, 'purchase settled')
      announce('purchase.settled', { purchaseId: id, userId, channelId, scope, state })
    }
  }

  /** Returns whose right it is. */
  async function entitle(purchase: Purchase, isPaid: boolean, tx: Db): Promise<string> {
    const { id, userId, accessExpiresAt } = purchase
    const scope = purchase.scope as Scope // written by this room alone
    const source = `purchase:${id}`
    if (isPaid) await rights.grant({ userId, scope, tier: 0, source, expiresAt: accessExpiresAt }, tx)
    else await rights.revoke(source, tx)
    return userId
  }

  async function membership(truth: MembershipTruth, version: number, tx: Db): Promise<After | null> {
    const id = truth.orderId.slice('membership:'.length)
    const before = await tx.selectFrom('membership').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const inForce = offerInForce(truth)
    const { tier, name } = await tx
      .selectFrom('offer')
      .select(['tier', 'name'])
      .where('id', '=', inForce)
      .executeTakeFirstOrThrow()
    const right = membershipEnd(truth, graceDays)
    const isOver = truth.state === 'ended' || truth.state === 'expired'
    const { numUpdatedRows } = await tx
      .updateTable('membership')
      .set({
        state: truth.state,
        tier,
        name,
        offerId: inForce,
        nextOfferId: truth.plan.offerId === inForce ? null : truth.plan.offerId,
        billing: truth.plan.billing,
        subscriptionRef: truth.ref,
        periodStart: truth.period?.start ?? null,
        periodEnd: truth.period?.end ?? null,
        trialEnd: truth.trialEnd,
        cancelAtPeriodEnd: truth.cancelAtPeriodEnd ? 1 : 0,
        canceledAt: truth.canceledAt,
        endedAt: truth.endedAt,
        graceUntil: right?.isGrace ? right.until : null,
        claim: isOver ? null : before.claim,
        version: version + 1,
        updatedAt: clock.now(),
      })
      .where('id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return null

    if (truth.state === 'past_due' && before.state !== 'past_due') await notices.pastDue(id, tx)
    for (const payment of truth.payments) await book(payment, before, { purchaseId: null, membershipId: id }, tx)
    const { userId, channelId } = before
    const source = `membership:${id}`
    const scope: Scope = `channel:${channelId}`
    if (right) await rights.grant({ userId, scope, tier, source, expiresAt: right.until }, tx)
    else await rights.revoke(source, tx)

    return async () => {
      await rights.recheck({ userId, channelId })
      tell(before, truth, tier)
    }
  }

  function tell(before: Membership, { state, orderId }: MembershipTruth, tier: number): void {
    const { userId, channelId } = before
    if (state === before.state && tier === before.tier) return
    logger.info({ orderId, userId, channelId, state, tier }, 'membership settled')
    if (NOT_YET.includes(before.state) && (state === 'active' || state === 'trialing')) {
      announce('membership.started', { userId, channelId, tier })
    } else if (state === 'ended') announce('membership.ended', { userId, channelId })
    else if (!NOT_YET.includes(state)) announce('membership.changed', { userId, channelId, tier, state })
  }

  /** The payment as it stands, and everything it moved, once. */
  async function book(
    payment: Paid,
    order: Purchase | Membership,
    owner: { purchaseId: string | null; membershipId: string | null },
    tx: Db,
  ): Promise<void> {
    const { ref, currency, amount, fee, paidAt, period, receiptUrl } = payment
    const { userId, channelId, feeBps } = order
    const { refunded, dispute } = standingOf(payment)
    const now = clock.now()
    const standing = { fee, refunded, dispute, receiptUrl, updatedAt: now }
    await tx
      .insertInto('payment')
      .values({
        id: newId(),
        ref,
        provider: provider.name,
        ...owner,
        userId,
        channelId,
        currency,
        amount,
        platformFee: shareOf(amount, feeBps),
        paidAt,
        periodStart: period?.start ?? null,
        periodEnd: period?.end ?? null,
        createdAt: now,
        ...standing,
      })
      .onConflict((oc) => oc.column('ref').doUpdateSet(standing))
      .execute()
    const payee = { provider: provider.name, channelId, feeBps }
    await ledger.post(postingsOf(payment, payee), tx)
    const due = dueOf(payment, payee)
    if (due < 0 || (due > 0 && (await isPaidOut(channelId, tx)))) await levelLater(jobs, ref, tx)
  }

  /** Whether the channel has an account that takes its share. */
  async function isPaidOut(channelId: string, tx: Db): Promise<boolean> {
    const account = await tx
      .selectFrom('payoutAccount')
      .select('id')
      .where('channelId', '=', channelId)
      .where('provider', '=', provider.name)
      .where('state', '=', 'active')
      .executeTakeFirst()
    return account !== undefined
  }

  /** The end of a show, from which the days of replay count; null while it is not over, or where there is none. */
  async function endOf(scope: string, tx: Db): Promise<number | null> {
    const [kind, id = ''] = scope.split(':')
    if (kind !== 'session') return null
    const row = await tx.selectFrom('session').select('endedAt').where('id', '=', id).executeTakeFirst()
    return row?.endedAt ?? null
  }

  /** Something the end of a right counts from has happened: the show is over, or was played for the first time. */
  async function countAnew(purchaseId: string, played: number | null, tx: Db): Promise<void> {
    const row = await tx.selectFrom('purchase').selectAll().where('id', '=', purchaseId).executeTakeFirstOrThrow()
    if (row.state !== 'paid') return
    const firstPlayedAt = row.firstPlayedAt ?? played
    const accessExpiresAt = accessEnd({ ...row, firstPlayedAt }, await endOf(row.scope, tx))
    await tx
      .updateTable('purchase')
      .set({ firstPlayedAt, accessExpiresAt, version: row.version + 1, updatedAt: clock.now() })
      .where('id', '=', row.id)
      .execute()
    await entitle({ ...row, accessExpiresAt }, true, tx)
  }

  return { look, free, neverSent, countAnew }
}

const NOT_YET: readonly string[] = ['open', 'processing', 'expired']
const nothing = async () => {}

const NOT_BEGUN = {
  kind: 'membership',
  ref: null,
  state: 'expired',
  held: null,
  period: null,
  trialEnd: null,
  cancelAtPeriodEnd: false,
  canceledAt: null,
  endedAt: null,
  payments: [],
} satisfies Omit<MembershipTruth, 'orderId' | 'plan'>
