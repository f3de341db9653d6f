/** What the outside may ask of the programme and the notices: who is let in, who is refused and how. */
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { noticeRoutes, unsubscribeRoutes } from '../../src/notices/routes.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { type HttpEnv, onError, openRequest } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import type { User } from '../../src/platform/user.ts'
import { calendarRoutes, programmeRoutes } from '../../src/programme/routes.ts'
import { programmeRoom } from '../helpers/programme-room.ts'

/** The routes over the real rooms; who asks is said by a header, as the sign-in library would. */
async function api() {
  const room = await programmeRoom({ isPushAddress: (endpoint) => endpoint.startsWith('https://push.example/') })
  const { programme, notices, sessions, channelId } = room
  const users = new Map<string, User>([[room.creator.id, room.creator]])
  const userOf = async (headers: Headers) => users.get(headers.get('x-user') ?? '') ?? null
  const writes = createRateLimit({ points: 100, seconds: 60 })
  const app = new Hono<HttpEnv>()
    .use(openRequest({ logger: createLogger('silent'), addressOf: () => '192.0.2.1' }))
    .use(async (c, next) => {
      c.set('user', await userOf(c.req.raw.headers))
      await next()
    })
    .route('/api', programmeRoutes({ programme, choose: sessions.choose, digitsOf: () => 2, writes, uploads: writes }))
    .route('/api', noticeRoutes({ notices, writes, onRead: async () => undefined }))
    .route('/', unsubscribeRoutes({ notices }))
    .route(
      '/',
      calendarRoutes({
        programme,
        userOf,
        channelOf: async (slug) => {
          if (slug === 'cooking') return { id: channelId, name: 'Cooking' }
          throw new DomainError('not_found', 'no_such_channel', 'There is no such channel.')
        },
      }),
    )
  app.onError(onError)

  async function call(method: string, path: string, as: User | null = null, body?: unknown) {
    const headers = { 'content-type': 'application/json', ...(as ? { 'x-user': as.id } : {}) }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const response = await app.request(path, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  async function visitor(name: string): Promise<User> {
    const user = await room.person(name)
    users.set(user.id, user)
    return user
  }
  return { ...room, call, visitor }
}

const BREAD = { title: 'Bread', startsAt: '2026-11-23T15:00', timeZone: 'Europe/Berlin' }

test('only the owner plans, changes, chooses and calls off; strangers sign in first', async () => {
  const { call, visitor, creator, channelId } = await api()
  const anna = await visitor('Anna')
  expect((await call('POST', `/api/channels/${channelId}/shows`, null, BREAD)).status).toBe(401)
  expect((await call('POST', `/api/channels/${channelId}/shows`, anna, BREAD)).status).toBe(403)
  const { status, body: show } = await call('POST', `/api/channels/${channelId}/shows`, creator, BREAD)
  expect([status, show.scheduledAt, show.channel.slug]).toEqual([201, '2026-11-23T14:00:00.000Z', 'cooking'])
  const asked: [string, string, unknown][] = [
    ['PATCH', `/api/shows/${show.id}`, { title: 'Mine' }],
    ['PUT', `/api/shows/${show.id}/next`, { isChosen: true }],
    ['DELETE', `/api/shows/${show.id}/picture?which=this`, undefined],
    ['GET', `/api/shows/${show.id}/cancellation`, undefined],
    ['POST', `/api/sessions/${show.id}/cancel`, {}],
  ]
  for (const [method, path, body] of asked) {
    expect([path, (await call(method, path, null, body)).status]).toEqual([path, 401])
    expect([path, (await call(method, path, anna, body)).status]).toEqual([path, 403])
  }
  for (const [method, path, body] of asked) expect((await call(method, path, creator, body)).status).toBeLessThan(300)
})

test('a private show is a 404 for whoever was not invited, whatever they ask of it', async () => {
  const { call, visitor, creator, channelId } = await api()
  const anna = await visitor('Anna')
  const { body: show } = await call('POST', `/api/channels/${channelId}/shows`, creator, {
    ...BREAD,
    visibility: 'private',
  })
  for (const path of [`/api/shows/${show.code}`, `/show/${show.code}/calendar.ics`]) {
    expect((await call('GET', path)).status).toBe(404)
    expect((await call('GET', path, anna)).status).toBe(404)
    expect((await call('GET', path, creator)).status).toBe(200)
  }
  expect((await call('PUT', `/api/shows/${show.id}/reminder`, anna)).status).toBe(404)
  expect((await call('PATCH', `/api/shows/${show.id}`, anna, { title: 'x' })).status).toBe(404)
  expect((await call('POST', `/api/sessions/${show.id}/cancel`, anna, {})).status).toBe(404)
})

test('what makes no sense is refused before anything is written', async () => {
  const { call, creator, channelId, planned } = await api()
  const bad = [
    { startsAt: '2026-11-23 15:00' },
    { startsAt: '2026-11-23T15:00Z' },
    { startsAt: '2026-02-30T15:00' },
    { startsAt: '2020-01-01T15:00' },
    { startsAt: '0001-01-01T15:00', repeat: { every: 'day' } },
    { timeZone: 'Europe/Nowhere' },
    { timeZone: '+02:00' },
    { title: '' },
    { title: 'x'.repeat(151) },
    { repeat: { every: 'year' } },
    { repeat: { every: 'week', on: ['XX'] } },
    { repeat: { every: 'day', interval: 0 } },
    { repeat: { every: 'day', until: '2026-11-01' } },
    { durationMinutes: 0 },
    { channelId: 'x' },
  ]
  for (const wrong of bad) {
    const { status } = await call('POST', `/api/channels/${channelId}/shows`, creator, { ...BREAD, ...wrong })
    expect([wrong, status]).toEqual([wrong, 422])
  }
  expect(await planned()).toEqual([])
})

test('the calendar of a channel is a file that a cache may ask for again', async () => {
  const { call, creator, channelId } = await api()
  await call('POST', `/api/channels/${channelId}/shows`, creator, BREAD)
  const { status, headers, body } = await call('GET', '/c/cooking/calendar.ics')
  expect([status, headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8'])
  expect(body).toContain('DTSTART:20261123T140000Z')
  expect((await call('GET', '/c/cooking/calendar.ics')).headers.get('etag')).toBe(headers.get('etag'))
  expect((await call('GET', '/c/nobody/calendar.ics')).status).toBe(404)
})

test('reminders and notices are one’s own', async () => {
  const { call, visitor, creator, channelId, notices } = await api()
  const [anna, bo] = [await visitor('Anna'), await visitor('Bo')]
  const { body: show } = await call('POST', `/api/channels/${channelId}/shows`, creator, BREAD)
  expect((await call('PUT', `/api/shows/${show.id}/reminder`)).status).toBe(401)
  expect((await call('PUT', `/api/shows/${show.id}/reminder`, anna)).status).toBe(204)
  const seen = async (user: User) => (await call('GET', `/api/shows/${show.code}`, user)).body.isReminded
  expect([await seen(anna), await seen(bo)]).toEqual([true, false])
  await call('DELETE', `/api/shows/${show.id}/reminder`, anna)
  expect(await seen(anna)).toBe(false)

  await notices.tell({ fact: 'f', kind: 'live', title: 'T', text: 'x', path: '/' }, [anna.id])
  const { body } = await call('GET', '/api/notices', anna)
  expect(body).toMatchObject({ unread: 1, notices: [{ title: 'T', isRead: false }] })
  await call('POST', '/api/notices/read', bo, { ids: [body.notices[0].id] })
  expect((await call('GET', '/api/notices', anna)).body.unread).toBe(1)
  await call('POST', '/api/notices/read', anna, {})
  expect((await call('GET', '/api/notices', anna)).body.unread).toBe(0)
  for (const path of ['/api/notices', '/api/notices/choices']) expect((await call('GET', path)).status).toBe(401)
})

test('only a push service is taken, and keys of the right size', async () => {
  const { call, visitor } = await api()
  const anna = await visitor('Anna')
  const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) }
  const add = (change: object) =>
    call('POST', '/api/push-subscriptions', anna, { endpoint: 'https://push.example/1', keys, ...change })
  expect((await add({ endpoint: 'https://127.0.0.1/' })).status).toBe(422)
  expect((await add({ keys: { ...keys, auth: 'a' } })).status).toBe(422)
  const { status, body } = await add({})
  expect(status).toBe(201)
  expect((await call('DELETE', `/api/push-subscriptions/${body.id}`)).status).toBe(401)
  expect((await call('DELETE', `/api/push-subscriptions/${body.id}`, anna)).status).toBe(204)
})

test('one POST without cookie or origin ends a kind of mail; another word is a 404', async () => {
  const { call, visitor, notices, worker, mails } = await api()
  const anna = await visitor('Anna')
  await notices.tell({ fact: 'f', kind: 'soon', title: 'T', text: 'x', path: '/' }, [anna.id])
  await worker.runDue()
  const address = new URL(/<(.+)>/.exec(mails[0]!.headers!['List-Unsubscribe']!)![1]!)
  expect((await call('POST', '/unsubscribe/e30.AAAA')).status).toBe(404)
  expect(await call('POST', address.pathname)).toMatchObject({ status: 200, body: { kind: 'soon' } })
  const { body } = await call('GET', '/api/notices/choices', anna)
  const soon = body.choices.find(({ kind }: { kind: string }) => kind === 'soon')
  expect(soon).toEqual({ kind: 'soon', app: true, mail: false, push: true })
})
