import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Migration, openMigrated, readMigrations } from '../../src/db/migrate.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { fakeClock } from '../helpers/clock.ts'
import { testDatabaseUrl } from '../helpers/database.ts'

const clock = fakeClock()
const logger = createLogger('silent')

const one: Migration = {
  name: '0001-one',
  up: async (db) => void (await sql`create table thing (name text)`.execute(db)),
}
const two: Migration = {
  name: '0002-two',
  up: async (db) => {
    await sql`alter table thing add column size integer`.execute(db)
    await sql`insert into thing values ('from two', 2)`.execute(db)
  },
}
const broken: Migration = {
  name: '0003-broken',
  up: async (db) => {
    await sql`drop table thing`.execute(db)
    await sql`insert into nowhere values (1)`.execute(db)
  },
}

/** A SQLite file in a folder of its own, opened with these migrations. */
function onDisk() {
  const dataDir = mkdtempSync(join(tmpdir(), 'footlight-db-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const file = join(dataDir, 'test.db')
  const open = (...migrations: Migration[]) => openMigrated({ url: `file:${file}`, dataDir, migrations, clock, logger })
  const snapshots = () => (readdirSync(dataDir).includes('snapshots') ? readdirSync(join(dataDir, 'snapshots')) : [])
  return { dataDir, file, open, snapshots }
}

type Opened = Awaited<ReturnType<typeof openMigrated>>

async function names({ database }: Opened): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from thing`.execute(database.db)
  return rows.map(({ name }) => name)
}

async function add({ database }: Opened, name: string): Promise<void> {
  await sql`insert into thing (name) values (${name})`.execute(database.db)
}

test('a new database is made without a snapshot; the file is for its owner alone', async () => {
  const { open, file, snapshots } = onDisk()
  const opened = await open(one)
  await opened.confirmHealthy()
  await opened.database.close()
  expect(snapshots()).toEqual([])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a migration that works is confirmed and stays, its snapshot beside it', async () => {
  const { open, snapshots } = onDisk()
  const first = await open(one)
  await add(first, 'before')
  await first.confirmHealthy()
  await first.database.close()

  const second = await open(one, two)
  await second.confirmHealthy()
  await add(second, 'after')
  await second.database.close()
  expect(snapshots()).toHaveLength(1)

  const third = await open(one, two)
  expect(await names(third)).toEqual(['before', 'from two', 'after'])
  await third.database.close()
  expect(snapshots()).toHaveLength(1)
})

test('a migration that fails leaves everything as it was, also the ones before it', async () => {
  const { open } = onDisk()
  const first = await open(one)
  await add(first, 'kept')
  await first.confirmHealthy()
  await first.database.close()

  await expect(open(one, two, broken)).rejects.toThrow(/0003-broken: .*nowhere/)
  const again = await open(one)
  expect(await names(again)).toEqual(['kept'])
  await again.database.close()
})

test('a version that never came up is undone at the next start, whichever version that is', async () => {
  const { open } = onDisk()
  const first = await open(one)
  await add(first, 'kept')
  await first.confirmHealthy()
  await first.database.close()

  const unhealthy = await open(one, two)
  await add(unhealthy, 'lost')
  await unhealthy.database.close() // and dies before it answered anybody

  const old = await open(one)
  expect(await names(old)).toEqual(['kept'])
  await old.confirmHealthy()
  await old.database.close()
})

test('snapshots do not pile up', async () => {
  const { open, snapshots } = onDisk()
  const steps: Migration[] = [one]
  for (let n = 2; n < 12; n++) {
    clock.advance(60_000)
    const opened = await open(...steps)
    await opened.confirmHealthy()
    await opened.database.close()
    steps.push({ name: `00${String(n).padStart(2, '0')}-step`, up: async () => undefined })
  }
  expect(snapshots()).toHaveLength(5)
})

test('an older version does not touch a database it does not know', async () => {
  const { open } = onDisk()
  const opened = await open(one, two)
  await opened.confirmHealthy()
  await opened.database.close()
  await expect(open(one)).rejects.toThrow('made by a newer version of Footlight (it knows 0002-two)')
})

// SQLite belongs to one node; on PostgreSQL two may start at the same moment.
if (process.env.TEST_DATABASE_URL) {
  test('on PostgreSQL all is done in one transaction, by one node after the other', async () => {
    const url = await testDatabaseUrl()
    const open = (...migrations: Migration[]) => openMigrated({ url, dataDir: tmpdir(), migrations, clock, logger })
    const first = await open(one)
    await add(first, 'kept')
    await first.database.close()
    await expect(open(one, two, broken)).rejects.toThrow('the database is as it was before')
    const both = await Promise.all([open(one, two), open(one, two)])
    expect(await names(both[0])).toEqual(['kept', 'from two'])
    for (const { database } of both) await database.close()
  })
}

test('the real migrations are numbered without a gap', async () => {
  const found = await readMigrations()
  expect(found.length).toBeGreaterThan(0)
  expect(found.map(({ name }) => Number(name.slice(0, 4)))).toEqual(found.map((_, index) => index + 1))
})
