import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../helpers/database.ts'

/** `camelCase` as the plugin writes it in the database. */
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Tables and columns as schema.ts says: `name`, or `name?` where it may be null. */
function written(): Record<string, string[]> {
  const text = readFileSync('src/db/schema.ts', 'utf8')
  const bodies = new Map(
    [...text.matchAll(/export interface (\w+) \{\n([^}]*)\}/g)].map(([, name, body]) => [name!, body!]),
  )
  const fields = (body: string) =>
    [...body.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, name, type]) => [name!, type!] as const)
  const tables = fields(bodies.get('Tables') ?? '').map(([table, type]) => {
    const columns = fields(bodies.get(type) ?? '').map(([name, of]) => snake(name) + (of.endsWith('| null') ? '?' : ''))
    return [snake(table), columns.sort()]
  })
  return Object.fromEntries(tables)
}

test('schema.ts says what the migrations leave behind', async () => {
  const { db, kind } = await testDatabase()
  const plain = db.withoutPlugins()
  const own =
    kind === 'postgres' ? (await sql<{ s: string }>`select current_schema() as s`.execute(plain)).rows[0]!.s : undefined
  const tables = (await plain.introspection.getTables()).filter(
    ({ name, schema }) => schema === own && name !== 'migration',
  )
  const migrated = tables.map(({ name, columns }) => [
    name,
    columns.map((column) => column.name + (column.isNullable ? '?' : '')).sort(),
  ])
  expect(Object.keys(written()).length).toBeGreaterThan(3)
  expect(written()).toEqual(Object.fromEntries(migrated))
})
