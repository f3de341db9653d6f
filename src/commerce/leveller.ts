import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Logger } from '../platform/logger.ts'
import { creatorAccount, dueOf, leftOf, payoutAccount, ROUNDING } from './books.ts'
import { partsOf } from './checkout.ts'
import type { Ledger } from './ledger.ts'
import type { Payouts } from './payouts.ts'
import { type Paid, type Provider, paymentsOf } from './provider.ts'
import { orderOf } from './purchases.ts'
import type { Settle } from './settle.ts'

interface LevellerOptions {
  db: Db
  logger: Logger
  jobs: Jobs
  provider: Provider
  settle: Settle
  payouts: Payouts
  ledger: Ledger
}

const OfPayment = z.object({ paymentRef: z.string() })
const OfChannel = z.object({ channelId: z.string() })

/** Written with what made it necessary, so that neither is there without the other. */
export function levelLater(jobs: Jobs, paymentRef: string, tx?: Db): Promise<boolean> {
  return jobs.enqueue({ kind: 'commerce.level', payload: { paymentRef }, key: `commerce.level ${paymentRef}` }, tx)
}

/**
 * Sees to it that of each payment the creator's account holds exactly the creator's share: what is missing is passed on,
 * what was refunded or lost since is taken back. It reckons from the truth it fetches, and every movement has a name made
 * of what was moved before; so it may be called at any time, any number of times, and die in between.
 */
export function createLeveller({ db, logger, jobs, provider, settle, payouts, ledger }: LevellerOptions) {
  async function level(payload: unknown): Promise<void> {
    const { paymentRef } = OfPayment.parse(payload)
    const payment = await db.selectFrom('payment').selectAll().where('ref', '=', paymentRef).executeTakeFirstOrThrow()
    const { table, id } = partsOf(orderOf(payment))
    const { feeBps } = await db.selectFrom(table).select('feeBps').where('id', '=', id).executeTakeFirstOrThrow()
    const ref = { kind: 'payment', id: paymentRef } as const
    const truth = await provider.fetch(ref)
    const paid = truth && paymentsOf(truth).find((one) => one.ref === paymentRef)
    if (!paid) throw new Error(`the provider knows no payment ${paymentRef}`)
    const due = dueOf(paid, { provider: provider.name, channelId: payment.channelId, feeBps })
    if (due > 0) await passOn(paid, due, payment.channelId)
    if (due < 0) await takeBack(paid, -due)
    // Also where nothing was due: who moved it before may have died before it was booked.
    await settle.look(ref, orderOf(payment))
  }

  async function passOn(paid: Paid, amount: number, channelId: string): Promise<void> {
    const account = await payouts.payeeOf(channelId)
    if (!account) return
    const { ref: paymentRef, currency } = paid
    const key = `${paymentRef}-${movedBefore(paid)}-${amount}`
    const share = { paymentRef, ...account, currency, amount, isFromBalance: paid.transfers.length > 0, key }
    try {
      await provider.accounts.transfer(share)
    } catch (error) {
      await payouts.look({ id: account.accountRef }, null)
      // It takes nothing by now; when it does again, this is passed on with everything else that was kept.
      if ((await payouts.payeeOf(channelId)) === null) return
      throw error
    }
    logger.info({ paymentRef, channelId, amount, currency }, 'share passed on')
  }

  async function takeBack(paid: Paid, amount: number): Promise<void> {
    const { currency } = paid
    let missing = amount
    for (const transfer of paid.transfers) {
      const { ref, reversals } = transfer
      const part = Math.min(missing, leftOf(transfer))
      if (part <= 0) continue
      const key = `${ref}-${reversals.length}-${part}`
      await provider.accounts.reverse({ transferRef: ref, currency, amount: part, key })
      logger.info({ paymentRef: paid.ref, transferRef: ref, amount: part, currency }, 'share taken back')
      missing -= part
    }
  }

  /** The channel's account takes money now: everything that was kept for it goes there. */
  async function levelChannel(payload: unknown): Promise<void> {
    const { channelId } = OfChannel.parse(payload)
    const accounts = [creatorAccount(channelId), payoutAccount(channelId)]
    for (const paymentRef of await ledger.unlevelled(accounts, ROUNDING)) await levelLater(jobs, paymentRef)
  }

  return { level, levelChannel }
}

const movedBefore = ({ transfers }: Paid) => transfers.reduce((sum, { reversals }) => sum + 1 + reversals.length, 0)
