/**
 * Who is publishing. This room takes RTMP and RTMPS in a child process, checks stream keys through the function it is given,
 * and offers each admitted publisher as an FLV stream on a unix socket. A key publishes once: the newer connection replaces
 * the older. It knows nothing of sessions, encoders or playlists.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { newCode, newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import { createIngestProcess, type Figures, type FromChild, type Patience, type Ports } from './process.ts'
import { type SourceHealth, unknownHealth } from './source-health.ts'

export { type SourceHealth, unknownHealth } from './source-health.ts'
export { createStreamKeys, type StreamKeys } from './stream-keys.ts'

// sun_path of sockaddr_un holds 108 bytes with its final zero.
const LONGEST_SOCKET_PATH = 107
const UNKNOWN_KEY = 'This stream key is not known here. Copy it again from your channel page.'
const PATIENCE: Patience = { publishWithinMs: 10_000, silenceMs: 15_000, pingEveryMs: 10_000 }
const SOCKET_SUFFIX = '.flv'
const STREAM_KEY = /^[\w-]{8,200}$/

export interface Publisher {
  id: string
  channelId: string
  keyId: string
  address: string
  /** A unix socket that serves this publisher's FLV, on a smoothed timeline, to any number of readers. */
  flvPath: string
  startedAt: number
  health(): SourceHealth
  /** The reason, when the publisher is no longer there; also when the child died. */
  gone: Promise<string>
  /** Tells the encoder why, and closes. */
  end(reason: string): void
}

interface Key {
  keyId: string
  channelId: string
}

export interface IngestConfig {
  rtmp: { host: string; port: number; maxPerAddress: number; maxConnections: number }
  rtmps: { port: number; certFile: string; keyFile: string } | null
}

export interface IngestOptions {
  config: IngestConfig
  /** For the unix sockets: a short path, made when it is missing, this process's alone. */
  runDir: string
  logger: Logger
  clock: Clock
  findKey(streamKey: string): Promise<Key | null>
  mayPublish(channelId: string, keyId: string): Promise<{ allowed: true } | { allowed: false; reason: string }>
  /** Called when the outlet is there, before the encoder is told that it may send. */
  onPublisher(publisher: Publisher): void
  patience?: Patience
}

export interface IngestFigures {
  connections: number
  publishers: number
  /** Connections ended for a peer's fault, by reason, since the start. */
  drops: Record<string, number>
  childRestarts: number
  childRssBytes: number
}

type Ask = Extract<FromChild, { type: 'ask' }>

interface Entry extends Publisher {
  state: 'pending' | 'live'
  connection: number
  latest: SourceHealth
  leave(reason: string): void
}

export type Ingest = ReturnType<typeof createIngest>

