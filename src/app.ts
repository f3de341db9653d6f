/**
 * The composition root: builds every room in floor order, mounts every route, and remembers how to stop. Nothing is
 * decided here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { z } from '@hono/zod-openapi'
import type { Config } from '../config/config.ts'
import about from '../package.json' with { type: 'json' }
import { createAccounts } from './accounts/accounts.ts'
import { accountRoutes } from './accounts/routes.ts'
import { createChannels } from './catalog/catalog.ts'
import { catalogRoutes } from './catalog/routes.ts'
import type { Db } from './db/db.ts'
import { openMigrated } from './db/migrate.ts'
import { createStreamKeys } from './ingest/ingest.ts'
import { nodeRoutes, streamKeyRoutes } from './ingest/routes.ts'

import { createApi } from './platform/api.ts'
import { createAddressOf } from './platform/client-address.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { loadSecrets } from './platform/secrets.ts'
import { createServers } from './platform/servers.ts'
import type { User } from './platform/user.ts'

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
  const channels = createChannels({ db, clock, logger: child('catalog'), onSuspended: () => undefined })
  const streamKeys = createStreamKeys({
    db,
    clock,
    logger: child('ingest'),
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
    onRevoked: () => undefined,
  })

  const firstChannel = (owner: User, name: string, tx: Db) => channels.create(owner, { name }, tx)
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
      catalogRoutes({ channels, liveOn: async () => new Map(), sessionView: z.object({ id: z.string() }) }),
      streamKeyRoutes({ streamKeys }),
      nodeRoutes({
        hostname: new URL(config.http.publicUrl).hostname,
        ports: () => ({ rtmp: config.rtmp.port, rtmps: config.rtmps?.port ?? null }),
        about: { version: about.version, signUp: config.accounts.signUp },
      }),
    ],
  })
  hono.get('/healthz', (c) => c.json({ status: 'ok' }))
  hono.get('/readyz', async (c) => {
    await database.ping()
    return isReady ? c.json({ status: 'ready' }) : c.json({ status: 'starting' }, 503)
  })

  // Media is by far the most of what is asked for, so it is answered before Hono sees the request.
  const pages = getRequestListener(hono.fetch)
  function listener(request: IncomingMessage, response: ServerResponse): void {
    void pages(request, response)
  }
  const servers = createServers({ http: config.http, https: config.https, listener, logger: child('http') })
  opened.defer(() => servers.stop())

  /** Takes connections. The link makes one person the owner; null when there is one already. */
  async function start() {
    const { owner, http } = config
    if (owner && !(await accounts.hasOwner())) {
      const name = owner.email.split('@')[0]!
      const person = { email: owner.email, password: owner.password.reveal(), name }
      await accounts.createOwner(person, (user, tx) => firstChannel(user, name, tx))
    }
    const token = await accounts.issueSetupToken()
    const ports = await servers.start()
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
