import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { type Database, openDatabase, sqliteFile } from './db.ts'

export interface Migration {
  name: string
  up(db: Kysely<unknown>): Promise<void>
}

interface MigratedOptions {
  url: string
  /** Where the snapshots of a SQLite file are kept. */
  dataDir: string
  migrations?: Migration[]
  clock: Clock
  logger: Logger
}

export interface MigratedDatabase {
  database: Database
  /** The new version is up and answers: from now on a start does not go back to the snapshot. */
  confirmHealthy(): Promise<void>
}

const SNAPSHOTS_KEPT = 5
/** Any two numbers that are ours: two nodes that start at once on one PostgreSQL migrate one after the other. */
const LOCK = 7_140_233

/**
 * Opens the database and brings it up to date. A SQLite file is copied first; if a migration fails, or the start that
 * migrated never came to `confirmHealthy()`, the copy is put back. PostgreSQL does all of it in one transaction.
 */
export async function openMigrated(options: MigratedOptions): Promise<MigratedDatabase> {
  const { url, logger } = options
  const file = sqliteFile(url)
  if (file) await mkdir(dirname(file), { recursive: true })
  const returned = file !== null && (await returnToSnapshot(file))
  if (returned) logger.warn({ file }, 'the last start migrated the database but did not come up: went back to before')

  const database = openDatabase(url)
  try {
    await migrate(database, options)
  } catch (error) {
    await database.close()
    const back = file !== null && (await returnToSnapshot(file))
    const state =
      back || database.kind === 'postgres' ? 'the database is as it was before' : 'the database is unchanged'
    throw new Error(`A migration failed; ${state}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  return {
    database,
    confirmHealthy: async () => {
      if (file) await rm(unconfirmed(file), { force: true })
    },
  }
}

/** The numbered files of `migrations/`, in order. */
export async function readMigrations(folder = join(import.meta.dirname, '../../migrations')): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}-[\w-]+\.ts$/.test(name)).sort()
  return Promise.all(
    files.map(async (name) => {
      const { up } = (await import(pathToFileURL(join(folder, name)).href)) as Pick<Migration, 'up'>
      return { name: name.replace(/\.ts$/, ''), up }
    }),
  )
}

async function migrate(database: Database, options: MigratedOptions): Promise<void> {
  const { clock, logger } = options
  const migrations = options.migrations ?? (await readMigrations())
  const db = database.db.withoutPlugins() as unknown as Kysely<unknown> // a migration names its own tables
  if (database.kind === 'postgres') {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx)
      await noteTable(tx)
      for (const migration of await pendingOf(tx, migrations)) await apply(tx, migration, clock.now())
    })
    return
  }
  await noteTable(db)
  const pending = await pendingOf(db, migrations)
  if (pending.length === 0) return
  const isNew = pending.length === migrations.length
  if (database.file && !isNew) await takeSnapshot(db, database.file, options)
  for (const migration of pending) {
    await db.transaction().execute((tx) => apply(tx, migration, clock.now()))
  }
  logger.info({ migrations: pending.map(({ name }) => name) }, isNew ? 'database created' : 'database migrated')
}

async function noteTable(db: Kysely<unknown>): Promise<void> {
  await sql`create table if not exists migration (name text primary key, applied_at bigint not null)`.execute(db)
}

async function pendingOf(db: Kysely<unknown>, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await sql<{ name: string }>`select name from migration`.execute(db)
  const known = new Set(migrations.map(({ name }) => name))
  const foreign = rows.find(({ name }) => !known.has(name))
  if (foreign) throw new Error(`this database was made by a newer version of Footlight (it knows ${foreign.name})`)
  const applied = new Set(rows.map(({ name }) => name))
  return migrations.filter(({ name }) => !applied.has(name))
}

async function apply(tx: Kysely<unknown>, migration: Migration, at: number): Promise<void> {
  try {
    await migration.up(tx)
  } catch (error) {
    throw new Error(`${migration.name}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  await sql`insert into migration (name, applied_at) values (${migration.name}, ${at})`.execute(tx)
}

// The marker names the snapshot to go back to; it stands from before the first change until the node is up.
function unconfirmed(file: string): string {
  return `${file}.unconfirmed`
}

async function takeSnapshot(db: Kysely<unknown>, file: string, { dataDir, clock, logger }: MigratedOptions) {
  const folder = join(dataDir, 'snapshots')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const snapshot = join(folder, `before-migration-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}.db`)
  await rm(snapshot, { force: true })
  await sql`vacuum into ${snapshot}`.execute(db)
  await writeFile(unconfirmed(file), snapshot)
  logger.info({ snapshot }, 'snapshot of the database taken')
  const old = (await readdir(folder)).filter((name) => name.startsWith('before-migration-')).sort()
  for (const name of old.slice(0, -SNAPSHOTS_KEPT)) await rm(join(folder, name))
}

/** Puts the snapshot back where a migration was begun and never confirmed. The snapshot itself is kept. */
async function returnToSnapshot(file: string): Promise<boolean> {
  const snapshot = await readFile(unconfirmed(file), 'utf8').catch(() => null)
  if (snapshot === null) return false
  const found = await stat(snapshot).catch(() => null)
  if (!found) throw new Error(`The snapshot ${snapshot} is gone; remove ${unconfirmed(file)} to go on without it`)
  await copyFile(snapshot, `${file}.returning`)
  await Promise.all([rm(`${file}-wal`, { force: true }), rm(`${file}-shm`, { force: true })])
  await rename(`${file}.returning`, file)
  await rm(unconfirmed(file))
  return true
}
