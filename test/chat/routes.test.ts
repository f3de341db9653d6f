import { expect, test } from 'vitest'
import { keepingRoutes, moderatingRoutes, speakingRoutes } from '../../src/chat/routes.ts'
import { createApi } from '../../src/platform/api.ts'
import { createAddressOf } from '../../src/platform/client-address.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import { chatRoom } from '../helpers/chat-room.ts'

/** `scopes`: as if everybody came with an API key of these. */
async function house(scopes?: string[]) {
  const room = await chatRoom()
  const hono = createApi({
    logger: createLogger('silent'),
    addressOf: createAddressOf([]),
    publicUrl: 'http://footlight.test',
    requestsPerMinute: 10_000,
    async userOf(headers) {
      const user = await room.accounts.userOf(headers)
      return user && scopes ? { ...user, scopes } : user
    },
    routes: [
      speakingRoutes({ chat: room.chat, writes: createRateLimit({ points: 3, seconds: 10 }) }),
      moderatingRoutes(room),
      keepingRoutes(room),
    ],
  })
  const base = `/api/channels/${room.channel.slug}/chat`
  async function call(method: string, path: string, as?: string, body?: unknown) {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (as) headers.set('authorization', `Bearer ${as}`)
    const given = body === undefined ? null : JSON.stringify(body)
    const response = await hono.request(`http://footlight.test${path.startsWith('/api') ? path : base + path}`, {
      method,
      headers,
      body: given,
    })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : null }
  }
  return { ...room, call }
}

const write = (n: number) => ({ text: `line ${n}`, key: `the key ${n}` })

test('everybody reads; who writes is signed in, and no faster than people write', async () => {
  const { call, person } = await house()
  const bert = await person('Bert', 'viewer')
  expect((await call('POST', '/messages', undefined, write(1))).status).toBe(401)
  for (const n of [1, 2, 3]) expect((await call('POST', '/messages', bert.as, write(n))).status).toBe(201)
  expect((await call('POST', '/messages', bert.as, write(4))).status).toBe(429)
  const { body } = await call('GET', '/messages?limit=2')
  expect(body.messages.map(({ text }: { text: string }) => text)).toEqual(['line 2', 'line 3'])
  expect((await call('GET', `/messages?before=${body.messages[0].position}`)).body.messages).toHaveLength(1)
  expect((await call('GET', '/api/channels/nowhere/chat/messages')).status).toBe(404)
  expect((await call('GET', '/messages?limit=101')).status).toBe(422)
})

test('what moderators do is closed to everybody else', async () => {
  const { call, person, say, olga } = await house()
  const bert = await person('Bert', 'viewer')
  const { id } = await say(olga, 'hello')
  const doings: [string, string, unknown?][] = [
    ['GET', '/settings'],
    ['PATCH', '/settings', { slowSeconds: 5 }],
    ['GET', '/held'],
    ['POST', `/held/${id}`, { isApproved: true }],
    ['POST', `/messages/${id}/remove`, {}],
    ['POST', '/clear', {}],
    ['POST', `/people/${olga.id}/sanction`, { seconds: 5 }],
    ['GET', `/people/${olga.id}`],
    ['POST', `/people/${olga.id}/notes`, { text: 'hm' }],
    ['GET', '/acts'],
    ['POST', '/acts/any/undo'],
    ['POST', '/announcements', { text: 'hear' }],
    ['PUT', '/pinned', { messageId: id }],
    ['GET', '/moderators'],
    ['PUT', `/moderators/${bert.user.id}`],
    ['DELETE', `/moderators/${bert.user.id}`],
    ['POST', '/polls', { question: 'Encore?', choices: ['yes', 'no'] }],
    ['POST', '/polls/any/end'],
    ['POST', '/overlay'],
    ['POST', '/highlights', { offerId: 'vip' }],
    ['GET', '/paid'],
    ['PUT', '/paid/terms', { terms: null }],
    ['PUT', '/emotes/lamp', {}],
    ['DELETE', '/emotes/lamp'],
  ]
  for (const [method, path, body] of doings) {
    expect([path, (await call(method, path, undefined, body)).status]).toEqual([path, 401])
    expect([path, (await call(method, path, bert.as, body)).status]).toEqual([path, 403])
  }
})

test('a change of the settings changes what was sent and nothing else', async () => {
  const { call, olgaAs } = await house()
  await call('PATCH', '/settings', olgaAs, { slowSeconds: 30, heldWords: ['darn'] })
  const { body } = await call('PATCH', '/settings', olgaAs, { holdsFirst: true })
  expect(body.settings).toMatchObject({ slowSeconds: 30, heldWords: ['darn'], holdsFirst: true, isOpen: true })
  expect(body.writersOnOffer).toEqual(['everyone'])
  expect((await call('PATCH', '/settings', olgaAs, { slowSeconds: -1 })).status).toBe(422)
  expect((await call('PATCH', '/settings', olgaAs, { heldWords: ['x'.repeat(41)] })).status).toBe(422)
})

test('an API key reads, or writes and keeps the chat, as its scopes say; money is no matter of keys', async () => {
  const outcomes = async (scopes: string[]) => {
    const { call, olgaAs } = await house(scopes)
    const asked: [string, string, unknown?][] = [
      ['GET', '/messages'],
      ['POST', '/messages', write(1)],
      ['POST', '/clear', {}],
      ['PUT', '/paid/terms', { terms: null }],
      ['POST', '/paid', { text: 'hello', amount: 100 }],
    ]
    const statuses = []
    for (const [method, path, body] of asked) statuses.push((await call(method, path, olgaAs, body)).status)
    return statuses
  }
  expect(await outcomes(['chat:read'])).toEqual([200, 403, 403, 403, 403])
  expect(await outcomes(['chat:write'])).toEqual([200, 201, 200, 403, 403])
  expect(await outcomes(['channels:write'])).toEqual([403, 403, 403, 403, 403])
})
