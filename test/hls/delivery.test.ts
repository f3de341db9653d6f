/** What a player is answered, over HTTP/1.1 and HTTP/2 alike: status, headers and bytes, and who is let go. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { request as request1 } from 'node:http'
import { connect } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { createArchive } from '../../src/hls/archive.ts'
import { type Authorized, createDelivery } from '../../src/hls/delivery.ts'
import { createPlaylists } from '../../src/hls/playlists.ts'
import { createStream } from '../../src/hls/stream.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createServers } from '../../src/platform/servers.ts'
import { createDiskStorage } from '../../src/storage/disk.ts'
import { selfSignedCertificate } from '../helpers/broadcaster.ts'
import { fakeClock } from '../helpers/clock.ts'
import { eventually } from '../helpers/eventually.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

type Ask = (path: string, options?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>

const SECOND = 90_000
const logger = createLogger('silent')
const certificate = selfSignedCertificate()
const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** A stream of five seconds at 30 frames a second, behind real servers. */
async function deliveryRoom() {
  const clock = fakeClock()
  const storage = createDiskStorage(mkdtempSync(join(tmpdir(), 'delivery-')))
  const archive = createArchive({ storage, sessionId: 'show' })
  const settings = { partMs: 333, dvrWindowMs: 60_000, memoryBytes: 1e8, sessionId: 'show', archive, clock, logger }
  const stream = createStream({ ...settings, onPlayable: () => undefined })
  opened.push(() => stream.close())
  const stretch = stream.begin({
    leader: 'source',
    renditions: [{ id: 'source', kind: 'video', plannedBitrate: 1e6 }],
    wallAtZero: () => clock.now(),
    onOverdue: () => undefined,
  })
  const avcC = Buffer.from([1, 0x64, 0, 0x1f, 0xff])
  const video = { kind: 'video' as const, timescale: SECOND, width: 1280, height: 720, codec: 'avc1.64001f', avcC }
  stretch.configure('source', video)
  let shown = 0
  const play = (frames: number) => {
    for (const end = shown + frames; shown < end; shown++) {
      const data = Buffer.alloc(200, shown % 251)
      stretch.arrive('source', { dts: shown * 3_000, composition: 0, isKey: shown % 60 === 0, data })
    }
  }
  play(150)

  let allowed: Authorized = { isAllowed: true }
  let isBroken = false
  const failures: unknown[] = []
  const served: [string, number][] = []
  const playlists = createPlaylists(stream)
  const deliver = createDelivery({
    clock,
    authorize(token) {
      if (isBroken) throw new Error('broken on purpose')
      return token === 'good' ? allowed : { isAllowed: false, status: 404, reason: 'Not known.' }
    },
    onFailed: (error) => failures.push(error),
    find: (sessionId) => (sessionId === 'show' ? { stream, playlists } : null),
    onServed: (kind, bytes) => served.push([kind, bytes]),
  })
  const servers = createServers({
    http: { host: '127.0.0.1', port: 0 },
    https: { port: 0, ...certificate },
    listener: deliver,
    logger,
  })
  const ports = await servers.start()
  opened.push(() => servers.stop())
  const forbid = () => {
    allowed = { isAllowed: false, status: 403, reason: 'Not any more.' }
  }
  const setBroken = (value: boolean) => {
    isBroken = value
  }
  const waiting = () => stream.windows.get('source')!.waiters.count
  return {
    stream,
    stretch,
    play,
    forbid,
    setBroken,
    failures,
    served,
    clock,
    waiting,
    ports: { http: ports.http, https: ports.https! },
  }
}

type Room = Awaited<ReturnType<typeof deliveryRoom>>

function overHttp1({ ports }: Room): Ask {
  return async (path, { method = 'GET', headers = {} } = {}) => {
    const request = request1({ host: '127.0.0.1', port: ports.http, path, method, headers }).end()
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    return { status: response.statusCode!, headers: response.headers, body: await buffer(response) }
  }
}

