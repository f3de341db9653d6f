import { expect, test } from 'vitest'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'

const anna = { email: 'Anna@Example.org', password: PASSWORD, name: 'Anna' }
const credentials = { email: 'anna@example.org', password: PASSWORD }

async function withOwner(options: Parameters<typeof peopleSide>[0] = {}) {
  const side = await peopleSide(options)
  await side.person('Ada', 'admin')
  let peers = 0
  /** From another address each time: the limit by address has a test of its own. */
  const post = (path: string, body: unknown) =>
    side.call('POST', `/api/auth/${path}`, { body, peer: `192.0.2.${++peers}` })
  return { ...side, post }
}

test('registering sends a mail; its word confirms the address and signs in, once', async () => {
  const { post, call, mailedWord } = await withOwner()
  const made = await post('sign-up/email', anna)
  expect([made.status, made.body, made.headers.getSetCookie()]).toEqual([202, null, []])
  expect((await post('sign-in/email', credentials)).status).toBe(401)

  const token = await mailedWord('anna@example.org')
  const verified = await post('verify', { token })
  expect(verified.body.user).toMatchObject({ email: 'anna@example.org', role: 'viewer', emailVerified: true })
  expect((await call('GET', '/api/me', { headers: { cookie: cookiesOf(verified.headers) } })).body.user.name).toBe(
    'Anna',
  )
  expect((await post('verify', { token })).body.error.code).toBe('link_void')
  expect((await post('sign-in/email', credentials)).status).toBe(200)
})

test('no answer tells whether an address is registered', async () => {
  const { post, person, mailedWord } = await withOwner()
  await person('Anna', 'viewer')
  const password = 'another good one'
  for (const [path, rest] of [
    ['sign-up/email', { password, name: 'Eve' }],
    ['verify/resend', {}],
    ['sign-in/link', {}],
    ['reset', {}],
    ['sign-in/email', { password }],
  ] as const) {
    const known = await post(path, { email: 'anna@example.org', ...rest })
    const unknown = await post(path, { email: 'nobody@example.org', ...rest })
    const seen = ({ status, body }: typeof known) => [status, body?.error.code, body?.error.message]
    expect(seen(known), path).toEqual(seen(unknown))
  }
  // Registering nobody@ made an account nobody proved: its right password is answered like a wrong one.
  expect((await post('sign-in/email', { email: 'nobody@example.org', password })).body.error.code).toBe(
    'invalid_email_or_password',
  )
  expect(await mailedWord('nobody@example.org')).not.toBeNull()
})

test('the owner of a known address is told by mail that somebody tried', async () => {
  const { post, person, mailer } = await withOwner()
  await person('Anna', 'viewer')
  await post('sign-up/email', { ...anna, password: 'another good one' })
  await new Promise(setImmediate)
  expect(mailer.kept()[0]).toMatchObject({ to: 'anna@example.org', subject: expect.stringContaining('already') })
  expect((await post('sign-in/email', credentials)).status).toBe(200)
})

test('who registers an address of somebody else gains nothing when its owner comes', async () => {
  const { post, mailedWord } = await withOwner()
  await post('sign-up/email', { ...anna, password: 'set by a stranger', name: 'Eve' })
  await post('sign-in/link', { email: anna.email })
  const mine = await post('sign-in/link/use', { token: await mailedWord('anna@example.org') })
  expect(mine.body.user.emailVerified).toBe(true)
  expect((await post('sign-in/email', { ...credentials, password: 'set by a stranger' })).status).toBe(401)
})

test('common passwords, and one’s own address, are refused', async () => {
  const { post } = await withOwner()
  for (const password of ['password1', 'QWERTYUIOP', 'aaaaaaaaaaa', 'anna@example.org']) {
    const { status, body } = await post('sign-up/email', { ...anna, password })
    expect([status, body.error.code], password).toEqual([422, 'common_password'])
  }
  expect((await post('sign-up/email', { ...anna, password: 'short' })).status).toBe(422)
})

