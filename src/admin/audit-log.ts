import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { AuditEntryTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'

/** Somebody did something that matters. `target` is `<kind>:<id>`. */
export interface Act {
  actorId: string | null
  actorRole: string
  /** `<room>.<what>`, e.g. `account.status_changed`. */
  action: string
  target: string
  before?: unknown
  after?: unknown
  /** Kept only where the operator keeps addresses. */
  address?: string | null
}

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

export interface AuditQuery {
  actorId?: string | undefined
  target?: string | undefined
  action?: string | undefined
  cursor?: string | undefined
  limit: number
}

export type AuditLog = ReturnType<typeof createAuditLog>

export function createAuditLog({ db, clock, keepAddresses }: { db: Db; clock: Clock; keepAddresses: boolean }) {
  /** In the transaction of the act itself where it has one: both or neither. */
  async function recordAct(act: Act, tx: Db = db): Promise<void> {
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
  async function list({ cursor, limit, ...wanted }: AuditQuery): Promise<Page<AuditEntry>> {
    let query = db.selectFrom('auditEntry').selectAll()
    if (wanted.actorId !== undefined) query = query.where('actorId', '=', wanted.actorId)
    if (wanted.target !== undefined) query = query.where('target', '=', wanted.target)
    if (wanted.action !== undefined) query = query.where('action', '=', wanted.action)
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows.map(toEntry), limit, ({ id }) => id)
  }

  return { recordAct, list }
}

function asText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

function toEntry(row: AuditEntryTable): AuditEntry {
  const { before, after, ...rest } = row
  return { ...rest, before: before && JSON.parse(before), after: after && JSON.parse(after) }
}
