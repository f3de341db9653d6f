import { type CreateTableBuilder, type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * What is for sale, what was bought, and the books. Money is an integer in minor units beside its currency. `claim` is
 * taken while somebody holds, or is about to hold, a thing: its uniqueness is what stops buying it twice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await offers(db)
  await orders(db)
  await payments(db)
  await ledger(db)
  await gifts(db)
  await outside(db)
}

async function offers(db: Kysely<unknown>): Promise<void> {
  await table(db, 'offer')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('tier', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('perks', 'text', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('price', 'bigint', (c) => c.notNull())
    .addColumn('yearly_price', 'bigint')
    .addColumn('early_price', 'bigint')
    .addColumn('early_until', 'bigint')
    .addColumn('seats', 'integer')
    .addColumn('sale_from', 'bigint')
    .addColumn('sale_until', 'bigint')
    .addColumn('replay_days', 'integer')
    .addColumn('rent_hours', 'integer')
    .addColumn('rent_from', 'text')
    .addColumn('trial_days', 'integer', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('withdrawn_at', 'bigint')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('updated_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('offer_channel').on('offer').columns(['channel_id', 'id']).execute()
  await db.schema.createIndex('offer_scope').on('offer').columns(['scope', 'id']).execute()
  await db.schema
    .createIndex('offer_tier')
    .on('offer')
    .columns(['channel_id', 'tier'])
    .unique()
    .where(sql<boolean>`kind = 'membership' and withdrawn_at is null`)
    .execute()

  await table(db, 'promotion')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('percent_off', 'integer')
    .addColumn('amount_off', 'bigint')
    .addColumn('currency', 'text')
    .addColumn('offer_id', 'text')
    .addColumn('max_uses', 'integer')
    .addColumn('expires_at', 'bigint')
    .addColumn('withdrawn_at', 'bigint')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('promotion_code')
    .on('promotion')
    .columns(['channel_id', 'code'])
    .unique()
    .where(sql<boolean>`withdrawn_at is null`)
    .execute()
}

async function orders(db: Kysely<unknown>): Promise<void> {
  await order(db, 'purchase')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('paid_at', 'bigint')
    .addColumn('rent_hours', 'integer')
    .addColumn('rent_from', 'text')
    .addColumn('replay_days', 'integer')
    .addColumn('first_played_at', 'bigint')
    .addColumn('access_expires_at', 'bigint')
    .execute()
  await order(db, 'membership')
    .addColumn('tier', 'integer', (c) => c.notNull())
    .addColumn('billing', 'text', (c) => c.notNull())
    .addColumn('subscription_ref', 'text')
    .addColumn('next_offer_id', 'text')
    .addColumn('period_start', 'bigint')
    .addColumn('period_end', 'bigint')
    .addColumn('trial_end', 'bigint')
    .addColumn('cancel_at_period_end', 'integer', (c) => c.notNull())
    .addColumn('canceled_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('grace_until', 'bigint')
    .execute()
  for (const name of ['purchase', 'membership']) {
    await db.schema.createIndex(`${name}_user`).on(name).columns(['user_id', 'id']).execute()
    await db.schema.createIndex(`${name}_channel`).on(name).columns(['channel_id', 'id']).execute()
    await db.schema.createIndex(`${name}_offer`).on(name).columns(['offer_id', 'state']).execute()
    await db.schema.createIndex(`${name}_promotion`).on(name).columns(['promotion_id', 'state']).execute()
  }
  await db.schema.createIndex('purchase_scope').on('purchase').columns(['scope', 'state']).execute()
}

/** What a purchase and a membership have in common. */
function order(db: Kysely<unknown>, name: string) {
  return table(db, name)
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('offer_id', 'text', (c) => c.notNull().references('offer.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('claim', 'text', (c) => c.unique())
    .addColumn('promotion_id', 'text')
    .addColumn('fee_bps', 'integer', (c) => c.notNull())
    .addColumn('checkout_ref', 'text')
    .addColumn('checkout_url', 'text')
    .addColumn('checkout_expires_at', 'bigint', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
}

async function payments(db: Kysely<unknown>): Promise<void> {
  await table(db, 'payment')
    .addColumn('ref', 'text', (c) => c.notNull().unique())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('purchase_id', 'text')
    .addColumn('membership_id', 'text')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('fee', 'bigint')
    .addColumn('platform_fee', 'bigint', (c) => c.notNull())
    .addColumn('refunded', 'bigint', (c) => c.notNull())
    .addColumn('dispute', 'text')
    .addColumn('paid_at', 'bigint', (c) => c.notNull())
    .addColumn('period_start', 'bigint')
    .addColumn('period_end', 'bigint')
    .addColumn('receipt_url', 'text')
    .execute()
  await db.schema.createIndex('payment_channel').on('payment').columns(['channel_id', 'id']).execute()
  await db.schema.createIndex('payment_purchase').on('payment').column('purchase_id').execute()
  await db.schema.createIndex('payment_membership').on('payment').column('membership_id').execute()
}

async function ledger(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ledger_posting')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('channel_id', 'text')
    .addColumn('occurred_at', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('ledger_entry')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('posting_id', 'text', (c) => c.notNull().references('ledger_posting.id'))
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('occurred_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('ledger_posting_channel').on('ledger_posting').columns(['channel_id', 'id']).execute()
  await db.schema.createIndex('ledger_entry_posting').on('ledger_entry').column('posting_id').execute()
  await db.schema.createIndex('ledger_entry_account').on('ledger_entry').columns(['account', 'currency']).execute()
  await appendOnly(db)
}

/** Whoever asks, the database itself refuses to change or forget what was booked. */
async function appendOnly(db: Kysely<unknown>): Promise<void> {
  const words = 'the ledger is append-only'
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  if (!isSqlite) {
    const body = sql.raw(`$$ begin raise exception '${words}'; end $$`)
    await sql`create function refuse_ledger_change() returns trigger language plpgsql as ${body}`.execute(db)
  }
  for (const name of ['ledger_posting', 'ledger_entry']) {
    for (const act of ['update', 'delete']) {
      const trigger = sql.raw(`create trigger ${name}_no_${act} before ${act} on ${name} for each row`)
      const refuse = isSqlite ? `begin select raise(abort, '${words}'); end` : 'execute function refuse_ledger_change()'
      await sql`${trigger} ${sql.raw(refuse)}`.execute(db)
    }
  }
}

async function gifts(db: Kysely<unknown>): Promise<void> {
  await table(db, 'gift')
    .addColumn('code', 'text', (c) => c.notNull().unique())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('tier', 'integer', (c) => c.notNull())
    .addColumn('days', 'integer')
    .addColumn('max_uses', 'integer', (c) => c.notNull())
    .addColumn('uses', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('withdrawn_at', 'bigint')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('gift_channel').on('gift').columns(['channel_id', 'id']).execute()
  await table(db, 'comp')
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('tier', 'integer', (c) => c.notNull())
    .addColumn('gift_id', 'text')
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('comp_channel').on('comp').columns(['channel_id', 'id']).execute()
  await db.schema.createIndex('comp_gift').on('comp').columns(['gift_id', 'user_id']).unique().execute()
}

/** What comes from the money provider, and what the built-in one keeps. */
async function outside(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('money_event')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('money_event_state').on('money_event').column('state').execute()
  await db.schema
    .createTable('money_setting')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute()
  await table(db, 'test_money')
    .addColumn('order_id', 'text', (c) => c.notNull().unique())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
}

function table(db: Kysely<unknown>, name: string): CreateTableBuilder<string, string> {
  return db.schema
    .createTable(name)
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull()) as CreateTableBuilder<string, string>
}
