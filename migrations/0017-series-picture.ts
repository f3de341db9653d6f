import type { Kysely } from 'kysely'

/** What the shows still to be made of a series are shown by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('series').addColumn('picture', 'text').execute()
}
