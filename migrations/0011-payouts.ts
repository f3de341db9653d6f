import type { Kysely } from 'kysely'

/** Where a creator is paid out to, as the provider knows it, and what was sent from there to their bank. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('payout_account')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('missing', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('payout_account_channel')
    .on('payout_account')
    .columns(['channel_id', 'provider'])
    .unique()
    .execute()

  await db.schema
    .createTable('payout')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull().unique())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('sent_at', 'bigint', (c) => c.notNull())
    .addColumn('arrives_at', 'bigint')
    .addColumn('failure', 'text')
    .execute()
  await db.schema.createIndex('payout_channel').on('payout').columns(['channel_id', 'id']).execute()
}