test('a link that signs in is good for a quarter of an hour, and only the newest', async () => {
  const { post, person, mailedWord, clock } = await withOwner()
  await person('Anna', 'viewer')
  await post('sign-in/link', { email: anna.email })
  const old = await mailedWord('anna@example.org')
  await post('sign-in/link', { email: anna.email })
  const token = await mailedWord('anna@example.org')
  expect((await post('sign-in/link/use', { token: old })).status).toBe(403)
  expect((await post('reset/use', { token, password: 'of another purpose' })).status).toBe(403)
  expect((await post('sign-in/link/use', { token })).body.user.name).toBe('Anna')
  await post('sign-in/link', { email: anna.email })
  clock.advance(15 * 60_000)
  expect((await post('sign-in/link/use', { token: await mailedWord('anna@example.org') })).status).toBe(403)
})

test('of ten who use one link at the same moment one is signed in', async () => {
  const { post, person, mailedWord } = await withOwner()
  await person('Anna', 'viewer')
  await post('sign-in/link', { email: anna.email })
  const token = await mailedWord('anna@example.org')
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('sign-in/link/use', { token })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('a reset sets a new password and ends every sign-in', async () => {
  const { post, call, person, mailedWord, facts } = await withOwner()
  const { as, user } = await person('Anna', 'viewer')
  await post('reset', { email: anna.email })
  const token = await mailedWord('anna@example.org')
  expect((await post('reset/use', { token, password: 'password1' })).body.error.code).toBe('common_password')
  expect((await post('reset/use', { token, password: 'a fresh and good one' })).status).toBe(204)
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
  expect(facts).toContain(`viewings of ${user.id} end`)
  expect((await post('sign-in/email', credentials)).status).toBe(401)
  expect((await post('sign-in/email', { ...credentials, password: 'a fresh and good one' })).status).toBe(200)
})

test('guessing one account from many addresses is stopped, and a link still opens it', async () => {
  const { post, person, mailedWord } = await withOwner()
  await person('Anna', 'viewer')
  const wrong = { ...credentials, password: 'a guess of mine' }
  for (let n = 0; n < 10; n++) expect((await post('sign-in/email', wrong)).status).toBe(401)
  expect((await post('sign-in/email', credentials)).status).toBe(429)
  expect((await post('sign-in/email', { ...wrong, email: 'nobody@example.org' })).status).toBe(401)
  await post('sign-in/link', { email: anna.email })
  expect((await post('sign-in/link/use', { token: await mailedWord('anna@example.org') })).status).toBe(200)
})

test('nobody’s mailbox is filled: five mails in a quarter of an hour, known or not', async () => {
  const { post, person } = await withOwner()
  await person('Anna', 'viewer')
  for (const email of ['anna@example.org', 'nobody@example.org']) {
    for (let n = 0; n < 5; n++) expect((await post('reset', { email })).status).toBe(202)
    expect((await post('sign-in/link', { email })).status).toBe(429)
  }
})

test('where accounts are by invitation, one word makes one account', async () => {
  const { post, call, mailedWord, person } = await withOwner({ signUp: 'invitation' })
  const { as } = await person('Bo', 'admin')
  expect((await post('sign-up/email', anna)).body.error.code).toBe('invitation_needed')
  const made = await call('POST', '/api/operator/invitations', { as, body: { role: 'creator', note: 'Anna' } })
  expect(made.status).toBe(201)
  expect(JSON.stringify(await call('GET', '/api/operator/invitations', { as }))).not.toContain(made.body.word)
  await post('sign-up/email', { ...anna, invitation: made.body.word })
  const verified = await post('verify', { token: await mailedWord('anna@example.org') })
  expect(verified.body.user.role).toBe('creator')
  const again = await post('sign-up/email', { ...anna, email: 'eve@example.org', invitation: made.body.word })
  expect(again.body.error.code).toBe('invitation_void')
})
