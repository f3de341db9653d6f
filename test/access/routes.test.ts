import { z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { accessRoutes, invitationRoutes, type Target, whyRoutes } from '../../src/access/routes.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { type HttpEnv, onError, openRequest } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import type { Role } from '../../src/platform/user.ts'
import { type Asked, accessRoom } from '../helpers/access-room.ts'
import { cookiesOf } from '../helpers/people.ts'

const SessionView = z.object({ id: z.string(), state: z.string() })

interface From {
  as?: string | null
  role?: Role
  cookie?: string
  address?: string
}

/** The routes over the real room; who asks is said by a header, as the sign-in library would. */
async function api(asked: Asked = {}) {
  const room = await accessRoom()
  const sessionId = await room.session(asked)
  const runsIt = (id: string, role: Role) => {
    if (id !== room.owner.id && role !== 'admin') throw new DomainError('forbidden', 'not_your_channel', 'No.')
  }
  const app = new Hono<HttpEnv>()
    .use(openRequest({ logger: createLogger('silent'), addressOf: (_peer, forwarded) => forwarded ?? '192.0.2.1' }))
    .use(async (c, next) => {
      const id = c.req.header('x-user')
      const role = (c.req.header('x-role') ?? 'viewer') as Role // as `call` below writes it
      if (id) c.set('user', { id, name: 'Somebody', email: 'somebody@example.org', role, emailVerified: true })
      await next()
    })
    .route(
      '/api',
      accessRoutes({
        access: room.access,
        publicUrl: 'https://tv.example',
        sessionView: SessionView,
        sessionFor: async (target: Target) => {
          const isThere = 'channelId' in target ? target.channelId === room.channelId : target.sessionId === sessionId
          return isThere ? { id: sessionId, state: asked.state ?? 'live' } : null
        },
      }),
    )
    .route(
      '/api',
      invitationRoutes({
        invitations: room.invitations,
        tries: createRateLimit({ points: 5, seconds: 60 }),
        pathOf: async () => 'https://tv.example/c/night-radio',
        ownChannelOf: async (actor, target) => {
          runsIt(actor.id, actor.role)
          const scope =
            'channelId' in target ? (`channel:${target.channelId}` as const) : (`session:${target.sessionId}` as const)
          return { channelId: room.channelId, scope }
        },
      }),
    )
    .route(
      '/api',
      whyRoutes({
        access: room.access,
        ownSession: async (actor, id) => {
          runsIt(actor.id, actor.role)
          return id
        },
      }),
    )
    .onError(onError)

  async function call(method: string, path: string, body?: unknown, { as, role, cookie, address }: From = {}) {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (as) headers.set('x-user', as)
    if (role) headers.set('x-role', role)
    if (cookie) headers.set('cookie', cookie)
    if (address) headers.set('x-forwarded-for', address)
    const response = await app.request(`/api${path}`, { method, headers, body: body ? JSON.stringify(body) : null })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : null, cookie: cookiesOf(response.headers) }
  }
  const watch = (from: From = {}, more: object = {}) => call('POST', '/playback', { sessionId, ...more }, from)
  return { ...room, sessionId, call, watch }
}

test('anybody may watch what is public, by channel or by session, each answer a viewing of its own', async () => {
  const { call, access, channelId, sessionId } = await api()
  const tokens = new Set<string>()
  for (const target of [{ channelId }, { sessionId }]) {
    const { status, body } = await call('POST', '/playback', target)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      url: `/hls/${body.token}/${sessionId}/main.m3u8`,
      expiresAt: '2026-01-16T12:00:00.000Z',
      previewEndsAt: null,
      maxHeight: null,
      session: { id: sessionId },
    })
    expect(access.verify(body.token, sessionId)).toMatchObject({ sessionId, userId: null })
    tokens.add(body.token)
  }
  expect(tokens.size).toBe(2)
})

test('nothing to watch is 404, and so is what one may not know of', async () => {
  const { call, watch, person } = await api({ visibility: 'private' })
  const nothing = await call('POST', '/playback', { channelId: 'nobody' })
  expect(nothing).toMatchObject({ status: 404, body: { error: { code: 'nothing_to_watch' } } })
  for (const from of [{}, { as: await person('Nina') }]) {
    const { status, body } = await watch(from)
    expect([status, body.error.code, body.error.message]).toEqual([404, 'nothing_to_watch', nothing.body.error.message])
  }
})

