import type { Kysely } from 'kysely'

/** Memberships bought for somebody else, and what is shown of shows that are not open to all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('purchase').addColumn('gift_months', 'integer').execute()
  await db.schema.alterTable('gift').addColumn('purchase_id', 'text').execute()
  await db.schema.createIndex('gift_purchase').on('gift').column('purchase_id').unique().execute()
  for (const name of ['channel', 'session']) {
    await db.schema.alterTable(name).addColumn('cover', 'text').execute()
    await db.schema.alterTable(name).addColumn('picture', 'text').execute()
  }
}
