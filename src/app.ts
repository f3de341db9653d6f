/**
 * The composition root: builds every room in floor order, mounts every route, and remembers how to stop. Nothing is
 * decided here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Config } from '../config/config.ts'
import { rungs } from '../config/ladders.ts'
import about from '../package.json' with { type: 'json' }
import { createAccess, createPlayback } from './access/access.ts'
import { accessRoutes } from './access/routes.ts'
import { createAccounts } from './accounts/accounts.ts'
import { accountRoutes } from './accounts/routes.ts'
import { createAudience } from './audience/audience.ts'
import { audienceSocket } from './audience/socket.ts'
import { createChannels } from './catalog/catalog.ts'
import { catalogRoutes } from './catalog/routes.ts'
import { createChat } from './chat/chat.ts'
import { chatRoutes } from './chat/routes.ts'
import { chatSocket } from './chat/socket.ts'
import type { Db } from './db/db.ts'
import { openMigrated } from './db/migrate.ts'
import { createDelivery } from './hls/delivery.ts'
import { createHls } from './hls/hls.ts'
import { createIngest, createStreamKeys } from './ingest/ingest.ts'
import { nodeRoutes, streamKeyRoutes } from './ingest/routes.ts'
import { createLive, createSessions, type LiveFacts } from './live/live.ts'
import { liveRoutes, sessionView } from './live/routes.ts'
import { measure, measureDelivery } from './measures.ts'
import { createAnnouncer } from './platform/announcer.ts'
import { createApi } from './platform/api.ts'
import { createAddressOf } from './platform/client-address.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { createMetrics } from './platform/metrics.ts'
import { createRateLimit } from './platform/rate-limit.ts'
import { loadSecrets } from './platform/secrets.ts'
import { createServers } from './platform/servers.ts'
import { createSockets } from './platform/sockets.ts'
import type { User } from './platform/user.ts'
import { react } from './reactions.ts'
import { createDiskStorage } from './storage/storage.ts'
import { createTranscode } from './transcode/transcode.ts'
import { createWeb, firstData, referenceRoutes } from './web/web.ts'

const DIST = join(import.meta.dirname, '../dist/web')
const ALLOWED = { isAllowed: true }
const refusedMedia = {
  unknown: { isAllowed: false, status: 404, reason: 'There is no such media address.' },
  expired: { isAllowed: false, status: 403, reason: 'This address is no longer good; ask for a new one.' },
  withdrawn: { isAllowed: false, status: 403, reason: 'You may not watch this any more.' },
} as const

interface AppOptions {
  config: Config
  logger: Logger
  clock?: Clock
}

export type App = Awaited<ReturnType<typeof createApp>>

/** Everything built and migrated, nothing listening yet. If it throws, what was already open is closed again. */
export async function createApp({ config, logger, clock = systemClock }: AppOptions) {
  await using opened = new AsyncDisposableStack()
  const child = (room: string) => logger.child({ room })

  const secrets = await loadSecrets(config.demo ? null : config.dataDir)
  const { database, confirmHealthy } = await openMigrated({
    url: config.database.url,
    dataDir: config.dataDir,
    clock,
    logger: child('db'),
  })
  opened.defer(() => database.close())
  const { db, authDb } = database

  const accounts = createAccounts({
    db,
    authDb,
    clock,
    logger: child('accounts'),
    secret: secrets.auth,
    publicUrl: config.http.publicUrl,
    signUp: config.accounts.signUp,
  })
  const channels = createChannels({
    db,
    clock,
    logger: child('catalog'),
    onSuspended: (channelId) => void live.endChannel(channelId, 'channel suspended'),
  })
  const streamKeys = createStreamKeys({
    db,
    clock,
    logger: child('ingest'),
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
    onRevoked: (keyId, reason) => ingest.endByKey(keyId, `This stream key was ${reason}.`),
  })

  const firstChannel = (owner: User, name: string, tx: Db) => channels.create(owner, { name }, tx)

  const access = createAccess()
  const playback = createPlayback({ secret: secrets.playback, clock })
  const audience = createAudience({ clock })
  const announcer = createAnnouncer<LiveFacts>(logger)
  const metrics = createMetrics()
  const storage = createDiskStorage(config.media.root)
  const transcode = createTranscode({ logger: child('transcode') })
  const hls = createHls({ config: config.hls, storage, clock, logger: child('hls') })
  opened.defer(() => hls.stop())
  const sessions = createSessions({
    db,
    clock,
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
  })
  const live = createLive({
    config: { ...config.live, partMs: config.hls.partMs },
    ladder: ladderOf(config.live.ladder),
    sessions,
    hls,
    transcode,
    announcer,
    clock,
    logger: child('live'),
    viewersOf: audience.count,
    findChannel: async (id) => {
      const channel = await channels.find(id)
      return channel && { name: channel.name, isSuspended: channel.suspendedAt !== null }
    },
  })
  opened.defer(() => live.stop())
  const ingest = createIngest({
    config: { rtmp: config.rtmp, rtmps: config.rtmps },
    runDir: runDirOf(config.dataDir),
    logger: child('ingest'),
    clock,
    findKey: streamKeys.findKey,
    mayPublish: live.mayPublish,
    onPublisher: live.onPublisher,
  })
  opened.defer(() => ingest.stop())

  const chat = createChat({
    db,
    clock,
    logger: child('chat'),
    facts: {},
    channelOf: channels.get,
    sessionOf: async (channelId) => (await live.current(channelId))?.id ?? null,
    personOf: accounts.find,
  })

  let isReady = false
  const addressOf = createAddressOf(config.http.trustedProxies, (peer) =>
    logger.warn(
      { peer },
      'X-Forwarded-For is not believed from here; if this is your proxy, name it in TRUSTED_PROXIES',
    ),
  )
  const hono = createApi({
    logger: child('http'),
    addressOf,
    publicUrl: config.http.publicUrl,
    requestsPerMinute: config.http.requestsPerMinute,
    userOf: accounts.userOf,
    routes: [
      accountRoutes({ accounts, firstChannel }),
      catalogRoutes({ channels, liveOn: live.currentOf, sessionView }),
      streamKeyRoutes({ streamKeys }),
      liveRoutes({ live }),
      chatRoutes({ chat, writes: createRateLimit({ points: 10, seconds: 10 }) }),
      accessRoutes({
        access,
        playback,
        sessionView,
        sessionFor: async (target) => {
          if ('sessionId' in target) return live.watchable(target.sessionId)
          const channel = await channels.find(target.channelId)
          return channel && live.current(channel.id)
        },
        policyOf: async () => ({ kind: 'open' }),
      }),
      nodeRoutes({
        hostname: new URL(config.http.publicUrl).hostname,
        ports: ingest.ports,
        about: { version: about.version, signUp: config.accounts.signUp },
      }),
    ],
  })
  hono.get('/healthz', (c) => c.json({ status: 'ok' }))
  hono.get('/readyz', async (c) => {
    await database.ping()
    return isReady ? c.json({ status: 'ready' }) : c.json({ status: 'starting' }, 503)
  })

  hono.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType }))
  const web = createWeb({ distDir: DIST, publicUrl: config.http.publicUrl, ...firstData(hono) })
  hono.route('/', web.routes)
  hono.route('/', referenceRoutes())

  // Media is by far the most of what is asked for, so it is answered before Hono sees the request.
  const deliver = createDelivery({
    clock,
    find: hls.find,
    authorize(token, sessionId) {
      const viewing = playback.verify(token, sessionId)
      if (typeof viewing === 'string') return refusedMedia[viewing]
      audience.touch(viewing)
      return ALLOWED
    },
    onServed: measureDelivery(metrics),
    onFailed: (error) => child('delivery').error({ err: error }, 'a media request could not be answered'),
  })
  const pages = getRequestListener(hono.fetch)
  function listener(request: IncomingMessage, response: ServerResponse): void {
    if (request.url?.startsWith('/hls/')) deliver(request, response)
    else void pages(request, response)
  }
  const servers = createServers({ http: config.http, https: config.https, listener, logger: child('http') })
  opened.defer(() => servers.stop())

  const sockets = createSockets({ publicUrl: config.http.publicUrl, addressOf, logger: child('sockets') })
  opened.defer(() => sockets.close())
  const watching = audienceSocket({ sockets, audience, sessionOf: live.current })
  opened.defer(() => watching.stop())
  const chatting = chatSocket({ sockets, chat, userOf: accounts.userOf })
  opened.defer(() => chatting.stop())
  for (const server of [servers.http, servers.https]) if (server) sockets.attach(server)
  react({ announcer, pages: watching })
  opened.defer(measure({ metrics, live, ingest, viewers: audience.total }))

  /** Takes connections. The link makes one person the owner; null when there is one already. */
  async function start() {
    const { owner, http } = config
    if (owner && !(await accounts.hasOwner())) {
      const name = owner.email.split('@')[0]!
      const person = { email: owner.email, password: owner.password.reveal(), name }
      await accounts.createOwner(person, (user, tx) => firstChannel(user, name, tx))
    }
    const token = await accounts.issueSetupToken()
    await live.start()
    const ports = await servers.start()
    await ingest.start()
    isReady = true
    await confirmHealthy()
    logger.info({ ports, publicUrl: http.publicUrl }, 'ready')
    return { ports, ownerLink: token && `${http.publicUrl}/setup?token=${token}` }
  }

  const stack = opened.move()
  return {
    hono,
    servers,
    start,
    async stop() {
      isReady = false
      await stack.disposeAsync()
    },
  }
}

/** Sockets need a short path (sun_path holds 107 bytes): in the data folder where it fits, else beside other temporary things. */
function runDirOf(dataDir: string): string {
  const within = resolve(dataDir, 'run')
  return within.length <= 80 ? within : join(tmpdir(), `footlight-${process.pid}`)
}

function ladderOf(chosen: Config['live']['ladder']) {
  const isNamed = Array.isArray(chosen)
  const named = isNamed ? rungs.filter(({ name }) => chosen.includes(name)) : rungs
  return { rungs: named, isNamed, isSourceOnly: chosen === 'source' }
}
