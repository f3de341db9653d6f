import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from '@hono/zod-openapi'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { createApp } from '../src/app.ts'
import { openDatabase } from '../src/db/db.ts'
import { createLogger } from '../src/platform/logger.ts'
import { makeCertificate } from './helpers/certificate.ts'
import { testDatabaseUrl } from './helpers/database.ts'

const logger = createLogger('silent')

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'footlight-app-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A node on free ports of this machine, with a folder of its own. */
async function node(env: Record<string, string> = {}) {
  const dir = env.DATA_DIR ?? folder()
  const config = loadConfig({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    HTTPS_PORT: '0',
    RTMP_HOST: '127.0.0.1',
    RTMP_PORT: '0',
    RTMPS_PORT: '0',
    DATA_DIR: dir,
    MEDIA_ROOT: join(dir, 'media'),
    DATABASE_URL: await testDatabaseUrl(),
    ...env,
  })
  const app = await createApp({ config, logger })
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await app.stop()
    isStopped = true
  }
  onTestFinished(stop)
  const { ports, ownerLink } = await app.start()
  return { app, stop, ports, ownerLink, dir, at: `http://127.0.0.1:${ports.http}` }
}

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ summary: z.string(), responses: z.record(z.string(), z.unknown()), security: z.unknown().optional() }),
    ),
  ),
  components: z.object({ securitySchemes: z.record(z.string(), z.unknown()) }),
})

test('a node that is up says so, and offers the owner link until there is an owner', async () => {
  const { at, ownerLink } = await node()
  for (const path of ['/healthz', '/readyz']) expect((await fetch(at + path)).status).toBe(200)
  const token = new URL(ownerLink!).searchParams.get('token')
  const person = { email: 'anna@example.org', password: 'correct horse', name: 'Anna' }
  const setup = await fetch(`${at}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...person, token }),
  })
  expect(setup.status).toBe(201)
  const { channels } = z
    .object({ channels: z.array(z.object({ slug: z.string() })) })
    .parse(await (await fetch(`${at}/api/channels`)).json())
  expect(channels).toMatchObject([{ slug: 'anna' }])
})

test('a broadcaster is told where to publish, by the name they came by', async () => {
  const { at } = await node({ RTMP_PORT: '0' })
  const about = await (await fetch(`${at}/api/node`)).json()
  expect(about).toMatchObject({
    rtmpUrl: expect.stringMatching(/^rtmp:\/\/127\.0\.0\.1:\d+\/live$/),
    rtmpsUrl: null,
    signUp: 'open',
  })
})

test('what was there before a restart is there after it', async () => {
  const owner = { OWNER_EMAIL: 'anna@example.org', OWNER_PASSWORD: 'correct horse' }
  const dir = folder()
  const kept = { DATA_DIR: dir, DATABASE_URL: `file:${join(dir, 'node.db')}` }
  const first = await node({ ...kept, ...owner })
  expect(first.ownerLink).toBeNull()
  const signIn = await fetch(`${first.at}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'anna@example.org', password: 'correct horse' }),
  })
  const { token } = z.object({ token: z.string() }).parse(await signIn.json())
  await first.stop()

  const second = await node(kept)
  expect(second.ownerLink).toBeNull()
  const me = await fetch(`${second.at}/api/me`, { headers: { authorization: `Bearer ${token}` } })
  expect(await me.json()).toMatchObject({ user: { email: 'anna@example.org', role: 'admin' } })
})

test('viewings that were open when the node was killed are closed at its next start', async () => {
  const dir = folder()
  const url = `file:${join(dir, 'node.db')}`
  const first = await node({ DATA_DIR: dir, DATABASE_URL: url })
  await first.stop()
  const { db, close } = openDatabase(url)
  onTestFinished(close)
  const nobody = { viewer: 'v', userId: null, type: 'anonymous', country: null, referrer: null, address: null }
  const how = { device: 'desktop', browser: 'Chrome', player: 'Web page', rendition: null }
  const when = { joinedAt: 1_000, sinceAt: 1_000, leftAt: null, watchedMs: 0 }
  await db
    .insertInto('viewing')
    .values({ id: 'v', sessionId: 's', ...nobody, ...how, ...when })
    .execute()
  await db.insertInto('audienceSample').values({ sessionId: 's', at: 0, viewers: 1, aliveAt: 6_000 }).execute()
  await node({ DATA_DIR: dir, DATABASE_URL: url })
  const rows = await db.selectFrom('viewing').select(['leftAt', 'watchedMs']).execute()
  expect(rows).toEqual([{ leftAt: 6_000, watchedMs: 5_000 }])
})

