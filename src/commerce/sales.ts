import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import { creatorAccount, payoutAccount } from './books.ts'
import type { Ledger } from './ledger.ts'
import type { Membership, Memberships } from './memberships.ts'
import type { Provider } from './provider.ts'
import { orderOf, type Payment } from './purchases.ts'
import type { Settle } from './settle.ts'

interface SalesOptions {
  db: Db
  logger: Logger
  provider: Provider
  settle: Settle
  ledger: Ledger
  memberships: Memberships
  ownChannel(actor: User, channelId: string): Promise<string>
  recordAct: RecordAct
}

interface Query {
  cursor?: string | undefined
  limit: number
}

/** Per currency, in minor units. */
export interface Earnings {
  currency: string
  /** What buyers paid. */
  gross: number
  refunded: number
  disputed: number
  platformFee: number
  /** What the provider kept; the platform bears it. */
  processingFee: number
  /** What is the creator's. */
  net: number
  /** What of it was sent to their bank, lies in their payout account, and is still with the platform. */
  paidOut: number
  inAccount: number
  kept: number
}

const PAYOUTS: readonly string[] = ['payout', 'payout_failed']

export type Sales = ReturnType<typeof createSales>

/** What a creator sees of the money, and gives back of it. */
export function createSales(options: SalesOptions) {
  const { db, logger, provider, settle, ledger, memberships, ownChannel, recordAct } = options

  async function payments(
    actor: User,
    channel: string,
    { cursor, limit }: Query,
  ): Promise<Page<Payment & { buyer: string; item: string }>> {
    const channelId = await ownChannel(actor, channel)
    let query = db
      .selectFrom('payment')
      .innerJoin('user', 'user.id', 'payment.userId')
      .leftJoin('purchase', 'purchase.id', 'payment.purchaseId')
      .leftJoin('membership', 'membership.id', 'payment.membershipId')
      .selectAll('payment')
      .select(['user.name as buyer', 'purchase.name as bought', 'membership.name as joined'])
      .where('payment.channelId', '=', channelId)
    if (cursor) query = query.where('payment.id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('payment.id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(
      rows.map(({ bought, joined, ...row }) => ({ ...row, item: bought ?? joined ?? '' })),
      limit,
      ({ id }) => id,
    )
  }

  async function members(
    actor: User,
    channel: string,
    { cursor, limit }: Query,
  ): Promise<Page<Membership & { member: string }>> {
    const channelId = await ownChannel(actor, channel)
    let query = db
      .selectFrom('membership')
      .innerJoin('user', 'user.id', 'membership.userId')
      .selectAll('membership')
      .select('user.name as member')
      .where('membership.channelId', '=', channelId)
      .where('membership.state', 'not in', ['open', 'expired'])
    if (cursor) query = query.where('membership.id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('membership.id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows, limit, ({ id }) => id)
  }

  /** From the ledger alone, so it says what the books say. */
  async function earnings(actor: User, channel: string): Promise<Earnings[]> {
    const channelId = await ownChannel(actor, channel)
    const own = creatorAccount(channelId)
    const found = new Map<string, Earnings>()
    for (const { kind, account, currency, amount } of await ledger.earnings(channelId)) {
      const sum = found.get(currency) ?? {
        currency,
        gross: 0,
        refunded: 0,
        disputed: 0,
        platformFee: 0,
        processingFee: 0,
        net: 0,
        paidOut: 0,
        inAccount: 0,
        kept: 0,
      }
      if (account === own && PAYOUTS.includes(kind)) sum.paidOut += amount
      else if (account === own) sum.net -= amount
      if (account === payoutAccount(channelId)) sum.inAccount += amount
      if (account === own || account === payoutAccount(channelId)) sum.kept -= amount
      if (account === 'platform') sum.platformFee -= amount
      if (account === 'processing') sum.processingFee += amount
      if (account.startsWith('provider:')) {
        if (kind === 'charge') sum.gross += amount
        if (kind === 'refund' || kind === 'refund_failed') sum.refunded -= amount
        if (kind === 'dispute' || kind === 'dispute_won') sum.disputed -= amount
      }
      found.set(currency, sum)
    }
    return [...found.values()].toSorted((a, b) => a.currency.localeCompare(b.currency))
  }

  /** All that is left, or a part. The provider is the judge; a second click on the same button gives nothing twice. */
  async function refund(
    actor: User,
    paymentId: string,
    wish: { amount?: number | undefined; endMembership?: boolean | undefined; refundedBefore?: number | undefined },
  ): Promise<Payment> {
    const payment = await getOwn(actor, paymentId)
    if (wish.refundedBefore !== undefined && wish.refundedBefore !== payment.refunded) {
      throw new DomainError('conflict', 'changed_meanwhile', 'Money was given back meanwhile; look again.')
    }
    const left = payment.amount - payment.refunded
    const amount = wish.amount ?? left
    if (amount > left || left === 0) {
      throw new DomainError('conflict', 'more_than_paid', 'That is more than is left of what was paid.', { left })
    }
    if (payment.dispute === 'open' || payment.dispute === 'lost') {
      throw new DomainError('conflict', 'disputed', 'The buyer disputed this with their bank; the bank decides.')
    }
    const { currency, refunded } = payment
    const after = { amount, currency, endMembership: wish.endMembership ?? false }
    // Before the provider is asked: no money goes back unwritten, whatever happens next.
    const act = { action: 'refund.ordered', target: `payment:${paymentId}`, before: { refunded }, after }
    await recordAct({ ...by(actor), ...act })
    await giveBack(payment, amount, actor.id)
    const membership = wish.endMembership && payment.membershipId ? await memberships.find(payment.membershipId) : null
    if (membership && membership.state !== 'ended') await memberships.endNow(membership)
    return getOwn(actor, paymentId)
  }

  /** A part of what is left, at the provider and in the books. Asked again for the same, it gives nothing twice. */
  async function giveBack(payment: Payment, amount: number, by: string): Promise<void> {
    const { id, ref, refunded, userId, channelId, currency } = payment
    await provider.refund({ paymentRef: ref, amount, key: `${id}-${refunded}-${amount}` })
    logger.info({ paymentId: id, userId, channelId, by, amount, currency }, 'refund made')
    await settle.look({ kind: 'payment', id: ref }, orderOf(payment))
  }

  async function getOwn(actor: User, paymentId: string): Promise<Payment> {
    const payment = await db.selectFrom('payment').selectAll().where('id', '=', paymentId).executeTakeFirst()
    if (!payment) throw new DomainError('not_found', 'no_such_payment', 'There is no such payment.')
    await ownChannel(actor, payment.channelId)
    return payment
  }

  return { payments, members, earnings, refund, giveBack }
}
