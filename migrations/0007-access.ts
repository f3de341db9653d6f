import type { Kysely } from 'kysely'

/**
 * Rights to watch, whatever they came from; whom a channel's people are (followers, moderators, the banned); and what
 * a session asks of its viewers.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('entitlement')
    .addColumn('source', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('tier', 'integer', (c) => c.notNull())
    .addColumn('granted_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .execute()
  await db.schema.createIndex('entitlement_held').on('entitlement').columns(['user_id', 'scope']).execute()
  await db.schema.createIndex('entitlement_scope').on('entitlement').columns(['scope', 'user_id']).execute()

  await db.schema
    .createTable('show_invitation')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('max_uses', 'integer', (c) => c.notNull())
    .addColumn('uses', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('expires_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('show_invitation_scope').on('show_invitation').columns(['scope', 'id']).execute()

  await db.schema
    .createTable('preview')
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('viewer', 'text', (c) => c.notNull())
    .addColumn('began_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('preview_one', ['scope', 'viewer'])
    .execute()
  await db.schema.createIndex('preview_age').on('preview').column('began_at').execute()

  await db.schema
    .createTable('withdrawal')
    .addColumn('subject', 'text', (c) => c.primaryKey().notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('withdrawal_until').on('withdrawal').column('until').execute()

  await db.schema
    .createTable('follow')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('follow_one', ['user_id', 'channel_id'])
    .execute()
  await db.schema.createIndex('follow_channel').on('follow').columns(['channel_id', 'user_id']).execute()

  await db.schema
    .createTable('channel_moderator')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('channel_moderator_one', ['channel_id', 'user_id'])
    .execute()

  await db.schema
    .createTable('channel_ban')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('reason', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('channel_ban_one', ['channel_id', 'user_id'])
    .execute()

  for (const column of ['scheduled_at', 'required_tier', 'free_max_height']) {
    await db.schema.alterTable('session').addColumn(column, 'bigint').execute()
  }
  await db.schema
    .alterTable('session')
    .addColumn('preview_minutes', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createIndex('session_planned')
    .on('session')
    .columns(['channel_id', 'state', 'scheduled_at'])
    .execute()
}
