/** The rows of sessions: one broadcast of one channel each, from planned or live to the end. */
import { z } from 'zod'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import { coverOfChannel, requirePicture } from './covers.ts'
import { createPlanned, type NewSession } from './planned.ts'
import { BLANK, type Session, toSession } from './session-row.ts'
import { type Cover, next, type SessionSignal, type SessionState, type SessionVisibility } from './session-states.ts'

export type { Session } from './session-row.ts'

export interface SessionChange {
  title?: string
  description?: string
  category?: string | null
  tags?: string[]
  visibility?: SessionVisibility
  requiredTier?: number | null
  previewMinutes?: number
  freeMaxHeight?: number | null
  cover?: Cover
  /** One that was uploaded; chosen by `cover`. */
  picture?: string | null
  /** While it has not begun; milliseconds since 1970. */
  scheduledAt?: number
  /** How long it is to be. */
  durationMinutes?: number | null
  /** The zone its time was given in, as IANA names it. */
  timeZone?: string | null
  version?: number
}

interface SessionsOptions {
  db: Db
  clock: Clock
  /** The channel's id, for somebody who may run it; throws for anybody else. */
  ownChannel(actor: User, channelId: string): Promise<string>
  recordAct: RecordAct
}

interface ListQuery {
  channelId?: string
  state?: SessionState
  cursor?: string
  limit: number
  /** Also what is in no list: for who runs the channel. */
  withSecret?: boolean
}

export interface MoveReason {
  endReason?: string
  /** Who wanted it; nobody where it came by itself. */
  actor?: User
}

/** Who may watch. */
export const POLICY = ['visibility', 'requiredTier', 'previewMinutes', 'freeMaxHeight'] as const

export type Sessions = ReturnType<typeof createSessions>

const OPEN: SessionState[] = ['starting', 'live', 'paused']
const ATTEMPTS = 5
const SECRET: SessionVisibility[] = ['private', 'unlisted']

