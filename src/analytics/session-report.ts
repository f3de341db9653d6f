/** How a show went: what a broadcaster is told of it while it is on and after. Of a show that is over it is added up once. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { readCurve, type Step } from './curve.ts'
import type { Mark } from './marks.ts'
import { pagesOf } from './records.ts'
import { saidIn } from './said.ts'
import { createTally, rounded, Summary } from './tally.ts'

/** A show as far as its report needs to know it. */
export interface Broadcast {
  id: string
  channelId: string
  title: string
  state: string
  /** Milliseconds since 1970. */
  startedAt: number | null
  endedAt: number | null
}

export interface Revenue {
  currency: string
  digits: number
  amount: number
  payments: number
}

export interface Paid {
  id: string
  channelId: string
  from: number | null
  until: number
}

export interface Totals extends Summary {
  peak: number
  messages: number
  /** Messages to a hundred viewers. */
  engagement: number | null
}

export interface Report {
  session: Broadcast
  at: number
  totals: Totals
  stepMs: number
  curve: Step[]
  marks: Mark[]
  revenue: Revenue[]
}

interface Options {
  db: Db
  clock: Clock
  marksOf(sessionId: string): Promise<Mark[]>
  revenueOf(paid: Paid): Promise<Revenue[]>
}

/** Pages look every few seconds, and several may look at once. */
const FRESH_MS = 4_000
const KEPT = 100
/** A show that is over can still be looked back on for five minutes; then nobody comes any more. */
const SETTLED_MS = 15 * 60_000

export type SessionReports = ReturnType<typeof createSessionReports>

export function createSessionReports({ db, clock, marksOf, revenueOf }: Options) {
  const recent = new Map<string, { at: number; summary: Promise<Summary> }>()

  /** At most one pass over the rows of a show every few seconds, whoever asks. */
  function summaryOf(session: Broadcast): Promise<Summary> {
    const known = recent.get(session.id)
    if (known && clock.now() - known.at < FRESH_MS) return known.summary
    recent.delete(session.id)
    for (const oldest of recent.size >= KEPT ? recent.keys().take(1) : []) recent.delete(oldest)
    const summary = isSettled(session) ? keptSummary(session.id) : tally(session.id)
    recent.set(session.id, { at: clock.now(), summary })
    summary.catch(() => recent.delete(session.id))
    return summary
  }

  const isSettled = ({ endedAt }: Broadcast) => endedAt !== null && clock.now() - endedAt > SETTLED_MS

  async function keptSummary(sessionId: string): Promise<Summary> {
    const row = await db
      .selectFrom('sessionSummary')
      .select('summary')
      .where('sessionId', '=', sessionId)
      .executeTakeFirst()
    const kept = row && Summary.safeParse(JSON.parse(row.summary)).data
    if (kept) return kept
    const summary = await tally(sessionId)
    const made = { summary: JSON.stringify(summary), madeAt: clock.now() }
    await db
      .insertInto('sessionSummary')
      .values({ sessionId, ...made })
      .onConflict((oc) => oc.column('sessionId').doUpdateSet(made))
      .execute()
    return summary
  }

  async function tally(sessionId: string): Promise<Summary> {
    const sum = createTally()
    for await (const page of pagesOf(db, sessionId, clock.now())) for (const row of page) sum.add(row)
    return sum.summary()
  }

  async function peakOf(sessionId: string): Promise<number> {
    const { peak } = await db
      .selectFrom('audienceSample')
      .select((eb) => eb.fn.max<number | null>('viewers').as('peak'))
      .where('sessionId', '=', sessionId)
      .executeTakeFirstOrThrow()
    return Number(peak ?? 0)
  }

  async function messagesIn(session: Broadcast): Promise<number> {
    const { messages } = await saidIn(db, session)
      .select((eb) => eb.fn.countAll<number>().as('messages'))
      .executeTakeFirstOrThrow()
    return Number(messages)
  }

  async function totalsOf(session: Broadcast): Promise<Totals> {
    const summary = await summaryOf(session)
    const messages = await messagesIn(session)
    const engagement = summary.viewers === 0 ? null : rounded((messages * 100) / summary.viewers)
    return { ...summary, peak: await peakOf(session.id), messages, engagement }
  }

  const paid = ({ id, channelId, startedAt, endedAt }: Broadcast): Paid => ({
    ...{ id, channelId, from: startedAt },
    until: endedAt ?? clock.now(),
  })

  async function report(session: Broadcast): Promise<Report> {
    const at = clock.now()
    const totals = await totalsOf(session)
    const until = session.endedAt ?? at
    const { curve, stepMs } = await readCurve(db, session, session.startedAt ?? until, until)
    const [marks, revenue] = [await marksOf(session.id), await revenueOf(paid(session))]
    return { session, at, totals, stepMs, curve, marks, revenue }
  }

  return { report, totalsOf, paid }
}
