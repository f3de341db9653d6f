import { expect, test } from 'vitest'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'

const credentials = { email: 'anna@example.org', password: PASSWORD }

test('a person sees their sign-ins and ends one of them, or all; nobody else’s', async () => {
  const { call, person, facts } = await peopleSide()
  const { as, user } = await person('Anna', 'viewer')
  const other = (await call('POST', '/api/auth/sign-in/email', { body: credentials })).body.token
  const bo = await person('Bo', 'viewer')
  const { signIns } = (await call('GET', '/api/account/sign-ins', { as })).body
  expect(signIns.map(({ isThis, address }: { isThis: boolean; address: null }) => [isThis, address])).toEqual([
    [false, null],
    [true, null],
  ])
  const path = `/api/account/sign-ins/${signIns[0].id}`
  expect((await call('DELETE', path, { as: bo.as })).status).toBe(404)
  expect((await call('DELETE', path, { as })).status).toBe(204)
  expect((await call('GET', '/api/me', { as: other })).body.user).toBeNull()
  expect((await call('DELETE', '/api/account/sign-ins', { as })).status).toBe(204)
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
  expect((await call('GET', '/api/me', { as: bo.as })).body.user.name).toBe('Bo')
  const ended = [`viewings of ${user.id} end`, `viewings of ${user.id} looked at`]
  expect(facts.filter((fact) => fact.includes(user.id))).toEqual([...ended, ...ended])
})

test('addresses are kept only where the operator wants them', async () => {
  for (const keepAddresses of [false, true]) {
    const { call, person, db } = await peopleSide({ keepAddresses })
    await person('Anna', 'viewer')
    const { body } = await call('POST', '/api/auth/sign-in/email', { body: credentials, peer: '192.0.2.77' })
    const { signIns } = (await call('GET', '/api/account/sign-ins', { as: body.token })).body
    expect(signIns[0].address).toBe(keepAddresses ? '192.0.2.77' : null)
    await call('DELETE', '/api/account/sign-ins', { as: body.token, peer: '192.0.2.77' })
    const kept = await db.selectFrom('auditEntry').select('address').where('address', 'is not', null).execute()
    expect(kept).toEqual(keepAddresses ? [{ address: '192.0.2.77' }] : [])
  }
})

test('an API key does what its scopes name and nothing else', async () => {
  const { call, person, db } = await peopleSide()
  const { as } = await person('Anna', 'creator')
  const make = (scopes: string[]) => call('POST', '/api/account/api-keys', { as, body: { label: 'OBS', scopes } })
  const { body, status } = await make(['channels:write'])
  expect(status).toBe(201)
  const key = body.apiKey
  expect((await call('GET', '/api/me', { as: key })).body.user).toEqual(expect.objectContaining({ name: 'Anna' }))
  const channel = await call('POST', '/api/channels', { as: key, body: { name: 'Made by a program' } })
  expect(channel.status).toBe(201)
  expect((await call('GET', `/api/channels/${channel.body.id}`, { as: key })).status).toBe(200)

  const keys = `/api/channels/${channel.body.id}/stream-keys`
  for (const [method, path, sent] of [
    ['GET', keys, undefined],
    ['POST', keys, { label: 'x' }],
    ['GET', '/api/account/api-keys', undefined],
    ['POST', '/api/account/api-keys', { label: 'more', scopes: ['channels:read'] }],
    ['GET', '/api/account/export', undefined],
    ['POST', '/api/account/delete', { password: PASSWORD }],
    ['POST', '/api/auth/change-password', { currentPassword: PASSWORD, newPassword: 'a fresh and good one' }],
    ['GET', '/api/users', undefined],
    ['GET', '/api/operator/audit', undefined],
  ] as const) {
    const refused = await call(method, path, { as: key, ...(sent ? { body: sent } : {}) })
    expect([refused.status, refused.body.error.code], path).toEqual([403, 'scope_missing'])
  }
  const reader = (await make(['channels:read'])).body.apiKey
  expect((await call('POST', '/api/channels', { as: reader, body: { name: 'No' } })).status).toBe(403)

  const row = JSON.stringify(await db.selectFrom('apiKey').selectAll().execute())
  expect(row).not.toContain(key.slice(-43))
  expect(JSON.stringify((await call('GET', '/api/account/api-keys', { as })).body)).not.toContain(key)
})

