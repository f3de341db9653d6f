import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { leftOf } from './books.ts'
import type { Accounts, AccountTruth, Paid, Transfer } from './provider.ts'
import { createTestStore } from './test-money-store.ts'

export const ACCOUNT_ACTS = [
  'complete',
  'leave_incomplete',
  'restrict',
  'pay_out',
  'payout_leaves',
  'payout_arrives',
  'payout_fails',
] as const
export type AccountAct = (typeof ACCOUNT_ACTS)[number]

/** One creator's account at the test-money provider, and everything that ever went in and out of it. */
export interface AccountBody {
  channelId: string
  userId: string
  name: string
  returnUrl: string
  truth: AccountTruth
  transfers: (Transfer & { paymentRef: string; currency: string })[]
}

const ASKED = ['identity document', 'bank account']
const DAY = 86_400_000
export const accountName = (channelId: string) => `account:${channelId}`
export const isAccountName = (name: string) => name.startsWith(accountName(''))

/** Onboarding, transfers and payouts of the built-in test money. */
export function createTestAccounts(options: { db: Db; clock: Clock; jobs: Jobs; publicUrl: string }) {
  const missing = new DomainError('not_found', 'no_such_account', 'There is no such payout account.')
  const store = createTestStore<AccountBody>({ ...options, holds: isAccountName, missing })

  const accounts: Accounts = {
    async open({ channelId, owner }) {
      const truth: AccountTruth = { channelId, state: 'incomplete', missing: ASKED, payouts: [] }
      return store.make(accountName(channelId), {
        channelId,
        userId: owner.id,
        name: owner.name,
        returnUrl: '/',
        truth,
        transfers: [],
      })
    },
    async onboardingUrl(ref, returnUrl) {
      await store.change(ref, 'account.link_made', (body) => ({ ...body, returnUrl }))
      return `${options.publicUrl}/test-money/accounts/${ref}`
    },
    fetch: async (ref) => (await store.find(ref))?.body.truth ?? null,
    async transfer({ paymentRef, accountRef, amount, key, currency }) {
      await store.change(accountRef, 'transfer.made', (body, now) => {
        const ref = `${accountRef}_t_${key}`
        if (body.truth.state !== 'active')
          throw new DomainError('conflict', 'not_active', 'This account takes no money.')
        if (body.transfers.some((made) => made.ref === ref)) return body
        const made = { ref, paymentRef, currency, amount, at: now, reversals: [] }
        return { ...body, transfers: [...body.transfers, made] }
      })
    },
    async reverse({ transferRef, amount, key }) {
      await store.change(transferRef.split('_')[0]!, 'transfer.reversed', (body, now) => {
        const transfer = body.transfers.find(({ ref }) => ref === transferRef)
        if (!transfer) throw new DomainError('not_found', 'no_such_transfer', 'There is no such transfer.')
        const ref = `${transferRef}_r_${key}`
        if (!transfer.reversals.some((made) => made.ref === ref)) transfer.reversals.push({ ref, amount, at: now })
        return body
      })
    },
  }

  /** The payments of a channel with what was passed on of them. */
  async function withTransfers(channelId: string, payments: Paid[]): Promise<void> {
    const transfers = (await store.named(accountName(channelId)))?.body.transfers ?? []
    for (const payment of payments) {
      payment.transfers = transfers
        .filter(({ paymentRef }) => paymentRef === payment.ref)
        .map(({ ref, amount, at, reversals }) => ({ ref, amount, at, reversals }))
    }
  }

  return {
    accounts,
    withTransfers,
    look: async (ref: string) => (await store.get(ref)).body,
    act: (ref: string, act: AccountAct) => store.change(ref, `account.${act}`, (body, now) => acted(body, act, now)),
  }
}

/** What lies in the account, per currency. */
export function balancesOf({ transfers, truth }: AccountBody): { currency: string; amount: number }[] {
  const sums = new Map<string, number>()
  const add = (currency: string, amount: number) => sums.set(currency, (sums.get(currency) ?? 0) + amount)
  for (const transfer of transfers) add(transfer.currency, leftOf(transfer))
  for (const { currency, amount, state } of truth.payouts) if (state !== 'failed') add(currency, -amount)
  return [...sums].map(([currency, amount]) => ({ currency, amount })).filter(({ amount }) => amount !== 0)
}

/** What makes sense next; anything else is refused. */
export function accountActsOf(body: AccountBody): AccountAct[] {
  const { state, payouts } = body.truth
  const acts: AccountAct[] = state === 'active' ? ['leave_incomplete', 'restrict'] : ['complete']
  if (state === 'incomplete') acts.push('restrict')
  if (state === 'active' && balancesOf(body).some(({ amount }) => amount > 0)) acts.push('pay_out')
  if (payouts.some((payout) => payout.state === 'pending')) acts.push('payout_leaves')
  if (payouts.some((payout) => payout.state === 'in_transit')) acts.push('payout_arrives', 'payout_fails')
  return acts
}

function acted(body: AccountBody, act: AccountAct, now: number): AccountBody {
  if (!accountActsOf(body).includes(act)) {
    throw new DomainError('conflict', 'makes_no_sense_now', 'This is not possible with this account now.')
  }
  const { truth } = body
  const moved = (from: string, change: Partial<AccountTruth['payouts'][number]>) => ({
    ...body,
    truth: { ...truth, payouts: truth.payouts.map((one) => (one.state === from ? { ...one, ...change } : one)) },
  })
  switch (act) {
    case 'complete':
      return { ...body, truth: { ...truth, state: 'active', missing: [] } }
    case 'leave_incomplete':
      return { ...body, truth: { ...truth, state: 'incomplete', missing: ASKED } }
    case 'restrict':
      return { ...body, truth: { ...truth, state: 'restricted', missing: [] } }
    case 'pay_out': {
      const sent = balancesOf(body).filter(({ amount }) => amount > 0)
      const made = sent.map(({ currency, amount }, index) => ({
        ref: `${accountName(body.channelId)}_po${truth.payouts.length + index}`,
        ...({ currency, amount, state: 'pending', at: now, arrivesAt: now + 2 * DAY, failure: null } as const),
      }))
      return { ...body, truth: { ...truth, payouts: [...truth.payouts, ...made] } }
    }
    case 'payout_leaves':
      return moved('pending', { state: 'in_transit' })
    case 'payout_arrives':
      return moved('in_transit', { state: 'paid' })
    case 'payout_fails':
      return moved('in_transit', { state: 'failed', failure: 'The bank does not know this account.' })
  }
}
