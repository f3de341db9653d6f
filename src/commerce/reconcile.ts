import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { payoutPostings, postingsOf } from './books.ts'
import { partsOf } from './checkout.ts'
import type { Imbalance, Ledger, Posting } from './ledger.ts'
import type { PayoutAccount, Payouts } from './payouts.ts'
import { type Provider, paymentsOf, type Ref, type Truth } from './provider.ts'
import type { Settle } from './settle.ts'

interface ReconcileOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  provider: Provider
  settle: Settle
  payouts: Payouts
  ledger: Ledger
}

export interface Report {
  at: number
  compared: number
  /** Orders, accounts and payouts whose news had not reached us, and now have. */
  repaired: string[]
  /** What a person has to look at. */
  differences: { subject: string; what: string }[]
  imbalances: Imbalance[]
}

const DAY = 86_400_000
/** A dispute may come months after its payment, but it moves the payment, so the last days are enough every night. */
const WINDOW = 7 * DAY
const LAST_REPORT = 'last_reconcile'

export type Reconcile = ReturnType<typeof createReconcile>

/**
 * Our books beside the provider's. What is only missing here is settled; what contradicts is reported and never changed:
 * the ledger forgets nothing.
 */
export function createReconcile({ db, clock, logger, jobs, provider, settle, payouts, ledger }: ReconcileOptions) {
  async function run(since = clock.now() - WINDOW): Promise<Report> {
    const report: Report = { at: clock.now(), compared: 0, repaired: [], differences: [], imbalances: [] }
    for await (const ref of provider.list(since)) {
      report.compared++
      await compare(ref, report)
    }
    for (const account of await payouts.accounts()) await compareAccount(account, report)
    report.imbalances = await ledger.imbalances()
    const value = JSON.stringify(report)
    await db
      .insertInto('moneySetting')
      .values({ key: LAST_REPORT, value })
      .onConflict((oc) => oc.column('key').doUpdateSet({ value }))
      .execute()
    const { compared, repaired, differences, imbalances } = report
    const sums = { compared, repaired: repaired.length, differences: differences.length, imbalances: imbalances.length }
    if (differences.length + imbalances.length > 0) logger.error(sums, 'our books and the provider’s differ')
    else logger.info(sums, 'our books are the provider’s')
    return report
  }

  async function compare(ref: Ref, report: Report): Promise<void> {
    const truth = await provider.fetch(ref)
    if (truth === null) return
    const { table, id } = partsOf(truth.orderId)
    const before = await db
      .selectFrom(table)
      .select(['version', 'channelId', 'feeBps', 'state'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!before) {
      report.differences.push({ subject: truth.orderId, what: 'is paid for there and unknown here' })
      return
    }
    const isKnown = await isBooked(truth)
    await settle.look(ref, truth.orderId)
    const after = await db.selectFrom(table).select('state').where('id', '=', id).executeTakeFirst()
    if (!isKnown || after?.state !== before.state) report.repaired.push(truth.orderId)
    for (const payment of paymentsOf(truth))
      await compareEntries(postingsOf(payment, { ...before, provider: provider.name }), report)
  }

  async function compareAccount({ ref, channelId, state }: PayoutAccount, report: Report): Promise<void> {
    const truth = await provider.accounts.fetch(ref)
    if (truth === null) return
    report.compared++
    const known = await db.selectFrom('payout').select(['ref', 'state']).where('channelId', '=', channelId).execute()
    const stateHere = new Map(known.map((payout) => [payout.ref, payout.state]))
    const news = truth.payouts.filter((payout) => stateHere.get(payout.ref) !== payout.state)
    if (truth.state !== state) report.repaired.push(`account:${channelId}`)
    report.repaired.push(...news.map((payout) => `payout:${payout.ref}`))
    await payouts.look({ id: ref }, null)
    for (const payout of truth.payouts) {
      await compareEntries(payoutPostings(payout, provider.name, channelId), report)
    }
  }

  async function isBooked(truth: Truth): Promise<boolean> {
    const refs = paymentsOf(truth).flatMap((payment) => [
      `charge:${payment.ref}`,
      ...payment.refunds.map(({ ref }) => `refund:${ref}`),
      ...payment.disputes.map(({ ref }) => `dispute:${ref}`),
      ...payment.transfers.flatMap(({ ref, reversals }) => [
        `transfer:${ref}`,
        ...reversals.map((part) => `transfer_reversed:${part.ref}`),
      ]),
    ])
    if (refs.length === 0) return true
    const rows = await db.selectFrom('ledgerPosting').select('id').where('id', 'in', refs).execute()
    return rows.length === refs.length
  }

  /** What is booked is exactly what the provider's word comes to. */
  async function compareEntries(expected: Posting[], report: Report): Promise<void> {
    const booked = await db
      .selectFrom('ledgerEntry')
      .innerJoin('ledgerPosting', 'ledgerPosting.id', 'ledgerEntry.postingId')
      .select(['postingId', 'account', 'amount', 'currency'])
      .where(
        'ledgerPosting.id',
        'in',
        expected.map(({ id }) => id),
      )
      .execute()
    for (const { id, currency, entries } of expected) {
      for (const [account, amount] of Object.entries(entries)) {
        const entry = booked.find((row) => row.postingId === id && row.account === account && row.currency === currency)
        if ((entry?.amount ?? 0) === amount) continue
        report.differences.push({ subject: id, what: `${account}: ${entry?.amount ?? 0} here, ${amount} there` })
      }
    }
  }

  async function lastReport(): Promise<Report | null> {
    const row = await db.selectFrom('moneySetting').select('value').where('key', '=', LAST_REPORT).executeTakeFirst()
    return row ? (JSON.parse(row.value) as Report) : null // written by this file alone
  }

  /** Every night, and once more the night after: the job orders its successor first. */
  async function nightly(): Promise<void> {
    await orderNext()
    await run()
  }

  async function orderNext(): Promise<void> {
    const night = new Date(clock.now() + DAY).setUTCHours(3, 0, 0, 0)
    await jobs.enqueue({ kind: 'commerce.reconcile', payload: {}, runAt: night, key: 'commerce.reconcile' })
  }

  return { run, lastReport, nightly, orderNext }
}
