/** What a show brought in: what was paid for it, whenever, and what its channel was paid while it was on. */
import type { Db } from '../db/db.ts'
import { minorDigits } from './money.ts'

export interface Broadcast {
  id: string
  channelId: string
  /** Milliseconds since 1970; null for a show that never began. */
  from: number | null
  until: number
}

export interface Takings {
  currency: string
  digits: number
  /** In minor units, what was given back taken off. */
  amount: number
  payments: number
}

export function createTakings({ db }: { db: Db }) {
  const paidFor = ({ id, channelId, from, until }: Broadcast) =>
    db
      .selectFrom('payment')
      .leftJoin('purchase', 'purchase.id', 'payment.purchaseId')
      .where('payment.channelId', '=', channelId)
      .where((eb) => {
        const forIt = eb('purchase.scope', '=', `session:${id}`)
        if (from === null) return forIt
        return eb.or([forIt, eb.and([eb('payment.paidAt', '>=', from), eb('payment.paidAt', '<=', until)])])
      })

  async function of(broadcast: Broadcast): Promise<Takings[]> {
    const rows = await paidFor(broadcast)
      .select((eb) => [
        'payment.currency',
        eb.fn.sum<number>('payment.amount').as('amount'),
        eb.fn.sum<number>('payment.refunded').as('refunded'),
        eb.fn.countAll<number>().as('payments'),
      ])
      .groupBy('payment.currency')
      .orderBy('payment.currency')
      .execute()
    return rows.map(({ currency, amount, refunded, payments }) => ({
      currency,
      digits: minorDigits(currency),
      amount: Number(amount) - Number(refunded),
      payments: Number(payments),
    }))
  }

  /** How often each account paid. */
  async function byPerson(broadcast: Broadcast): Promise<ReadonlyMap<string, number>> {
    const rows = await paidFor(broadcast)
      .select((eb) => ['payment.userId', eb.fn.countAll<number>().as('payments')])
      .groupBy('payment.userId')
      .execute()
    return new Map(rows.map(({ userId, payments }) => [userId, Number(payments)]))
  }

  return { of, byPerson }
}
