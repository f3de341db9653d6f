import { PassThrough } from 'node:stream'
import { createRoute, z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { createApi } from '../../src/platform/api.ts'
import { createAddressOf } from '../../src/platform/client-address.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { answer, createRouter, ErrorAnswer, refusals } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/logger.ts'

function api(requestsPerMinute = 1_000) {
  const log = new PassThrough()
  const router = createRouter()
  const route = createRoute({
    method: 'get',
    path: '/ok',
    responses: { 200: answer('Well', z.object({})), ...refusals },
  })
  router.openapi(route, (c) => c.json({}, 200))
  router.get('/fault', () => {
    throw new Error('the secret recipe is 42')
  })
  router.get('/refusal', () => {
    throw new DomainError('payment_required', 'buy_ticket', 'This show needs a ticket.', { price: 500 })
  })
  const hono = createApi({
    logger: createLogger('info', log),
    addressOf: createAddressOf([]),
    publicUrl: 'http://footlight.test',
    requestsPerMinute,
    userOf: async () => null,
    routes: [router],
  })
  const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
  const get = (path: string, peer = '192.0.2.1') => hono.request(`http://footlight.test${path}`, {}, from(peer))
  return { get, logged: () => String(log.read() ?? '') }
}

test('a fault tells the outside a request id, and the log the rest', async () => {
  const { get, logged } = api()
  const response = await get('/api/fault')
  const { error } = ErrorAnswer.parse(await response.json())
  expect(response.status).toBe(500)
  expect(error).toEqual({
    code: 'internal',
    message: 'Something went wrong on our side.',
    requestId: expect.any(String),
  })
  expect(response.headers.get('x-request-id')).toBe(error.requestId)
  const line = logged()
  expect(line).toContain('the secret recipe is 42')
  expect(line).toContain(error.requestId)
})

test('a refusal keeps its status, code, words and details, and is no line in the log', async () => {
  const { get, logged } = api()
  const response = await get('/api/refusal')
  expect(response.status).toBe(402)
  expect(ErrorAnswer.parse(await response.json()).error).toMatchObject({
    code: 'buy_ticket',
    message: 'This show needs a ticket.',
    details: { price: 500 },
  })
  expect(logged()).toBe('')
})

test('an address that is not there says so in the same shape', async () => {
  const { get } = api()
  for (const path of ['/api/nothing', '/nothing']) {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(ErrorAnswer.parse(await response.json()).error.code).toBe('no_such_address')
  }
})

test('answers of the API are stored nowhere and taken for nothing else', async () => {
  const { headers } = await api().get('/api/ok')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('one address cannot ask without end; a whole IPv6 network counts as one', async () => {
  const { get } = api(3)
  const statuses = async (...peers: string[]) => {
    const answers = []
    for (const peer of peers) answers.push((await get('/api/ok', peer)).status)
    return answers
  }
  expect(await statuses('192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.1')).toEqual([200, 200, 200, 429])
  expect(await statuses('192.0.2.2')).toEqual([200])
  expect(await statuses('2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4')).toEqual([200, 200, 200, 429])
})
