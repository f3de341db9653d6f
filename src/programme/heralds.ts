/**
 * Tells people of shows: that one is live, begins soon, has another time or is off. Who is told is read in batches by a
 * job, so that ten thousand followers cost the stream nothing; each is told of a thing once, however often the job runs.
 * Of a show that is in no list only those hear who may know of it.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Fact, Notices } from '../notices/notices.ts'
import type { Clock } from '../platform/clock.ts'

const WORDS = ['live', 'soon', 'moved', 'off', 'missed'] as const
type Word = (typeof WORDS)[number]
const Told = z.object({ word: z.enum(WORDS), sessionId: z.string() })

interface HeraldOptions {
  db: Db
  clock: Clock
  jobs: Jobs
  notices: Pick<Notices, 'tell'>
  mayKnow(userId: string | null, sessionId: string): Promise<boolean>
}

const BATCH = 500
/** So long before it a show is announced to who asked to be reminded. */
export const SOON_MS = 15 * 60_000

export type Heralds = ReturnType<typeof createHeralds>

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
    const { word, sessionId } = Told.parse(payload)
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
      const may = await Promise.all(page.map(({ userId, isReminded }) => mayHear(userId, isReminded, show)))
      await notices.tell(
        fact,
        page.filter((_one, n) => may[n]).map(({ userId }) => userId),
      )
      if (page.length < BATCH) return
      after = page.at(-1)!.userId
      await breathe()
    }
  }

  async function mayHear(userId: string, isReminded: boolean, { id, visibility }: Show): Promise<boolean> {
    // Who asked to be reminded of an unlisted show had its address.
    if (visibility === 'unlisted' && isReminded) return true
    return visibility === 'private' || visibility === 'unlisted' ? mayKnow(userId, id) : true
  }

  /** Who follows the channel (a show that is live), asked to be reminded, or holds a right to the show itself. */
  async function concerned(word: Word, { id, channelId, ownerId, visibility }: Show, after: string) {
    const isSecret = visibility === 'private' || visibility === 'unlisted'
    const followers = word === 'live' && !isSecret ? channelId : ''
    const rows = await db
      .selectFrom((eb) =>
        eb
          .selectFrom('reminder')
          .select(['userId', (of) => of.lit<number>(1).as('rank')])
          .where('sessionId', '=', id)
          .unionAll(
            eb
              .selectFrom('follow')
              .select(['userId', (of) => of.lit<number>(0).as('rank')])
              .where('channelId', '=', followers),
          )
          .unionAll(
            eb
              .selectFrom('entitlement')
              .select(['userId', (of) => of.lit<number>(0).as('rank')])
              .where('scope', 'in', isSecret ? [`session:${id}`, `channel:${channelId}`] : [`session:${id}`])
              .where((of) => of.or([of('expiresAt', 'is', null), of('expiresAt', '>', clock.now())])),
          )
          .as('one'),
      )
      .select(['one.userId', (of) => of.fn.max('one.rank').as('rank')])
      .where('one.userId', '>', after)
      .where('one.userId', '!=', ownerId)
      .where('one.userId', 'not in', (eb) =>
        eb.selectFrom('channelBan').select('userId').where('channelId', '=', channelId),
      )
      .groupBy('one.userId')
      .orderBy('one.userId')
      .limit(BATCH)
      .execute()
    return rows.map(({ userId, rank }) => ({ userId, isReminded: Number(rank) === 1 }))
  }

  return { announce, announceSoon, doers: { 'programme.tell': tell } }
}

interface Show {
  id: string
  code: string
  state: string
  title: string
  visibility: string
  scheduledAt: number | null
  timeZone: string | null
  endReason: string | null
  channelId: string
  slug: string
  name: string
  ownerId: string
}

/** A word that came late is not said any more. */
function isStill(word: Word, state: string): boolean {
  if (word === 'live') return state === 'live' || state === 'paused'
  return word === 'off' ? state === 'cancelled' : state === 'scheduled'
}

function factOf(word: Word, show: Show): Fact {
  const { id, code, slug, name, title, visibility, scheduledAt } = show
  const page = scheduledAt === null ? `/c/${slug}${visibility === 'unlisted' ? `?show=${code}` : ''}` : `/show/${code}`
  const what = title || name
  switch (word) {
    case 'live':
      return { fact: `live ${id}`, kind: 'live', title: `${name} is live`, text: what, path: page }
    case 'soon':
      return {
        fact: `soon ${id} ${scheduledAt}`,
        kind: 'soon',
        title: `${what} begins soon`,
        text: whenOf(show),
        path: page,
      }
    case 'moved':
      return {
        fact: `moved ${id} ${scheduledAt}`,
        kind: 'changed',
        title: `${what} has a new time`,
        text: whenOf(show),
        path: page,
      }
    case 'off':
      return { fact: `off ${id}`, kind: 'changed', title: `${what} is called off`, text: offInWords(show), path: page }
    case 'missed':
      return {
        fact: `missed ${id} ${scheduledAt}`,
        kind: 'changed',
        title: `${what} was missed`,
        text: 'Nobody went live around its time. Give it a new time, or call it off.',
        path: `/studio/${slug}/schedule`,
      }
  }
}

const offInWords = ({ name, endReason }: Show) =>
  `${name}: ${endReason ?? 'called off'}. Whoever paid for it is paid back.`

/** In the zone it was planned in: a mail does not know where it is read. */
function whenOf({ name, scheduledAt, timeZone }: Show): string {
  const zone = timeZone ?? 'UTC'
  const at = new Date(scheduledAt ?? 0).toLocaleString('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: zone,
  })
  return `${name}, ${at} (${zone})`
}
