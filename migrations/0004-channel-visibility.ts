import type { Kysely } from 'kysely'

/** Who finds a channel: everybody in the lists, or only who has its address. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('channel')
    .addColumn('visibility', 'text', (c) => c.notNull().defaultTo('public'))
    .execute()
}
