import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { CompTable, GiftTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import type { Rights, Scope } from './rights.ts'

export type Gift = Selectable<GiftTable>
export type Comp = Selectable<CompTable>

export interface NewGift {
  tier: number
  days: number | null
  maxUses: number
  expiresAt: number | null
}

export interface NewComp {
  userId: string
  /** A show or video; null: membership of this tier. */
  scope: Scope | null
  tier: number
  days: number | null
  note: string
}

interface GiftsOptions {
  db: Db
  clock: Clock
  logger: Logger
  rights: Rights
  ownChannel(actor: User, channelId: string): Promise<string>
  channelOf(scope: Scope): Promise<string | null>
  recordAct: RecordAct
}

const DAY = 86_400_000
const MOST = 500
export type Gifts = ReturnType<typeof createGifts>

/** Rights a creator gives away: to somebody by name, or by a link that gives one to each of the first N who open it. */
export function createGifts({ db, clock, logger, rights, ownChannel, channelOf, recordAct }: GiftsOptions) {
  async function createLink(actor: User, channel: string, gift: NewGift): Promise<Gift> {
    const channelId = await ownChannel(actor, channel)
    const { length } = await links(actor, channelId)
    if (length >= MOST) throw new DomainError('conflict', 'too_many_gifts', 'Withdraw some gift links first.')
    const now = clock.now()
    const row = {
      id: newId(),
      // Whoever has it may use it, so it cannot be guessed.
      code: randomBytes(18).toString('base64url'),
      channelId,
      ...gift,
      uses: 0,
      withdrawnAt: null,
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
    return query.where('withdrawnAt', 'is', null).orderBy('id', 'desc').limit(MOST).execute()
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
        const scope: Scope = `channel:${channelId}`
        return insert({ userId: user.id, channelId, scope, tier, days, giftId, note: '', createdBy }, tx)
      })
      await rights.recheck({ userId: user.id, channelId: comp.channelId })
      return comp
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'gift_taken', 'You have used this gift already.')
    }
  }

  async function give(actor: User, channel: string, comp: NewComp): Promise<Comp> {
    const channelId = await ownChannel(actor, channel)
    const person = await db
      .selectFrom('user')
      .select('id')
      .where('id', '=', comp.userId)
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    if (!person) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    if (comp.scope !== null && (await channelOf(comp.scope)) !== channelId) {
      throw new DomainError('not_found', 'nothing_to_give', 'There is no such show or video on this channel.')
    }
    const scope = comp.scope ?? (`channel:${channelId}` as const)
    const row = await db.transaction().execute(async (tx) => {
      const given = await insert({ ...comp, scope, channelId, giftId: null, createdBy: actor.id }, tx)
      const { tier, expiresAt, note } = given
      const after = { compId: given.id, scope, tier, expiresAt, note }
      await recordAct({ ...by(actor), action: 'comp.given', target: `user:${comp.userId}`, after }, tx)
      return given
    })
    logger.info({ compId: row.id, channelId, userId: comp.userId, by: actor.id }, 'comp given')
    await rights.recheck({ userId: comp.userId, channelId })
    return row
  }

  async function insert(
    {
      days,
      ...comp
    }: Omit<NewComp, 'scope'> & { channelId: string; scope: Scope; giftId: string | null; createdBy: string },
    tx: Db,
  ): Promise<Comp> {
    const now = clock.now()
    const expiresAt = days === null ? null : now + days * DAY
    const row = { id: newId(), ...comp, expiresAt, revokedAt: null, createdAt: now, updatedAt: now }
    await tx.insertInto('comp').values(row).execute()
    const { userId, scope, tier } = comp
    await rights.grant({ userId, scope, tier, source: `comp:${row.id}`, expiresAt }, tx)
    return row
  }

  async function comps(actor: User, channel: string): Promise<(Comp & { person: string })[]> {
    const channelId = await ownChannel(actor, channel)
    return db
      .selectFrom('comp')
      .innerJoin('user', 'user.id', 'comp.userId')
      .selectAll('comp')
      .select('user.name as person')
      .where('comp.channelId', '=', channelId)
      .where('revokedAt', 'is', null)
      .orderBy('comp.id', 'desc')
      .limit(MOST)
      .execute()
  }

  async function revoke(actor: User, channel: string, id: string): Promise<void> {
    const channelId = await ownChannel(actor, channel)
    const now = clock.now()
    const row = await db.transaction().execute(async (tx) => {
      const revoked = await tx
        .updateTable('comp')
        .set({ revokedAt: now, updatedAt: now })
        .where('id', '=', id)
        .where('channelId', '=', channelId)
        .where('revokedAt', 'is', null)
        .returning('userId')
        .executeTakeFirst()
      if (!revoked) return null
      await rights.revoke(`comp:${id}`, tx)
      const act = { action: 'comp.revoked', target: `user:${revoked.userId}`, before: { compId: id, channelId } }
      await recordAct({ ...by(actor), ...act }, tx)
      return revoked
    })
    if (!row) throw new DomainError('not_found', 'no_such_comp', 'There is no such comp.')
    await rights.recheck({ userId: row.userId, channelId })
  }

  return { createLink, links, withdrawLink, redeem, give, comps, revoke }
}