test('a body that names neither, both or something else is 422', async () => {
  const { call } = await api()
  for (const body of [{}, { channelId: '' }, { channelId: 'a', sessionId: 'b' }, { channelId: 'c', x: 1 }, []]) {
    expect(await call('POST', '/playback', body)).toMatchObject({
      status: 422,
      body: { error: { code: 'invalid_input' } },
    })
  }
})

test('a refusal says why, and to a stranger what comes after signing in', async () => {
  const { watch, person, change, sessionId, people, owner, channelId } = await api({ visibility: 'ticket' })
  const nina = await person('Nina')
  expect(await watch()).toMatchObject({ status: 401, body: { error: { code: 'sign_in', details: { next: 'buy' } } } })
  expect(await watch({ as: nina })).toMatchObject({ status: 402, body: { error: { code: 'buy' } } })
  await change(sessionId, { visibility: 'members' })
  expect(await watch({ as: nina })).toMatchObject({ status: 402, body: { error: { code: 'join' } } })
  await change(sessionId, { visibility: 'followers' })
  expect(await watch({ as: nina })).toMatchObject({ status: 403, body: { error: { code: 'follow' } } })
  await people.ban(owner, channelId, nina, '')
  expect(await watch({ as: nina })).toMatchObject({ status: 403, body: { error: { code: 'banned' } } })
})

test('a show that has not begun hands out no token, and asks beforehand what it will ask', async () => {
  const { watch, person, change, sessionId } = await api({ state: 'scheduled' })
  expect(await watch()).toMatchObject({ status: 404, body: { error: { code: 'not_started' } } })
  await change(sessionId, { visibility: 'ticket', previewMinutes: 0 })
  expect(await watch({ as: await person('Nina') })).toMatchObject({ status: 402, body: { error: { code: 'buy' } } })
})

test('a browser keeps its device, so that reloading gives it no second preview; nor does losing the cookie', async () => {
  const { watch, clock } = await api({ visibility: 'ticket', previewMinutes: 5 })
  const first = await watch()
  expect(first.cookie).toMatch(/^footlight_device=[\w-]{12}$/)
  expect(first.body.previewEndsAt).toBe('2026-01-15T12:05:00.000Z')
  clock.advance(300_000)
  for (const from of [{ cookie: first.cookie }, {}, { cookie: first.cookie, address: '203.0.113.9' }]) {
    expect(await watch(from)).toMatchObject({ status: 401 })
  }
  expect(await watch({ cookie: 'footlight_device=<script>', address: '203.0.113.9' })).toMatchObject({ status: 200 })
})

test('a player renews its token: the same viewing goes on', async () => {
  const { watch, access, sessionId, clock } = await api()
  const first = await watch()
  clock.advance(3_600_000)
  const second = await watch({ cookie: first.cookie }, { previous: first.body.token })
  expect(second.body.token).not.toBe(first.body.token)
  const viewings = [first, second].map(({ body }) => access.verify(body.token, sessionId))
  expect(viewings[0]).toBe(viewings[1])
  expect((await watch({}, { previous: 'made-up' })).status).toBe(200)
})

