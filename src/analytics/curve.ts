/** The course of a show in at most a few hundred steps: the most viewers of each, and how much was said. */
import type { Db } from '../db/db.ts'
import { saidIn } from './said.ts'

export interface Step {
  at: number
  /** The most at once; null where the node was not running. */
  viewers: number | null
  messages: number
}

const STEPS_MS = [10, 30, 60, 300, 600, 1_800, 3_600, 21_600].map((seconds) => seconds * 1_000)
const MOST_STEPS = 360

export async function readCurve(db: Db, session: { id: string; channelId: string }, from: number, until: number) {
  const stepMs = STEPS_MS.find((step) => (until - from) / step <= MOST_STEPS) ?? STEPS_MS.at(-1)!
  const samples = await db
    .selectFrom('audienceSample')
    .select((eb) => [
      eb('at', '-', eb('at', '%', eb.lit(stepMs))).as('step'),
      eb.fn.max<number>('viewers').as('viewers'),
    ])
    .where('sessionId', '=', session.id)
    .groupBy((eb) => eb('at', '-', eb('at', '%', eb.lit(stepMs))))
    .execute()
  const said = await saidIn(db, { ...session, startedAt: from })
    .select((eb) => [
      eb('createdAt', '-', eb('createdAt', '%', eb.lit(stepMs))).as('step'),
      eb.fn.countAll<number>().as('messages'),
    ])
    .groupBy((eb) => eb('createdAt', '-', eb('createdAt', '%', eb.lit(stepMs))))
    .execute()
  const viewersAt = new Map(samples.map(({ step, viewers }) => [Number(step), Number(viewers)]))
  const messagesAt = new Map(said.map(({ step, messages }) => [Number(step), Number(messages)]))
  const curve: Step[] = []
  for (let at = from - (from % stepMs); at <= until && curve.length <= MOST_STEPS + 1; at += stepMs) {
    curve.push({ at, viewers: viewersAt.get(at) ?? null, messages: messagesAt.get(at) ?? 0 })
  }
  return { stepMs, curve, messages: [...messagesAt.values()].reduce((sum, each) => sum + each, 0) }
}
