/**
 * What the figures say: how a show, a channel and the node did, and how it played at the viewers'. Owns `playbackEvent`,
 * `playbackQuality`, `sessionMark`, `sessionSummary` and `nodeSample`; viewings, chat and money it only reads. Promises that
 * a report reads in small steps, so that it delays nobody's picture, and names nobody.
 */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createChannelReports } from './channel-report.ts'
import { createMarks } from './marks.ts'
import { createNodeLoad, type NodeFigures } from './node-load.ts'
import { createSessionReports, type Paid, type Revenue } from './session-report.ts'
import { createTelemetry } from './telemetry.ts'
import { createViewingList } from './viewing-list.ts'

export { readCmcd } from './cmcd.ts'
export type { NodeFigures } from './node-load.ts'

interface AnalyticsOptions {
  db: Db
  clock: Clock
  logger: Logger
  /** What the commerce room knows of a show's money. */
  money: {
    of(broadcast: Paid): Promise<Revenue[]>
    byPerson(broadcast: Paid): Promise<ReadonlyMap<string, number>>
  }
  nodeFigures(): NodeFigures
  jobs: { enqueue(job: { kind: string; payload: object; runAt: number; key: string }): Promise<unknown> }
  /** What other rooms keep for a while only. */
  forgetElsewhere(): Promise<void>
}

const DAY_MS = 86_400_000
const TIDY = 'analytics.tidy'

export type Analytics = ReturnType<typeof createAnalytics>

export function createAnalytics(options: AnalyticsOptions) {
  const { db, clock, logger, money, nodeFigures, jobs } = options
  const marks = createMarks({ db, clock })
  const telemetry = createTelemetry({ db, clock, logger })
  const nodeLoad = createNodeLoad({ db, clock, logger, figures: nodeFigures })
  const reports = createSessionReports({ db, clock, marksOf: marks.of, revenueOf: money.of })

  /** Every night: what was kept long enough is deleted. The job orders its successor first. */
  async function tidy(): Promise<void> {
    await orderTidy()
    await telemetry.forgetOld()
    await nodeLoad.forgetOld()
    await options.forgetElsewhere()
  }

  async function orderTidy(): Promise<void> {
    const night = new Date(clock.now() + DAY_MS).setUTCHours(4, 0, 0, 0)
    await jobs.enqueue({ kind: TIDY, payload: {}, runAt: night, key: TIDY })
  }

  return {
    marks,
    telemetry,
    nodeLoad,
    sessionReport: reports.report,
    channelReport: createChannelReports({ db, reports, revenueOf: money.of }),
    viewings: createViewingList({
      db,
      clock,
      purchasesIn: (session) => money.byPerson(reports.paid(session)),
    }),
    doers: { [TIDY]: tidy },
    orderTidy,
    async stop(): Promise<void> {
      nodeLoad.stop()
      await telemetry.stop()
    },
  }
}