test('one too many devices: the oldest is shown out, stays out by itself, and comes back when asked to', async () => {
  const { watch, access, grant, sessionId, person, call } = await members()
  const mia = await person('Mia')
  await grant(mia)
  const [phone, laptop, tablet] = [await watch({ as: mia }), await watch({ as: mia }), await watch({ as: mia })]
  const states = () => [phone, laptop, tablet].map(({ body }) => typeof access.verify(body.token, sessionId))
  expect(states()).toEqual(['string', 'object', 'object'])
  const renewed = await watch({ as: mia, cookie: phone.cookie }, { previous: phone.body.token })
  expect(renewed).toMatchObject({ status: 403, body: { error: { code: 'device_limit' } } })

  const { body } = await call('GET', '/devices', undefined, { as: mia, cookie: tablet.cookie })
  expect(body.devices).toHaveLength(2)
  expect(body.devices.filter(({ isThis }: { isThis: boolean }) => isThis)).toHaveLength(1)
  expect((await call('DELETE', '/devices', undefined, { as: mia, cookie: tablet.cookie })).status).toBe(204)
  expect(states()).toEqual(['string', 'string', 'object'])
  const [left] = (await call('GET', '/devices', undefined, { as: mia })).body.devices
  expect((await call('DELETE', `/devices/${left.id}`, undefined, { as: await person('Eve') })).status).toBe(404)
  expect((await call('DELETE', `/devices/${left.id}`, undefined, { as: mia })).status).toBe(204)
  expect(states()).toEqual(['string', 'string', 'string'])
  expect((await watch({ as: mia, cookie: phone.cookie })).status).toBe(200)
  expect((await call('GET', '/devices')).status).toBe(401)
})

async function members() {
  const room = await api({ visibility: 'members' })
  const grant = (userId: string) =>
    room.access.grant({
      userId,
      scope: `channel:${room.channelId}`,
      tier: 1,
      source: `membership:${userId}`,
      expiresAt: null,
    })
  return { ...room, grant }
}

test('the owner invites by a link that is told once; taking it back shuts its people out', async () => {
  const { call, watch, owner, person, sessionId, access } = await api({ visibility: 'private' })
  const as = owner.id
  const made = await call('POST', `/sessions/${sessionId}/invitations`, { label: 'friends', maxUses: 3 }, { as })
  expect(made.status).toBe(201)
  const secret = /^https:\/\/tv\.example\/c\/night-radio#invitation=([\w-]{32})$/.exec(made.body.link)?.[1]
  const listed = await call('GET', `/sessions/${sessionId}/invitations`, undefined, { as })
  expect(listed.body.invitations).toMatchObject([{ label: 'friends', uses: 0, maxUses: 3 }])
  expect(JSON.stringify(listed.body)).not.toContain(secret)

  const ivy = await person('Ivy')
  expect((await call('POST', '/show-invitations/accept', { secret }, { as: ivy })).status).toBe(200)
  const playing = await watch({ as: ivy })
  expect(playing.status).toBe(200)
  expect((await call('POST', `/sessions/${sessionId}/invitations`, {}, { as: ivy })).status).toBe(403)
  expect((await call('DELETE', `/show-invitations/${made.body.id}`, undefined, { as: ivy })).status).toBe(403)
  expect((await call('DELETE', `/show-invitations/${made.body.id}`, undefined, { as })).status).toBe(204)
  expect(access.verify(playing.body.token, sessionId)).toBe('withdrawn')
  expect((await watch({ as: ivy })).status).toBe(404)
})

test('secrets of invitations are not to be guessed', async () => {
  const { call, person } = await api()
  const as = await person('Eve')
  const guess = () => call('POST', '/show-invitations/accept', { secret: 'x'.repeat(32) }, { as })
  const seen = new Set<number>()
  for (let n = 0; n < 7; n++) seen.add((await guess()).status)
  expect([...seen]).toEqual([404, 429])
})

test('why somebody can or cannot watch is told to who runs the channel alone', async () => {
  const { call, watch, grant, person, owner, sessionId, clock } = await members()
  const mia = await person('Mia')
  await grant(mia)
  await watch({ as: mia })
  const why = (query: string, from: From) => call('GET', `/sessions/${sessionId}/access${query}`, undefined, from)
  expect((await why('', {})).status).toBe(401)
  expect((await why('', { as: mia })).status).toBe(403)
  const { body } = await why(`?userId=${mia}`, { as: owner.id })
  expect(body).toMatchObject({
    decision: { allowed: true, reason: null },
    asked: { visibility: 'members', requiredTier: null },
    person: { isFollower: false, rights: [{ tier: 1, expiresAt: null, isOver: false }] },
    watching: [{ since: new Date(clock.now()).toISOString() }],
  })
  const stranger = await why('', { as: 'ada', role: 'admin' })
  expect(stranger.body).toMatchObject({ decision: { allowed: false, reason: 'sign_in', next: 'join' }, person: null })
})
