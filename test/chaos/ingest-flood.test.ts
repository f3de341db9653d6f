import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { selfSignedCertificate } from '../helpers/broadcaster.ts'
import { type IngestRoom, ingestRoom, KEY, provePublishWorks } from '../helpers/ingest-room.ts'
import { amf, chunkHeader, connectRtmp } from '../helpers/rtmp-client.ts'

const LIMIT_MB = 150
const PATIENTLY = { timeout: 30_000 }
const crowded = { host: '127.0.0.1', port: 0, maxPerAddress: 1_100, maxConnections: 1_100 }

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024
}

/** The most memory the child is seen with until the watch ends. */
function watchMemory(room: IngestRoom) {
  const pid = room.ingest.childPid()!
  let most = residentMb(pid)
  const timer = setInterval(() => {
    most = Math.max(most, residentMb(pid))
  }, 20)
  return {
    end(): number {
      clearInterval(timer)
      return Math.max(most, residentMb(pid))
    },
  }
}

const hello = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536 * 2, 5)])
const connectCommand = amf('connect', 1, { app: 'live', tcUrl: 'rtmp://x/live' })
const connected = Buffer.concat([
  hello,
  chunkHeader({ chunkStream: 3, type: 20, length: connectCommand.length }),
  connectCommand,
])
const begun = (chunkStream: number, length: number) =>
  Buffer.concat([chunkHeader({ chunkStream, type: 20, length }), Buffer.alloc(128)])

/** What each of a thousand sends, and then holds the line. */
const manners: Record<string, Buffer> = {
  'say nothing': Buffer.alloc(0),
  'shake hands and wait': hello,
  'begin two long commands and never end them': Buffer.concat([connected, begun(4, 8_000), begun(5, 8_000)]),
  'begin a command on each chunk stream': Buffer.concat([
    connected,
    ...Array.from({ length: 14 }, (_, n) => begun(4 + n, 500)),
  ]),
  'name a key that is not theirs': Buffer.concat([
    connected,
    chunkHeader({ chunkStream: 4, type: 20, length: amf('publish', 2, null, 'nokey_nokeynokey').length, streamId: 1 }),
    amf('publish', 2, null, 'nokey_nokeynokey'),
  ]),
  'send noise': Buffer.concat([hello, Buffer.alloc(50_000, 0xa7)]),
  'reserve all they can': Buffer.concat([
    hello,
    ...Array.from({ length: 60 }, (_, n) => chunkHeader({ chunkStream: 3 + n, type: 9, length: 0xffffff })),
  ]),
}

function open(port: number, bytes: Buffer): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<Socket>()
  const socket = connectTcp({ host: '127.0.0.1', port }, () => {
    socket.write(bytes)
    resolve(socket)
  })
  socket.on('error', () => resolve(socket))
  socket.resume()
  return promise
}

test.each(Object.entries(manners))(
  'a thousand who %s: memory stays, and a broadcaster gets on air',
  async (_name, bytes) => {
    await using room = await ingestRoom({ config: { rtmp: crowded, rtmps: null } })
    const pid = room.ingest.childPid()
    const memory = watchMemory(room)
    const { rtmp } = room.ingest.ports()
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => open(rtmp, bytes)))
    await provePublishWorks(room)
    // The child has seen them all when its count, sent each second, has come twice.
    const before = room.ingest.figures()
    await expect
      .poll(() => room.ingest.figures() !== before && room.ingest.figures().childRssBytes, PATIENTLY)
      .toBeTruthy()
    await provePublishWorks(room)
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => room.ingest.figures().connections, PATIENTLY).toBe(0)
    expect(memory.end()).toBeLessThan(LIMIT_MB)
    expect(room.ingest.childPid()).toBe(pid)
  },
)

test('wave upon wave of all manners: memory does not climb', async () => {
  await using room = await ingestRoom({ config: { rtmp: crowded, rtmps: null } })
  const { rtmp } = room.ingest.ports()
  const memory = watchMemory(room)
  const kinds = Object.values(manners)
  for (let wave = 0; wave < 6; wave += 1) {
    const sockets = await Promise.all(Array.from({ length: 1_000 }, (_, n) => open(rtmp, kinds[n % kinds.length]!)))
    await provePublishWorks(room)
    for (const socket of sockets) socket.destroy()
  }
  expect(memory.end()).toBeLessThan(LIMIT_MB)
  expect(room.ingest.figures().childRestarts).toBe(0)
})

test('five hundred TLS connections that say nothing', async () => {
  const rtmps = { port: 0, ...selfSignedCertificate() }
  await using room = await ingestRoom({ config: { rtmp: crowded, rtmps } })
  const memory = watchMemory(room)
  const port = room.ingest.ports().rtmps!
  const sockets = Array.from({ length: 500 }, () => connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }))
  for (const socket of sockets) socket.on('error', () => {})
  await expect.poll(() => room.ingest.figures().connections, PATIENTLY).toBeGreaterThan(450)
  await provePublishWorks(room)
  for (const socket of sockets) socket.destroy()
  expect(memory.end()).toBeLessThan(LIMIT_MB)
})

test('a publisher that asks without reading the answers is shown out', async () => {
  await using room = await ingestRoom()
  const { client, publisher } = await room.publisher()
  client.socket.pause()
  const memory = watchMemory(room)
  const ping = Buffer.concat([chunkHeader({ chunkStream: 2, type: 4, length: 6 }), Buffer.from([0, 6, 1, 2, 3, 4])])
  const pings = Buffer.concat(Array.from({ length: 3_000 }, () => ping))
  const flood = setInterval(() => client.send(pings), 1)
  expect(await publisher.gone).toBe('answers not read')
  clearInterval(flood)
  client.end()
  expect(memory.end()).toBeLessThan(LIMIT_MB)
  await provePublishWorks(room)
})

test('a child that hangs is ended and started again', async () => {
  await using room = await ingestRoom()
  const { publisher } = await room.publisher()
  process.kill(room.ingest.childPid()!, 'SIGSTOP')
  expect(await publisher.gone).toBe('the ingest process ended')
  await expect.poll(() => room.ingest.figures().childRestarts, PATIENTLY).toBe(1)
  await expect
    .poll(
      () =>
        connectRtmp(room.ingest.ports().rtmp)
          .then((client) => client.connect())
          .then(
            () => true,
            () => false,
          ),
      PATIENTLY,
    )
    .toBe(true)
  await provePublishWorks(room)
})

test('the child is killed over and over: each time it is there again, and the last publish works like the first', async () => {
  await using room = await ingestRoom()
  for (let time = 1; time <= 4; time += 1) {
    await expect
      .poll(
        () =>
          room.publisher(KEY).then(
            () => true,
            () => false,
          ),
        PATIENTLY,
      )
      .toBe(true)
    const [publisher] = room.ingest.publishers()
    process.kill(room.ingest.childPid()!, 'SIGKILL')
    await publisher!.gone
    await expect.poll(() => room.ingest.figures().childRestarts, PATIENTLY).toBe(time)
  }
  await expect
    .poll(
      () =>
        provePublishWorks(room).then(
          () => true,
          () => false,
        ),
      PATIENTLY,
    )
    .toBe(true)
})
