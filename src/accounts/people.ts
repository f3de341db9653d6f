import type { ExpressionBuilder } from 'kysely'
import { z } from 'zod'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Tables } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import { type Role, requireAdmin, type User } from '../platform/user.ts'
import { type Person, type Status, toPerson } from './person.ts'

export interface PersonChange {
  role?: Role | undefined
  status?: Status | undefined
  statusReason?: string | null | undefined
  statusUntil?: number | null | undefined
  /** False answers their wish to become a creator with no. */
  wantsToCreate?: false | undefined
}

export interface PeopleQuery {
  cursor?: string | undefined
  limit: number
  /** Part of a name or an address. */
  search?: string | undefined
  role?: Role | undefined
  status?: Status | undefined
  /** Only who asked to become a creator. */
  wantsToCreate?: boolean | undefined
}

interface PeopleOptions {
  db: Db
  clock: Clock
  recordAct: RecordAct
  /** Part of the transaction that ends somebody's sign-ins: what they watch ends with them. */
  endViewings(userId: string, tx: Db): Promise<void>
}

export type People = ReturnType<typeof createPeople>

/** The rows of people: found, made, listed and judged. */
export function createPeople({ db, clock, recordAct, endViewings }: PeopleOptions) {
  async function find(id: string): Promise<Person | null> {
    const row = await db
      .selectFrom('user')
      .selectAll()
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    return row ? toPerson(row, clock.now()) : null
  }

  async function findByEmail(email: string): Promise<Person | null> {
    const row = await db.selectFrom('user').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst()
    return row && row.deletedAt === null ? toPerson(row, clock.now()) : null
  }

  async function get(id: string): Promise<Person> {
    const person = await find(id)
    if (!person) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    return person
  }

  interface Row {
    email: string
    name: string
    passwordHash: string
    role: Role
    isVerified: boolean
  }

  async function create({ email, name, passwordHash, role, isVerified }: Row, tx: Db): Promise<User> {
    const id = newId()
    const at = { createdAt: clock.now(), updatedAt: clock.now() }
    const emailVerified = isVerified ? 1 : 0
    const person = { id, email: email.toLowerCase(), name, role, status: 'active', emailVerified }
    try {
      await tx
        .insertInto('user')
        .values({ ...person, ...NOTHING_YET, ...at })
        .execute()
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'email_taken', 'There is an account with this e-mail address already.')
    }
    const proof = { providerId: 'credential', accountId: id, password: passwordHash, ...NO_TOKENS }
    await tx
      .insertInto('credential')
      .values({ id: newId(), userId: id, ...proof, ...at })
      .execute()
    return { id, name, email: person.email, role, emailVerified: isVerified }
  }

  /** Newest first; for admins. */
  async function list(actor: User, { cursor, limit, ...wanted }: PeopleQuery): Promise<Page<Person>> {
    requireAdmin(actor)
    let query = db.selectFrom('user').selectAll().where('deletedAt', 'is', null)
    if (wanted.role) query = query.where('role', '=', wanted.role)
    if (wanted.wantsToCreate) query = query.where('creatorWishAt', 'is not', null)
    if (wanted.search) query = query.where(holds(wanted.search))
    if (wanted.status) query = query.where(inStatus(wanted.status, clock.now()))
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(
      rows.map((row) => toPerson(row, clock.now())),
      limit,
      ({ id }) => id,
    )
  }

  /** Suspending or banning ends every sign-in at once. Nobody changes themselves, so an admin always remains. */
  async function update(actor: User, id: string, change: PersonChange) {
    requireAdmin(actor)
    if (actor.id === id) throw new DomainError('forbidden', 'not_yourself', 'Another admin has to change your account.')
    const before = await get(id)
    const { wantsToCreate, ...fields } = change
    const wish = wantsToCreate === false || change.role ? { creatorWishAt: null } : {}
    const lifted = change.status === 'active' ? { statusReason: null, statusUntil: null } : {}
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('user')
        .set({ ...fields, ...wish, ...lifted, updatedAt: clock.now(), updatedBy: actor.id })
        .where('id', '=', id)
        .execute()
      if (change.status && change.status !== 'active') await endSignIns(id, tx)
      const act = { action: 'account.changed', target: `user:${id}`, before: judgement(before), after: change }
      await recordAct({ ...by(actor), ...act }, tx)
    })
    const after = await get(id)
    return { before, after }
  }

  /** The person themselves: their wish, their role where the node lets them take it, their verified address. */
  async function change(id: string, fields: Partial<Changeable>, tx: Db = db): Promise<void> {
    await tx
      .updateTable('user')
      .set({ ...fields, updatedAt: clock.now() })
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .execute()
  }

  /** Null: no password opens this account until a new one is chosen. */
  async function setPassword(userId: string, password: string | null, tx: Db = db): Promise<void> {
    const updatedAt = clock.now()
    const { numUpdatedRows } = await tx
      .updateTable('credential')
      .set({ password, updatedAt })
      .where('userId', '=', userId)
      .where('providerId', '=', 'credential')
      .executeTakeFirst()
    if (numUpdatedRows > 0n || password === null) return
    const proof = { providerId: 'credential', accountId: userId, password, ...NO_TOKENS }
    await tx
      .insertInto('credential')
      .values({ id: newId(), userId, ...proof, createdAt: updatedAt, updatedAt })
      .execute()
  }

  /** All of them, or one, or all but one; and what was opened under any: it has to be asked for again. */
  async function endSignIns(
    userId: string,
    tx: Db,
    which: { only?: string; but?: string | null } = {},
  ): Promise<bigint> {
    let ended = tx.deleteFrom('signIn').where('userId', '=', userId)
    if (which.only) ended = ended.where('id', '=', which.only)
    if (which.but) ended = ended.where('id', '!=', which.but)
    const { numDeletedRows } = await ended.executeTakeFirst()
    await endViewings(userId, tx)
    return numDeletedRows
  }

  async function hasOwner(tx: Db = db): Promise<boolean> {
    const admin = tx.selectFrom('user').select('id').where('role', '=', 'admin').where('deletedAt', 'is', null)
    return (await admin.limit(1).executeTakeFirst()) !== undefined
  }

  return { find, findByEmail, get, create, list, update, change, setPassword, endSignIns, hasOwner }
}

