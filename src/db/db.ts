/**
 * The database: SQLite in one file by default, PostgreSQL when one machine is not enough, both behind one Kysely.
 * The room owns the connection and what both dialects must agree on; tables belong to the rooms that write them.
 * SQLite has one connection: inside a transaction pass `tx` on, or the query waits for ever.
 */
import { closeSync, openSync } from 'node:fs'
import SqliteFile from 'better-sqlite3'
import { CamelCasePlugin, Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely'
import pg from 'pg'
import { plainValues } from './plain-values.ts'
import type { Tables } from './schema.ts'

export type Db = Kysely<Tables>

export interface Database {
  kind: 'sqlite' | 'postgres'
  db: Db
  /** The same connection for the auth library: snake-case names, its dates and booleans kept as integers. */
  authDb: Kysely<unknown>
  /** The SQLite file; null in memory and on PostgreSQL. */
  file: string | null
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

export function openDatabase(url: string): Database {
  return /^postgres(ql)?:/.test(url) ? openPostgres(url) : openSqlite(url)
}

/** `file:data/x.db` is data/x.db; null when the database lives in memory. */
export function sqliteFile(url: string): string | null {
  return url.startsWith('file:') && url !== 'file::memory:' ? url.slice('file:'.length) : null
}

/** True when a write was refused because the value is already taken, on either database. */
export function isTaken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === '23505'
}

function openSqlite(url: string): Database {
  const file = sqliteFile(url)
  // Sign-ins lie in it: the node's user alone may read it. SQLite gives its WAL the same mode.
  if (file) closeSync(openSync(file, 'a', 0o600))
  const sqlite = new SqliteFile(file ?? ':memory:')
  sqlite.pragma('busy_timeout = 5000')
  if (file) sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = NORMAL')
  sqlite.pragma('foreign_keys = ON')
  return assemble('sqlite', new SqliteDialect({ database: cachingStatements(sqlite) }), file)
}

function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    // int8 and numeric come as text by default; ours are milliseconds and counts, well below 2^53.
    types: {
      getTypeParser: (oid, format) => (oid === 20 || oid === 1700 ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // An idle connection that breaks (a restart of the server) is replaced at the next query, not a reason to die.
  pool.on('error', () => undefined)
  return assemble('postgres', new PostgresDialect({ pool }), null)
}

function assemble(kind: Database['kind'], dialect: SqliteDialect | PostgresDialect, file: string | null): Database {
  const plain = new Kysely<Tables>({ dialect })
  return {
    kind,
    db: plain.withPlugin(new CamelCasePlugin()),
    authDb: plain.withPlugin(plainValues()) as unknown as Kysely<unknown>, // the library names its tables itself
    file,
    ping: async () => void (await sql`select 1`.execute(plain)),
    close: () => plain.destroy(),
  }
}

const STATEMENTS_KEPT = 500

/** Preparing a statement costs more than running it: the most recent ones are kept (239 → 187 µs for a listing). */
function cachingStatements(sqlite: SqliteFile.Database) {
  const kept = new Map<string, SqliteFile.Statement<unknown[]>>()
  return {
    close: () => sqlite.close(),
    prepare(sql: string) {
      const known = kept.get(sql)
      if (known) {
        kept.delete(sql)
        kept.set(sql, known)
        return known
      }
      const statement = sqlite.prepare<unknown[]>(sql)
      // Only what returns rows or changes them is kept; a changed table invalidates nothing, SQLite prepares anew.
      if (/^(select|insert|update|delete|with)\b/i.test(sql)) kept.set(sql, statement)
      if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!)
      return statement
    },
  }
}
