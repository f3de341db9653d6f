/**
 * What one unauthenticated or ill-meaning peer can send, as real bytes over a real socket to the real child. After each: the
 * same child lives, and an honest publish works.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IngestRoom, ingestRoom, KEY, provePublishWorks, readOutlet } from '../helpers/ingest-room.ts'
import { amf, chunkHeader, media, type RtmpClient } from '../helpers/rtmp-client.ts'

let room: IngestRoom
let pid: number | undefined

beforeAll(async () => {
  room = await ingestRoom()
  pid = room.ingest.childPid()
})
afterAll(() => room.stop())

type Attack = (client: RtmpClient) => unknown
const repeat = (times: number, bytes: Buffer) => Buffer.concat(Array.from({ length: times }, () => bytes))
const message = (type: number, payload: Buffer, chunkStream = 3) =>
  Buffer.concat([chunkHeader({ chunkStream, type, length: payload.length }), payload])
const nestedArrays = (depth: number) => repeat(depth, Buffer.from([0x0a, 0, 0, 0, 1]))
const nestedObjects = (depth: number) => repeat(depth, Buffer.from([0x03, 0, 1, 0x61]))
const unterminatedObject = Buffer.concat([Buffer.from([3, 0, 3]), Buffer.from('app'), amf('live')])

const faults: Record<string, number> = {}

/** Compared with the child's own count at the end: each attack met the guard that was meant for it. */
function expectFault(fault: string): void {
  faults[fault] = (faults[fault] ?? 0) + 1
}

async function proveHarmless(): Promise<void> {
  await provePublishWorks(room)
  expect(room.ingest.childPid()).toBe(pid)
  expect(room.ingest.figures().childRestarts).toBe(0)
}

