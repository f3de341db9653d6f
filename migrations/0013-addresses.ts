import type { Kysely } from 'kysely'

/** A link mailed to an address an account does not have yet, and whom an invitation to the node was mailed to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('mail_token').addColumn('email', 'text').execute()
  await db.schema.alterTable('invitation').addColumn('email', 'text').execute()
}