interface Changeable {
  name: string
  email: string
  role: Role
  emailVerified: number
  creatorWishAt: number | null
}

const NOTHING_YET = {
  image: null,
  metadata: null,
  deletedAt: null,
  updatedBy: null,
  statusReason: null,
  statusUntil: null,
  creatorWishAt: null,
}
const NO_TOKENS = {
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessTokenExpiresAt: null,
  refreshTokenExpiresAt: null,
  scope: null,
}

type OfUser = ExpressionBuilder<Tables, 'user'>

/** Case does not matter on either database: addresses are kept small, names are compared as both are written. */
function holds(search: string) {
  const pattern = `%${search.replace(/[%_\\]/g, '')}%`
  return (eb: OfUser) =>
    eb.or([
      eb('email', 'like', pattern.toLowerCase()),
      eb(eb.fn<string>('lower', ['name']), 'like', pattern.toLowerCase()),
    ])
}

/** A status whose end has come is over, whatever the row still says. */
function inStatus(status: Status, now: number) {
  return (eb: OfUser) => {
    const isOver = eb.and([eb('statusUntil', 'is not', null), eb('statusUntil', '<=', now)])
    if (status === 'active') return eb.or([eb('status', '=', 'active'), isOver])
    return eb.and([eb('status', '=', status), eb.not(isOver)])
  }
}

function judgement({ role, status, statusReason, statusUntil }: Person) {
  return { role, status, statusReason, statusUntil }
}
