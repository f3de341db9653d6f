import { type Kysely, sql } from 'kysely'

/**
 * Shows planned ahead: how long and in whose zone, series of them, who wants to be reminded. And what people are told:
 * their notices, by which ways they want them, and the browsers that take pushes for them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('session').addColumn('duration_minutes', 'integer').execute()
  await db.schema.alterTable('session').addColumn('time_zone', 'text').execute()
  await db.schema.alterTable('session').addColumn('chosen_at', 'bigint').execute()
  await db.schema.createIndex('session_upcoming').on('session').columns(['state', 'scheduled_at', 'id']).execute()

  await db.schema
    .createTable('series')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('starts_at', 'text', (c) => c.notNull())
    .addColumn('time_zone', 'text', (c) => c.notNull())
    .addColumn('repeat', 'text', (c) => c.notNull())
    .addColumn('show', 'text', (c) => c.notNull())
    .addColumn('made_until', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('series_to_make').on('series').columns(['ended_at', 'made_until']).execute()
  await db.schema.createIndex('series_channel').on('series').columns(['channel_id', 'id']).execute()

  await db.schema
    .createTable('occurrence')
    .addColumn('series_id', 'text', (c) => c.notNull().references('series.id').onDelete('cascade'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull().unique())
    .addPrimaryKeyConstraint('occurrence_one', ['series_id', 'at'])
    .execute()

  await db.schema
    .createTable('reminder')
    .addColumn('session_id', 'text', (c) => c.notNull().references('session.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('reminder_one', ['session_id', 'user_id'])
    .execute()

  await db.schema
    .createTable('notice')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('fact', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('is_listed', 'integer', (c) => c.notNull())
    .addColumn('read_at', 'bigint')
    .addColumn('mailed_at', 'bigint')
    .addColumn('pushed_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('notice_once').on('notice').columns(['user_id', 'fact']).unique().execute()
  await db.schema.createIndex('notice_list').on('notice').columns(['user_id', 'is_listed', 'id']).execute()
  await db.schema.createIndex('notice_unread').on('notice').columns(['user_id', 'is_listed', 'read_at']).execute()
  // What waits to be sent is marked by a zero.
  for (const way of ['mailed_at', 'pushed_at']) {
    await db.schema
      .createIndex(`notice_${way}`)
      .on('notice')
      .columns(['fact', 'id'])
      .where(sql<boolean>`${sql.ref(way)} = 0`)
      .execute()
  }
  await db.schema.createIndex('notice_age').on('notice').column('created_at').execute()

  await db.schema
    .createTable('notice_setting')
    .addColumn('user_id', 'text', (c) => c.primaryKey().notNull().references('user.id').onDelete('cascade'))
    .addColumn('choices', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute()

  await db.schema
    .createTable('push_subscription')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('endpoint', 'text', (c) => c.notNull().unique())
    .addColumn('p256dh', 'text', (c) => c.notNull())
    .addColumn('auth', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('push_subscription_user').on('push_subscription').columns(['user_id', 'id']).execute()
}
