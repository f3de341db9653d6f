import { expect, test } from 'vitest'
import { Secret } from '../../src/platform/secret.ts'
import { type Elsewhere, oidcProvider } from '../helpers/oidc.ts'
import { cookiesOf, PASSWORD, peopleSide } from '../helpers/people.ts'

const ours = 'http://footlight.test'
const anna: Elsewhere = { sub: 'anna-there', email: 'anna@example.org', email_verified: true, name: 'Anna There' }

async function withProvider(person: Elsewhere = anna, options: Parameters<typeof peopleSide>[0] = {}) {
  const there = await oidcProvider(`${ours}/api/auth/callback/oidc`, person)
  const { issuer, client_id: clientId, client_secret } = there
  const oidc = { issuer, name: 'Our school', clientId, clientSecret: new Secret(client_secret) }
  const side = await peopleSide({ ...options, oidc })
  await side.person('Ada', 'admin')
  let peers = 0

  /** Sets out, agrees over there, and comes back with the cookies it set out with. */
  async function goAndComeBack(next = '/studio') {
    const body = { provider: 'oidc', next }
    const peer = `192.0.2.${++peers}`
    const out = await side.call('POST', '/api/auth/sign-in/elsewhere', { body, peer })
    if (out.status !== 200) return { out, back: null, who: null, cookie: '' }
    const back = new URL(await there.visit(out.body.url))
    const cookie = cookiesOf(out.headers)
    const answer = await side.hono.request(back.href, { headers: { cookie } })
    const headers = { cookie: cookiesOf(answer.headers) }
    const who = (await side.call('GET', '/api/me', { headers })).body.user
    return { out, back: { status: answer.status, to: answer.headers.get('location'), url: back }, who, ...headers }
  }
  /** The same for somebody who is signed in here, to link that account to this one. */
  async function link(cookie: string) {
    const headers = { cookie, origin: ours }
    const out = await side.call('POST', '/api/account/elsewhere', { body: { provider: 'oidc' }, headers })
    const back = new URL(await there.visit(out.body.url))
    const answer = await side.hono.request(back.href, { headers: { cookie: `${cookie}; ${cookiesOf(out.headers)}` } })
    return answer.headers.get('location')
  }
  const ways = async (cookie: string) => (await side.call('GET', '/api/account/security', { headers: { cookie } })).body
  const unlink = (cookie: string, id: string) =>
    side.call('DELETE', `/api/account/elsewhere/${id}`, { headers: { cookie, origin: ours } })
  return { ...side, goAndComeBack, link, ways, unlink }
}

test('a person with an account elsewhere is here after one round trip, and again the next time', async () => {
  const { goAndComeBack, call, db } = await withProvider()
  expect((await call('GET', '/api/auth/ways')).body.elsewhere).toEqual([{ provider: 'oidc', name: 'Our school' }])
  const first = await goAndComeBack()
  expect(first.back).toMatchObject({ status: 302, to: '/studio' })
  expect(first.who).toMatchObject({
    name: 'Anna There',
    email: 'anna@example.org',
    role: 'viewer',
    emailVerified: true,
  })
  const second = await goAndComeBack('/c/somewhere')
  expect([second.who.id, second.back?.to]).toEqual([first.who.id, '/c/somewhere'])
  const kept = await db.selectFrom('credential').selectAll().where('providerId', '=', 'oidc').execute()
  expect(kept).toMatchObject([{ accountId: 'anna-there', accessToken: null, refreshToken: null, idToken: null }])
})

test('a verified address that has an account here is that account', async () => {
  const { goAndComeBack, person } = await withProvider()
  const { user } = await person('Anna', 'creator')
  expect((await goAndComeBack()).who).toMatchObject({ id: user.id, role: 'creator', name: 'Anna' })
})

test('an address nobody verified over there takes over no account here', async () => {
  const { goAndComeBack, person } = await withProvider({ ...anna, email_verified: false })
  await person('Anna', 'admin')
  const { back, who } = await goAndComeBack()
  expect(who).toBeNull()
  expect(back?.to).toMatch(/^\/sign-in\?error=/)
})

test('who has a second factor or is suspended does not get in that way either', async () => {
  const { goAndComeBack, person, db } = await withProvider()
  const { user } = await person('Anna', 'viewer')
  await db.updateTable('user').set({ twoFactorEnabled: 1 }).where('id', '=', user.id).execute()
  const guarded = await goAndComeBack()
  expect([guarded.who, guarded.back?.to]).toEqual([null, '/sign-in?error=second_factor_needed'])
  await db.updateTable('user').set({ twoFactorEnabled: 0, status: 'banned' }).where('id', '=', user.id).execute()
  const banned = await goAndComeBack()
  expect([banned.who, banned.back?.to]).toEqual([null, '/sign-in?error=account_not_active'])
})