function overHttp2({ ports }: Room): Ask {
  const session = connect(`https://127.0.0.1:${ports.https}`, { ca: readFileSync(certificate.certFile) })
  opened.push(() => session.close())
  return async (path, { method = 'GET', headers = {} } = {}) => {
    const stream = session.request({ ':path': path, ':method': method, ...headers }).end()
    const [told] = (await once(stream, 'response')) as [import('node:http2').IncomingHttpHeaders]
    return { status: Number(told[':status']), headers: told, body: await buffer(stream) }
  }
}

for (const [protocol, over] of [
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
] as const) {
  describe(protocol, () => {
    test('a playlist, compressed for whoever takes it', async () => {
      const ask = over(await deliveryRoom())
      const plain = await ask('/hls/good/show/source.m3u8')
      expect(plain.status).toBe(200)
      expect(plain.headers).toMatchObject({
        'content-type': 'application/vnd.apple.mpegurl',
        'cache-control': 'no-cache',
        vary: 'Accept-Encoding',
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'content-length': String(plain.body.length),
      })
      expect(plain.body.toString()).toMatch(/^#EXTM3U\n/)
      const packed = await ask('/hls/good/show/source.m3u8', { headers: { 'Accept-Encoding': 'gzip, br' } })
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(packed.body)).toEqual(plain.body)
      expect((await ask('/hls/good/show/main.m3u8')).body.toString()).toContain('source.m3u8')
    })

    test('a segment is the same bytes as its parts, and may be kept', async () => {
      const room = await deliveryRoom()
      const ask = over(room)
      const segment = await ask('/hls/good/show/source/1.m4s')
      const { firstPart, partCount } = room.stream.windows.get('source')!.find(1)!
      const parts = await Promise.all(
        Array.from({ length: partCount }, (_, i) => ask(`/hls/good/show/source/p${firstPart + i}.m4s`)),
      )
      expect(segment.headers).toMatchObject({ 'content-type': 'video/mp4', 'accept-ranges': 'bytes' })
      expect(segment.headers['cache-control']).toContain('immutable')
      expect(segment.body.length).toBeGreaterThan(60 * 200)
      expect(Buffer.concat(parts.map(({ body }) => body))).toEqual(segment.body)
      const again = await ask('/hls/good/show/source/1.m4s', {
        headers: { 'If-None-Match': String(segment.headers.etag) },
      })
      expect([again.status, again.body.length]).toEqual([304, 0])
    })

    test('a piece of a segment, and one that does not exist', async () => {
      const ask = over(await deliveryRoom())
      const whole = await ask('/hls/good/show/source/0.m4s')
      const piece = await ask('/hls/good/show/source/0.m4s', { headers: { Range: 'bytes=100-199' } })
      expect(piece.status).toBe(206)
      expect(piece.headers['content-range']).toBe(`bytes 100-199/${whole.body.length}`)
      expect(piece.headers['access-control-expose-headers']).toContain('Content-Range')
      expect(piece.body).toEqual(whole.body.subarray(100, 200))
      const last = await ask('/hls/good/show/source/0.m4s', { headers: { Range: 'bytes=-10' } })
      expect(last.body).toEqual(whole.body.subarray(-10))
      const beyond = await ask('/hls/good/show/source/0.m4s', { headers: { Range: 'bytes=99999999-' } })
      expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${whole.body.length}`])
    })

    test('HEAD tells the length and sends nothing', async () => {
      const ask = over(await deliveryRoom())
      const head = await ask('/hls/good/show/source/0.m4s', { method: 'HEAD' })
      expect([head.status, head.body.length]).toEqual([200, 0])
      expect(Number(head.headers['content-length'])).toBeGreaterThan(60 * 200)
    })

    test('what cannot be had is refused with a reason', async () => {
      const ask = over(await deliveryRoom())
      const cases: [string, number, string?][] = [
        ['/hls/bad/show/source.m3u8', 404],
        ['/hls/good/other/source.m3u8', 410],
        ['/hls/good/show/4k.m3u8', 404],
        ['/hls/good/show/4k/0.m4s', 404],
        ['/hls/good/show/source/99.m4s', 404],
        ['/hls/good/show/source/p999.m4s', 404],
        ['/hls/good/show/source/init-7.mp4', 404],
        ['/hls/good/show/source/..%2f..%2fsecret', 404],
        ['/hls/good/show', 404],
        ['/hls/good/show/source.m3u8', 405, 'POST'],
      ]
      for (const [path, status, method] of cases) {
        const answer = await ask(path, { method: method ?? 'GET' })
        expect(answer.status, path).toBe(status)
        expect(answer.body.toString().trim().length, path).toBeGreaterThan(8)
        expect(answer.headers['cache-control'], path).toBe('no-store')
      }
    })

    test('other origins may read, and are told so before they ask', async () => {
      const ask = over(await deliveryRoom())
      const preflight = await ask('/hls/good/show/source/0.m4s', { method: 'OPTIONS' })
      expect(preflight.status).toBe(204)
      expect(preflight.headers['access-control-allow-headers']).toContain('Range')
    })

    test('a part that is announced is answered when it comes, a playlist that is ahead likewise', async () => {
      const room = await deliveryRoom()
      const ask = over(room)
      const window = room.stream.windows.get('source')!
      const next = window.nextPart
      const part = ask(`/hls/good/show/source/p${next}.m4s`)
      const list = ask(`/hls/good/show/source.m3u8?_HLS_msn=2&_HLS_part=${window.find(2)!.partCount}`)
      await eventually(() => room.waiting() === 2)
      room.play(11)
      expect((await part).status).toBe(200)
      const told = await list
      expect(told.body.toString()).toContain(`source/p${next}.m4s`)
      expect(told.headers['cache-control']).toBe('public, max-age=12')
      expect(room.served.map(([kind]) => kind).sort()).toEqual(['media', 'playlist'])
    })

    test('whoever waits and loses the right is refused, and what never comes is given up', async () => {
      const room = await deliveryRoom()
      const ask = over(room)
      const late = ask('/hls/good/show/source.m3u8?_HLS_msn=3')
      await eventually(() => room.waiting() === 1)
      room.clock.advance(6_001)
      const answer = await late
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2'])
      const refused = ask('/hls/good/show/source.m3u8?_HLS_msn=3')
      await eventually(() => room.waiting() === 1)
      room.forbid()
      room.play(120)
      expect((await refused).status).toBe(403)
    })
  })
}

test('what goes wrong for one who waits goes wrong for them alone', async () => {
  const room = await deliveryRoom()
  const ask = overHttp1(room)
  const lost = ask('/hls/good/show/source.m3u8?_HLS_msn=3').catch(() => 'cut')
  await eventually(() => room.waiting() === 1)
  room.setBroken(true)
  room.play(120)
  expect(await lost).toBe('cut')
  expect(room.failures).toEqual([new Error('broken on purpose')])
  room.setBroken(false)
  expect((await ask('/hls/good/show/source.m3u8')).status).toBe(200)
})

test('a viewer who leaves while waiting is forgotten at once', async () => {
  const room = await deliveryRoom()
  const socket = connectTcp(room.ports.http, '127.0.0.1')
  socket.write('GET /hls/good/show/source.m3u8?_HLS_msn=3 HTTP/1.1\r\nHost: x\r\n\r\n')
  await eventually(() => room.waiting() === 1)
  socket.destroy()
  await eventually(() => room.waiting() === 0)
})

test('old segments come from the disk once their bytes have left memory', async () => {
  const room = await deliveryRoom()
  const ask = overHttp1(room)
  const before = await ask('/hls/good/show/source/0.m4s')
  const window = room.stream.windows.get('source')!
  await eventually(() => window.find(0)!.stored !== null)
  window.releaseBytes(1)
  expect(window.find(0)!.bytes).toBeNull()
  expect((await ask('/hls/good/show/source/0.m4s')).body).toEqual(before.body)
})
