import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { PaymentTable, PurchaseTable } from '../db/schema.ts'
import { DomainError } from '../platform/errors.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import { partsOf } from './checkout.ts'
import type { Membership } from './memberships.ts'
import type { PaidGift, PaidGifts } from './paid-gifts.ts'
import type { Settle } from './settle.ts'

export type Purchase = Selectable<PurchaseTable>
export type Payment = Selectable<PaymentTable>

/** A purchase as its buyer sees it. */
export type Bought = Purchase & Sold & { gift: PaidGift | null }

/** A membership as its member sees it. */
export type Joined = Membership & Sold

interface Sold {
  payments: Payment[]
  channel: { slug: string; name: string }
}

interface Query {
  cursor?: string | undefined
  limit: number
}

/** What a buyer sees of an order while it is on its way. */
export interface OrderState {
  orderId: string
  state: string
  /** The page of what was bought can be opened now. */
  isSettled: boolean
}

export type Purchases = ReturnType<typeof createPurchases>

/** What a person bought here, with its payments. */
export function createPurchases({ db, settle, paidGifts }: { db: Db; settle: Settle; paidGifts: PaidGifts }) {
  async function listOf(user: User, { cursor, limit }: Query): Promise<Page<Bought>> {
    let query = db
      .selectFrom('purchase')
      .selectAll()
      .where('userId', '=', user.id)
      .where('state', 'not in', ['open', 'expired'])
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const page = toPage(
      await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute(),
      limit,
      ({ id }) => id,
    )
    const ids = page.items.map(({ id }) => id)
    const payments = ids.length
      ? await db.selectFrom('payment').selectAll().where('purchaseId', 'in', ids).orderBy('id').execute()
      : []
    const [gifts, channels] = await Promise.all([paidGifts.ofPurchases(ids), channelsOf(page.items)])
    const items = page.items.map((row) => ({
      ...row,
      payments: payments.filter((p) => p.purchaseId === row.id),
      gift: gifts.get(row.id) ?? null,
      channel: channels.get(row.channelId)!,
    }))
    return { ...page, items }
  }

  /** A person has one membership per channel at a time; the ones before it come after it. */
  async function membershipsOf(user: User, { cursor, limit }: Query): Promise<Page<Joined>> {
    let query = db
      .selectFrom('membership')
      .selectAll()
      .where('userId', '=', user.id)
      .where('state', 'not in', ['open', 'expired'])
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const page = toPage(
      await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute(),
      limit,
      ({ id }) => id,
    )
    const channels = await channelsOf(page.items)
    const items = await Promise.all(
      page.items.map(async (row) => ({
        ...row,
        channel: channels.get(row.channelId)!,
        payments: await db
          .selectFrom('payment')
          .selectAll()
          .where('membershipId', '=', row.id)
          .orderBy('id', 'desc')
          .limit(RECEIPTS_SHOWN)
          .execute(),
      })),
    )
    return { ...page, items }
  }

  async function channelsOf(rows: { channelId: string }[]): Promise<Map<string, { slug: string; name: string }>> {
    if (rows.length === 0) return new Map()
    const ids = [...new Set(rows.map(({ channelId }) => channelId))]
    const found = await db.selectFrom('channel').select(['id', 'slug', 'name']).where('id', 'in', ids).execute()
    return new Map(found.map(({ id, ...channel }) => [id, channel]))
  }

  /** Somebody else's order is none. */
  async function stateOf(user: User, orderId: string): Promise<OrderState> {
    const row = await own(user, orderId)
    return { orderId, state: row.state, isSettled: SETTLED.includes(row.state) }
  }

  /** Back from the checkout: the provider is asked, in case its word is late. */
  async function look(user: User, orderId: string): Promise<OrderState> {
    const row = await own(user, orderId)
    if (!SETTLED.includes(row.state) && row.checkoutRef !== null) {
      await settle.look({ kind: 'checkout', id: row.checkoutRef }, orderId)
    }
    return stateOf(user, orderId)
  }

  async function own(user: User, orderId: string) {
    const none = new DomainError('not_found', 'no_such_order', 'You have no such order.')
    if (!ORDER_ID.test(orderId)) throw none
    const { table, id } = partsOf(orderId)
    const row = await db
      .selectFrom(table)
      .select(['state', 'checkoutRef'])
      .where('id', '=', id)
      .where('userId', '=', user.id)
      .executeTakeFirst()
    if (!row) throw none
    return row
  }

  return { listOf, membershipsOf, stateOf, look }
}

const RECEIPTS_SHOWN = 24
const ORDER_ID = /^(purchase|membership):[\w-]{1,64}$/
const SETTLED: readonly string[] = ['paid', 'active', 'trialing']

/** The order a payment was made for. */
export function orderOf({ purchaseId, membershipId }: Pick<Payment, 'purchaseId' | 'membershipId'>): string {
  return purchaseId === null ? `membership:${membershipId}` : `purchase:${purchaseId}`
}
