/** A channel's own pictures for use in messages, written `:name:`. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Db, isTaken } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Keepers } from './keepers.ts'

export const EmoteView = z.object({ name: z.string(), url: z.string() })
export type Emote = z.infer<typeof EmoteView>

export const EMOTE = { name: /^[a-z][a-z0-9]{1,19}$/, perChannel: 50, bytes: 64 * 1024, size: 64 } as const
const CHANNELS_KEPT = 500

interface EmotesDeps {
  db: Db
  clock: Clock
  /** Drawn anew within a square of so many pixels; throws on what is no picture. */
  iconOf(bytes: Uint8Array, size: number): Promise<Buffer>
  keepers: Keepers
  /** The set of a channel is another now. */
  onChange(channelId: string): Promise<void>
}

export type Emotes = ReturnType<typeof createEmotes>

export function createEmotes({ db, clock, iconOf, keepers, onChange }: EmotesDeps) {
  const kept = new Map<string, Emote[]>()

  async function of(channelId: string): Promise<Emote[]> {
    const known = kept.get(channelId)
    if (known) return known
    const rows = await db
      .selectFrom('chatEmote')
      .select(['id', 'name'])
      .where('channelId', '=', channelId)
      .orderBy('name')
      .execute()
    const found = rows.map(({ id, name }) => ({ name, url: `/emotes/${id}.webp` }))
    kept.set(channelId, found)
    if (kept.size > CHANNELS_KEPT) kept.delete(kept.keys().next().value!)
    return found
  }

  /** What comes in is drawn anew, small: nothing of the file that was sent is ever served. */
  async function add(actor: User, idOrSlug: string, name: string, given: Uint8Array): Promise<Emote> {
    const { channel } = await keepers.requireOwner(actor, idOrSlug)
    if ((await of(channel.id)).length >= EMOTE.perChannel) {
      throw new DomainError('conflict', 'too_many_emotes', `A channel has at most ${EMOTE.perChannel} pictures.`)
    }
    const picture = (await iconOf(given, EMOTE.size)).toString('base64')
    // By what it shows, so that an address can be kept for ever.
    const id = createHash('sha256').update(`${channel.id} ${name} ${picture}`).digest('base64url').slice(0, 22)
    const row = { id, channelId: channel.id, name, picture, createdAt: clock.now(), createdBy: actor.id }
    try {
      await db.insertInto('chatEmote').values(row).execute()
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'name_taken', 'There is a picture of this name already.')
    }
    await changed(channel.id)
    return { name, url: `/emotes/${id}.webp` }
  }

  async function remove(actor: User, idOrSlug: string, name: string): Promise<void> {
    const { channel } = await keepers.requireOwner(actor, idOrSlug)
    await db.deleteFrom('chatEmote').where('channelId', '=', channel.id).where('name', '=', name).execute()
    await changed(channel.id)
  }

  async function changed(channelId: string): Promise<void> {
    kept.delete(channelId)
    await onChange(channelId)
  }

  async function picture(id: string): Promise<Buffer | null> {
    const row = await db.selectFrom('chatEmote').select('picture').where('id', '=', id).executeTakeFirst()
    return row ? Buffer.from(row.picture, 'base64') : null
  }

  return { of, add, remove, picture }
}
