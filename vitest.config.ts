import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'

const MEDIA = ['test/live/**', 'test/browser/**', 'test/chaos/**']

/** Kinds of test after the folders they live in. Media tests own the machine: one file at a time, kinds in a row. */
const slow = (name: string, groupOrder: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    sequence: { groupOrder },
  },
})

const quick = { testTimeout: 20_000, hookTimeout: 30_000, sequence: { groupOrder: 0 } }

/** What uses the database runs on SQLite, and again on PostgreSQL where there is one (scripts/test brings one). */
function databaseTests(): string[] {
  const mentions = (path: string, names: string[]) => {
    const text = readFileSync(path, 'utf8')
    return names.some((name) => text.includes(`/${name}'`))
  }
  const standingOn = (names: string[]) =>
    globSync('test/helpers/*.ts')
      .filter((path) => mentions(path, names))
      .map((path) => basename(path))
  let helpers = standingOn(['database.ts'])
  for (let more = standingOn(helpers); more.some((name) => !helpers.includes(name)); more = standingOn(helpers)) {
    helpers = [...new Set([...helpers, ...more])]
  }
  return globSync('test/**/*.test.ts', { exclude: MEDIA }).filter((path) => mentions(path, ['database.ts', ...helpers]))
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...quick,
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: MEDIA,
          env: { TEST_DATABASE_URL: '' },
        },
      },
      ...(process.env.TEST_DATABASE_URL
        ? [{ test: { ...quick, testTimeout: 60_000, name: 'postgres', include: databaseTests() } }]
        : []),
      slow('live', 1),
      slow('browser', 2),
      slow('chaos', 3),
    ],
  },
})
