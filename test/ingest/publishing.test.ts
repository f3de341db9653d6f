import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type IngestRoom, ingestRoom, KEY, OTHER_KEY, provePublishWorks, readOutlet } from '../helpers/ingest-room.ts'
import { media, type RtmpClient } from '../helpers/rtmp-client.ts'

let room: IngestRoom
beforeAll(async () => {
  room = await ingestRoom()
})
afterEach(() => room.reset())
afterAll(() => room.stop())

const PATIENTLY = { timeout: 10_000 }
const START = 'NetStream.Publish.Start'
const DENIED = 'NetStream.Publish.Denied'

/** As soon as the child listens again. */
async function connectAgain(room: IngestRoom): Promise<RtmpClient> {
  const client = await room.connect()
  const isConnected = await client.connect().then(
    () => true,
    () => false,
  )
  return isConnected ? client : connectAgain(room)
}

async function publish(app: string, name: string) {
  const client = await room.connect()
  await client.connect(app)
  return { client, status: await client.publish(name) }
}

test.each([
  ['live', KEY],
  ['live/', KEY],
  ['live', `${KEY}?bandwidthtest=1`],
  ['live?auth=x', KEY],
  [`live/${KEY}`, ''],
  ['live', `${KEY}/`],
])('a key is found in the address however it was pasted: %s + %s', async (app, name) => {
  const { client, status } = await publish(app, name)
  expect(status.code).toBe(START)
  expect(room.ingest.publishers()).toMatchObject([{ keyId: 'key-7', channelId: 'chan-7', address: '127.0.0.1' }])
  client.end()
})

test.each([
  ['an unknown key', 'live', 'chan7key_wrongwrongwrong'],
  ['no key', 'live', ''],
  ['a key of strange letters', 'live', '../../etc/passwd\u0000'],
  ['a key of 7 KB', 'live', 'x'.repeat(7_000)],
])('%s is refused in words a person understands, then the connection is closed', async (_name, app, name) => {
  const { client, status } = await publish(app, name)
  expect(status).toMatchObject({ code: DENIED, level: 'error', description: expect.stringContaining('stream key') })
  await client.closed()
  expect(room.announced).toEqual([])
})

test('a refusal reaches an encoder that did not wait for it: the connection is closed, not reset', async () => {
  const client = await room.connect()
  await client.connect()
  client.setChunkSize(60_000)
  client.command(1, 'publish', 5, null, 'chan7key_wrongwrongwrong', 'live')
  for (let n = 0; n < 40; n += 1) client.message({ chunkStream: 7, type: 99 }, Buffer.alloc(8_000))
  expect((await client.status()).code).toBe(DENIED)
  await client.closed()
  expect(client.failure()).toBeNull()
})

test('a channel that may not publish is refused with its reason, in letters every encoder can show', async () => {
  room.rules.mayPublish = async () => ({ allowed: false, reason: 'The channel “Café” is suspended.' })
  const { client, status } = await publish('live', KEY)
  expect(status).toMatchObject({ code: DENIED, description: 'The channel ?Caf?? is suspended.' })
  await client.closed()
})

test('a key that cannot be checked ends in silence, so that the encoder tries again', async () => {
  room.rules.findKey = () => Promise.reject(new Error('the database is away'))
  const client = await room.connect()
  await client.connect()
  await expect(client.publish(KEY)).rejects.toThrow('closed')
  expect(client.received.some(({ payload }) => payload.includes('onStatus'))).toBe(false)
})

test('readers are told of a publisher before the encoder may send, and lose nothing that came early', async () => {
  const order: string[] = []
  const outlets: ReturnType<typeof readOutlet>[] = []
  room.rules.onPublisher = (publisher) => {
    order.push('announced')
    outlets.push(readOutlet(publisher.flvPath))
  }
  const client = await room.connect()
  await client.connect()
  client.command(0, 'createStream', 4, null)
  client.command(1, 'publish', 5, null, KEY, 'live')
  // Without waiting for the answer, as some encoders do.
  client.script('@setDataFrame', 'onMetaData', { width: 1280, height: 720, framerate: 30 })
  client.video(1_000, media.videoHeader)
  client.audio(1_000, media.audioHeader)
  client.video(1_000, media.keyframe())
  await client.status().then(({ code }) => order.push(code))
  client.audio(1_010, media.audio())
  await outlets[0]!.atLeast(5)
  expect(order).toEqual(['announced', START])
  expect(outlets[0]!.tags.map(({ type, at, payload }) => [type, at, payload.length])).toEqual([
    [18, 0, expect.any(Number)],
    [9, 0, media.videoHeader.length],
    [8, 0, media.audioHeader.length],
    [9, 0, 405],
    [8, 10, 102],
  ])
  expect(outlets[0]!.tags[0]!.payload.toString('latin1', 3, 13)).toBe('onMetaData')
  client.end()
  await outlets[0]!.end()
})

