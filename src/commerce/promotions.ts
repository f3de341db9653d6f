import type { Selectable } from 'kysely'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { PromotionTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { Offer } from './offers.ts'

export type Promotion = Selectable<PromotionTable>

export interface NewPromotion {
  code: string
  percentOff: number | null
  amountOff: number | null
  currency: string | null
  offerId: string | null
  maxUses: number | null
  expiresAt: number | null
}

interface PromotionsOptions {
  db: Db
  clock: Clock
  ownChannel(actor: User, channelId: string): Promise<string>
  recordAct: RecordAct
}

const MOST_PROMOTIONS = 500
/** A use counts from the start of the checkout until that came to nothing. */
const UNUSED = ['expired', 'failed']

export type Promotions = ReturnType<typeof createPromotions>

/** Codes that take something off a price, once per person. On a membership they do so the first time only. */
export function createPromotions({ db, clock, ownChannel, recordAct }: PromotionsOptions) {
  async function create(actor: User, channel: string, promotion: NewPromotion): Promise<Promotion> {
    const channelId = await ownChannel(actor, channel)
    const { length } = await list(actor, channelId)
    if (length >= MOST_PROMOTIONS) throw new DomainError('conflict', 'too_many_promotions', 'Withdraw some first.')
    const row = {
      id: newId(),
      channelId,
      ...promotion,
      code: promotion.code.toUpperCase(),
      withdrawnAt: null,
      createdAt: clock.now(),
      updatedAt: clock.now(),
      createdBy: actor.id,
    }
    try {
      await db.transaction().execute(async (tx) => {
        await tx.insertInto('promotion').values(row).execute()
        const after = { channelId, ...promotion }
        await recordAct({ ...by(actor), action: 'promotion.made', target: `promotion:${row.id}`, after }, tx)
      })
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'code_taken', 'This channel has such a code already.')
    }
    return row
  }

  async function list(actor: User, channel: string): Promise<Promotion[]> {
    const channelId = await ownChannel(actor, channel)
    const query = db.selectFrom('promotion').selectAll().where('channelId', '=', channelId)
    return query.where('withdrawnAt', 'is', null).orderBy('id').limit(MOST_PROMOTIONS).execute()
  }

  async function withdraw(actor: User, channel: string, id: string): Promise<void> {
    const channelId = await ownChannel(actor, channel)
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('promotion')
        .set({ withdrawnAt: clock.now(), updatedAt: clock.now() })
        .where('id', '=', id)
        .where('channelId', '=', channelId)
        .where('withdrawnAt', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw new DomainError('not_found', 'no_such_promotion', 'There is no such code.')
      await recordAct({ ...by(actor), action: 'promotion.withdrawn', target: `promotion:${id}` }, tx)
    })
  }

  /**
   * The promotion behind a code, for this person and offer; one refusal for all reasons, so that codes cannot be probed.
   * It is locked for the rest of the transaction: of a hundred buyers ten get the ten uses.
   */
  async function take(code: string, offer: Offer, userId: string, tx: Db): Promise<Promotion> {
    const now = clock.now()
    const void_ = new DomainError('invalid', 'code_void', 'This code is not good here, or not any more.')
    const promotion = await tx
      .updateTable('promotion')
      .set({ updatedAt: now })
      .where('channelId', '=', offer.channelId)
      .where('code', '=', code.toUpperCase())
      .where('withdrawnAt', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (!promotion || (promotion.expiresAt !== null && promotion.expiresAt <= now)) throw void_
    if (promotion.offerId !== null && promotion.offerId !== offer.id) throw void_
    if (promotion.amountOff !== null && promotion.currency !== offer.currency) throw void_
    if (await isUsedBy(promotion.id, userId, tx)) throw void_
    if (promotion.maxUses !== null && (await uses(promotion.id, tx)) >= promotion.maxUses) throw void_
    return promotion
  }

  async function uses(promotionId: string, tx: Db = db): Promise<number> {
    let sum = 0
    for (const table of ['purchase', 'membership'] as const) {
      const { used } = await tx
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('used'))
        .where('promotionId', '=', promotionId)
        .where('state', 'not in', UNUSED)
        .executeTakeFirstOrThrow()
      sum += Number(used)
    }
    return sum
  }

  async function isUsedBy(promotionId: string, userId: string, tx: Db): Promise<boolean> {
    for (const table of ['purchase', 'membership'] as const) {
      const used = await tx
        .selectFrom(table)
        .select('id')
        .where('promotionId', '=', promotionId)
        .where('userId', '=', userId)
        .where('state', 'not in', UNUSED)
        .limit(1)
        .executeTakeFirst()
      if (used) return true
    }
    return false
  }

  return { create, list, withdraw, take, uses }
}