test('the document names every route of the API, its refusals and who may call it', async () => {
  const { app, at } = await node()
  const document = Document.parse(await (await fetch(`${at}/api/openapi.json`)).json())
  const written = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  const mounted = app.hono.routes
    .filter(
      ({ method, path }) => method !== 'ALL' && path.startsWith('/api/') && !/^\/api\/(openapi\.json|docs)/.test(path),
    )
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)
  expect(mounted.length).toBeGreaterThan(10)
  expect([...new Set(written)].sort()).toEqual([...new Set(mounted)].sort())
  expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['bearer', 'signInCookie'])

  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { responses, security }] of Object.entries(methods)) {
      const statuses = Object.keys(responses)
      expect(statuses, `${method} ${path}`).toEqual(expect.arrayContaining(['403', '422', '429', '500']))
      const signsIn = path.includes('/sign-in/') || path.endsWith('/auth/verify')
      if (statuses.includes('401') && !signsIn) expect(security, `${method} ${path}`).toBeTruthy()
    }
  }
})

test('a node with a certificate speaks HTTP/2, and HTTP/1.1 to those who ask', async () => {
  const dir = folder()
  const { keyFile, certFile, ca } = makeCertificate(dir)
  const { ports } = await node({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile })

  const session = connect(`https://127.0.0.1:${ports.https}`, { ca })
  const stream = session.request({ ':path': '/api/me' })
  expect(JSON.parse(await text(stream))).toEqual({ user: null })
  session.close()

  const { promise, resolve, reject } = Promise.withResolvers<string>()
  request({ host: '127.0.0.1', port: ports.https!, path: '/api/me', ca }, (response) =>
    text(response).then((body) => resolve(`${response.httpVersion} ${body}`), reject),
  )
    .once('error', reject)
    .end()
  expect(await promise).toBe('1.1 {"user":null}')
})

test('a port that is taken stops the start and leaves nothing open', async () => {
  const { ports } = await node()
  await expect(node({ HTTP_PORT: String(ports.http) })).rejects.toThrow('EADDRINUSE')
})

test('every answer of a node says what it is, and every page what it may run', async () => {
  const { at } = await node()
  const pages = ['/', '/c/nobody', '/studio', '/setup', '/sign-in', '/api/docs']
  const others = ['/healthz', '/metrics', '/nothing', '/api/me', '/api/nothing', '/assets/x.js', '/hls/a/b/main.m3u8']
  for (const path of [...pages, ...others]) {
    const { headers } = await fetch(at + path)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-powered-by') ?? headers.get('server'), path).toBeNull()
    if (!headers.get('content-type')?.startsWith('text/html')) continue
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of ["script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'"]) {
      expect(policy, path).toContain(rule)
    }
    expect(policy, path).not.toContain('unsafe')
    expect(headers.get('referrer-policy'), path).toBe('strict-origin-when-cross-origin')
  }
})

test('owner links, registrations and passwords are guessed ten times a minute, all together', async () => {
  const { at } = await node()
  const person = { email: 'eve@example.org', password: 'a guess of hers', name: 'Eve' }
  const tries: [string, unknown][] = [
    ['/api/setup', { ...person, token: 'guess' }],
    ['/api/auth/sign-up/email', person],
    ['/api/auth/sign-in/email', { email: person.email, password: person.password }],
  ]
  const statuses: number[] = []
  for (let n = 0; n < 12; n++) {
    const [path, body] = tries[n % tries.length]!
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(at + path, { method: 'POST', headers, body: JSON.stringify(body) })
    statuses.push(answer.status)
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(statuses.slice(0, 10)).not.toContain(429)
  expect(statuses.slice(10)).toEqual([429, 429])
})

test('no header makes a stranger a page of ours, not even through a trusted proxy', async () => {
  const owner = { OWNER_EMAIL: 'anna@example.org', OWNER_PASSWORD: 'correct horse' }
  const { at } = await node({ ...owner, TRUSTED_PROXIES: '127.0.0.1', PUBLIC_URL: 'https://live.example.org' })
  const post = (path: string, body: unknown, headers: Record<string, string>) =>
    fetch(at + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const credentials = { email: owner.OWNER_EMAIL, password: owner.OWNER_PASSWORD }
  const signedIn = await post('/api/auth/sign-in/email', credentials, { origin: 'https://live.example.org' })
  const [setCookie = ''] = signedIn.headers.getSetCookie()
  expect(setCookie).toMatch(/^__Secure-footlight_sign_in=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  const cookie = setCookie.split(';')[0]!

  const origin = 'https://stranger.example'
  const claims = {
    'x-forwarded-host': 'stranger.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=stranger.example',
  }
  for (const [name, value] of Object.entries(claims)) {
    const answer = await post('/api/channels', { name: 'Theirs' }, { cookie, origin, [name]: value })
    expect(answer.status, name).toBe(403)
  }
  const ours = await post('/api/channels', { name: 'Mine' }, { cookie, origin: 'https://live.example.org' })
  expect(ours.status).toBe(201)
})
