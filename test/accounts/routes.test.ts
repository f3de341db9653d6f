import { expect, test } from 'vitest'
import { ErrorAnswer } from '../../src/platform/http.ts'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'

const anna = { email: 'Anna@Example.org', password: PASSWORD, name: 'Anna' }
const credentials = { email: 'anna@example.org', password: PASSWORD }
const ours = { origin: 'http://footlight.test' }

test('the owner link makes one person the owner, with a channel, once', async () => {
  const { accounts, call } = await peopleSide()
  const token = await accounts.issueSetupToken()
  const first = await call('POST', '/api/setup', { body: { ...anna, token, channelName: 'Küche & Keller' } })
  expect(first.status).toBe(201)
  expect(first.body).toMatchObject({
    user: { email: 'anna@example.org', role: 'admin' },
    channel: { slug: 'kuche-keller' },
  })
  expect((await call('GET', '/api/me', { as: first.body.token })).body.user.name).toBe('Anna')

  const again = await call('POST', '/api/setup', { body: { ...anna, email: 'eve@example.org', token } })
  expect(again.status).toBe(403)
  expect(again.body.error.code).toBe('setup_token_void')
  expect(await accounts.issueSetupToken()).toBeNull()
})

test('of two people with the same link at the same moment one becomes the owner', async () => {
  const { accounts, call, db } = await peopleSide()
  const token = await accounts.issueSetupToken()
  const answers = await Promise.all(
    ['a@example.org', 'b@example.org'].map((email) => call('POST', '/api/setup', { body: { ...anna, email, token } })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 403])
  expect(await db.selectFrom('user').select('id').where('role', '=', 'admin').execute()).toHaveLength(1)
})

test('a wrong or replaced setup token opens nothing', async () => {
  const { accounts, call } = await peopleSide()
  const old = await accounts.issueSetupToken()
  await accounts.issueSetupToken()
  for (const token of [old, 'guess']) {
    expect((await call('POST', '/api/setup', { body: { ...anna, token } })).status).toBe(403)
  }
})

test('when the first channel cannot be made there is no owner either, and the link still works', async () => {
  const { accounts } = await peopleSide()
  const token = (await accounts.issueSetupToken())!
  const broken = accounts.setUp(token, anna, () => Promise.reject(new Error('no disk')))
  await expect(broken).rejects.toThrow('no disk')
  expect(await accounts.hasOwner()).toBe(false)
  await expect(accounts.setUp(token, anna, async () => null)).resolves.toMatchObject({ owner: { role: 'admin' } })
})

test('nobody registers before there is an owner, nor where sign-up is closed', async () => {
  const { accounts, call } = await peopleSide({ signUp: 'closed' })
  expect((await call('POST', '/api/auth/sign-up/email', { body: anna })).body.error.code).toBe('sign_up_closed')
  const open = await peopleSide()
  expect((await open.call('POST', '/api/auth/sign-up/email', { body: anna })).body.error.code).toBe('not_set_up')
  expect(await accounts.hasOwner()).toBe(false)
})

test('signing in gives a cookie to a browser and a word to a program', async () => {
  const { call, person } = await peopleSide()
  await person('Anna', 'viewer')
  const { status, body, headers } = await call('POST', '/api/auth/sign-in/email', { body: credentials })
  expect(status).toBe(200)
  const [cookie] = headers.getSetCookie()
  expect(cookie).toMatch(/^footlight_sign_in=.*HttpOnly; SameSite=Lax$/)
  expect((await call('GET', '/api/me', { headers: { cookie: cookiesOf(headers) } })).body.user.name).toBe('Anna')
  expect((await call('GET', '/api/me', { as: body.token })).body.user.name).toBe('Anna')
  expect((await call('GET', '/api/me')).body).toEqual({ user: null })
})

test('a forged or unsigned word is nobody', async () => {
  const { call, db, person } = await peopleSide()
  const { as } = await person('Anna', 'viewer')
  const { token } = await db.selectFrom('signIn').select('token').executeTakeFirstOrThrow()
  for (const word of [token, `${as.slice(0, -4)}AAA=`, 'x', `${token}.`]) {
    expect((await call('GET', '/api/me', { as: word })).body).toEqual({ user: null })
  }
})

test('a wrong password and an unknown address get the same answer', async () => {
  const { call, person } = await peopleSide()
  await person('Anna', 'viewer')
  const wrong = await call('POST', '/api/auth/sign-in/email', { body: { ...credentials, password: 'not this one' } })
  const unknown = await call('POST', '/api/auth/sign-in/email', {
    body: { ...credentials, email: 'nobody@example.org' },
  })
  for (const { status, body, headers } of [wrong, unknown]) {
    expect([status, body.error.code]).toEqual([401, 'invalid_email_or_password'])
    expect(headers.getSetCookie()).toEqual([])
  }
})