export function createIngest(options: IngestOptions) {
  const { config, runDir, logger, clock, findKey, mayPublish, onPublisher, patience = PATIENCE } = options
  const asking = new Map<number, Ask>()
  const entries = new Map<number, Entry>()
  const pastDrops = new Map<string, number>()
  let figures: Figures | null = null
  // Counts ends by key, so that a key revoked while it was being checked is checked again.
  let ends = 0

  const child = createIngestProcess({ logger, listenOrder, onMessage: receive, onDeath: forgetAll })

  /** For every start of the child; what the one before left is swept away first. */
  async function listenOrder() {
    await sweepSockets(runDir)
    const { host, port, maxPerAddress, maxConnections } = config.rtmp
    const kept = child.ports()
    const rtmps = config.rtmps && {
      host,
      port: kept?.rtmps ?? config.rtmps.port,
      cert: await readFile(config.rtmps.certFile, 'utf8'),
      key: await readFile(config.rtmps.keyFile, 'utf8'),
    }
    const rtmp = { host, port: kept?.rtmp ?? port }
    return { type: 'listen' as const, rtmp, rtmps, maxPerAddress, maxConnections, patience }
  }

  function receive(message: Exclude<FromChild, { type: 'listening' }>): void {
    switch (message.type) {
      case 'ask':
        void answer(message)
        break
      case 'ready':
        announce(message.connection)
        break
      case 'gone':
        asking.delete(message.connection)
        entries.get(message.connection)?.leave(message.reason)
        break
      case 'health': {
        const entry = entries.get(message.connection)
        if (entry) entry.latest = message.health
        break
      }
      case 'figures':
        figures = message
    }
  }

  async function answer(ask: Ask): Promise<void> {
    const { connection, streamKey, address } = ask
    asking.set(connection, ask)
    // Without a word where the key could not be checked: an encoder that was denied does not come back.
    const decision = await decide(streamKey).catch((error: unknown) => {
      logger.error({ err: error, address }, 'a stream key could not be checked')
      return null
    })
    // The peer left meanwhile, or the child died and another peer bears its number now.
    if (asking.get(connection) !== ask) return
    asking.delete(connection)
    if (!decision) {
      child.send({ type: 'drop', connection, reason: 'the key could not be checked' })
    } else if (!decision.admitted) {
      const { reason } = decision
      logger.info({ address, reason }, 'a publish was refused')
      child.send({ type: 'refuse', connection, code: 'NetStream.Publish.Denied', description: reason, reason })
    } else {
      const entry = createEntry(connection, address, decision)
      entries.set(connection, entry)
      child.send({ type: 'admit', connection, flvPath: entry.flvPath })
    }
  }

  async function decide(streamKey: string) {
    const endsBefore = ends
    const key = STREAM_KEY.test(streamKey) ? await findKey(streamKey) : null
    if (!key) return { admitted: false as const, reason: UNKNOWN_KEY }
    const permission = await mayPublish(key.channelId, key.keyId)
    if (!permission.allowed) return { admitted: false as const, reason: permission.reason }
    if (ends !== endsBefore) return decide(streamKey)
    return { admitted: true as const, keyId: key.keyId, channelId: key.channelId }
  }

  function createEntry(connection: number, address: string, { keyId, channelId }: Key): Entry {
    const { promise, resolve } = Promise.withResolvers<string>()
    const id = newId()
    const entry: Entry = {
      id,
      keyId,
      channelId,
      address,
      flvPath: join(runDir, `${newCode(12)}${SOCKET_SUFFIX}`),
      startedAt: clock.now(),
      state: 'pending',
      connection,
      latest: unknownHealth,
      gone: promise,
      health: () => entry.latest,
      end: (reason) => finish(entry, 'NetStream.Publish.Denied', reason),
      leave(reason) {
        if (!entries.delete(connection)) return
        if (entry.state === 'live') logger.info({ publisherId: id, channelId, keyId, reason }, 'a publisher is gone')
        resolve(reason)
      },
    }
    return entry
  }

  function finish(entry: Entry, code: string, reason: string): void {
    if (!entries.has(entry.connection)) return
    child.send({ type: 'refuse', connection: entry.connection, code, description: reason, reason })
    entry.leave(reason)
  }

  /** The outlet is there: those who read are told first, then the encoder. */
  function announce(connection: number): void {
    const entry = entries.get(connection)
    if (!entry) return
    for (const older of publishers().filter(({ keyId }) => keyId === entry.keyId)) {
      finish(older, 'NetStream.Publish.BadName', 'replaced')
    }
    entry.state = 'live'
    entry.startedAt = clock.now()
    const { id, channelId, keyId, address } = entry
    logger.info({ publisherId: id, channelId, keyId, address }, 'a publisher is there')
    onPublisher(entry)
    child.send({ type: 'start', connection })
  }

  function publishers(): Entry[] {
    return [...entries.values()].filter(({ state }) => state === 'live')
  }

  function forgetAll(): void {
    for (const [label, times] of Object.entries(figures?.drops ?? {})) {
      pastDrops.set(label, (pastDrops.get(label) ?? 0) + times)
    }
    figures = null
    asking.clear()
    for (const entry of [...entries.values()]) entry.leave('the ingest process ended')
  }

  return {
    async start(): Promise<void> {
      if (join(runDir, 'x'.repeat(12) + SOCKET_SUFFIX).length > LONGEST_SOCKET_PATH) {
        throw new Error(
          `The folder for sockets has too long a path (${LONGEST_SOCKET_PATH} bytes with the name): ${runDir}`,
        )
      }
      await mkdir(runDir, { recursive: true, mode: 0o700 })
      await child.start()
      logger.info(child.ports(), 'taking RTMP')
    },

    stop: child.stop,
    publishers: (): Publisher[] => publishers(),
    ports: (): Ports => child.ports() ?? { rtmp: 0, rtmps: null },
    childPid: child.pid,

    /** Ends whoever shows this key, also where the check is still under way. */
    endByKey(keyId: string, reason: string): void {
      ends += 1
      for (const entry of [...entries.values()]) if (entry.keyId === keyId) entry.end(reason)
    },

    figures(): IngestFigures {
      const drops = new Map(pastDrops)
      for (const [label, times] of Object.entries(figures?.drops ?? {}))
        drops.set(label, (drops.get(label) ?? 0) + times)
      return {
        connections: figures?.connections ?? 0,
        publishers: publishers().length,
        drops: Object.fromEntries(drops),
        childRestarts: child.restarts(),
        childRssBytes: figures?.rssBytes ?? 0,
      }
    },
  }
}

/** What a killed child left behind. */
async function sweepSockets(runDir: string): Promise<void> {
  const names = await readdir(runDir)
  const left = names.filter((name) => name.endsWith(SOCKET_SUFFIX))
  await Promise.all(left.map((name) => rm(join(runDir, name), { force: true })))
}
