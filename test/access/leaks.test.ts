/**
 * What a whole node tells of a show to those who may not watch it: every visibility, by every road on which it could be
 * learnt of. The show was on air when the node stopped, so the node takes it up
 * as paused. Who it is for is changed in mid-show, over and over.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { isSecret, VISIBILITIES, type Visibility } from '../../src/access/access.ts'
import { createApp } from '../../src/app.ts'
import { openMigrated } from '../../src/db/migrate.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { addSession } from '../helpers/access-room.ts'
import { fakeClock } from '../helpers/clock.ts'
import { testDatabaseUrl } from '../helpers/database.ts'

const logger = createLogger('silent')
const owner = { email: 'anna@example.org', password: 'correct horse battery' }
const TITLE = 'A title nobody should read'

async function node() {
  const dir = mkdtempSync(join(tmpdir(), 'footlight-leaks-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const given = await testDatabaseUrl()
  const url = given === ':memory:' ? `file:${join(dir, 'node.db')}` : given
  const config = loadConfig({
    ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', RTMP_HOST: '127.0.0.1', RTMP_PORT: '0', RTMPS_PORT: '0' },
    ...{ DATA_DIR: dir, MEDIA_ROOT: join(dir, 'media'), DATABASE_URL: url },
    ...{ OWNER_EMAIL: owner.email, OWNER_PASSWORD: owner.password },
  })
  const before = await createApp({ config, logger })
  await before.start()
  await before.stop()
  const { database } = await openMigrated({ url, dataDir: dir, clock: fakeClock(), logger })
  const channel = await database.db.selectFrom('channel').selectAll().executeTakeFirstOrThrow()
  const sessionId = await addSession(database.db, channel.id, { title: TITLE })
  const { code } = await database.db.selectFrom('session').select('code').executeTakeFirstOrThrow()
  await database.close()

  const app = await createApp({ config, logger })
  const { ports } = await app.start()
  onTestFinished(() => app.stop())
  const at = `http://127.0.0.1:${ports.http}`

  async function ask(path: string, cookie = '', body?: unknown, method = 'POST') {
    const headers = { 'content-type': 'application/json', origin: at, ...(cookie ? { cookie } : {}) }
    const init = body === undefined ? {} : { method, body: JSON.stringify(body) }
    const response = await fetch(at + path, { headers, ...init })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const signedIn = await ask('/api/auth/sign-in/email', '', owner)
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')

  async function hear(more: object = {}, as = ''): Promise<string> {
    const socket = connect(at, { transports: ['websocket'], forceNew: true, extraHeaders: as ? { cookie: as } : {} })
    onTestFinished(() => void socket.disconnect())
    const heard: unknown[] = []
    socket.on('session', (session) => heard.push(session))
    await socket.emitWithAck('watch', { channelId: channel.id, ...more })
    return JSON.stringify(heard)
  }
  async function change(visibility: Visibility): Promise<void> {
    const { status } = await ask(`/api/sessions/${sessionId}`, cookie, { visibility }, 'PATCH')
    expect(status).toBe(200)
  }
  return { ask, hear, change, cookie, channelId: channel.id, slug: channel.slug, sessionId, code }
}

type Node = Awaited<ReturnType<typeof node>>

/** Each road on which a show could be learnt of, as somebody with this cookie takes it. */
const roads: Record<string, (node: Node, cookie: string) => Promise<{ status?: number; text: string }>> = {
  'the list of channels': ({ ask }, cookie) => ask('/api/channels', cookie),
  'the channel': ({ ask, slug }, cookie) => ask(`/api/channels/${slug}`, cookie),
  'its page': ({ ask, slug }, cookie) => ask(`/c/${slug}`, cookie),
  'oEmbed of its page': ({ ask, slug }) => ask(`/oembed?url=${encodeURIComponent(`http://localhost:0/c/${slug}`)}`),
  'its sessions': ({ ask, channelId }, cookie) => ask(`/api/sessions?channelId=${channelId}`, cookie),
  'all sessions': ({ ask }, cookie) => ask('/api/sessions?state=paused', cookie),
  'the session by id': ({ ask, sessionId }, cookie) => ask(`/api/sessions/${sessionId}`, cookie),
  'the session by code': ({ ask, code }, cookie) => ask(`/api/sessions/${code}`, cookie),
  'playback by channel': ({ ask, channelId }, cookie) => ask('/api/playback', cookie, { channelId }),
  'playback by session': ({ ask, sessionId }, cookie) => ask('/api/playback', cookie, { sessionId }),
  'a still': ({ ask, sessionId }, cookie) => ask(`/media/thumbnails/${sessionId}/640.jpg`, cookie),
  'the socket': async ({ hear }, cookie) => ({ text: await hear({}, cookie) }),
  'the socket with the code': async ({ hear, code }, cookie) => ({ text: await hear({ show: code }, cookie) }),
}

/** For a stranger: `told` names the show, `quiet` does not; a number is the status of a refusal. */
// biome-ignore format: a table is read in columns
const expected: [string, ...(string | number)[]][] = [
  //                           public   unlisted private  followers members  ticket
  ['the list of channels',     'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the channel',              'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['oEmbed of its page',       'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['its sessions',             'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['all sessions',             'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the session by id',        'told',  'told',  404,     'told',   'told',  'told'],
  ['the session by code',      'told',  'told',  404,     'told',   'told',  'told'],
  ['playback by channel',      'told',  404,     404,     401,      401,     401],
  ['playback by session',      'told',  'told',  404,     401,      401,     401],
  ['a still',                  404,     404,     404,     404,      404,     404],
  ['the socket',               'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the socket with the code', 'told',  'told',  'quiet', 'told',   'told',  'told'],
]

const PLAYABLE = /\/hls\/[\w-]{60}/

test('what a stranger learns of a show, by every road, is what its visibility says; its owner finds it by all', async () => {
  const there = await node()
  const seen = new Map(expected.map(([road]) => [road, [] as (string | number)[]]))
  for (const visibility of VISIBILITIES) {
    await there.change(visibility)
    for (const [road, cells] of seen) {
      const { status = 200, text } = await roads[road]!(there, '')
      const isTold = text.includes(TITLE) || text.includes(there.sessionId)
      expect(status === 200 || !isTold, `${road} of ${visibility}`).toBe(true)
      cells.push(status === 200 ? (isTold ? 'told' : 'quiet') : status)
      if (cells.at(-1) !== 'told' || !road.startsWith('playback')) expect(text).not.toMatch(PLAYABLE)
    }
    // Written by the server where the pages are built; elsewhere it says that they are not.
    const page = await roads['its page']!(there, '')
    if (isSecret(visibility)) expect(page.text).not.toContain(TITLE)
    if (visibility !== 'public') expect(page.text).not.toMatch(PLAYABLE)
    for (const road of OWN)
      expect((await roads[road]!(there, there.cookie)).text, `${road} of ${visibility}`).toContain(TITLE)
  }
  expect([...seen].map(([road, cells]) => [road, ...cells])).toEqual(expected)
})

const OWN = [
  'the channel',
  'its sessions',
  'the session by id',
  'playback by channel',
  'playback by session',
  'the socket',
]
