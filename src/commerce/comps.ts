import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { CompTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import type { Rights, Scope } from './rights.ts'

export type Comp = Selectable<CompTable>

export interface NewComp {
  userId: string
  /** A show or video; null: membership of this tier. */
  scope: Scope | null
  tier: number
  days: number | null
  note: string
}

interface CompsOptions {
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

export type Comps = ReturnType<typeof createComps>

/** Rights that a person was given, by name or by a gift link. */
export function createComps({ db, clock, logger, rights, ownChannel, channelOf, recordAct }: CompsOptions) {
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
      const given = await add({ ...comp, scope, channelId, giftId: null, createdBy: actor.id }, tx)
      const { tier, expiresAt, note } = given
      const after = { compId: given.id, scope, tier, expiresAt, note }
      await recordAct({ ...by(actor), action: 'comp.given', target: `user:${comp.userId}`, after }, tx)
      return given
    })
    logger.info({ compId: row.id, channelId, userId: comp.userId, by: actor.id }, 'comp given')
    await rights.recheck({ userId: comp.userId, channelId })
    return row
  }

  /** Part of a transaction; `recheck` follows its commit. */
  async function add(
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

  /** What a viewer paid for is no comp of the creator's: it ends when the money goes back. */
  const bought = () => db.selectFrom('gift').select('id').where('purchaseId', 'is not', null)

  async function list(actor: User, channel: string): Promise<(Comp & { person: string })[]> {
    const channelId = await ownChannel(actor, channel)
    return db
      .selectFrom('comp')
      .innerJoin('user', 'user.id', 'comp.userId')
      .selectAll('comp')
      .select('user.name as person')
      .where('comp.channelId', '=', channelId)
      .where('revokedAt', 'is', null)
      .where((eb) => eb.or([eb('giftId', 'is', null), eb('giftId', 'not in', bought())]))
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
        .where((eb) => eb.or([eb('giftId', 'is', null), eb('giftId', 'not in', bought())]))
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

  return { give, add, list, revoke }
}
