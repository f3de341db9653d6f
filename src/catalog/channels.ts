import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { ChannelTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newCode, newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'

export const VISIBILITIES = ['public', 'unlisted'] as const

/** Unlisted: in no list, open to whoever has the address. */
export type Visibility = (typeof VISIBILITIES)[number]

/** What its new shows show to those who may not watch them: stills blurred, its picture, or nothing. */
export const COVERS = ['blurred', 'picture', 'none'] as const
export type Cover = (typeof COVERS)[number]

/** Which rungs a channel wants of those the node offers; `auto` leaves it to the source and the box. */
export type LadderChoice = 'auto' | 'source' | string[]

export interface Channel {
  id: string
  slug: string
  name: string
  description: string
  ownerId: string
  suspendedAt: number | null
  suspendedReason: string | null
  visibility: Visibility
  ladder: LadderChoice
  cover: Cover
  /** The id of one that was uploaded. */
  picture: string | null
  version: number
  createdAt: number
  updatedAt: number
}

export interface NewChannel {
  name: string
  slug?: string | undefined
  description?: string | undefined
}

export interface ChannelChange {
  name?: string | undefined
  slug?: string | undefined
  description?: string | undefined
  visibility?: Visibility | undefined
  ladder?: LadderChoice | undefined
  cover?: Cover | undefined
  picture?: string | undefined
  /** Admins only. */
  suspended?: boolean | undefined
  suspendedReason?: string | undefined
  /** The version the change was made from; refused when somebody else was faster. */
  version?: number | undefined
}

export interface ListQuery {
  cursor?: string | undefined
  limit: number
  ownerId?: string | undefined
}

/** A session in one of these is what a viewer calls live. */
const ON_AIR = ['live', 'paused']
/** Sessions that are in no list: nobody learns from the order of channels that one is on. */
const SECRET = ['private', 'unlisted']

export type Channels = ReturnType<typeof createChannels>

interface ChannelsOptions {
  db: Db
  clock: Clock
  logger: Logger
  /** A channel was suspended: whoever publishes to it is shown out. */
  onSuspended(channelId: string): void
  recordAct: RecordAct
}

export function createChannels({ db, clock, logger, onSuspended, recordAct }: ChannelsOptions) {
  async function find(idOrSlug: string, tx: Db = db): Promise<Channel | null> {
    const isId = ID.test(idOrSlug)
    const row = await tx
      .selectFrom('channel')
      .selectAll()
      .where(isId ? 'id' : 'slug', '=', isId ? idOrSlug : idOrSlug.toLowerCase())
      .where('deletedAt', 'is', null)
      .executeTakeFirst()
    return row ? toChannel(row) : null
  }

  async function get(idOrSlug: string, tx: Db = db): Promise<Channel> {
    const channel = await find(idOrSlug, tx)
    if (!channel) throw new DomainError('not_found', 'no_such_channel', 'There is no such channel.')
    return channel
  }

  /** The channel, for somebody who may run it: its owner, or an admin. */
  async function getOwn(actor: User, idOrSlug: string, tx: Db = db): Promise<Channel> {
    const channel = await get(idOrSlug, tx)
    if (channel.ownerId === actor.id || actor.role === 'admin') return channel
    throw new DomainError('forbidden', 'not_your_channel', 'Only the owner of this channel may do this.')
  }

  async function create(actor: User, channel: NewChannel, tx: Db = db): Promise<Channel> {
    if (actor.role !== 'creator' && actor.role !== 'admin') {
      throw new DomainError(
        'forbidden',
        'creators_only',
        'Ask an admin to make you a creator; then you can open a channel.',
      )
    }
    const id = newId()
    const now = clock.now()
    const slug = channel.slug ?? (await freeSlug(channel.name, tx))
    const made = { name: channel.name, description: channel.description ?? '', ownerId: actor.id }
    const stamps = { version: 1, createdAt: now, updatedAt: now, createdBy: actor.id, updatedBy: actor.id }
    await orSlugTaken(() =>
      tx
        .insertInto('channel')
        .values({ id, slug, ...made, ...NOTHING_YET, ...stamps })
        .execute(),
    )
    await recordAct({ ...by(actor), action: 'channel.made', target: `channel:${id}`, after: { slug } }, tx)
    logger.info({ channelId: id, userId: actor.id }, 'channel created')
    return get(id, tx)
  }

  async function update(actor: User, id: string, change: ChannelChange): Promise<Channel> {
    const { version, suspended, suspendedReason, ladder, ...fields } = change
    const before = await getOwn(actor, id)
    if (fields.cover === 'picture' && !(fields.picture ?? before.picture)) {
      throw new DomainError('conflict', 'no_picture', 'Upload a picture first.')
    }
    const isJudged = suspended !== undefined || suspendedReason !== undefined
    if (isJudged && actor.role !== 'admin') {
      throw new DomainError('forbidden', 'admins_only', 'Only an admin may suspend a channel.')
    }
    const now = clock.now()
    const judgement = suspended === undefined ? {} : suspended ? { suspendedAt: now } : NOT_SUSPENDED
    const reason = suspendedReason === undefined ? {} : { suspendedReason }
    const choice = ladder === undefined ? {} : { ladder: ladder === 'auto' ? null : [ladder].flat().join(',') }
    const stamps = { version: before.version + 1, updatedAt: now, updatedBy: actor.id }
    await orSlugTaken(() =>
      db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('channel')
          .set({ ...fields, ...choice, ...reason, ...judgement, ...stamps })
          .where('id', '=', before.id)
          .where('version', '=', version ?? before.version)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) {
          throw new DomainError('conflict', 'changed_meanwhile', 'Somebody else changed this channel; look again.')
        }
        await recordAct({ ...by(actor), ...actOf(before, change) }, tx)
      }),
    )
    if (suspended && before.suspendedAt === null) {
      logger.info({ channelId: before.id, userId: actor.id }, 'channel suspended')
      onSuspended(before.id)
    }
    return get(before.id)
  }

  /**
   * Live channels first, then the newest. Two indexed queries, not one sort over every channel: who is on air is a
   * short list. A channel that goes live between two pages may be missed or seen twice; nothing else can.
   */
  async function list({ cursor, limit, ownerId }: ListQuery): Promise<Page<Channel>> {
    const after = cursor ? fromCursor(Place, cursor) : null
    const onAir = after && !after.live ? [] : await listOnAir(after?.id ?? null, limit + 1, ownerId)
    const missing = limit + 1 - onAir.length
    const rest = missing > 0 ? await listOffAir(after?.live === false ? after.id : null, missing, ownerId) : []
    const rows = [
      ...onAir.map((row) => ({ channel: toChannel(row), live: true })),
      ...rest.map((row) => ({ channel: toChannel(row), live: false })),
    ]
    const page = toPage(rows, limit, ({ channel, live }) => ({ id: channel.id, live }))
    return { items: page.items.map(({ channel }) => channel), nextCursor: page.nextCursor }
  }

  function listable(ownerId: string | undefined, below: string | null, limit: number) {
    let query = db.selectFrom('channel').selectAll('channel').where('channel.deletedAt', 'is', null)
    // Owners see all of their own; the public list leaves out what is suspended or unlisted.
    query =
      ownerId === undefined
        ? query.where('channel.suspendedAt', 'is', null).where('channel.visibility', '=', 'public')
        : query.where('channel.ownerId', '=', ownerId)
    if (below !== null) query = query.where('channel.id', '<', below)
    return query.orderBy('channel.id', 'desc').limit(limit)
  }

  function onAir(ownerId: string | undefined) {
    const found = db.selectFrom('session').select('channelId').where('state', 'in', ON_AIR)
    return ownerId === undefined ? found.where('visibility', 'not in', SECRET) : found
  }

  function listOnAir(below: string | null, limit: number, ownerId?: string) {
    return listable(ownerId, below, limit).where('channel.id', 'in', onAir(ownerId)).execute()
  }

  function listOffAir(below: string | null, limit: number, ownerId?: string) {
    return listable(ownerId, below, limit).where('channel.id', 'not in', onAir(ownerId)).execute()
  }

  /** All of this person's, closed ones too: what they hold, and what is to end with them. */
  async function ownedBy(ownerId: string): Promise<Channel[]> {
    const rows = await db.selectFrom('channel').selectAll().where('ownerId', '=', ownerId).orderBy('id').execute()
    return rows.map(toChannel)
  }

  /** Their owner leaves: the channels are gone from every page, and their addresses stay taken. */
  async function closeOf(owner: User, tx: Db): Promise<void> {
    const now = clock.now()
    const closed = await tx
      .updateTable('channel')
      .set({ deletedAt: now, updatedAt: now, updatedBy: owner.id })
      .where('ownerId', '=', owner.id)
      .where('deletedAt', 'is', null)
      .returning('id')
      .execute()
    for (const { id } of closed) {
      await recordAct({ ...by(owner), action: 'channel.deleted', target: `channel:${id}` }, tx)
    }
  }

  /** "Anna's Kitchen" is /c/anna-s-kitchen, or with a few letters behind when that is taken. */
  async function freeSlug(name: string, tx: Db): Promise<string> {
    const wish = slugOf(name)
    const isFree =
      wish.length >= SLUG.min &&
      !(await tx.selectFrom('channel').select('id').where('slug', '=', wish).executeTakeFirst())
    return isFree ? wish : `${wish || 'channel'}-${newCode(6).toLowerCase()}`
  }

  return { find, get, getOwn, create, update, list, ownedBy, closeOf }
}

