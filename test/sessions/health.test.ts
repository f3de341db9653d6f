/** How a broadcast is doing: asked over the API, for who may run the channel and nobody else. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createHls } from '../../src/hls/hls.ts'
import { type Publisher, unknownHealth } from '../../src/ingest/ingest.ts'
import { createLive, createSessions, type LiveFacts } from '../../src/live/live.ts'
import { liveRoutes } from '../../src/live/routes.ts'
import { createAnnouncer } from '../../src/platform/announcer.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { createTranscode } from '../../src/transcode/transcode.ts'
import { eventually } from '../helpers/eventually.ts'
import { peopleSide } from '../helpers/people.ts'

async function onAir() {
  const root = mkdtempSync(join(tmpdir(), 'health-'))
  const clock = systemClock
  const logger = createLogger('silent')
  const side = await peopleSide()
  const owner = await side.person('Olga', 'creator')
  const { id: channelId } = await side.channels.create(owner.user, { name: 'Night radio' })
  const ownChannel: Parameters<typeof createSessions>[0]['ownChannel'] = async (actor, id) =>
    (await side.channels.getOwn(actor, id)).id
  const storage = createDiskStorage(root)
  const hls = createHls({
    config: { partMs: 333, dvrWindowMs: 60_000, memoryBytes: 1e8 },
    storage,
    clock,
    logger,
  })
  const live = createLive({
    config: { graceMs: 60_000, maxSessions: 5, partMs: 333, dvrWindowMs: 60_000 },
    sessions: createSessions({ db: side.db, clock, ownChannel, recordAct: side.auditLog.recordAct }),
    hls,
    transcode: createTranscode({ logger }),
    storage,
    announcer: createAnnouncer<LiveFacts>(logger),
    clock,
    logger,
    viewersOf: () => 3,
    mayKnow: async () => true,
    onPolicy: async () => undefined,
    findChannel: async () => ({
      name: 'Night radio',
      isSuspended: false,
      ladder: { rungs: [], isSourceOnly: true, chosenBy: null },
    }),
  })
  onTestFinished(async () => {
    await live.stop()
    await hls.stop()
    rmSync(root, { recursive: true })
  })
  side.hono.route('/api', liveRoutes({ live }))
  const publisher: Publisher = {
    id: 'p1',
    channelId,
    keyId: 'k1',
    address: '192.0.2.1',
    flvPath: join(root, 'nobody.flv'),
    startedAt: clock.now(),
    health: () => ({ ...unknownHealth, videoCodec: 'hevc', audioCodec: 'aac', lastMediaAt: clock.now() }),
    gone: Promise.withResolvers<string>().promise,
    end: () => undefined,
  }
  live.onPublisher(publisher)
  const session = await eventually(() => live.current(channelId))
  return { ...side, owner, session, path: `/api/sessions/${session.id}/health` }
}

test('the owner is told what the doctor found; a stranger and a passer-by are told nothing', async () => {
  const { call, person, owner, path } = await onAir()
  const stranger = await person('Stan', 'creator')
  expect((await call('GET', path)).status).toBe(401)
  expect((await call('GET', path, { as: stranger.as })).status).toBe(403)
  const { body } = await eventually(async () => {
    const answer = await call('GET', path, { as: owner.as })
    return answer.body.source ? answer : null
  })
  expect(body.findings[0]).toMatchObject({ id: 'codec', level: 'red', advice: expect.stringContaining('H.264') })
  expect(body.encoder).toEqual({ state: null, behindMs: null })
  expect(body).toHaveProperty('ladderReason')
  expect(body.source).not.toHaveProperty('lastMediaAt')
})

test('samples come every two seconds, and only those after `since` are sent again', async () => {
  const { call, owner, path } = await onAir()
  const read = async (query = '') => (await call('GET', path + query, { as: owner.as })).body
  const first = await eventually(async () => {
    const body = await read()
    return body.samples.length > 0 ? body : null
  })
  expect(first.samples[0]).toMatchObject({ viewers: 3, bitrate: 0, encoderSpeed: null })
  expect((await read(`?since=${first.at}`)).samples).toEqual([])
  expect((await call('GET', `${path}?since=yesterday`, { as: owner.as })).status).toBe(422)
})
