import type { Kysely } from 'kysely'

/** Which rungs a channel wants: null leaves it to the node, `source`, or names separated by commas. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('channel').addColumn('ladder', 'text').execute()
}
