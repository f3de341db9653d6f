import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { PurchaseTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import type { Rights, Scope } from './rights.ts'

type Purchase = Selectable<PurchaseTable>

/** As its buyer sees it. `void`: the money went back. */
export interface PaidGift {
  code: string
  months: number
  state: 'waiting' | 'taken' | 'void'
}

export type PaidGifts = ReturnType<typeof createPaidGifts>

/** Memberships bought for somebody else: a link for its buyer to hand on. It stands and falls with its payment. */
export function createPaidGifts({ db, clock, rights }: { db: Db; clock: Clock; rights: Rights }) {
  /** In the transaction that books the money. Returns who took the gift, whose right has begun or ended with this. */
  async function settle(purchase: Purchase, isPaid: boolean, tx: Db): Promise<string | null> {
    const now = clock.now()
    const withdrawnAt = isPaid ? null : now
    const gift = await tx
      .updateTable('gift')
      .set({ withdrawnAt, updatedAt: now })
      .where('purchaseId', '=', purchase.id)
      .returning('id')
      .executeTakeFirst()
    if (!gift) {
      if (isPaid) await make(purchase, tx)
      return null
    }
    const comp = await tx
      .updateTable('comp')
      .set({ revokedAt: withdrawnAt, updatedAt: now })
      .where('giftId', '=', gift.id)
      .returningAll()
      .executeTakeFirst()
    if (!comp) return null
    const { userId, tier, expiresAt } = comp
    const source = `comp:${comp.id}`
    const scope = comp.scope as Scope // written by this room alone
    if (isPaid) await rights.grant({ userId, scope, tier, source, expiresAt }, tx)
    else await rights.revoke(source, tx)
    return userId
  }

  async function make({ id, userId, channelId, offerId, giftMonths }: Purchase, tx: Db): Promise<void> {
    const { tier } = await tx.selectFrom('offer').select('tier').where('id', '=', offerId).executeTakeFirstOrThrow()
    const now = clock.now()
    await tx
      .insertInto('gift')
      .values({
        ...{ id: newId(), code: newGiftCode(), channelId, tier, purchaseId: id },
        ...{ days: daysOf(giftMonths ?? 1), maxUses: 1, uses: 0, expiresAt: null, withdrawnAt: null },
        ...{ createdAt: now, updatedAt: now, createdBy: userId },
      })
      .execute()
  }

  async function ofPurchases(ids: string[]): Promise<Map<string, PaidGift>> {
    if (ids.length === 0) return new Map()
    const rows = await db
      .selectFrom('gift')
      .innerJoin('purchase', 'purchase.id', 'gift.purchaseId')
      .select(['purchase.id', 'purchase.giftMonths', 'gift.code', 'gift.uses', 'gift.withdrawnAt'])
      .where('purchase.id', 'in', ids)
      .execute()
    return new Map(
      rows.map(({ id, code, giftMonths, uses, withdrawnAt }) => {
        const state = withdrawnAt !== null ? 'void' : uses > 0 ? 'taken' : 'waiting'
        return [id, { code, months: giftMonths ?? 1, state }] as const
      }),
    )
  }

  return { settle, ofPurchases }
}

/** Whoever has it may use it, so it cannot be guessed. */
export const newGiftCode = () => randomBytes(18).toString('base64url')

/** Never fewer than the calendar has: 31, 92, 183, 365. */
const daysOf = (months: number) => Math.ceil((months * 365) / 12)
