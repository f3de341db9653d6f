/** A channel over time: its shows, each in a few figures. */
import type { Db } from '../db/db.ts'
import type { Broadcast, Revenue, SessionReports, Totals } from './session-report.ts'

export interface ShowFigures
  extends Pick<Totals, 'viewers' | 'viewings' | 'peak' | 'watchedMs' | 'averageMs' | 'messages' | 'engagement'> {
  session: Broadcast
  stallsPerHour: number | null
  revenue: Revenue[]
}

export interface ChannelReport {
  /** The oldest first. */
  shows: ShowFigures[]
  /** Whether there were more in this time than are told. */
  isCut: boolean
  followers: number
  newFollowers: number
}

interface Options {
  db: Db
  reports: SessionReports
  revenueOf(paid: ReturnType<SessionReports['paid']>): Promise<Revenue[]>
}

const MOST_SHOWS = 100

export function createChannelReports({ db, reports, revenueOf }: Options) {
  async function figuresOf(session: Broadcast): Promise<ShowFigures> {
    const { viewers, viewings, peak, watchedMs, averageMs, messages, engagement, quality } =
      await reports.totalsOf(session)
    const { stallsPerHour } = quality
    const revenue = await revenueOf(reports.paid(session))
    return { session, viewers, viewings, peak, watchedMs, averageMs, messages, engagement, stallsPerHour, revenue }
  }

  async function followersSince(channelId: string, since: number): Promise<number> {
    const { followers } = await db
      .selectFrom('follow')
      .select((eb) => eb.fn.countAll<number>().as('followers'))
      .where('channelId', '=', channelId)
      .where('createdAt', '>=', since)
      .executeTakeFirstOrThrow()
    return Number(followers)
  }

  return async function channelReport(channelId: string, from: number, until: number): Promise<ChannelReport> {
    const sessions = await db
      .selectFrom('session')
      .select(['id', 'channelId', 'title', 'state', 'startedAt', 'endedAt'])
      .where('channelId', '=', channelId)
      .where('deletedAt', 'is', null)
      .where('startedAt', '>=', from)
      .where('startedAt', '<', until)
      .orderBy('startedAt', 'desc')
      .limit(MOST_SHOWS + 1)
      .execute()
    const shows: ShowFigures[] = []
    // One after another: each may be added up for the first time.
    for (const session of sessions.slice(0, MOST_SHOWS)) shows.push(await figuresOf(session))
    return {
      shows: shows.reverse(),
      isCut: sessions.length > MOST_SHOWS,
      followers: await followersSince(channelId, 0),
      newFollowers: await followersSince(channelId, from),
    }
  }
}