test('signing out ends that sign-in, for the cookie and the word', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Anna', 'viewer')
  const { headers } = await call('POST', '/api/auth/sign-in/email', { body: credentials })
  const cookie = cookiesOf(headers)
  const out = await call('POST', '/api/auth/sign-out', { headers: { ...ours, cookie } })
  expect(out.status).toBe(204)
  expect((await call('GET', '/api/me', { headers: { cookie } })).body.user).toBeNull()
  expect((await call('GET', '/api/me', { as })).body.user).not.toBeNull()
  await call('POST', '/api/auth/sign-out', { as })
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
})

test('a new password ends every other sign-in', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Anna', 'viewer')
  const other = (await call('POST', '/api/auth/sign-in/email', { body: credentials })).body.token
  const change = { currentPassword: PASSWORD, newPassword: 'an even better one' }
  expect(
    (await call('POST', '/api/auth/change-password', { as, body: { ...change, currentPassword: 'wrong' } })).status,
  ).toBe(422)
  expect((await call('POST', '/api/auth/change-password', { as, body: change })).status).toBe(204)
  expect((await call('GET', '/api/me', { as: other })).body.user).toBeNull()
  expect((await call('POST', '/api/auth/sign-in/email', { body: credentials })).status).toBe(401)
  const { status } = await call('POST', '/api/auth/sign-in/email', {
    body: { ...credentials, password: change.newPassword },
  })
  expect(status).toBe(200)
})

test('a write with a cookie must come from a page of ours', async () => {
  const { call, person } = await peopleSide()
  await person('Anna', 'creator')
  const { headers } = await call('POST', '/api/auth/sign-in/email', { body: credentials, headers: ours })
  const cookie = cookiesOf(headers)
  const create = (extra: Record<string, string>) =>
    call('POST', '/api/channels', { body: { name: 'A channel' }, headers: { cookie, ...extra } })

  for (const wrong of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const { status, body } = await create(wrong as Record<string, string>)
    expect([status, body.error.code]).toEqual([403, 'wrong_origin'])
  }
  expect((await create(ours)).status).toBe(201)
  expect((await create({ 'sec-fetch-site': 'same-origin' })).status).toBe(201)
})

test("a stranger's page can sign nobody in", async () => {
  const { call, person } = await peopleSide()
  await person('Anna', 'viewer')
  const { status } = await call('POST', '/api/auth/sign-in/email', {
    body: credentials,
    headers: { origin: 'https://evil.example' },
  })
  expect(status).toBe(403)
})

test('what is not asked for is refused, and the answer names it', async () => {
  const { call } = await peopleSide()
  const { status, body } = await call('POST', '/api/auth/sign-up/email', { body: { ...anna, role: 'admin' } })
  expect(status).toBe(422)
  expect(body.error).toMatchObject({ code: 'invalid_input', details: [{ message: expect.stringContaining('role') }] })
  expect(body.error.requestId).toMatch(/^[\da-f-]{36}$/)
  expect(
    (await call('POST', '/api/auth/sign-up/email', { body: { ...anna, password: 'short' } })).body.error.details[0]
      .field,
  ).toBe('password')
})

test('what is not JSON, or too long, is refused as such', async () => {
  const { hono } = await peopleSide()
  const post = (body: string, type: string) =>
    hono.request('/api/auth/sign-in/email', { method: 'POST', body, headers: { 'content-type': type } })
  const code = async (response: Response) => [response.status, ErrorAnswer.parse(await response.json()).error.code]
  expect(await code(await post('{', 'application/json'))).toEqual([400, 'bad_request'])
  expect(await code(await post('a=b', 'application/x-www-form-urlencoded'))).toEqual([415, 'unsupported_media_type'])
  const long = JSON.stringify({ email: 'a@b.org', password: 'x'.repeat(70_000) })
  expect(await code(await post(long, 'application/json'))).toEqual([413, 'too_large'])
})

