/** The real ingest room with its real child on ports of its own; only the keys are made up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIngest, type IngestOptions, type Publisher } from '../../src/ingest/ingest.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { connectRtmp, media } from './rtmp-client.ts'

export const KEY = 'chan7key_q8Zt3mWx5nBv'
export const OTHER_KEY = 'chan8key_p2Lr9cYd4kHs'

type Rules = Pick<IngestOptions, 'findKey' | 'mayPublish' | 'onPublisher'>

export async function ingestRoom(overrides: Partial<IngestOptions> = {}) {
  const runDir = mkdtempSync(join(tmpdir(), 'ing-'))
  const announced: Publisher[] = []
  const lines: string[] = []
  const usual: Rules = {
    findKey: async (key) => {
      if (key === KEY) return { keyId: 'key-7', channelId: 'chan-7' }
      return key === OTHER_KEY ? { keyId: 'key-8', channelId: 'chan-8' } : null
    },
    mayPublish: async () => ({ allowed: true }),
    onPublisher: () => {},
  }
  const rules = { ...usual }
  const ingest = createIngest({
    config: { rtmp: { host: '127.0.0.1', port: 0, maxPerAddress: 50, maxConnections: 100 }, rtmps: null },
    runDir,
    logger: createLogger('debug', { write: (line) => lines.push(line) }),
    clock: { now: () => Date.now() },
    findKey: (key) => rules.findKey(key),
    mayPublish: (channelId, keyId) => rules.mayPublish(channelId, keyId),
    onPublisher: (publisher) => {
      announced.push(publisher)
      rules.onPublisher(publisher)
    },
    ...overrides,
  })
  await ingest.start()

  async function stop(): Promise<void> {
    await ingest.stop()
    rmSync(runDir, { recursive: true, force: true })
  }

  return {
    ingest,
    announced,
    runDir,
    /** What the rest of the house answers; a test may change it. */
    rules,
    /** Ends who is left, and forgets what a test changed. */
    async reset(): Promise<void> {
      Object.assign(rules, usual)
      await Promise.all(
        ingest.publishers().map((publisher) => {
          publisher.end('the test is over')
          return publisher.gone
        }),
      )
      announced.length = 0
      lines.length = 0
    },
    log: () => lines.join(''),
    connect: () => connectRtmp(ingest.ports().rtmp),

    /** A client that is publishing. */
    async publisher(key = KEY) {
      const client = await connectRtmp(ingest.ports().rtmp)
      await client.connect()
      const { code } = await client.publish(key)
      if (code !== 'NetStream.Publish.Start') throw new Error(`not publishing: ${code}`)
      return { client, publisher: ingest.publishers().find(({ keyId }) => keyId === keyIdOf(key))! }
    },

    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export type IngestRoom = Awaited<ReturnType<typeof ingestRoom>>

const keyIdOf = (key: string) => (key === KEY ? 'key-7' : 'key-8')

export interface ReadTag {
  type: number
  at: number
  payload: Buffer
}

/** Reads a publisher's outlet, tag by tag. */
export function readOutlet(path: string) {
  const socket = connect(path)
  const tags: ReadTag[] = []
  const waiting = new Set<() => void>()
  let bytes = Buffer.alloc(0)
  let isAtHead = true
  let isOver = false
  const wake = () => [...waiting].map((check) => check())

  socket.on('error', () => {})
  socket.on('close', () => {
    isOver = true
    wake()
  })
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more])
    if (isAtHead && bytes.length >= 13) {
      if (bytes.toString('latin1', 0, 3) !== 'FLV') throw new Error('not an FLV file')
      bytes = bytes.subarray(13)
      isAtHead = false
    }
    while (!isAtHead && bytes.length >= 15 && bytes.length >= 15 + bytes.readUIntBE(1, 3)) {
      const size = bytes.readUIntBE(1, 3)
      if (bytes.readUInt32BE(11 + size) !== 11 + size) throw new Error('a tag of the wrong size')
      const at = bytes.readUIntBE(4, 3) + bytes[7]! * 2 ** 24
      tags.push({ type: bytes[0]!, at, payload: bytes.subarray(11, 11 + size) })
      bytes = bytes.subarray(15 + size)
    }
    wake()
  })

  async function until(isSo: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const check = () => {
      if (isSo()) resolve()
      else if (isOver) reject(new Error('the outlet ended'))
      else return
      waiting.delete(check)
    }
    waiting.add(check)
    check()
    return promise
  }

  return {
    socket,
    tags,
    until,
    atLeast: (count: number) => until(() => tags.length >= count),
    end: () => until(() => isOver),
  }
}

/** The proof that matters after every attack: the next honest broadcaster gets on air and is heard. */
export async function provePublishWorks(room: IngestRoom): Promise<void> {
  const { client, publisher } = await room.publisher(OTHER_KEY)
  const outlet = readOutlet(publisher.flvPath)
  client.video(0, media.videoHeader)
  client.video(0, media.keyframe())
  client.video(33, media.frame())
  await outlet.atLeast(3)
  client.end()
  await publisher.gone
  await outlet.end()
}