test('a newer connection with the same key replaces the older at once; another key does not', async () => {
  const order: string[] = []
  room.rules.onPublisher = (publisher) => {
    order.push(`there ${publisher.keyId}`)
    void publisher.gone.then((reason) => order.push(`gone ${publisher.keyId}: ${reason}`))
  }
  const older = await room.publisher(KEY)
  const other = await room.publisher(OTHER_KEY)
  const newer = await room.publisher(KEY)
  expect(await older.publisher.gone).toBe('replaced')
  await older.client.closed()
  expect((await older.client.status()).code).toBe('NetStream.Publish.BadName')
  expect(order).toEqual(['there key-7', 'there key-8', 'there key-7', 'gone key-7: replaced'])
  expect(room.ingest.publishers().map(({ id }) => id)).toEqual([other.publisher.id, newer.publisher.id])
  expect(newer.publisher.flvPath).not.toBe(older.publisher.flvPath)
})

test('a key revoked while it is still being checked is refused', async () => {
  const keyFound = Promise.withResolvers<void>()
  const mayAnswer = Promise.withResolvers<void>()
  let isRevoked = false
  room.rules.findKey = async () => (isRevoked ? null : { keyId: 'key-7', channelId: 'chan-7' })
  room.rules.mayPublish = async () => {
    keyFound.resolve()
    await mayAnswer.promise
    return { allowed: true }
  }
  const late = await room.connect()
  await late.connect()
  const answer = late.publish(KEY)
  await keyFound.promise
  isRevoked = true
  room.ingest.endByKey('key-7', 'This key was revoked.')
  mayAnswer.resolve()
  expect((await answer).code).toBe(DENIED)
  expect(room.announced).toEqual([])
})

test('an answer that comes when the child was started anew is given to nobody else', async () => {
  await using room = await ingestRoom()
  const [asked, askedAgain] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const [admitted, refused] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  room.rules.findKey = async (key) => {
    const isGood = key === KEY
    ;(isGood ? asked : askedAgain).resolve()
    await (isGood ? admitted : refused).promise
    return isGood ? { keyId: 'key-7', channelId: 'chan-7' } : null
  }
  const owner = await room.connect()
  await owner.connect()
  const lost = owner.publish(KEY)
  await asked.promise
  process.kill(room.ingest.childPid()!, 'SIGKILL')
  await expect(lost).rejects.toThrow('closed')
  // To the new child this is connection number one, as the owner's was to the old.
  const stranger = await connectAgain(room)
  const answer = stranger.publish('chan7key_wrongwrongwrong')
  await askedAgain.promise
  admitted.resolve()
  await new Promise((resolve) => setTimeout(resolve, 100))
  refused.resolve()
  expect((await answer).code).toBe(DENIED)
  expect(room.announced).toEqual([])
})

test('a peer that leaves while its key is checked leaves nothing behind', async () => {
  const mayAnswer = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  room.rules.mayPublish = async () => {
    asked.resolve()
    await mayAnswer.promise
    return { allowed: true }
  }
  const client = await room.connect()
  await client.connect()
  const answer = client.publish(KEY)
  await asked.promise
  client.end()
  await expect(answer).rejects.toThrow('closed')
  mayAnswer.resolve()
  await provePublishWorks(room)
  expect(room.announced.map(({ keyId }) => keyId)).toEqual(['key-8'])
})

test('end tells the encoder why, and gone resolves with that reason', async () => {
  const { client, publisher } = await room.publisher()
  room.ingest.endByKey('key-7', 'This key was revoked.')
  expect(await publisher.gone).toBe('This key was revoked.')
  await client.closed()
  expect(await client.status()).toMatchObject({ code: DENIED, description: 'This key was revoked.' })
  expect(room.ingest.publishers()).toEqual([])
})

test.each(['deleteStream', 'FCUnpublish', 'closeStream'])(
  '%s ends the publisher once, whatever follows',
  async (name) => {
    const { client, publisher } = await room.publisher()
    const outlet = readOutlet(publisher.flvPath)
    await outlet.until(() => outlet.socket.bytesRead >= 13)
    client.command(1, name, 6, null, 1)
    client.command(1, 'deleteStream', 7, null, 1)
    client.video(0, media.keyframe())
    expect(await publisher.gone).toBe('unpublished')
    await outlet.end()
    expect(outlet.tags).toEqual([])
    await client.closed()
    expect(room.log().match(/a publisher is gone/g)).toHaveLength(1)
    await provePublishWorks(room)
  },
)

test('who does not publish in time is shown out', async () => {
  await using room = await ingestRoom({ patience: { publishWithinMs: 200, silenceMs: 5_000, pingEveryMs: 5_000 } })
  const client = await room.connect()
  await client.connect()
  await client.closed()
  await expect.poll(() => room.ingest.figures().drops, PATIENTLY).toEqual({ 'no publish in time': 1 })
})

