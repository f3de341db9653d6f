import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Doorbell, Provider, Subject } from './provider.ts'
import type { Look, Outcome } from './settle.ts'

interface WebhookOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  provider: Provider
  look: Look<Subject>
}

const Waiting = z.object({
  eventId: z.string(),
  type: z.string(),
  ref: z.object({ kind: z.enum(['checkout', 'payment', 'subscription', 'account']), id: z.string() }).nullable(),
  orderId: z.string().nullable(),
}) satisfies z.ZodType<Doorbell>

export type Webhook = ReturnType<typeof createWebhook>

/**
 * The door at which the money provider rings. What is not signed is refused; what was answered before is not answered
 * again; what cannot be settled now waits as a job, so that one odd event never holds up the others.
 */
export function createWebhook({ db, clock, logger, jobs, provider, look }: WebhookOptions) {
  async function receive(body: string, headers: Headers): Promise<Outcome | 'repeated' | 'ignored' | 'waiting'> {
    const doorbell = await provider.readEvent(body, headers)
    const seen = await db.selectFrom('moneyEvent').select('state').where('id', '=', idOf(doorbell)).executeTakeFirst()
    if (seen && seen.state !== 'settling') return 'repeated'
    if (doorbell.ref === null) {
      await note(doorbell, 'ignored', db)
      return 'ignored'
    }
    try {
      return await answer(doorbell)
    } catch (error) {
      logger.warn({ err: error, eventId: doorbell.eventId, type: doorbell.type }, 'a money event waits to be settled')
      await jobs.enqueue({ kind: 'commerce.settle', payload: doorbell, key: `commerce.settle ${idOf(doorbell)}` })
      return 'waiting'
    }
  }

  /** Also what the job does with an event that had to wait. */
  async function answer(doorbell: Doorbell): Promise<Outcome> {
    if (doorbell.ref === null) return 'foreign'
    // `settling` is written with the books; the last word only when open viewings were decided anew, so that a node that
    // dies in between does it again.
    const outcome = await look(doorbell.ref, doorbell.orderId, (tx) => note(doorbell, 'settling', tx))
    await note(doorbell, outcome, db)
    return outcome
  }

  async function note(doorbell: Doorbell, state: string, tx: Db): Promise<void> {
    await tx
      .insertInto('moneyEvent')
      .values({ id: idOf(doorbell), type: doorbell.type, state, receivedAt: clock.now() })
      .onConflict((oc) => oc.column('id').doUpdateSet({ state }))
      .execute()
  }

  /** How many events came to what. */
  async function counts(): Promise<Record<string, number>> {
    const rows = await db
      .selectFrom('moneyEvent')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute()
    return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
  }

  const idOf = ({ eventId }: Doorbell) => `${provider.name}:${eventId}`
  return { receive, counts, settleWaiting: (payload: unknown) => answer(Waiting.parse(payload)) }
}
