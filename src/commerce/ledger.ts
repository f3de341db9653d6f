/**
 * The books: append-only, double entry, integer minor units. What came in is positive on the account that received it,
 * and the same sum is negative on the accounts it is owed to or earned by; so every posting, and with it the whole ledger,
 * sums to zero per currency. A posting's id says what it is about, and booking it again changes nothing.
 */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'

export interface Posting {
  /** e.g. `charge:<payment>`: the same fact has the same id whoever tells it, however often. */
  id: string
  kind: string
  provider: string
  /** The payment or payout it is about. */
  subject: string
  channelId: string | null
  currency: string
  occurredAt: number
  entries: Record<string, number>
}

export interface Imbalance {
  postingId: string
  currency: string
  sum: number
}

export type Ledger = ReturnType<typeof createLedger>

export function createLedger({ db, clock }: { db: Db; clock: Clock }) {
  /** Books what is not booked yet. Throws, and so undoes the transaction, on what does not balance. */
  async function post(postings: Posting[], tx: Db): Promise<void> {
    for (const { currency, entries, ...posting } of postings) {
      const moved = Object.entries(entries).filter(([, amount]) => amount !== 0)
      const sum = moved.reduce((total, [, amount]) => total + amount, 0)
      if (sum !== 0 || !moved.every(([, amount]) => Number.isSafeInteger(amount))) {
        throw new Error(`the posting ${posting.id} does not balance: ${JSON.stringify(entries)}`)
      }
      if (moved.length === 0) continue
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('ledgerPosting')
        .values({ ...posting, createdAt: clock.now() })
        .onConflict((oc) => oc.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) continue
      const { id: postingId, occurredAt } = posting
      const rows = moved.map(([account, amount]) => ({ id: newId(), postingId, account, currency, amount, occurredAt }))
      await tx.insertInto('ledgerEntry').values(rows).execute()
    }
  }

  /** What stands on each account. */
  async function balances(): Promise<{ account: string; currency: string; balance: number }[]> {
    const rows = await db
      .selectFrom('ledgerEntry')
      .select(({ fn }) => ['account', 'currency', fn.sum<number>('amount').as('balance')])
      .groupBy(['account', 'currency'])
      .orderBy('account')
      .orderBy('currency')
      .execute()
    return rows.map((row) => ({ ...row, balance: Number(row.balance) }))
  }

  /** Postings that do not sum to zero. There are none, unless somebody wrote past this room. */
  async function imbalances(): Promise<Imbalance[]> {
    const rows = await db
      .selectFrom('ledgerEntry')
      .select(({ fn }) => ['postingId', 'currency', fn.sum<number>('amount').as('sum')])
      .groupBy(['postingId', 'currency'])
      .having(({ fn }) => fn.sum<number>('amount'), '<>', 0)
      .limit(100)
      .execute()
    return rows.map((row) => ({ ...row, sum: Number(row.sum) }))
  }

  /** What a channel earned and was sent, by kind of movement and currency; what is the creator's is shown positive. */
  async function earnings(
    channelId: string,
  ): Promise<{ kind: string; account: string; currency: string; amount: number }[]> {
    const rows = await db
      .selectFrom('ledgerEntry')
      .innerJoin('ledgerPosting', 'ledgerPosting.id', 'ledgerEntry.postingId')
      .select(({ fn }) => ['ledgerPosting.kind', 'account', 'currency', fn.sum<number>('amount').as('amount')])
      .where('ledgerPosting.channelId', '=', channelId)
      .groupBy(['ledgerPosting.kind', 'account', 'currency'])
      .execute()
    return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
  }

  /** Payments whose entries on these accounts do not make up for each other, but for `slack`. */
  async function unlevelled(accounts: string[], slack: number): Promise<string[]> {
    const rows = await db
      .selectFrom('ledgerEntry')
      .innerJoin('ledgerPosting', 'ledgerPosting.id', 'ledgerEntry.postingId')
      .select('ledgerPosting.subject')
      .where('account', 'in', accounts)
      .groupBy('ledgerPosting.subject')
      .having(({ eb, fn, or }) => {
        const sum = fn.sum<number>('ledgerEntry.amount')
        return or([eb(sum, '>', slack), eb(sum, '<', -slack)])
      })
      .execute()
    return rows.map(({ subject }) => subject)
  }

  return { post, balances, imbalances, earnings, unlevelled }
}
