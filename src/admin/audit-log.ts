import type { ExpressionBuilder } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import type { AuditEntryTable, Tables } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'

export interface AuditEntry {
  id: string
  at: number
  actorId: string | null
  actorRole: string
  action: string
  target: string
  before: unknown
  after: unknown
  address: string | null
}

/** With the name the actor goes by now. */
export interface NamedEntry extends AuditEntry {
  actorName: string | null
}

export interface AuditQuery {
  /** Who did it, or to whom it was done: an id, or a part of a name or an address. */
  person?: string | undefined
  target?: string | undefined
  /** `session.ended`, or `session` for all of its kind. */
  action?: string | undefined
  /** Milliseconds since 1970; `until` itself is left out. */
  from?: number | undefined
  until?: number | undefined
  cursor?: string | undefined
  limit: number
}

export type AuditLog = ReturnType<typeof createAuditLog>

export function createAuditLog({ db, clock, keepAddresses }: { db: Db; clock: Clock; keepAddresses: boolean }) {
  /** In the transaction of the act itself where it has one: both or neither. */
  const recordAct: RecordAct = async (act, tx = db) => {
    const { actorId, actorRole, action, target, before, after, address } = act
    await tx
      .insertInto('auditEntry')
      .values({
        id: newId(),
        at: clock.now(),
        actorId,
        actorRole,
        action,
        target,
        before: asText(before),
        after: asText(after),
        address: keepAddresses ? (address ?? null) : null,
      })
      .execute()
  }

  /** Newest first. */
  async function list({ cursor, limit, ...wanted }: AuditQuery): Promise<Page<NamedEntry>> {
    let query = db
      .selectFrom('auditEntry')
      .leftJoin('user', 'user.id', 'auditEntry.actorId')
      .selectAll('auditEntry')
      .select('user.name as actorName')
    if (wanted.person !== undefined) {
      const userIds = await named(wanted.person)
      if (userIds.length === 0) return { items: [], nextCursor: null }
      query = query.where(concerns(userIds))
    }
    if (wanted.action !== undefined) query = query.where(isKind(wanted.action))
    if (wanted.target !== undefined) query = query.where('target', '=', wanted.target)
    if (wanted.from !== undefined) query = query.where('at', '>=', wanted.from)
    if (wanted.until !== undefined) query = query.where('at', '<', wanted.until)
    if (cursor) query = query.where('auditEntry.id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('auditEntry.id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(
      rows.map(({ actorName, ...row }) => ({ ...toEntry(row), actorName })),
      limit,
      ({ id }) => id,
    )
  }

  /** Who goes by this id, or by a name or an address with this in it. */
  async function named(person: string): Promise<string[]> {
    const pattern = `%${person.replace(/[%_\\]/g, '').toLowerCase()}%`
    const rows = await db
      .selectFrom('user')
      .select('id')
      .where((eb) =>
        eb.or([
          eb('id', '=', person),
          eb('email', 'like', pattern),
          eb(eb.fn<string>('lower', ['name']), 'like', pattern),
        ]),
      )
      .limit(MOST_NAMED)
      .execute()
    return rows.map(({ id }) => id)
  }

  /** What somebody did and what was done to them, for themselves: not from where others did it. */
  async function heldOf(userId: string): Promise<AuditEntry[]> {
    const rows = await db
      .selectFrom('auditEntry')
      .selectAll()
      .where(concerns([userId]))
      .orderBy('id')
      .execute()
    return rows.map((row) => ({ ...toEntry(row), address: row.actorId === userId ? row.address : null }))
  }

  return { recordAct, list, heldOf }
}

const MOST_NAMED = 100

type OfEntry = ExpressionBuilder<Pick<Tables, 'auditEntry'>, 'auditEntry'>

/** They did it, or it was done to them. */
function concerns(userIds: string[]) {
  return (eb: OfEntry) =>
    eb.or([
      eb('actorId', 'in', userIds),
      eb(
        'target',
        'in',
        userIds.map((id) => `user:${id}`),
      ),
    ])
}

/** `session.ended`, or all of `session`. */
function isKind(action: string) {
  return (eb: OfEntry) =>
    eb.or([eb('action', '=', action), eb.and([eb('action', '>', `${action}.`), eb('action', '<', `${action}/`)])])
}

function asText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

function toEntry(row: AuditEntryTable): AuditEntry {
  const { before, after, ...rest } = row
  return { ...rest, before: before && JSON.parse(before), after: after && JSON.parse(after) }
}
