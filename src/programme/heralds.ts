/**
 * Tells people of shows: that one is live, begins soon, has another time or is off. Who is told is read in batches by a
 * job, so that ten thousand followers cost the stream nothing; each is told of a thing once, however often the job runs.
 * Of a show that is in no list only those hear who may know of it.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Notices } from '../notices/notices.ts'
import type { Clock } from '../platform/clock.ts'
import { factOf, type Told, WORDS, type Word } from './herald-words.ts'

const Payload = z.object({ word: z.enum(WORDS), sessionId: z.string() })

interface HeraldOptions {
  db: Db
  clock: Clock
  jobs: Jobs
  notices: Pick<Notices, 'tell'>
  mayKnow(userId: string | null, sessionId: string): Promise<boolean>
}

const BATCH = 500
/** So long before it a show is announced to who asked to be reminded. */
const SOON_MS = 15 * 60_000

export function createHeralds({ db, clock, jobs, notices, mayKnow }: HeraldOptions) {
  const announce = (word: Word, sessionId: string) =>
    jobs.enqueue({ kind: 'programme.tell', payload: { word, sessionId }, key: `tell ${word} ${sessionId}` })

  /** What begins within the next minutes. */
  async function announceSoon(): Promise<void> {
    const now = clock.now()
    const rows = await db
      .selectFrom('session')
      .select('id')
      .where('state', '=', 'scheduled')
      .where('scheduledAt', '>', now)
      .where('scheduledAt', '<=', now + SOON_MS)
      .execute()
    for (const { id } of rows) await announce('soon', id)
  }

  async function tell(payload: unknown): Promise<void> {
    const { word, sessionId } = Payload.parse(payload)
    const show = await db
      .selectFrom('session')
      .innerJoin('channel', 'channel.id', 'session.channelId')
      .select(['session.id', 'code', 'state', 'title', 'session.visibility', 'scheduledAt', 'session.timeZone'])
      .select(['endReason', 'channelId', 'slug', 'name', 'ownerId', 'suspendedAt'])
      .where('session.id', '=', sessionId)
      .executeTakeFirst()
    if (!show || show.suspendedAt !== null || !isStill(word, show.state)) return
    const fact = factOf(word, show)
    if (word === 'missed') return notices.tell(fact, [show.ownerId])
    let after = ''
    for (;;) {
      const page = await concerned(word, show, after)
      const may = await Promise.all(page.map((person) => mayHear(person, show)))
      await notices.tell(
        fact,
        page.filter((_one, n) => may[n]).map(({ userId }) => userId),
      )
      if (page.length < BATCH) return
      after = page.at(-1)!.userId
      await breathe()
    }
  }

  async function mayHear({ userId, isReminded, isShutOut }: Person, { id, visibility }: Told): Promise<boolean> {
    if (isShutOut) return false
    // Who asked to be reminded of an unlisted show had its address.
    if (visibility === 'unlisted' && isReminded) return true
    return visibility === 'private' || visibility === 'unlisted' ? mayKnow(userId, id) : true
  }

  /** The next of those who follow the channel (a show that is live), asked to be reminded, or hold a right to the show. */
  async function concerned(word: Word, { id, channelId, ownerId, visibility }: Told, after: string): Promise<Person[]> {
    const isSecret = visibility === 'private' || visibility === 'unlisted'
    const isReminded = new Set(await reminded(id, after))
    const found = new Set([
      ...isReminded,
      ...(await holders(isSecret ? [`session:${id}`, `channel:${channelId}`] : [`session:${id}`], after)),
      ...(word === 'live' && !isSecret ? await followers(channelId, after) : []),
    ])
    // Each list is as long as a batch, so the first ones of all are the next ones of all.
    const batch = [...found].sort().slice(0, BATCH)
    const shutOut = new Set([ownerId, ...(await banned(channelId, batch))])
    return batch.map((userId) => ({ userId, isReminded: isReminded.has(userId), isShutOut: shutOut.has(userId) }))
  }

  async function reminded(sessionId: string, after: string): Promise<string[]> {
    const query = db.selectFrom('reminder').select('userId').where('sessionId', '=', sessionId)
    return idsOf(await query.where('userId', '>', after).orderBy('userId').limit(BATCH).execute())
  }

  async function followers(channelId: string, after: string): Promise<string[]> {
    const query = db.selectFrom('follow').select('userId').where('channelId', '=', channelId)
    return idsOf(await query.where('userId', '>', after).orderBy('userId').limit(BATCH).execute())
  }

  async function holders(scopes: string[], after: string): Promise<string[]> {
    const query = db
      .selectFrom('entitlement')
      .select('userId')
      .distinct()
      .where('scope', 'in', scopes)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', clock.now())]))
    return idsOf(await query.where('userId', '>', after).orderBy('userId').limit(BATCH).execute())
  }

  async function banned(channelId: string, userIds: string[]): Promise<string[]> {
    if (userIds.length === 0) return []
    const query = db.selectFrom('channelBan').select('userId').where('channelId', '=', channelId)
    return idsOf(await query.where('userId', 'in', userIds).execute())
  }

  return { announce, announceSoon, doers: { 'programme.tell': tell } }
}

interface Person {
  userId: string
  isReminded: boolean
  /** By the channel; or they are its owner, who knows. */
  isShutOut: boolean
}

/** A word that came late is not said any more. */
function isStill(word: Word, state: string): boolean {
  if (word === 'live') return state === 'live' || state === 'paused'
  return word === 'off' ? state === 'cancelled' : state === 'scheduled'
}

const idsOf = (rows: { userId: string }[]) => rows.map(({ userId }) => userId)