export function createSessions({ db, clock, ownChannel, recordAct }: SessionsOptions) {
  const planned = createPlanned({ db, clock })

  async function find(idOrCode: string): Promise<Session | null> {
    const row = await db
      .selectFrom('session')
      .selectAll()
      .where(idOrCode.length > 20 ? 'id' : 'code', '=', idOrCode.length > 20 ? idOrCode : idOrCode.toUpperCase())
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    return row ? toSession(row) : null
  }

  async function get(idOrCode: string): Promise<Session> {
    const session = await find(idOrCode)
    if (!session) throw new DomainError('not_found', 'no_such_session', 'There is no such session.')
    return session
  }

  async function getOwn(actor: User, idOrCode: string): Promise<Session> {
    const session = await get(idOrCode)
    await ownChannel(actor, session.channelId)
    return session
  }

  async function mayRun(actor: User, channelId: string): Promise<boolean> {
    try {
      await ownChannel(actor, channelId)
      return true
    } catch (error) {
      if (error instanceof DomainError) return false
      throw error
    }
  }

  async function current(channelId: string): Promise<Session | null> {
    return (await currentOf([channelId])).get(channelId) ?? null
  }

  async function currentOf(channelIds: string[]): Promise<Map<string, Session>> {
    if (channelIds.length === 0) return new Map()
    const rows = await open().where('channelId', 'in', channelIds).execute()
    return new Map(rows.map((row) => [row.channelId, toSession(row)]))
  }

  const open = () => db.selectFrom('session').selectAll().where('state', 'in', OPEN).where('deletedAt', 'is', null)

  /** Takes up the channel's open session, or the one planned for about now, or begins a new one. A channel has one open session at the most. */
  async function openFor(
    channelId: string,
    { streamKeyId, title }: { streamKeyId: string | null; title: string },
  ): Promise<Session> {
    for (let attempt = 1; ; attempt++) {
      const present = await current(channelId)
      if (present) return present
      const now = clock.now()
      try {
        const due = await planned.takeUp(channelId, streamKeyId)
        if (due) return await get(due)
        const row = {
          ...BLANK,
          ...(await coverOfChannel(db, channelId)),
          id: newId(),
          code: newCode(),
          channelId,
          streamKeyId,
          title,
          createdAt: now,
          updatedAt: now,
        }
        await db.insertInto('session').values(row).execute()
        return toSession(row)
      } catch (error) {
        // Somebody else opened it meanwhile, or the code is in use.
        if (!isTaken(error) || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** Applies a signal; null when it changes nothing in the state the session is in. */
  async function move(id: string, signal: SessionSignal, why: MoveReason = {}): Promise<Session | null> {
    const session = await get(id)
    const state = next(session.state, signal)
    if (!state) return null
    const now = clock.now()
    const stamps = {
      startedAt: state === 'live' ? (session.startedAt ?? now) : session.startedAt,
      pausedAt: state === 'paused' ? now : null,
      endedAt: OPEN.includes(state) ? null : now,
      endReason: why.endReason ?? session.endReason,
    }
    const isMoved = await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('session')
        .set({ state, ...stamps, updatedAt: now })
        .where('id', '=', id)
        .where('state', '=', session.state)
        .executeTakeFirst()
      if (numUpdatedRows > 0n && why.actor) await note(why.actor, session, { state }, tx)
      return numUpdatedRows > 0n
    })
    return isMoved ? get(id) : null
  }

  /** What was decided about the source: what it is, what is made of it, and what its broadcaster could mend. */
  async function savePlan(
    id: string,
    plan: { source?: unknown; ladder?: unknown; note?: string | null },
  ): Promise<Session> {
    const { source, ladder, note } = plan
    await db
      .updateTable('session')
      .set({
        ...(source === undefined ? {} : { source: JSON.stringify(source) }),
        ...(ladder === undefined ? {} : { ladder: JSON.stringify(ladder) }),
        ...(note === undefined ? {} : { note }),
        updatedAt: clock.now(),
      })
      .where('id', '=', id)
      .execute()
    return get(id)
  }

  async function savePeak(id: string, viewers: number): Promise<void> {
    await db
      .updateTable('session')
      .set({ peakViewers: viewers })
      .where('id', '=', id)
      .where('peakViewers', '<', viewers)
      .execute()
  }

  async function openOnes(): Promise<Session[]> {
    return (await open().execute()).map(toSession)
  }

  /** The newest first. */
  async function list({ channelId, state, cursor, limit, withSecret }: ListQuery): Promise<Page<Session>> {
    let query = db.selectFrom('session').selectAll().where('deletedAt', 'is', null)
    if (channelId) query = query.where('channelId', '=', channelId)
    if (!withSecret) query = query.where('visibility', 'not in', SECRET)
    if (!channelId) {
      query = query.where('channelId', 'in', (eb) =>
        eb.selectFrom('channel').select('id').where('visibility', '=', 'public').where('suspendedAt', 'is', null),
      )
    }
    if (state) query = query.where('state', '=', state)
    if (cursor) query = query.where('id', '<', fromCursor(Place, cursor).id)
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows.map(toSession), limit, ({ id }) => ({ id }))
  }

  async function update(actor: User, idOrCode: string, { version, tags, ...fields }: SessionChange): Promise<Session> {
    const session = await getOwn(actor, idOrCode)
    if (fields.scheduledAt !== undefined) {
      if (session.state !== 'scheduled') throw new DomainError('conflict', 'has_begun', 'This show has begun already.')
      planned.checkTime(fields.scheduledAt)
    }
    requirePicture(fields.cover, fields.picture === undefined ? session.picture : fields.picture)
    const stamps = { version: session.version + 1, updatedAt: clock.now(), updatedBy: actor.id }
    // A new time is a new chance.
    const chance = fields.scheduledAt === undefined ? {} : { note: null }
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('session')
        .set({ ...fields, ...(tags ? { tags: JSON.stringify(tags) } : {}), ...chance, ...stamps })
        .where('id', '=', session.id)
        .where('version', '=', version ?? session.version)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) {
        throw new DomainError('conflict', 'changed_meanwhile', 'Somebody else changed this session; look again.')
      }
      const asked = POLICY.filter((field) => fields[field] !== undefined)
      if (asked.length > 0)
        await note(actor, session, Object.fromEntries(asked.map((name) => [name, fields[name]])), tx)
    })
    return get(session.id)
  }

  /** What a person did to a session, with what it was before. */
  function note(actor: User, session: Session, after: Partial<Session>, tx: Db): Promise<void> {
    const before = Object.fromEntries(Object.keys(after).map((name) => [name, session[name as keyof Session]]))
    const action = `session.${after.state ?? 'access_changed'}`
    return recordAct({ ...by(actor), action, target: `session:${session.id}`, before, after }, tx)
  }

  /** Whether a session, a channel or a series that goes on has this picture. */
  async function isShown(picture: string): Promise<boolean> {
    const having = (table: 'session' | 'channel' | 'series') =>
      db.selectFrom(table).select('id').where('picture', '=', picture)
    const goingOn = having('series').where('endedAt', 'is', null)
    const all = having('session').unionAll(having('channel')).unionAll(goingOn)
    return (await all.limit(1).execute()).length > 0
  }

  async function plan(actor: User, channelId: string, asked: NewSession): Promise<Session> {
    return get(await planned.plan(actor.id, await ownChannel(actor, channelId), asked))
  }

  function planAll(
    by: string,
    channelId: string,
    shows: NewSession[],
    also: (ids: string[], tx: Db) => Promise<void>,
  ): Promise<string[]> {
    return db.transaction().execute(async (tx) => {
      const ids: string[] = []
      for (const show of shows) ids.push(await planned.plan(by, channelId, show, tx))
      await also(ids, tx)
      return ids
    })
  }

  async function choose(actor: User, idOrCode: string, isChosen: boolean): Promise<void> {
    const { id, channelId } = await getOwn(actor, idOrCode)
    if (await current(channelId)) {
      throw new DomainError('conflict', 'on_air', 'Something is on air here; end it first.')
    }
    await planned.choose(channelId, id, isChosen)
  }

  /** Called off, in one transaction with what follows from it. */
  async function cancel(actor: User, idOrCode: string, reason: string, also: (tx: Db) => Promise<void>): Promise<void> {
    const session = await getOwn(actor, idOrCode)
    await planned.cancel(session.id, reason, async (tx) => {
      await note(actor, session, { state: 'cancelled' }, tx)
      await also(tx)
    })
  }

  /** The shows of one person's channels, for themselves. */
  async function heldOf(userId: string) {
    const own = db.selectFrom('channel').select('id').where('ownerId', '=', userId)
    return db
      .selectFrom('session')
      .select([
        'id',
        'channelId',
        'title',
        'description',
        'state',
        'scheduledAt',
        'startedAt',
        'endedAt',
        'peakViewers',
      ])
      .where('channelId', 'in', own)
      .orderBy('id')
      .execute()
  }

  return {
    heldOf,
    plan,
    planAll,
    choose,
    cancel,
    markMissed: planned.markMissed,
    find,
    get,
    getOwn,
    mayRun,
    current,
    currentOf,
    openFor,
    move,
    savePlan,
    savePeak,
    openOnes,
    list,
    update,
    isShown,
  }
}

const Place = z.object({ id: z.string() })
