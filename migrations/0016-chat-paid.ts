import type { Kysely } from 'kysely'

/** What stands beside a message's words (a sum that was paid, an offer), messages that wait for their money, and pictures. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('chat_message').addColumn('card', 'text').execute()

  await db.schema
    .createTable('chat_paid')
    .addColumn('order_id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('session_id', 'text')
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('held_reason', 'text')
    .addColumn('message_id', 'text')
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('least', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('chat_paid_channel')
    .on('chat_paid')
    .columns(['channel_id', 'state', 'order_id'])
    .execute()

  await db.schema
    .createTable('chat_emote')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('picture', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('chat_emote_name').on('chat_emote').columns(['channel_id', 'name']).unique().execute()
}
