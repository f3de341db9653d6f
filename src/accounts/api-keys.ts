import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'

export interface ApiKey {
  id: string
  label: string
  /** The public half: enough to tell two keys apart, opens nothing. */
  publicId: string
  scopes: string[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface NewApiKey {
  label: string
  scopes: string[]
  days: number | null
}

const MOST = 20
const DAY_MS = 24 * 3_600_000
/** `lastUsedAt` is written at most so often. */
const NOTED_EVERY_MS = 60_000
/** `fl_<publicId>_<secret>`: 12 characters that cannot be misread, and 32 random bytes. */
const KEY = /^fl_([0-9A-Z]{12})_([\w-]{43})$/
const Scopes = z.array(z.string())

export type ApiKeys = ReturnType<typeof createApiKeys>

/** Keys for programs: shown once, kept as a hash, good for what their scopes name. */
export function createApiKeys({ db, clock, recordAct }: { db: Db; clock: Clock; recordAct: RecordAct }) {
  async function list(user: User): Promise<ApiKey[]> {
    const rows = await db.selectFrom('apiKey').selectAll().where('userId', '=', user.id).orderBy('id').execute()
    return rows.map(({ userId, secretHash, scopes, ...row }) => ({ ...row, scopes: Scopes.parse(JSON.parse(scopes)) }))
  }

  /** The one moment the word is seen. */
  async function create(user: User, { label, scopes, days }: NewApiKey): Promise<ApiKey & { apiKey: string }> {
    if ((await list(user)).length >= MOST) {
      throw new DomainError('conflict', 'too_many_keys', `A person has at most ${MOST} API keys.`)
    }
    const secret = randomBytes(32).toString('base64url')
    const now = clock.now()
    const key = { id: newId(), label, publicId: newCode(12), createdAt: now, lastUsedAt: null }
    const expiresAt = days === null ? null : now + days * DAY_MS
    const kept = { secretHash: hashOf(secret).toString('hex'), scopes: JSON.stringify(scopes) }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('apiKey')
        .values({ ...key, ...kept, expiresAt, userId: user.id })
        .execute()
      const act = { action: 'api_key.made', target: `api_key:${key.id}`, after: { label, scopes } }
      await recordAct({ ...by(user), ...act }, tx)
    })
    return { ...key, expiresAt, scopes, apiKey: `fl_${key.publicId}_${secret}` }
  }

  async function revoke(user: User, id: string): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const { numDeletedRows } = await tx
        .deleteFrom('apiKey')
        .where('id', '=', id)
        .where('userId', '=', user.id)
        .executeTakeFirst()
      if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_key', 'There is no such API key.')
      await recordAct({ ...by(user), action: 'api_key.revoked', target: `api_key:${id}` }, tx)
    })
  }

  /** Whose key this is and what it may do; null when it is none of ours (any more). Compared in constant time. */
  async function read(word: string): Promise<{ userId: string; scopes: string[] } | null> {
    const [, publicId, secret] = KEY.exec(word) ?? []
    if (publicId === undefined || secret === undefined) return null
    const row = await db.selectFrom('apiKey').selectAll().where('publicId', '=', publicId).executeTakeFirst()
    const isRight = timingSafeEqual(hashOf(secret), row ? Buffer.from(row.secretHash, 'hex') : NO_HASH)
    const now = clock.now()
    if (!row || !isRight || (row.expiresAt !== null && row.expiresAt <= now)) return null
    if ((row.lastUsedAt ?? 0) <= now - NOTED_EVERY_MS) {
      await db.updateTable('apiKey').set({ lastUsedAt: now }).where('id', '=', row.id).execute()
    }
    return { userId: row.userId, scopes: Scopes.parse(JSON.parse(row.scopes)) }
  }

  return { list, create, revoke, read }
}

/** True for a word that looks like one of these keys, and so is no sign-in. */
export function isApiKey(word: string): boolean {
  return word.startsWith('fl_')
}

const NO_HASH = Buffer.alloc(32)

// A secret of 256 random bits needs no slow hash: there is nothing to guess.
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