test('where sign-up is not open an account elsewhere makes none here', async () => {
  const { goAndComeBack, db } = await withProvider(anna, { signUp: 'invitation' })
  const { back, who } = await goAndComeBack()
  expect(who).toBeNull()
  expect(back?.to).toMatch(/^\/sign-in\?error=/)
  expect(await db.selectFrom('user').select('id').where('email', '=', anna.email).execute()).toEqual([])
})

test('an account elsewhere is linked by hand, whatever its address, and let go again', async () => {
  const { link, ways, unlink, goAndComeBack, call, person, auditLog } = await withProvider()
  const { user } = await person('Otto', 'creator')
  const bo = await person('Bo', 'viewer')
  const body = { email: user.email, password: PASSWORD }
  const cookie = cookiesOf((await call('POST', '/api/auth/sign-in/email', { body })).headers)
  expect((await call('POST', '/api/account/elsewhere', { body: { provider: 'oidc' } })).status).toBe(401)

  expect(await link(cookie)).toBe('/account')
  const { elsewhere } = await ways(cookie)
  expect(elsewhere).toMatchObject([{ provider: 'oidc' }])
  expect((await goAndComeBack()).who).toMatchObject({ id: user.id, email: user.email })
  expect((await call('DELETE', `/api/account/elsewhere/${elsewhere[0].id}`, { as: bo.as })).status).toBe(404)
  expect((await unlink(cookie, elsewhere[0].id)).status).toBe(204)
  expect((await goAndComeBack()).who.id).not.toBe(user.id)
  const acts = (await auditLog.list({ person: user.id, limit: 9 })).items.map(({ action }) => action)
  expect(acts.slice(0, 2)).toEqual(['elsewhere.unlinked', 'elsewhere.linked'])
})

test('one that opens another account already is not linked to a second', async () => {
  const { link, goAndComeBack, person, call } = await withProvider()
  await goAndComeBack()
  await person('Otto', 'viewer')
  const body = { email: 'otto@example.org', password: PASSWORD }
  const cookie = cookiesOf((await call('POST', '/api/auth/sign-in/email', { body })).headers)
  expect(await link(cookie)).toMatch(/^\/account\?error=/)
})

test('the last way in stays, an account elsewhere or a passkey, also when two are let go at once', async () => {
  const { goAndComeBack, ways, unlink, db, call } = await withProvider()
  const { who, cookie } = await goAndComeBack()
  const [only] = (await ways(cookie)).elsewhere
  expect((await ways(cookie)).hasPassword).toBe(false)
  expect((await unlink(cookie, only.id)).body.error.code).toBe('last_way_in')
  const blank = { publicKey: '', credentialId: 'x', counter: 0, deviceType: '', backedUp: 0, transports: null }
  await db
    .insertInto('passkey')
    .values({ id: 'key', userId: who.id, name: null, aaguid: null, createdAt: 1, ...blank })
    .execute()
  const headers = { cookie, origin: ours }
  const both = await Promise.all([unlink(cookie, only.id), call('DELETE', '/api/account/passkeys/key', { headers })])
  expect(both.map(({ status }) => status).sort()).toEqual([204, 409])
})

test('the way back leads to a path of ours only, and not without the cookie that set out', async () => {
  const { goAndComeBack, hono } = await withProvider()
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'evil', '/a\nb']) {
    expect((await goAndComeBack(next)).out.status, next).toBe(422)
  }
  const { back } = await goAndComeBack()
  const stolen = await hono.request(back!.url.href)
  expect(stolen.headers.getSetCookie().join()).not.toMatch(/footlight_sign_in=[^;]/)
  expect(stolen.headers.get('location')).toMatch(/error=/)
})

test('the known ones are on offer when they are set, with their own addresses', async () => {
  const clientSecret = new Secret('a secret')
  const { call } = await peopleSide({
    providers: (['google', 'facebook', 'twitter', 'github'] as const).map((provider) => ({
      ...{ provider, clientId: `${provider} id`, clientSecret },
    })),
  })
  const hosts = { google: 'accounts.google.com', facebook: 'www.facebook.com', twitter: 'x.com', github: 'github.com' }
  for (const [provider, host] of Object.entries(hosts)) {
    const { body } = await call('POST', '/api/auth/sign-in/elsewhere', { body: { provider } })
    const url = new URL(body.url)
    expect(url.host).toBe(host)
    expect(url.searchParams.get('client_id')).toBe(`${provider} id`)
    expect(url.searchParams.get('redirect_uri')).toBe(`${ours}/api/auth/callback/${provider}`)
  }
  expect((await call('POST', '/api/auth/sign-in/elsewhere', { body: { provider: 'oidc' } })).status).toBe(404)
})
