/** What a channel decided about its chat. Kept as one JSON text; a setting added later has its default in old rows. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { createWordFilter, PATTERN_LENGTH } from './word-filter.ts'

export const WRITERS = ['everyone', 'verified', 'followers', 'members'] as const
export type Writers = (typeof WRITERS)[number]

const Pattern = z.string().trim().min(2).max(PATTERN_LENGTH)
const Patterns = z.array(Pattern).max(300)

export const Settings = z.strictObject({
  isOpen: z.boolean().default(true),
  writers: z.enum(WRITERS).default('everyone').describe('Anonymous people read, and never write.'),
  followedMinutes: z.number().int().min(0).max(129_600).default(0),
  memberTier: z.number().int().min(0).max(3).default(1),
  slowSeconds: z.number().int().min(0).max(3_600).default(0),
  areLinksAllowed: z.boolean().default(true),
  holdsAll: z.boolean().default(false).describe('Every message waits for a moderator.'),
  holdsFirst: z.boolean().default(false).describe('A person’s first message here waits.'),
  heldWords: Patterns.default([]).describe('Plain words, `*` for anything.'),
  refusedWords: Patterns.default([]),
  tellsShows: z.boolean().default(true).describe('The chat says that a show began, paused, ended or opened to others.'),
  tellsPolls: z.boolean().default(true).describe('The chat says how a poll ended.'),
  tellsMembers: z.boolean().default(true).describe('The chat says who became a member.'),
  goal: z
    .strictObject({
      what: z.enum(['followers', 'paid']).describe('`paid`: what paid messages came to, in one currency.'),
      title: z.string().trim().min(1).max(60),
      target: z.number().int().min(1).max(1_000_000_000).describe('A number, or a sum in minor units.'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .default('EUR'),
      since: z.iso.datetime().default('1970-01-01T00:00:00Z').describe('Paid messages count from then.'),
    })
    .nullable()
    .default(null)
    .describe('What the overlay shows the way to.'),
})
export type Settings = z.infer<typeof Settings>

/** What the page of everybody is told. */
export type PublicSettings = Pick<
  Settings,
  'isOpen' | 'writers' | 'followedMinutes' | 'memberTier' | 'slowSeconds' | 'areLinksAllowed'
>

interface Kept {
  settings: Settings
  pinnedId: string | null
  held(text: string): string | null
  refused(text: string): string | null
}

const CHANNELS_KEPT = 500

export type ChatSettings = ReturnType<typeof createSettings>

export function createSettings({ db, clock }: { db: Db; clock: Clock }) {
  const kept = new Map<string, Kept>()

  async function of(channelId: string): Promise<Kept> {
    const known = kept.get(channelId)
    if (known) return known
    const row = await db.selectFrom('chatSetting').selectAll().where('channelId', '=', channelId).executeTakeFirst()
    const settings = Settings.parse(row ? JSON.parse(row.settings) : {})
    const found = {
      settings,
      pinnedId: row?.pinnedId ?? null,
      held: createWordFilter(settings.heldWords),
      refused: createWordFilter(settings.refusedWords),
    }
    kept.set(channelId, found)
    if (kept.size > CHANNELS_KEPT) kept.delete(kept.keys().next().value!)
    return found
  }

  async function write(
    channelId: string,
    by: string,
    change: { settings?: string; pinnedId?: string | null; overlayHash?: string },
  ): Promise<void> {
    const stamps = { updatedAt: clock.now(), updatedBy: by }
    await db
      .insertInto('chatSetting')
      .values({ channelId, settings: '{}', pinnedId: null, overlayHash: null, ...change, ...stamps })
      .onConflict((conflict) => conflict.column('channelId').doUpdateSet({ ...change, ...stamps }))
      .execute()
    kept.delete(channelId)
  }

  async function update(channelId: string, by: string, change: Partial<Settings>): Promise<Settings> {
    const settings = Settings.parse({ ...(await of(channelId)).settings, ...change })
    await write(channelId, by, { settings: JSON.stringify(settings) })
    return settings
  }

  /** A new secret for the overlay's address; the one before it is void. Only its hash is kept. */
  async function renewOverlay(channelId: string, by: string): Promise<string> {
    const secret = randomBytes(18).toString('base64url')
    await write(channelId, by, { overlayHash: hash(secret) })
    return secret
  }

  async function channelOfOverlay(secret: string): Promise<string> {
    const row = await db
      .selectFrom('chatSetting')
      .select('channelId')
      .where('overlayHash', '=', hash(secret))
      .executeTakeFirst()
    if (!row) throw new DomainError('not_found', 'no_such_overlay', 'This overlay address is not the newest one.')
    return row.channelId
  }

  return {
    of,
    update,
    pin: (channelId: string, by: string, pinnedId: string | null) => write(channelId, by, { pinnedId }),
    renewOverlay,
    channelOfOverlay,
  }
}

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

export function publicSettings({ settings }: { settings: Settings }): PublicSettings {
  const { isOpen, writers, followedMinutes, memberTier, slowSeconds, areLinksAllowed } = settings
  return { isOpen, writers, followedMinutes, memberTier, slowSeconds, areLinksAllowed }
}
