import { expect, test } from 'vitest'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'
import { totp } from '../helpers/totp.ts'

const credentials = { email: 'anna@example.org', password: PASSWORD }

async function guarded() {
  const side = await peopleSide()
  const { as } = await side.person('Anna', 'viewer')
  const begun = await side.call('POST', '/api/account/totp', { as, body: { password: PASSWORD } })
  const { secret, backupCodes, qr } = begun.body as { secret: string; backupCodes: string[]; qr: string }
  const confirmed = await side.call('POST', '/api/account/totp/confirm', { as, body: { code: totp(secret) } })
  const signIn = () => side.call('POST', '/api/auth/sign-in/email', { body: credentials })
  const give = (first: { headers: Headers }, body: unknown, peer = '192.0.2.9') =>
    side.call('POST', '/api/auth/sign-in/second-factor', {
      body,
      peer,
      headers: { cookie: cookiesOf(first.headers), origin: 'http://footlight.test' },
    })
  return { ...side, as: cookiesOf(confirmed.headers), secret, backupCodes, qr, confirmed, signIn, give }
}

test('with a second factor the password alone signs nobody in; the code does', async () => {
  const { signIn, give, call, secret, qr, confirmed } = await guarded()
  expect(confirmed.status).toBe(204)
  expect(qr).toMatch(/^<svg/)
  const half = await signIn()
  expect([half.status, half.body]).toEqual([202, { secondFactor: true }])
  expect((await call('GET', '/api/me', { headers: { cookie: cookiesOf(half.headers) } })).body.user).toBeNull()
  expect((await give(half, { code: '000000' })).status).toBe(401)
  const whole = await give(half, { code: totp(secret) })
  expect(whole.body.user.name).toBe('Anna')
  expect((await call('GET', '/api/me', { headers: { cookie: cookiesOf(whole.headers) } })).body.user.name).toBe('Anna')
  // The half-way cookie is used up.
  expect((await give(half, { code: totp(secret) })).status).toBe(401)
})

test('a backup code works once', async () => {
  const { signIn, give, backupCodes } = await guarded()
  expect(backupCodes).toHaveLength(10)
  const code = backupCodes[0]
  expect((await give(await signIn(), { code, kind: 'backup' })).status).toBe(200)
  expect((await give(await signIn(), { code, kind: 'backup' }, '192.0.2.10')).status).toBe(401)
  expect((await give(await signIn(), { code: backupCodes[1], kind: 'backup' }, '192.0.2.11')).status).toBe(200)
})

test('five wrong codes end what the password began', async () => {
  const { signIn, give, secret } = await guarded()
  const half = await signIn()
  for (let n = 0; n < 5; n++) expect((await give(half, { code: '000000' }, `192.0.2.${20 + n}`)).status).toBe(401)
  expect((await give(half, { code: totp(secret) }, '192.0.2.30')).status).not.toBe(200)
})

test('a mailed link is no way around the second factor', async () => {
  const { call, mailedWord } = await guarded()
  await call('POST', '/api/auth/sign-in/link', { body: { email: credentials.email } })
  const token = await mailedWord(credentials.email)
  const half = await call('POST', '/api/auth/sign-in/link/use', { body: { token } })
  expect([half.status, half.body]).toEqual([202, { secondFactor: true }])
  expect((await call('GET', '/api/me', { headers: { cookie: cookiesOf(half.headers) } })).body.user).toBeNull()
})

test('neither secret nor backup codes are kept in the clear, and turning it off takes the password', async () => {
  const { db, call, as: cookie, secret, backupCodes, signIn, auditLog } = await guarded()
  const row = JSON.stringify(await db.selectFrom('twoFactor').selectAll().execute())
  for (const word of [secret, ...backupCodes]) expect(row).not.toContain(word)
  const headers = { cookie, origin: 'http://footlight.test' }
  const end = (password: string) => call('POST', '/api/account/totp/end', { headers, body: { password } })
  expect((await end('not this one')).status).toBe(422)
  expect((await end(PASSWORD)).status).toBe(204)
  expect((await signIn()).status).toBe(200)
  const { items } = await auditLog.list({ limit: 10 })
  expect(items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['second_factor.on', 'second_factor.off', 'account.registered']),
  )
})
