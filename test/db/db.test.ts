import { expect, test } from 'vitest'
import { isTaken } from '../../src/db/db.ts'
import { testDatabase } from '../helpers/database.ts'

const anna = {
  id: 'u1',
  name: 'Anna',
  email: 'anna@example.org',
  emailVerified: 0,
  image: null,
  role: 'viewer',
  status: 'active',
  statusReason: null,
  statusUntil: null,
  metadata: null,
  createdAt: Date.UTC(2026, 0, 1),
  updatedAt: Date.UTC(2026, 0, 1),
  updatedBy: null,
  deletedAt: null,
  twoFactorEnabled: 0,
  creatorWishAt: null,
}

test('times come back as the numbers they were, on either database', async () => {
  const { db } = await testDatabase()
  await db.insertInto('user').values(anna).execute()
  expect(await db.selectFrom('user').selectAll().executeTakeFirst()).toEqual(anna)
  const { count } = await db
    .selectFrom('user')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(1)
})

test('a value that is taken is told from any other failure', async () => {
  const { db } = await testDatabase()
  await db.insertInto('user').values(anna).execute()
  const failure = (values: object) =>
    db
      .insertInto('user')
      .values({ ...anna, ...values })
      .execute()
      .then(
        () => null,
        (error: unknown) => error,
      )
  expect(isTaken(await failure({ id: 'u2' }))).toBe(true)
  expect(isTaken(await failure({ email: 'other@example.org' }))).toBe(true)
  expect(isTaken(await failure({ id: 'u2', email: 'other@example.org', name: null }))).toBe(false)
})

test('what belongs to somebody needs that somebody', async () => {
  const { db } = await testDatabase()
  const orphan = {
    id: 's1',
    token: 't',
    userId: 'nobody',
    expiresAt: 1,
    ipAddress: null,
    userAgent: null,
    createdAt: 1,
    updatedAt: 1,
  }
  await expect(db.insertInto('signIn').values(orphan).execute()).rejects.toThrow(/foreign key/i)
})

test('a transaction that fails leaves nothing behind', async () => {
  const { db } = await testDatabase()
  const failing = db.transaction().execute(async (tx) => {
    await tx.insertInto('user').values(anna).execute()
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await db.selectFrom('user').selectAll().execute()).toEqual([])
})

test('the auth library sees dates and booleans where the tables hold numbers', async () => {
  const { db, authDb } = await testDatabase()
  await db.insertInto('user').values(anna).execute()
  const users = authDb.withTables<{
    user: { id: string; email_verified: unknown; created_at: unknown; status_until: unknown }
  }>()
  const at = new Date('2026-02-03T04:05:06.789Z')
  await users.updateTable('user').set({ email_verified: true, created_at: at }).where('created_at', '<', at).execute()
  expect(await users.selectFrom('user').select(['email_verified', 'created_at']).executeTakeFirst()).toEqual({
    email_verified: true,
    created_at: at,
  })
  expect(await db.selectFrom('user').select(['emailVerified', 'createdAt']).executeTakeFirst()).toEqual({
    emailVerified: 1,
    createdAt: at.getTime(),
  })
})
