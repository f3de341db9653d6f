import { expect, test } from 'vitest'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'
import { totp } from '../helpers/totp.ts'

const OLD = 'anna@example.org'
const NEW = 'anna@elsewhere.example'

async function withAnna() {
  const side = await peopleSide()
  const { as, user } = await side.person('Anna', 'viewer')
  let peers = 0
  const peer = () => `192.0.2.${++peers}`
  const ask = (body: object, who: object = { as }) =>
    side.call('POST', '/api/account/new-address', { body: { email: NEW, password: PASSWORD, ...body }, ...who })
  const use = (token: string | null) => side.call('POST', '/api/auth/new-address', { body: { token }, peer: peer() })
  const signIn = (email: string) =>
    side.call('POST', '/api/auth/sign-in/email', { body: { email, password: PASSWORD }, peer: peer() })
  return { ...side, as, user, ask, use, signIn, peer }
}

test('a new address counts once a mail to it was answered, and the old one is told', async () => {
  const { ask, use, call, as, mailer, mailedWord, signIn, auditLog, user } = await withAnna()
  expect((await ask({})).status).toBe(202)
  expect((await call('GET', '/api/me', { as })).body.user.email).toBe(OLD)
  const word = await mailedWord(NEW)
  expect((await use(word)).status).toBe(204)
  expect((await call('GET', '/api/me', { as })).body.user).toMatchObject({ email: NEW, emailVerified: true })
  expect(mailer.kept().find(({ to }) => to === OLD)?.text).toContain(NEW)
  expect([(await signIn(OLD)).status, (await signIn(NEW)).status]).toEqual([401, 200])
  expect((await use(word)).status).toBe(403)
  const { items } = await auditLog.list({ person: user.id, action: 'email.changed', limit: 9 })
  expect(items).toMatchObject([{ before: { email: 'a…@example.org' }, after: { email: 'a…@elsewhere.example' } }])
})

test('the password is asked for, and the code where a second factor is on', async () => {
  const { ask, call, as, mailedWord } = await withAnna()
  expect((await ask({ password: 'a guess' })).body.error.code).toBe('wrong_password')
  const { body } = await call('POST', '/api/account/totp', { as, body: { password: PASSWORD } })
  const on = await call('POST', '/api/account/totp/confirm', { as, body: { code: totp(body.secret) } })
  const who = { headers: { cookie: cookiesOf(on.headers), origin: 'http://footlight.test' } }
  for (const code of [undefined, '000000', 'not-a-code']) {
    expect((await ask({ code }, who)).body.error.code, code).toBe('wrong_code')
  }
  expect(await mailedWord(NEW)).toBeNull()
  expect((await ask({ code: body.backupCodes[0] }, who)).status).toBe(202)
  expect((await ask({ code: body.backupCodes[0] }, who)).body.error.code).toBe('wrong_code')
  expect((await ask({ code: totp(body.secret) }, who)).status).toBe(202)
  expect(await mailedWord(NEW)).not.toBeNull()
})

test('whether an address has an account is told to its mailbox alone', async () => {
  const { ask, mailer, mailedWord, person } = await withAnna()
  const { user: bo } = await person('Bo', 'viewer')
  const [taken, free] = [await ask({ email: bo.email }), await ask({})]
  expect([taken.status, taken.body]).toEqual([free.status, free.body])
  expect(await mailedWord(NEW)).not.toBeNull()
  expect(mailer.kept().find(({ to }) => to === bo.email)?.subject).toMatch(/has an account already/)
  expect((await ask({ email: OLD })).body.error.code).toBe('same_address')
})

test('an address that was taken meanwhile stays whose it is', async () => {
  const { ask, use, mailedWord, db, person } = await withAnna()
  await ask({})
  const { user: bo } = await person('Bo', 'viewer')
  await db.updateTable('user').set({ email: NEW }).where('id', '=', bo.id).execute()
  expect((await use(await mailedWord(NEW))).body.error.code).toBe('email_taken')
})

test('what was mailed to the old address opens nothing any more', async () => {
  const { ask, use, call, mailedWord, peer } = await withAnna()
  await call('POST', '/api/auth/sign-in/link', { body: { email: OLD }, peer: peer() })
  const old = await mailedWord(OLD)
  await ask({})
  await use(await mailedWord(NEW))
  expect((await call('POST', '/api/auth/sign-in/link/use', { body: { token: old }, peer: peer() })).status).toBe(403)
})
