/**
 * People: who they are, what they may do here (role) and whether they may be here at all (status). Owns `user`,
 * `signIn`, `credential` and `verification`; the auth library works on them through auth.ts. No password is ever made up:
 * the first start offers a link that lets one person become the owner.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { type Db, isTaken } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { Secret } from '../platform/secret.ts'
import type { Role, User } from '../platform/user.ts'
import { createAuth, hashPassword } from './auth.ts'
import { type Person, type Status, toPerson } from './person.ts'

export { PASSWORD } from './auth.ts'
export { type Person, STATUSES, type Status } from './person.ts'

export interface NewPerson {
  email: string
  password: string
  name: string
}

export interface PersonChange {
  role?: Role | undefined
  status?: Status | undefined
  statusReason?: string | null | undefined
  statusUntil?: number | null | undefined
}

interface AccountsOptions {
  db: Db
  authDb: Kysely<unknown>
  clock: Clock
  logger: Logger
  secret: Secret
  publicUrl: string
  signUp: 'open' | 'closed'
}

export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts({ db, authDb, clock, logger, secret, publicUrl, signUp }: AccountsOptions) {
  const auth = createAuth({ authDb, secret, publicUrl, logger, admit })
  /** Only the hash is kept, and only in memory: a new start makes a new link. */
  let setupTokenHash: Buffer | null = null

  /** Whom these headers (cookie or bearer word) belong to; null as well when the account is not active. */
  async function userOf(headers: Headers): Promise<User | null> {
    const id = await auth.userIdOf(headers)
    const person = id === null ? null : await find(id)
    if (person?.status !== 'active') return null
    return { id: person.id, name: person.name, email: person.email, role: person.role }
  }

  async function find(id: string): Promise<Person | null> {
    const row = await db
      .selectFrom('user')
      .selectAll()
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    return row ? toPerson(row, clock.now()) : null
  }

  async function admit(userId: string): Promise<void> {
    const person = await find(userId)
    if (person?.status === 'active') return
    const until = person?.statusUntil ? ` until ${new Date(person.statusUntil).toISOString()}` : ''
    const message = `This account is ${person?.status ?? 'gone'}${until}.`
    throw new DomainError('forbidden', 'account_not_active', message, { reason: person?.statusReason ?? null })
  }

  async function hasOwner(): Promise<boolean> {
    const row = await db.selectFrom('user').select('id').where('role', '=', 'admin').limit(1).executeTakeFirst()
    return row !== undefined
  }

  // The hash is made before the transaction: it takes 20 ms, and SQLite has one connection.
  async function create(person: NewPerson, password: string, role: Role, tx: Db): Promise<User> {
    const id = newId()
    const email = person.email.toLowerCase()
    const at = { createdAt: clock.now(), updatedAt: clock.now() }
    try {
      await tx
        .insertInto('user')
        .values({ id, email, name: person.name, role, status: 'active', emailVerified: 0, ...NOTHING_YET, ...at })
        .execute()
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'email_taken', 'There is an account with this e-mail address already.')
    }
    const proof = { providerId: 'credential', accountId: id, password, ...NO_TOKENS }
    await tx
      .insertInto('credential')
      .values({ id: newId(), userId: id, ...proof, ...at })
      .execute()
    return { id, name: person.name, email, role }
  }

  /** Anybody may register where the operator left sign-up open, once there is an owner. */
  async function register(person: NewPerson): Promise<User> {
    if (signUp === 'closed') throw new DomainError('forbidden', 'sign_up_closed', 'New accounts are not open here.')
    if (!(await hasOwner())) throw new DomainError('unavailable', 'not_set_up', 'This node has no owner yet.')
    const password = await hashPassword(person.password)
    return db.transaction().execute((tx) => create(person, password, 'viewer', tx))
  }

  /**
   * The owner, once and in one transaction with whatever must exist beside them (their channel): both or neither.
   */
  async function createOwner<Also>(person: NewPerson, also: (owner: User, tx: Db) => Promise<Also>) {
    const password = await hashPassword(person.password)
    return db.transaction().execute(async (tx) => {
      const there = await tx.selectFrom('user').select('id').where('role', '=', 'admin').limit(1).executeTakeFirst()
      if (there) throw new DomainError('conflict', 'already_set_up', 'This node has an owner already.')
      const owner = await create(person, password, 'admin', tx)
      return { owner, also: await also(owner, tx) }
    })
  }

  /** A new token for the setup page, or null when there is an owner. The one before it is void. */
  async function issueSetupToken(): Promise<string | null> {
    if (await hasOwner()) return null
    const token = randomBytes(24).toString('base64url')
    setupTokenHash = sha256(token)
    return token
  }

  /** Works once: the token is taken before anything is awaited, and given back only if nobody came of it. */
  async function setUp<Also>(token: string, person: NewPerson, also: (owner: User, tx: Db) => Promise<Also>) {
    const expected = setupTokenHash
    if (!expected || !timingSafeEqual(expected, sha256(token))) {
      throw new DomainError('forbidden', 'setup_token_void', 'This owner link is used up or not the newest one.')
    }
    setupTokenHash = null
    try {
      return await createOwner(person, also)
    } catch (error) {
      setupTokenHash = expected
      throw error
    }
  }

  async function list(
    actor: User,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Person>> {
    requireAdmin(actor)
    let query = db.selectFrom('user').selectAll().where('deletedAt', 'is', null)
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
  async function update(actor: User, id: string, change: PersonChange): Promise<Person> {
    requireAdmin(actor)
    if (actor.id === id) throw new DomainError('forbidden', 'not_yourself', 'Another admin has to change your account.')
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('user')
        .set({ ...change, ...(change.status === 'active' ? ACTIVE : {}), updatedAt: clock.now(), updatedBy: actor.id })
        .where('id', '=', id)
        .where('deletedAt', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw noSuchPerson()
      if (change.status && change.status !== 'active') await tx.deleteFrom('signIn').where('userId', '=', id).execute()
    })
    const person = await find(id)
    if (!person) throw noSuchPerson()
    logger.info({ userId: id, by: actor.id, role: person.role, status: person.status }, 'account changed')
    return person
  }

  async function rename(actor: User, name: string): Promise<User> {
    const change = { name, updatedAt: clock.now(), updatedBy: actor.id }
    await db.updateTable('user').set(change).where('id', '=', actor.id).execute()
    return { ...actor, name }
  }

  const { signIn, signOut, changePassword } = auth
  return {
    userOf,
    find,
    hasOwner,
    register,
    createOwner,
    issueSetupToken,
    setUp,
    list,
    update,
    rename,
    signIn,
    signOut,
    changePassword,
  }
}

const ACTIVE = { statusReason: null, statusUntil: null }
const NOTHING_YET = { image: null, metadata: null, deletedAt: null, updatedBy: null, ...ACTIVE }
const NO_TOKENS = {
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessTokenExpiresAt: null,
  refreshTokenExpiresAt: null,
  scope: null,
}

function requireAdmin(actor: User): void {
  if (actor.role !== 'admin') throw new DomainError('forbidden', 'admins_only', 'Only an admin may do this.')
}

function noSuchPerson(): DomainError {
  return new DomainError('not_found', 'no_such_user', 'There is no such account.')
}

function sha256(word: string): Buffer {
  return createHash('sha256').update(word).digest()
}