test('guessing passwords is slowed down by address, and a forged header does not help', async () => {
  const { call, person } = await peopleSide({ trustedProxies: ['10.0.0.0/8'] })
  await person('Anna', 'viewer')
  const guess = (peer: string, forwarded: string) =>
    call('POST', '/api/auth/sign-in/email', { body: credentials, peer, headers: { 'x-forwarded-for': forwarded } })
  for (let n = 0; n < 10; n++) expect((await guess('192.0.2.7', `198.51.100.${n}`)).status).toBe(200)
  const stopped = await guess('192.0.2.7', '198.51.100.99')
  expect([stopped.status, stopped.body.error.code]).toEqual([429, 'rate_limited'])
  expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await guess('10.0.0.1', '192.0.2.8')).status).toBe(200)
  expect((await guess('10.0.0.1', '192.0.2.7')).status).toBe(429)
})

test('only an admin sees and changes people', async () => {
  const { call, person } = await peopleSide()
  const viewer = await person('Vera', 'viewer')
  const moderator = await person('Mo', 'moderator')
  for (const { as } of [viewer, moderator]) {
    expect((await call('GET', '/api/users', { as })).status).toBe(403)
    const own = await call('PATCH', `/api/users/${viewer.user.id}`, { as, body: { role: 'admin' } })
    expect([own.status, own.body.error.code]).toEqual([403, 'admins_only'])
  }
  expect((await call('GET', '/api/users')).status).toBe(401)
})

test('an admin pages through people and makes one a creator, but does not change themselves', async () => {
  const { call, person } = await peopleSide()
  const admin = await person('Ada', 'admin')
  const { user, as } = await person('Vera', 'viewer')
  const first = await call('GET', '/api/users?limit=2', { as: admin.as })
  expect(first.body.users.map((found: { name: string }) => found.name)).toEqual(['Vera', 'Ada'])
  const second = await call('GET', `/api/users?limit=2&cursor=${first.body.nextCursor}`, { as: admin.as })
  expect(second.body).toMatchObject({ users: [{ email: 'owner@example.org' }], nextCursor: null })

  expect((await call('PATCH', `/api/users/${user.id}`, { as: admin.as, body: { role: 'creator' } })).body.role).toBe(
    'creator',
  )
  expect((await call('GET', '/api/me', { as })).body.user.role).toBe('creator')
  expect((await call('PATCH', `/api/users/${admin.user.id}`, { as: admin.as, body: { role: 'viewer' } })).status).toBe(
    403,
  )
  expect((await call('PATCH', '/api/users/nobody', { as: admin.as, body: { role: 'viewer' } })).status).toBe(404)
})

test('a suspended person is out at once, cannot come in, and is back when the time is over', async () => {
  const { call, person, clock } = await peopleSide()
  const admin = await person('Ada', 'admin')
  const { user, as } = await person('Anna', 'viewer')
  const statusUntil = new Date(clock.now() + 3_600_000).toISOString()
  const suspension = { status: 'suspended', statusReason: 'spam', statusUntil }
  expect((await call('PATCH', `/api/users/${user.id}`, { as: admin.as, body: suspension })).body).toMatchObject(
    suspension,
  )
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
  const refused = await call('POST', '/api/auth/sign-in/email', { body: credentials })
  expect([refused.status, refused.body.error.code]).toEqual([403, 'account_not_active'])
  clock.advance(3_600_000)
  expect((await call('POST', '/api/auth/sign-in/email', { body: credentials })).status).toBe(200)
})

test('no password or token is kept in the clear, and no address at all', async () => {
  const { call, db, person } = await peopleSide()
  await person('Anna', 'viewer')
  await call('POST', '/api/auth/sign-in/email', { body: credentials })
  const kept = await db.selectFrom('credential').select('password').execute()
  for (const { password } of kept) expect(password).toMatch(/^\$argon2id\$/)
  const signIns = await db.selectFrom('signIn').selectAll().execute()
  expect(signIns.every(({ ipAddress, createdAt }) => !ipAddress && Number.isInteger(createdAt))).toBe(true)
})

test('people change their own name, and nobody else does', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Anna', 'viewer')
  const rename = (body: unknown, who?: string) => call('PATCH', '/api/me', { body, ...(who ? { as: who } : {}) })
  expect((await rename({ name: 'Anne' })).status).toBe(401)
  expect((await rename({ name: '  Anne  ' }, as)).body.user).toMatchObject({ name: 'Anne', role: 'viewer' })
  expect((await call('GET', '/api/me', { as })).body.user.name).toBe('Anne')
  for (const body of [{ name: ' ' }, { name: 'x'.repeat(81) }, { name: 'Anne', role: 'admin' }]) {
    expect((await rename(body, as)).status).toBe(422)
  }
  expect((await call('GET', '/api/me', { as })).body.user).toMatchObject({ name: 'Anne', role: 'viewer' })
})