test('a publisher that falls silent loses its place, though it still answers pings', async () => {
  await using room = await ingestRoom({ patience: { publishWithinMs: 5_000, silenceMs: 1_200, pingEveryMs: 100 } })
  const { client, publisher } = await room.publisher()
  client.video(0, media.keyframe())
  const ping = await client.until(() => client.received.find(({ type, payload }) => type === 4 && payload[1] === 6))
  client.message({ chunkStream: 2, type: 4 }, Buffer.concat([Buffer.from([0, 7]), ping.payload.subarray(2)]))
  expect(await publisher.gone).toBe('silent')
  await client.closed()
})

test('pings are answered, and bytes acknowledged as often as the peer asked', async () => {
  const { client } = await room.publisher()
  client.message({ chunkStream: 2, type: 4 }, Buffer.from([0, 6, 1, 2, 3, 4]))
  const pong = await client.until(() => client.received.find(({ type, payload }) => type === 4 && payload[1] === 7))
  expect(pong.payload).toEqual(Buffer.from([0, 7, 1, 2, 3, 4]))
  client.control(5, 10_000)
  for (let n = 0; n < 5; n += 1) client.video(n * 40, media.keyframe(20_000))
  const acknowledgement = await client.until(() => client.received.find(({ type }) => type === 3))
  expect(acknowledgement.payload.readUInt32BE()).toBeGreaterThan(10_000)
})

test('connections are bounded in all and by address, and those within the bound are served', async () => {
  const rtmp = { host: '127.0.0.1', port: 0, maxPerAddress: 2, maxConnections: 100 }
  await using room = await ingestRoom({ config: { rtmp, rtmps: null } })
  const { client } = await room.publisher()
  const second = await room.connect()
  await second.handshake()
  const third = await room.connect()
  await third.closed()
  await expect
    .poll(() => room.ingest.figures(), PATIENTLY)
    .toMatchObject({
      connections: 2,
      drops: { 'too many connections from one address': 1 },
    })
  second.end()
  await expect.poll(() => room.ingest.figures().connections, PATIENTLY).toBe(1)
  await provePublishWorks(room)
  client.end()
})

test('a killed child takes its publishers with it, is started again on the same port, and they come back', async () => {
  const { client, publisher } = await room.publisher()
  const ports = room.ingest.ports()
  const firstPid = room.ingest.childPid()!
  process.kill(firstPid, 'SIGKILL')
  expect(await publisher.gone).toBe('the ingest process ended')
  await client.closed()
  expect(room.ingest.publishers()).toEqual([])
  const again = await connectAgain(room)
  again.end()
  expect(room.ingest.ports()).toEqual(ports)
  expect(room.ingest.childPid()).not.toBe(firstPid)
  await provePublishWorks(room)
  expect(readdirSync(room.runDir)).toEqual([])
})

test('SIGTERM ends the child cleanly and with it all publishers; nothing stays behind', async () => {
  await using room = await ingestRoom()
  const { publisher, client } = await room.publisher()
  const pid = room.ingest.childPid()!
  await room.ingest.stop()
  expect(await publisher.gone).toBe('the server is stopping')
  await client.closed()
  expect(() => process.kill(pid, 0)).toThrow()
  expect(readdirSync(room.runDir)).toEqual([])
})

test('a taken port stops the start and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? address!.port : 0
  const rtmp = { host: '127.0.0.1', port, maxPerAddress: 5, maxConnections: 5 }
  await expect(ingestRoom({ config: { rtmp, rtmps: null } })).rejects.toThrow('EADDRINUSE')
  taken.close()
})

test('a folder whose sockets could not be opened stops the start', async () => {
  await expect(ingestRoom({ runDir: `/tmp/${'x'.repeat(100)}` })).rejects.toThrow('too long a path')
})

test('the secret of a key stands in no log line, no path and no process list', async () => {
  const { client } = await room.publisher(KEY)
  await publish('live', 'chan7key_wrongwrongwrong')
  const pid = room.ingest.childPid()
  const seen = [
    room.log(),
    readdirSync(room.runDir).join(' '),
    readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    readFileSync(`/proc/${pid}/environ`, 'utf8'),
  ].join('\n')
  expect(seen).toContain('a publisher is there')
  expect(seen).not.toContain('q8Zt3mWx5nBv')
  expect(seen).not.toContain('wrongwrong')
  expect(client.received.some(({ payload }) => payload.includes('q8Zt3mWx5nBv'))).toBe(false)
})

test('the child is given neither the environment nor any file but its own code', async () => {
  const read = (name: string) => readFileSync(`/proc/${room.ingest.childPid()}/${name}`, 'utf8').split('\0')
  expect(read('environ').filter((line) => line && !/^(NODE_CHANNEL_|MALLOC_)/.test(line))).toEqual([])
  expect(read('cmdline')).toContain('--permission')
  expect(read('cmdline').filter((word) => word.startsWith('--allow'))).toEqual([
    expect.stringMatching(/^--allow-fs-read=.*\/src\/ingest$/),
    expect.stringMatching(/^--allow-fs-read=.*\/node_modules\/node-media-server$/),
    expect.stringMatching(/^--allow-fs-read=.*\/package.json$/),
  ])
})
