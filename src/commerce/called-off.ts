import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Payment } from './purchases.ts'
import type { Scope } from './rights.ts'
import type { Sales } from './sales.ts'

interface CalledOffOptions {
  db: Db
  jobs: Jobs
  sales: Pick<Sales, 'giveBack'>
  /** Whether what a scope names was called off. */
  isCalledOff(scope: Scope): Promise<boolean>
  recordAct: RecordAct
}

/** What buyers are owed, per currency in minor units. */
export interface Owed {
  currency: string
  amount: number
  buyers: number
}

/** At the bank's: it decides, and what it takes is not given back a second time. */
const DISPUTED = ['open', 'lost']

export type CalledOff = ReturnType<typeof createCalledOff>

/** A show that is called off: whoever paid for it is paid back, all that is left of it. */
export function createCalledOff({ db, jobs, sales, isCalledOff, recordAct }: CalledOffOptions) {
  const paymentsFor = (scope: string) =>
    db
      .selectFrom('payment')
      .innerJoin('purchase', 'purchase.id', 'payment.purchaseId')
      .selectAll('payment')
      .where('purchase.scope', '=', scope)
      .whereRef('payment.refunded', '<', 'payment.amount')
      .where((eb) => eb.or([eb('payment.dispute', 'is', null), eb('payment.dispute', 'not in', DISPUTED)]))
      .orderBy('payment.id')
      .execute()

  async function owed(sessionId: string): Promise<Owed[]> {
    const sums = new Map<string, Owed>()
    for (const { currency, amount, refunded } of await paymentsFor(`session:${sessionId}`)) {
      const sum = sums.get(currency) ?? { currency, amount: 0, buyers: 0 }
      sums.set(currency, { currency, amount: sum.amount + amount - refunded, buyers: sum.buyers + 1 })
    }
    return [...sums.values()].toSorted((a, b) => a.currency.localeCompare(b.currency))
  }

  /** Part of the transaction that calls the show off. */
  async function order(sessionId: string, tx: Db): Promise<void> {
    await jobs.enqueue(jobOf(sessionId), tx)
  }

  /** A payment that arrives after the show was called off goes back as well. */
  async function settled({ scope, state }: { scope: Scope; state: string }): Promise<void> {
    if (state === 'paid' && scope.startsWith('session:') && (await isCalledOff(scope))) {
      await jobs.enqueue(jobOf(scope.slice('session:'.length)))
    }
  }

  /** One after the other; what fails is tried again with the job, and what was given back is not given twice. */
  async function giveBackAll(sessionId: string): Promise<void> {
    const failures: unknown[] = []
    for (const payment of await paymentsFor(`session:${sessionId}`)) {
      await giveBack(payment).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} buyers were not paid back yet`)
  }

  async function giveBack(payment: Payment): Promise<void> {
    const { id, amount, refunded, currency } = payment
    const left = amount - refunded
    // Before the provider is asked: no money goes back unwritten, whatever happens next.
    const act = { action: 'refund.ordered', target: `payment:${id}`, before: { refunded } }
    const after = { amount: left, currency, reason: 'called off' }
    await recordAct({ actorId: null, actorRole: 'node', ...act, after })
    await sales.giveBack(payment, left, 'called off')
  }

  /** Payments that arrived for shows called off, of which nobody here heard because the node died just then. */
  async function catchUp(): Promise<void> {
    const rows = await db
      .selectFrom('payment')
      .innerJoin('purchase', 'purchase.id', 'payment.purchaseId')
      .select('purchase.scope')
      .distinct()
      .whereRef('payment.refunded', '<', 'payment.amount')
      .where('purchase.scope', 'in', (eb) =>
        eb
          .selectFrom('session')
          .select((of) =>
            of.fn<string>('concat', [of.cast<string>(of.val('session:'), 'text'), 'session.id']).as('scope'),
          )
          .where('session.state', '=', 'cancelled'),
      )
      .execute()
    for (const { scope } of rows) await jobs.enqueue(jobOf(scope.slice('session:'.length)))
  }

  return { owed, order, settled, giveBackAll, catchUp }
}

const jobOf = (sessionId: string) => ({
  kind: 'commerce.called-off',
  payload: { sessionId },
  key: `called-off ${sessionId}`,
})
