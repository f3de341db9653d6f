import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Publisher } from '../../src/ingest/ingest.ts'
import { type Broadcaster, broadcast, selfSignedCertificate } from '../helpers/broadcaster.ts'
import { type IngestRoom, ingestRoom, KEY, OTHER_KEY, readOutlet } from '../helpers/ingest-room.ts'

const PATIENTLY = { timeout: 20_000 }

let room: IngestRoom
let broadcasters: Broadcaster[] = []

beforeAll(async () => {
  const rtmp = { host: '127.0.0.1', port: 0, maxPerAddress: 20, maxConnections: 20 }
  room = await ingestRoom({ config: { rtmp, rtmps: { port: 0, ...selfSignedCertificate() } } })
})
afterEach(async () => {
  for (const broadcaster of broadcasters) broadcaster.stop()
  await Promise.all(broadcasters.map(({ exited }) => exited))
  broadcasters = []
  await room.reset()
})
afterAll(() => room.stop())

function goLive(
  key: string,
  options?: Parameters<typeof broadcast>[1],
  scheme: 'rtmp' | 'rtmps' = 'rtmp',
): Broadcaster {
  const broadcaster = broadcast(`${scheme}://127.0.0.1:${room.ingest.ports()[scheme]}/live/${key}`, options)
  broadcasters.push(broadcaster)
  return broadcaster
}

/** Where the outlet is read from the first tag on. */
function nextPublisher(): Promise<{ publisher: Publisher; outlet: ReturnType<typeof readOutlet> }> {
  const { promise, resolve } = Promise.withResolvers<{ publisher: Publisher; outlet: ReturnType<typeof readOutlet> }>()
  room.rules.onPublisher = (publisher) => resolve({ publisher, outlet: readOutlet(publisher.flvPath) })
  return promise
}

/** All that comes from an outlet until its end. */
async function readToEnd(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of connect(path)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What FFmpeg has to say about an FLV file, decoding every frame. */
function complaints(flv: Buffer): string {
  return spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-f', 'null', '-'],
    { input: flv },
  ).stderr.toString()
}

const times = (outlet: ReturnType<typeof readOutlet>, type: number) =>
  outlet.tags.filter((tag) => tag.type === type && tag.payload[1] === 1).map(({ at }) => at)
const largestStep = (values: number[]) => Math.max(...values.slice(1).map((value, n) => value - values[n]!))
const smallestStep = (values: number[]) => Math.min(...values.slice(1).map((value, n) => value - values[n]!))

test.each(['rtmp', 'rtmps'] as const)(
  'FFmpeg publishes over %s, and every frame comes out in time and decodes',
  async (scheme) => {
    const arriving = nextPublisher()
    const broadcaster = goLive(KEY, { seconds: 6 }, scheme)
    const { publisher, outlet } = await arriving
    const whole = readToEnd(publisher.flvPath)
    await expect.poll(() => publisher.health().frameRate, PATIENTLY).toBeGreaterThan(20)
    expect(publisher.health()).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', timestampJumps: 0 })
    expect(await publisher.gone).toBe('unpublished')
    expect((await broadcaster.exited).code).toBe(0)
    await outlet.end()
    const video = times(outlet, 9)
    const audio = times(outlet, 8)
    expect(video[0]).toBeLessThan(100)
    expect(video.at(-1)).toBeGreaterThan(5_800)
    expect([smallestStep(video) > 0, largestStep(video) < 100]).toEqual([true, true])
    expect([smallestStep(audio) > 0, largestStep(audio) < 100]).toEqual([true, true])
    expect(complaints(await whole)).toBe('')
  },
)

test('who joins in the middle can decode from the first frame', async () => {
  const arriving = nextPublisher()
  goLive(KEY, { seconds: 9 })
  const { publisher, outlet } = await arriving
  await outlet.until(() => (times(outlet, 9).at(-1) ?? 0) > 3_300)
  const rest = await readToEnd(publisher.flvPath)
  expect(rest.length).toBeGreaterThan(50_000)
  expect(complaints(rest)).toBe('')
})

test('a broadcast whose timestamps begin anew (those of FFmpeg at 2^31 ms) goes on as if nothing were', async () => {
  const arriving = nextPublisher()
  goLive(KEY, { seconds: 6, output: ['-output_ts_offset', String(2 ** 31 / 1_000 - 3)] })
  const { publisher, outlet } = await arriving
  await publisher.gone
  await outlet.end()
  const video = times(outlet, 9)
  expect(video[0]).toBeLessThan(100)
  expect(video.at(-1)).toBeGreaterThan(5_800)
  expect([smallestStep(video) > 0, largestStep(video) < 100]).toEqual([true, true])
  expect(publisher.health().timestampJumps).toBe(0)
})

test('FFmpeg shows the broadcaster why a key was refused', async () => {
  const { code, said } = await goLive('chan7key_wrongwrongwrong').exited
  expect(code).not.toBe(0)
  expect(said).toContain('This stream key is not known here.')
})

test('two channels are live at once; a newer encoder with the same key takes the place of the older', async () => {
  const older = goLive(KEY)
  goLive(OTHER_KEY)
  await expect.poll(() => room.ingest.publishers().length, PATIENTLY).toBe(2)
  const replaced = room.ingest.publishers().find(({ keyId }) => keyId === 'key-7')!
  goLive(KEY)
  expect(await replaced.gone).toBe('replaced')
  expect((await older.exited).code).not.toBe(0)
  expect(room.ingest.publishers().map(({ keyId }) => keyId)).toEqual(['key-8', 'key-7'])
})

test('the child is killed in the middle of a broadcast: the publisher is gone, the broadcaster comes back', async () => {
  const arriving = nextPublisher()
  const broadcaster = goLive(KEY)
  const { publisher, outlet } = await arriving
  await outlet.atLeast(50)
  const firstPid = room.ingest.childPid()!
  process.kill(firstPid, 'SIGKILL')
  expect(await publisher.gone).toBe('the ingest process ended')
  await Promise.all([outlet.end(), broadcaster.exited])
  await expect.poll(() => room.ingest.figures().childRestarts, PATIENTLY).toBe(1)
  const comingBack = nextPublisher()
  await expect
    .poll(async () => {
      const again = goLive(KEY)
      return Promise.race([comingBack.then(() => true), again.exited.then(() => false)])
    }, PATIENTLY)
    .toBe(true)
  const back = await comingBack
  await back.outlet.atLeast(50)
  expect(room.ingest.childPid()).not.toBe(firstPid)
})
