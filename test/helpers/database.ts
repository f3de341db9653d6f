import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/db.ts'
import { openMigrated } from '../../src/db/migrate.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { fakeClock } from './clock.ts'

const server = process.env.TEST_DATABASE_URL

/** Each database of PostgreSQL takes half a second to make: what makes many of them there makes fewer. */
export const isSlowDatabase = Boolean(server)

/**
 * An empty database of this test's own: SQLite in memory, or a schema on the PostgreSQL that TEST_DATABASE_URL names.
 * Gone when the test is over.
 */
export async function testDatabaseUrl(): Promise<string> {
  const { url, drop } = await makeDatabase()
  onTestFinished(drop)
  return url
}

/** The same for whoever drops it themselves. */
export async function makeDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  if (!server) return { url: ':memory:', drop: async () => undefined }
  const schema = `t_${randomBytes(8).toString('hex')}`
  await onServer(`create schema ${schema}`)
  const url = new URL(server)
  url.searchParams.set('options', `-c search_path=${schema}`)
  return { url: url.href, drop: () => onServer(`drop schema ${schema} cascade`) }
}

/** The same with the real migrations in it. */
export async function testDatabase(): Promise<Database> {
  const url = await testDatabaseUrl()
  const clock = fakeClock()
  const { database } = await openMigrated({ url, dataDir: tmpdir(), clock, logger: createLogger('silent') })
  onTestFinished(() => database.close())
  return database
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