test('a key that is revoked, over or made up is nobody; one of a suspended person too', async () => {
  const { call, person, clock } = await peopleSide()
  const admin = await person('Ada', 'admin')
  const { as, user } = await person('Anna', 'creator')
  const body = { label: 'OBS', scopes: ['channels:read'], days: 1 }
  const make = async () => (await call('POST', '/api/account/api-keys', { as, body })).body
  const who = async (key: string) => (await call('GET', '/api/me', { as: key })).body.user
  const [revoked, old, good] = [await make(), await make(), await make()]
  expect(await who(good.apiKey)).not.toBeNull()
  await call('DELETE', `/api/account/api-keys/${revoked.id}`, { as })
  expect(await who(revoked.apiKey)).toBeNull()
  expect(await who(`${good.apiKey.slice(0, -3)}abc`)).toBeNull()
  await call('PATCH', `/api/users/${user.id}`, { as: admin.as, body: { status: 'suspended' } })
  expect(await who(good.apiKey)).toBeNull()
  await call('PATCH', `/api/users/${user.id}`, { as: admin.as, body: { status: 'active' } })
  expect(await who(good.apiKey)).not.toBeNull()
  clock.advance(24 * 3_600_000)
  expect(await who(old.apiKey)).toBeNull()
})

test('my data is everything about me and no secret; leaving takes the name and the keys with it', async () => {
  const { call, person, db, facts, channels } = await peopleSide()
  await person('Ada', 'admin')
  const { as, user } = await person('Anna', 'creator')
  const channel = await call('POST', '/api/channels', { as, body: { name: 'Anna’s kitchen' } })
  await call('POST', '/api/account/api-keys', { as, body: { label: 'OBS', scopes: ['channels:read'] } })
  const mine = await call('GET', '/api/account/export', { as })
  expect(mine.headers.get('content-disposition')).toContain('attachment')
  expect(mine.body).toMatchObject({
    account: { email: 'anna@example.org' },
    channels: [{ name: 'Anna’s kitchen' }],
    apiKeys: [{ label: 'OBS' }],
  })
  expect(JSON.stringify(mine.body)).not.toMatch(/argon2|secretHash|"token"/)

  expect((await call('POST', '/api/account/delete', { as, body: { password: 'a guess' } })).status).toBe(422)
  expect((await call('POST', '/api/account/delete', { as, body: { password: PASSWORD } })).status).toBe(204)
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
  expect((await call('POST', '/api/auth/sign-in/email', { body: credentials })).status).toBe(401)
  expect((await call('GET', `/api/channels/${channel.body.id}`)).status).toBe(404)
  expect(facts).toEqual(expect.arrayContaining([`person.deleted ${user.id}`, `viewings of ${user.id} end`]))
  const left = await db.selectFrom('user').selectAll().where('id', '=', user.id).executeTakeFirstOrThrow()
  expect(JSON.stringify(left)).not.toMatch(/anna/i)
  for (const table of ['signIn', 'credential', 'apiKey', 'mailToken'] as const) {
    expect(await db.selectFrom(table).selectAll().where('userId', '=', user.id).execute(), table).toEqual([])
  }
  expect(await channels.ownedBy(user.id)).toHaveLength(1)
  expect(facts.length).toBeGreaterThan(0)
})

test('the last admin cannot leave', async () => {
  const { call, person, db } = await peopleSide()
  const { as } = await person('Ada', 'admin')
  await db.updateTable('user').set({ role: 'viewer' }).where('email', '=', 'owner@example.org').execute()
  const refused = await call('POST', '/api/account/delete', { as, body: { password: PASSWORD } })
  expect([refused.status, refused.body.error.code]).toEqual([409, 'last_admin'])
  expect((await call('GET', '/api/me', { as })).body.user.name).toBe('Ada')
})

test('a passkey is asked for with a question that is good for one answer', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Anna', 'viewer')
  const asked = await call('POST', '/api/account/passkeys/options', { as })
  expect(asked.body).toMatchObject({ rp: { id: 'footlight.test' }, user: { name: 'anna@example.org' } })
  const ask = await call('POST', '/api/auth/sign-in/passkey/options')
  expect(ask.body.challenge).toEqual(expect.any(String))
  const made = Buffer.from('{}').toString('base64url')
  const response = {
    ...{ id: 'x', rawId: 'x', type: 'public-key' },
    response: { clientDataJSON: made, authenticatorData: made, signature: made },
  }
  const headers = { cookie: cookiesOf(ask.headers), origin: 'http://footlight.test' }
  const forged = await call('POST', '/api/auth/sign-in/passkey', { headers, body: { response } })
  expect(forged.status).toBe(401)
})
