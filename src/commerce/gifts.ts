import type { Selectable } from 'kysely'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { GiftTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { Comp, Comps } from './comps.ts'
import { newGiftCode } from './paid-gifts.ts'
import type { Rights, Scope } from './rights.ts'

export type Gift = Selectable<GiftTable>

export interface NewGift {
  tier: number
  days: number | null
  maxUses: number
  expiresAt: number | null
}

interface GiftsOptions {
  db: Db
  clock: Clock
  rights: Rights
  comps: Comps
  ownChannel(actor: User, channelId: string): Promise<string>
  recordAct: RecordAct
}

/** What a link gives, as whoever holds it sees it. */
export interface LookedAt {
  tier: number
  days: number | null
  channelSlug: string
  channelName: string
  isGood: boolean
}

const MOST = 500
export type Gifts = ReturnType<typeof createGifts>

/** Links that give a membership to each of the first N who take it: a creator's, or one that a viewer paid for. */
export function createGifts({ db, clock, rights, comps, ownChannel, recordAct }: GiftsOptions) {
  async function createLink(actor: User, channel: string, gift: NewGift): Promise<Gift> {
    const channelId = await ownChannel(actor, channel)
    const { length } = await links(actor, channelId)
    if (length >= MOST) throw new DomainError('conflict', 'too_many_gifts', 'Withdraw some gift links first.')
    const now = clock.now()
    const row = {
      id: newId(),
      code: newGiftCode(),
      channelId,
      ...gift,
      uses: 0,
      withdrawnAt: null,
      purchaseId: null,
      createdAt: now,
      updatedAt: now,
      createdBy: actor.id,
    }
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('gift').values(row).execute()
      const after = { channelId, ...gift }
      await recordAct({ ...by(actor), action: 'gift.made', target: `gift:${row.id}`, after }, tx)
    })
    return row
  }

  async function links(actor: User, channel: string): Promise<Gift[]> {
    const channelId = await ownChannel(actor, channel)
    const query = db.selectFrom('gift').selectAll().where('channelId', '=', channelId)
    return query
      .where('withdrawnAt', 'is', null)
      .where('purchaseId', 'is', null)
      .orderBy('id', 'desc')
      .limit(MOST)
      .execute()
  }

  /** The link opens nothing any more; who used it keeps what they were given. */
  async function withdrawLink(actor: User, channel: string, id: string): Promise<void> {
    const channelId = await ownChannel(actor, channel)
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('gift')
        .set({ withdrawnAt: clock.now(), updatedAt: clock.now() })
        .where('id', '=', id)
        .where('channelId', '=', channelId)
        .where('withdrawnAt', 'is', null)
        .where('purchaseId', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw new DomainError('not_found', 'no_such_gift', 'There is no such gift link.')
      await recordAct({ ...by(actor), action: 'gift.withdrawn', target: `gift:${id}` }, tx)
    })
  }

  /** One use per person. The use is counted by the same statement that checks it, so N uses are N. */
  async function redeem(user: User, code: string): Promise<Comp> {
    const now = clock.now()
    try {
      const comp = await db.transaction().execute(async (tx) => {
        const gift = await tx
          .updateTable('gift')
          .set((eb) => ({ uses: eb('uses', '+', 1), updatedAt: now }))
          .where('code', '=', code)
          .where('withdrawnAt', 'is', null)
          .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
          .where((eb) => eb('uses', '<', eb.ref('maxUses')))
          .returningAll()
          .executeTakeFirst()
        if (!gift) throw new DomainError('not_found', 'gift_void', 'This gift is used up, or not good any more.')
        const { id: giftId, channelId, tier, days, createdBy } = gift
        if (gift.purchaseId !== null && createdBy === user.id) {
          throw new DomainError('conflict', 'gift_own', 'This is your gift for somebody else: hand its link on.')
        }
        await requireNoMember(user, channelId, tier, tx)
        const scope: Scope = `channel:${channelId}`
        return comps.add({ userId: user.id, channelId, scope, tier, days, giftId, note: '', createdBy }, tx)
      })
      await rights.recheck({ userId: user.id, channelId: comp.channelId })
      return comp
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'gift_taken', 'You have used this gift already.')
    }
  }

  /** Whoever pays for as much already would gain nothing, and lose the gift. */
  async function requireNoMember({ id }: User, channelId: string, tier: number, tx: Db): Promise<void> {
    const member = await tx
      .selectFrom('membership')
      .select('id')
      .where('userId', '=', id)
      .where('channelId', '=', channelId)
      .where('tier', '>=', tier)
      .where('state', 'in', ['trialing', 'active', 'past_due'])
      .limit(1)
      .executeTakeFirst()
    if (!member) return
    const words = 'You pay for this membership already. Hand the gift on, or take it when yours has ended.'
    throw new DomainError('conflict', 'already_member', words)
  }

  /** What a link gives, for whoever holds it. */
  async function look(code: string): Promise<LookedAt> {
    const now = clock.now()
    const gift = await db
      .selectFrom('gift')
      .innerJoin('channel', 'channel.id', 'gift.channelId')
      .select(['gift.tier', 'gift.days', 'gift.uses', 'gift.maxUses', 'gift.expiresAt', 'gift.withdrawnAt'])
      .select(['channel.slug as channelSlug', 'channel.name as channelName'])
      .where('gift.code', '=', code)
      .executeTakeFirst()
    if (!gift) throw new DomainError('not_found', 'gift_void', 'There is no such gift.')
    const { tier, days, channelSlug, channelName } = gift
    const isInTime = gift.expiresAt === null || gift.expiresAt > now
    return { tier, days, channelSlug, channelName, isGood: isInTime && !gift.withdrawnAt && gift.uses < gift.maxUses }
  }

  return { createLink, links, withdrawLink, look, redeem }
}
