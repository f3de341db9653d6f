import { z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { type Access, createAccess } from '../../src/access/access.ts'
import { createPlayback } from '../../src/access/playback.ts'
import { accessRoutes, type Target } from '../../src/access/routes.ts'
import { ErrorAnswer, type HttpEnv, onError, openRequest } from '../../src/platform/http.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { Secret } from '../../src/platform/secret.ts'

const now = Date.UTC(2026, 0, 15)
const SessionView = z.object({ id: z.string(), channelId: z.string(), title: z.string() })
const Granted = z.object({ url: z.string(), token: z.string(), expiresAt: z.string(), session: SessionView })
const granted = async (response: Response) => Granted.parse(await response.json())
const refused = async (response: Response) => ErrorAnswer.parse(await response.json()).error
const show = { id: 'session-1', channelId: 'channel-1', title: 'Evening show' }

function api(access: Access = createAccess()) {
  const playback = createPlayback({ secret: new Secret('a secret of this test'), clock: { now: () => now } })
  const app = new Hono<HttpEnv>()
    .use(openRequest({ logger: createLogger('silent'), addressOf: () => '127.0.0.1' }))
    .route(
      '/api',
      accessRoutes({
        access,
        playback,
        sessionView: SessionView,
        sessionFor: async (target: Target) => {
          const found = 'channelId' in target ? target.channelId === show.channelId : target.sessionId === show.id
          return found ? show : null
        },
        policyOf: async () => ({ kind: 'open' }),
      }),
    )
    .onError(onError)
  const ask = (body: unknown) =>
    app.request('/api/playback', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { ask, playback }
}

test('anybody may watch what is open, by channel or by session', async () => {
  const { ask, playback } = api()
  for (const target of [{ channelId: 'channel-1' }, { sessionId: 'session-1' }]) {
    const response = await ask(target)
    expect(response.status).toBe(200)
    const { url, token, expiresAt, session } = await granted(response)
    expect(url).toBe(`/hls/${token}/session-1/main.m3u8`)
    expect(expiresAt).toBe('2026-01-16T00:00:00.000Z')
    expect(session).toEqual(show)
    expect(playback.verify(token, 'session-1')).toMatchObject({ sessionId: 'session-1', userId: null })
  }
})

test('each answer is a viewing of its own', async () => {
  const { ask } = api()
  const [one, two] = await Promise.all([ask({ channelId: 'channel-1' }), ask({ channelId: 'channel-1' })])
  expect((await granted(one)).token).not.toBe((await granted(two)).token)
})

test('nothing to watch is 404 and says so', async () => {
  const response = await api().ask({ channelId: 'nobody' })
  expect(response.status).toBe(404)
  expect(await refused(response)).toMatchObject({ code: 'nothing_to_watch', requestId: expect.any(String) })
})

test('a body that names neither, both or something else is 422', async () => {
  const { ask } = api()
  for (const body of [
    {},
    { channelId: '' },
    { channelId: 'channel-1', sessionId: 'session-1' },
    { channelId: 'c', x: 1 },
    [],
  ]) {
    const response = await ask(body)
    expect(response.status).toBe(422)
    expect((await refused(response)).code).toBe('invalid_input')
  }
})

test('who may not watch is told why', async () => {
  const response = await api({ decide: async () => ({ allowed: false, reason: 'join' }) }).ask({
    channelId: 'channel-1',
  })
  expect(response.status).toBe(403)
  expect((await refused(response)).code).toBe('join')
})
