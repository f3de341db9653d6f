import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { StreamKeyTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'

export interface StreamKey {
  id: string
  channelId: string
  label: string
  /** The public half: enough to tell two keys apart in OBS, opens nothing. */
  publicId: string
  createdAt: number
  lastUsedAt: number | null
}

/** The one moment the secret is seen; afterwards only its hash is kept. */
export interface ShownStreamKey extends StreamKey {
  streamKey: string
}

interface StreamKeysOptions {
  db: Db
  clock: Clock
  logger: Logger
  /** Throws unless this person may run this channel; gives its id back. */
  ownChannel(actor: User, channelId: string): Promise<string>
  /** A key stopped working while it may be in use. */
  onRevoked(keyId: string, reason: 'revoked' | 'rotated'): void
  recordAct: RecordAct
}

const MAX_KEYS = 50
/** `<publicId>_<secret>`: 12 characters that cannot be misread, and 32 random bytes. */
const KEY = /^([0-9A-Z]{12})_([\w-]{43})$/

export type StreamKeys = ReturnType<typeof createStreamKeys>

export function createStreamKeys({ db, clock, logger, ownChannel, onRevoked, recordAct }: StreamKeysOptions) {
  async function list(actor: User, channel: string): Promise<StreamKey[]> {
    const channelId = await ownChannel(actor, channel)
    const rows = await db
      .selectFrom('streamKey')
      .selectAll()
      .where('channelId', '=', channelId)
      .where('revokedAt', 'is', null)
      .orderBy('id')
      .execute()
    return rows.map(toStreamKey)
  }

  async function create(actor: User, channel: string, label: string): Promise<ShownStreamKey> {
    const channelId = await ownChannel(actor, channel)
    const { length } = await list(actor, channelId)
    if (length >= MAX_KEYS)
      throw new DomainError('conflict', 'too_many_keys', `A channel has at most ${MAX_KEYS} keys.`)
    const id = newId()
    const now = clock.now()
    const word = newWord()
    const stamps = { createdAt: now, updatedAt: now, createdBy: actor.id, updatedBy: actor.id }
    const row = { id, channelId, label, ...word.kept, lastUsedAt: null, rotatedAt: null, revokedAt: null, ...stamps }
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('streamKey').values(row).execute()
      const target = `stream_key:${id}`
      await recordAct({ ...by(actor), action: 'stream_key.made', target, after: { channelId, label } }, tx)
    })
    logger.info({ keyId: id, channelId, userId: actor.id }, 'stream key created')
    return { ...(await getOwn(actor, channelId, id)), streamKey: word.shown }
  }

  /** The same key with a new word; what publishes with the old one is shown out. */
  async function rotate(actor: User, channel: string, keyId: string): Promise<ShownStreamKey> {
    const { channelId } = await getOwn(actor, channel, keyId)
    const word = newWord()
    await change(actor, keyId, 'rotated', { ...word.kept, rotatedAt: clock.now() })
    logger.info({ keyId, channelId, userId: actor.id }, 'stream key rotated')
    onRevoked(keyId, 'rotated')
    return { ...(await getOwn(actor, channelId, keyId)), streamKey: word.shown }
  }

  async function revoke(actor: User, channel: string, keyId: string): Promise<void> {
    const { channelId } = await getOwn(actor, channel, keyId)
    await change(actor, keyId, 'revoked', { revokedAt: clock.now() })
    logger.info({ keyId, channelId, userId: actor.id }, 'stream key revoked')
    onRevoked(keyId, 'revoked')
  }

  /** Which key this word is, or null. The hash is compared in constant time, against a dummy where there is no such id. */
  async function findKey(word: string): Promise<{ keyId: string; channelId: string } | null> {
    const [, publicId, secret] = KEY.exec(word) ?? []
    if (publicId === undefined || secret === undefined) return null
    const row = await db
      .selectFrom('streamKey')
      .select(['id', 'channelId', 'secretHash'])
      .where('publicId', '=', publicId)
      .where('revokedAt', 'is', null)
      .executeTakeFirst()
    const isRight = timingSafeEqual(hashOf(secret), row ? Buffer.from(row.secretHash, 'hex') : NO_HASH)
    if (!row || !isRight) return null
    await db.updateTable('streamKey').set({ lastUsedAt: clock.now() }).where('id', '=', row.id).execute()
    return { keyId: row.id, channelId: row.channelId }
  }

  async function getOwn(actor: User, channel: string, keyId: string): Promise<StreamKey> {
    const channelId = await ownChannel(actor, channel)
    const row = await db
      .selectFrom('streamKey')
      .selectAll()
      .where('id', '=', keyId)
      .where('channelId', '=', channelId)
      .where('revokedAt', 'is', null)
      .executeTakeFirst()
    if (!row) throw new DomainError('not_found', 'no_such_key', 'This channel has no such stream key.')
    return toStreamKey(row)
  }

  async function change(
    actor: User,
    keyId: string,
    what: 'rotated' | 'revoked',
    fields: Partial<StreamKeyTable>,
  ): Promise<void> {
    const stamps = { updatedAt: clock.now(), updatedBy: actor.id }
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('streamKey')
        .set({ ...fields, ...stamps })
        .where('id', '=', keyId)
        .execute()
      await recordAct({ ...by(actor), action: `stream_key.${what}`, target: `stream_key:${keyId}` }, tx)
    })
  }

  return { list, create, rotate, revoke, findKey }
}

const NO_HASH = Buffer.alloc(32)

// A secret of 256 random bits needs no slow hash: there is nothing to guess.
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function newWord() {
  const publicId = newCode(12)
  const secret = randomBytes(32).toString('base64url')
  return { shown: `${publicId}_${secret}`, kept: { publicId, secretHash: hashOf(secret).toString('hex') } }
}

function toStreamKey({ id, channelId, label, publicId, createdAt, lastUsedAt }: Selectable<StreamKeyTable>): StreamKey {
  return { id, channelId, label, publicId, createdAt, lastUsedAt }
}
