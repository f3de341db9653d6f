import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { PayoutAccountTable, PayoutTable } from '../db/schema.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import { payoutPostings } from './books.ts'
import type { Ledger } from './ledger.ts'
import type { AccountTruth, Provider } from './provider.ts'
import type { Look } from './settle.ts'

interface PayoutsOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  provider: Provider
  ledger: Ledger
  publicUrl: string
  ownChannel(actor: User, channelId: string): Promise<string>
  recordAct: RecordAct
}

export type PayoutAccount = Selectable<PayoutAccountTable>
export type Payout = Selectable<PayoutTable>
export type Payouts = ReturnType<typeof createPayouts>

const ATTEMPTS = 8

/** The accounts creators are paid out to, and what went from there to their banks. */
export function createPayouts({
  db,
  clock,
  logger,
  jobs,
  provider,
  ledger,
  publicUrl,
  ownChannel,
  recordAct,
}: PayoutsOptions) {
  /** The page of the provider where the creator says who they are and where the money goes. */
  async function connect(actor: User, channel: string, country?: string): Promise<string> {
    const channelId = await ownChannel(actor, channel)
    const ref = (await find(channelId))?.ref ?? (await open(actor, channelId, country))
    return provider.accounts.onboardingUrl(ref, `${publicUrl}/studio/${channelId}/earnings`)
  }

  async function open(actor: User, channelId: string, country: string | undefined): Promise<string> {
    if (!country) throw new DomainError('invalid', 'country_missing', 'Say in which country you are paid out.')
    const ref = await provider.accounts.open({ channelId, owner: actor, country })
    const now = clock.now()
    const begun = {
      state: 'incomplete',
      missing: '[]',
      version: 1,
      createdBy: actor.id,
      createdAt: now,
      updatedAt: now,
    }
    await db.transaction().execute(async (tx) => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('payoutAccount')
        .values({ id: newId(), channelId, provider: provider.name, ref, ...begun })
        .onConflict((oc) => oc.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return
      const act = { action: 'payout_account.opened', target: `channel:${channelId}`, after: { ref, country } }
      await recordAct({ ...by(actor), ...act }, tx)
    })
    logger.info({ channelId, by: actor.id }, 'payout account opened')
    return ref
  }

  /** As the provider sees it now: for the creator who comes back from its page before its word does. */
  async function refresh(actor: User, channel: string): Promise<PayoutAccount> {
    const channelId = await ownChannel(actor, channel)
    const account = await find(channelId)
    if (!account) throw new DomainError('not_found', 'no_payout_account', 'There is no payout account yet.')
    await look({ id: account.ref }, null)
    return (await find(channelId))!
  }

  /**
   * Brings account, payouts and books to what the provider says now; written only if nobody else did since before it was
   * asked, so an older truth never lands on a newer one.
   */
  const look: Look<{ id: string }> = async ({ id: ref }, _hint, also = async () => {}) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await db.selectFrom('payoutAccount').selectAll().where('ref', '=', ref).executeTakeFirst()
      const truth = await provider.accounts.fetch(ref)
      if (truth === null) {
        await db.transaction().execute(also)
        return 'foreign'
      }
      if (!before) throw new Error(`there is no payout account ${ref} here yet`)
      const isWritten = await db.transaction().execute(async (tx) => {
        if (!(await write(before, truth, tx))) return false
        await also(tx)
        return true
      })
      if (!isWritten) continue
      const { channelId } = before
      if (truth.state !== before.state) logger.info({ channelId, state: truth.state }, 'payout account settled')
      return 'settled'
    }
    throw new Error(`the payout account ${ref} is written by others all the time`)
  }

  async function write(before: PayoutAccount, truth: AccountTruth, tx: Db): Promise<boolean> {
    const { id, channelId, version } = before
    const { state, missing, payouts } = truth
    const { numUpdatedRows } = await tx
      .updateTable('payoutAccount')
      .set({ state, missing: JSON.stringify(missing), version: version + 1, updatedAt: clock.now() })
      .where('id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    for (const payout of payouts.toSorted((a, b) => a.at - b.at)) {
      const { ref, currency, amount, at, ...rest } = payout
      const standing = { ...rest, updatedAt: clock.now() }
      await tx
        .insertInto('payout')
        .values({ id: newId(), ref, channelId, currency, amount, sentAt: at, createdAt: clock.now(), ...standing })
        .onConflict((oc) => oc.column('ref').doUpdateSet(standing))
        .execute()
      await ledger.post(payoutPostings(payout, provider.name, channelId), tx)
    }
    if (state === 'active' && before.state !== 'active') {
      const key = `commerce.level-channel ${channelId}`
      await jobs.enqueue({ kind: 'commerce.level-channel', payload: { channelId }, key }, tx)
    }
    return true
  }

  async function find(channelId: string): Promise<PayoutAccount | undefined> {
    return db
      .selectFrom('payoutAccount')
      .selectAll()
      .where('channelId', '=', channelId)
      .where('provider', '=', provider.name)
      .executeTakeFirst()
  }

  /** Who takes a share of what is paid to this channel at once. */
  async function payeeOf(channelId: string): Promise<{ accountRef: string } | null> {
    const account = await find(channelId)
    return account?.state === 'active' ? { accountRef: account.ref } : null
  }

  async function list(
    actor: User,
    channel: string,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Promise<{ account: PayoutAccount | null; page: Page<Payout> }> {
    const channelId = await ownChannel(actor, channel)
    let query = db.selectFrom('payout').selectAll().where('channelId', '=', channelId)
    if (cursor) query = query.where('id', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return { account: (await find(channelId)) ?? null, page: toPage(rows, limit, ({ id }) => id) }
  }

  /** Of this provider, to compare books. */
  async function accounts(): Promise<PayoutAccount[]> {
    return db.selectFrom('payoutAccount').selectAll().where('provider', '=', provider.name).orderBy('id').execute()
  }

  return { connect, refresh, look, payeeOf, list, accounts }
}