test.each<[string, string, Attack]>([
  ['something that is not RTMP', 'not RTMP', (c) => c.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  ['a version nobody speaks', 'not RTMP', (c) => c.send(Buffer.from([6]), Buffer.alloc(1536))],
])('before the handshake: %s', async (_name, fault, attack) => {
  const client = await room.connect()
  attack(client)
  expectFault(fault)
  await client.closed()
  await proveHarmless()
})

test.each<[string, string, Attack]>([
  [
    'an empty SetChunkSize',
    'a control message too short',
    (c) => c.send(message(1, Buffer.alloc(0), 2), Buffer.alloc(1)),
  ],
  [
    'an empty WindowAcknowledgementSize',
    'a control message too short',
    (c) => c.send(message(5, Buffer.alloc(0), 2), Buffer.alloc(1)),
  ],
  ['a chunk size of 0', 'an impossible chunk size', (c) => c.control(1, 0)],
  ['a chunk size with the forbidden bit', 'an impossible chunk size', (c) => c.control(1, 0xffffffff)],
  [
    'a chunk size changed inside a message',
    'a chunk size changed inside a message',
    (c) => {
      c.send(chunkHeader({ chunkStream: 3, type: 20, length: 200 }), Buffer.alloc(128))
      c.control(1, 4096)
    },
  ],
  ['a control message of 4 KB', 'a message too long', (c) => c.send(message(4, Buffer.alloc(4_096)))],
  ['a command of no length', 'a command without a name', (c) => c.send(message(20, Buffer.alloc(0)), Buffer.alloc(1))],
  [
    'a truncated number',
    'malformed',
    (c) => c.send(message(20, Buffer.concat([amf('connect'), Buffer.from([0, 1, 2])]))),
  ],
  ['an object without an end', 'malformed', (c) => c.send(message(20, amf('connect', 1, unterminatedObject)))],
  ['an unknown AMF type', 'malformed', (c) => c.send(message(20, amf('connect', 1, Buffer.from([0x42]))))],
  ['a command whose name is a number', 'a command without a name', (c) => c.command(0, 5, 1)],
  ['a connect without an object', 'a connect without an app', (c) => c.command(0, 'connect', 1)],
  ['a connect whose object is null', 'a connect without an app', (c) => c.command(0, 'connect', 1, null)],
  ['a connect whose app is a number', 'a connect without an app', (c) => c.command(0, 'connect', 1, { app: 5 })],
  [
    '1 600 nested arrays in a command',
    'malformed',
    (c) => c.message({ chunkStream: 3, type: 20 }, nestedArrays(1_600)),
  ],
  [
    '2 000 nested objects in a command',
    'malformed',
    (c) => c.message({ chunkStream: 3, type: 20 }, nestedObjects(2_000)),
  ],
  [
    '60 KB of nested arrays',
    'a message too long',
    (c) => c.message({ chunkStream: 3, type: 20 }, nestedArrays(12_000)),
  ],
  [
    'a 16 MB array',
    'a message too long',
    (c) => c.send(chunkHeader({ chunkStream: 3, type: 20, length: 0xffffff }), Buffer.alloc(65_536)),
  ],
  [
    'a message that grows on its way',
    'a message changed while it was under way',
    (c) => {
      c.send(chunkHeader({ chunkStream: 3, type: 20, length: 200 }), Buffer.alloc(128))
      c.send(chunkHeader({ chunkStream: 3, type: 20, length: 200_000 }), Buffer.alloc(128))
    },
  ],
  [
    'a message that changes its type on its way',
    'a message changed while it was under way',
    (c) => {
      c.send(chunkHeader({ chunkStream: 3, type: 20, length: 200 }), Buffer.alloc(128))
      c.send(chunkHeader({ chunkStream: 3, type: 9, length: 200 }), Buffer.alloc(72))
    },
  ],
  [
    'headers that would reserve 4 GB',
    'a message too long',
    (c) => {
      for (let id = 3; id < 64; id += 1) c.send(chunkHeader({ chunkStream: id, type: 9, length: 0xffffff }))
      c.send(Buffer.alloc(64))
    },
  ],
  [
    'commands begun on seventeen chunk streams',
    'too many chunk streams',
    (c) => {
      for (let id = 3; id < 30; id += 1)
        c.send(chunkHeader({ chunkStream: id, type: 20, length: 300 }), Buffer.alloc(128))
    },
  ],
  [
    'long commands begun and never ended',
    'too much of unfinished messages',
    (c) => {
      for (let id = 3; id < 10; id += 1)
        c.send(chunkHeader({ chunkStream: id, type: 20, length: 8_000 }), Buffer.alloc(128))
    },
  ],
  ['a publish before connect', 'a command before connect', (c) => c.command(1, 'publish', 2, null, KEY, 'live')],
  ['media before anything', 'media before publish', (c) => c.video(0, media.keyframe())],
])('before connect: %s', async (_name, fault, attack) => {
  const client = await room.connect()
  await client.handshake()
  attack(client)
  expectFault(fault)
  await client.closed()
  await proveHarmless()
})

test.each<[string, string, Attack]>([
  ['a second connect', 'a second connect', (c) => c.command(0, 'connect', 2, { app: 'live', tcUrl: 'rtmp://x/live' })],
  ['media before publish', 'media before publish', (c) => c.audio(0, media.audio())],
  ['data before publish', 'media before publish', (c) => c.script('onMetaData', { width: 1 })],
  ['a publish without a name', 'a publish without a name', (c) => c.command(1, 'publish', 2, null)],
  ['a publish whose name is an object', 'a publish without a name', (c) => c.command(1, 'publish', 2, null, {})],
  ['a play without a name', 'playing is not offered here', (c) => c.command(1, 'play', 2, null)],
  ['a play: nobody plays over RTMP', 'playing is not offered here', (c) => c.command(1, 'play', 2, null, KEY)],
  [
    'streams created without end',
    'too many streams created',
    (c) => {
      for (let id = 0; id < 50; id += 1) c.command(0, 'createStream', id, null)
    },
  ],
  [
    'talk without end',
    'too much said before publish',
    (c) => {
      const talk = setInterval(
        () => (c.isClosed() ? clearInterval(talk) : c.command(0, 'hello', 1, 'x'.repeat(8_000))),
        1,
      )
    },
  ],
])('after connect: %s', async (_name, fault, attack) => {
  const client = await room.connect()
  await client.connect()
  attack(client)
  expectFault(fault)
  await client.closed()
  await proveHarmless()
})

test.each<[string, string, Attack]>([
  ['a second publish', 'a second publish', (c) => c.command(1, 'publish', 9, null, KEY, 'live')],
  [
    '500 publishes on one connection',
    'a second publish',
    (c) => {
      for (let id = 0; id < 500; id += 1) c.command(1, 'publish', 9 + id, null, `${KEY}${id}`, 'live')
    },
  ],
  [
    'video of 9 MB',
    'a message too long',
    (c) => c.send(chunkHeader({ chunkStream: 6, type: 9, length: 9_000_000 }), Buffer.alloc(64)),
  ],
  [
    'audio of 100 KB',
    'a message too long',
    (c) => c.send(chunkHeader({ chunkStream: 4, type: 8, length: 100_000 }), Buffer.alloc(64)),
  ],
  [
    '8 MB begun on every chunk stream',
    'too much of unfinished messages',
    (c) => {
      for (let id = 3; id < 10; id += 1) {
        c.send(chunkHeader({ chunkStream: id, type: 9, length: 8_000_000 }), Buffer.alloc(128))
      }
    },
  ],
  ['metadata of nested objects', 'malformed', (c) => c.script('@setDataFrame', 'onMetaData', nestedObjects(1_800))],
  ['metadata of an unknown type', 'malformed', (c) => c.script('@setDataFrame', 'onMetaData', Buffer.from([0x42]))],
])('while publishing: %s', async (_name, fault, attack) => {
  const { client, publisher } = await room.publisher()
  attack(client)
  expectFault(fault)
  await client.closed()
  await publisher.gone
  expect(room.ingest.publishers()).toEqual([])
  await proveHarmless()
})

test.each<[string, Attack]>([
  ['a command named toString', (c) => c.command(0, 'toString', 1, null)],
  ['a command named constructor', (c) => c.command(0, 'constructor', 1, null)],
  ['a command named __proto__', (c) => c.command(0, '__proto__', 1, { __proto__: null, app: 'x' })],
  ['video of no length', (c) => c.send(message(9, Buffer.alloc(0), 6))],
  ['audio of no length', (c) => c.send(message(8, Buffer.alloc(0), 4))],
  ['data of no length', (c) => c.send(message(18, Buffer.alloc(0), 5))],
  ['video of one byte', (c) => c.video(0, Buffer.from([0x17]))],
  ['video of three bytes', (c) => c.video(0, Buffer.from([0x17, 1, 0]))],
  ['metadata of undefined', (c) => c.script('@setDataFrame', 'onMetaData', undefined)],
  ['metadata of nothing', (c) => c.script('@setDataFrame', 'onMetaData')],
  ['60 KB of nested metadata', (c) => c.script('@setDataFrame', 'onMetaData', nestedArrays(12_000))],
  ['data of another name', (c) => c.script('onTextData', { text: 'x' })],
  ['AMF3 data', (c) => c.message({ chunkStream: 5, type: 15, streamId: 1 }, Buffer.from([1, 2, 3, 4]))],
  ['a multitrack video packet', (c) => c.video(0, Buffer.from('\u0096\u0000avc1\u0000x', 'latin1'))],
  ['a multitrack audio packet', (c) => c.audio(0, Buffer.from('\u0095\u0000mp4a\u0000x', 'latin1'))],
  ['a message of a type from the future', (c) => c.send(message(99, Buffer.alloc(50), 7))],
  [
    'an abort of a message under way',
    (c) => {
      c.send(chunkHeader({ chunkStream: 8, type: 9, length: 5_000, streamId: 1 }), Buffer.alloc(128))
      c.control(2, 8)
      c.message({ chunkStream: 8, type: 9, timestamp: 20, streamId: 1 }, media.frame(321))
    },
  ],
  ['the greatest chunk size there is', (c) => c.setChunkSize(0x7fffffff)],
])('harmless while publishing, and the publisher stays: %s', async (_name, oddity) => {
  const { client, publisher } = await room.publisher()
  const outlet = readOutlet(publisher.flvPath)
  client.video(0, media.videoHeader)
  client.video(0, media.keyframe())
  oddity(client)
  client.video(40, media.frame(321))
  await outlet.until(() => outlet.tags.some(({ payload }) => payload.length === 326))
  const known = new Set([media.videoHeader.length, 405, 326])
  expect(outlet.tags.filter(({ type, payload }) => type === 9 && !known.has(payload.length))).toEqual([])
  expect(outlet.tags.filter(({ type }) => type !== 9 && type !== 18)).toEqual([])
  client.end()
  await publisher.gone
  await proveHarmless()
})

test('timestamps that pass 2^32 go on, and do not fall silent', async () => {
  const { client, publisher } = await room.publisher()
  const outlet = readOutlet(publisher.flvPath)
  client.setChunkSize(4096)
  client.video(0, media.videoHeader)
  client.video(2 ** 32 - 60, media.keyframe())
  client.video(2 ** 32 - 20, media.frame())
  // A delta (type 1, here 40 ms) is how an encoder really goes over the edge.
  const payload = media.frame()
  const delta = Buffer.from([0x46, 0, 0, 40, 0, payload.length >> 8, payload.length & 255, 9])
  client.send(delta, payload)
  client.video(60, media.frame())
  await outlet.atLeast(5)
  expect(outlet.tags.slice(1).map(({ at }) => at)).toEqual([0, 40, 80, 120])
  client.end()
  await publisher.gone
  await proveHarmless()
})

test('a peer that was refused cannot inject media, and gone is said once', async () => {
  const live = await room.publisher()
  const outlet = readOutlet(live.publisher.flvPath)
  live.client.video(0, media.videoHeader)
  live.client.video(0, media.keyframe())
  const intruder = await room.connect()
  await intruder.connect()
  expect((await intruder.publish('wrong_wrongwrongwrong')).code).toBe('NetStream.Publish.Denied')
  expectFault('publish refused')
  for (let n = 0; n < 20; n += 1) intruder.video(n, media.keyframe(999))
  await intruder.closed()
  live.client.video(40, media.frame())
  await outlet.atLeast(3)
  expect(outlet.tags.some(({ payload }) => payload.length === 1_004)).toBe(false)
  live.client.end()
  await live.publisher.gone
  await proveHarmless()
})

test('each attack met the guard that was meant for it', async () => {
  await expect.poll(() => room.ingest.figures().drops, { timeout: 5_000 }).toEqual(faults)
  expect(room.ingest.figures().childRssBytes).toBeLessThan(150e6)
})