// Told apart by shape, so that nobody can name their channel like another one's id.
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

export const SLUG = { min: 3, max: 40, pattern: /^(?![\da-f]{8}(-[\da-f]{4}){3}-)[a-z0-9]+(-[a-z0-9]+)*$/ }

/** What a name looks like in an address: small Latin letters and digits, accents dropped. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG.max - 8)
    .replace(/^-+|-+$/g, '')
}

const Place = z.strictObject({ id: z.string(), live: z.boolean() })
const NOT_SUSPENDED = { suspendedAt: null, suspendedReason: null }
const NOTHING_YET = { ...NOT_SUSPENDED, visibility: 'public', ladder: null, metadata: null, deletedAt: null }

/** What the audit log is told of a change: what it was and what it became. */
function actOf(channel: Channel, { version: _, ...change }: ChannelChange) {
  const { suspended, suspendedReason, ...fields } = change
  const was = Object.fromEntries(Object.keys(fields).map((name) => [name, channel[name as keyof typeof fields]]))
  const isJudged = suspended !== undefined || suspendedReason !== undefined
  const judged = isJudged ? { suspended: channel.suspendedAt !== null, suspendedReason: channel.suspendedReason } : {}
  const action = suspended === undefined ? 'changed' : suspended ? 'suspended' : 'let_back'
  return { action: `channel.${action}`, target: `channel:${channel.id}`, before: { ...was, ...judged }, after: change }
}

const VisibilityColumn = z.enum(VISIBILITIES)
const CoverColumn = z.enum(COVERS)

function toChannel(row: Selectable<ChannelTable>): Channel {
  const { id, slug, name, description, ownerId, suspendedAt, suspendedReason, version, createdAt, updatedAt } = row
  const visibility = VisibilityColumn.parse(row.visibility)
  const cover = CoverColumn.parse(row.cover ?? 'blurred')
  const ladder = row.ladder === null ? 'auto' : row.ladder === 'source' ? row.ladder : row.ladder.split(',')
  return {
    id,
    slug,
    name,
    description,
    ownerId,
    suspendedAt,
    suspendedReason,
    visibility,
    ladder,
    cover,
    picture: row.picture,
    version,
    createdAt,
    updatedAt,
  }
}

async function orSlugTaken<Answer>(write: () => Promise<Answer>): Promise<Answer> {
  try {
    return await write()
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new DomainError('conflict', 'slug_taken', 'Another channel has this address already.')
  }
}
