/**
 * The composition root: rooms, routes, media and sockets put together, what is told to whom, and how it all begins and
 * stops. Nothing is decided here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Config } from '../config/config.ts'
import { isSecret, type Viewing } from './access/access.ts'
import { accessSocket } from './access/socket.ts'
import { readCmcd } from './analytics/analytics.ts'
import type { Asked } from './audience/audience.ts'
import { audienceSocket } from './audience/socket.ts'
import { chatSocket } from './chat/socket.ts'
import { createDelivery } from './hls/delivery.ts'
import { measure, measureDelivery } from './measures.ts'
import { noticesSocket } from './notices/socket.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { createServers } from './platform/servers.ts'
import { createSockets } from './platform/sockets.ts'
import { react } from './reactions.ts'
import { createRooms } from './rooms.ts'
import { mountRoutes } from './routes.ts'

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
  let isReady = false

  const rooms = await createRooms({
    ...{ config, logger, clock, opened },
    pages: {
      withdrawn(viewing, reason) {
        pagesRights.withdrawn(viewing, reason)
        watching.onLost(viewing.sessionId)
      },
      rightsChanged(concerned) {
        pagesRights.rightsChanged(concerned)
        void recheckChat(concerned)
      },
      askAgain: (userId) => bells.askAgain(userId),
    },
  })
  const { access, accounts, analytics, audience, channels, chat, commerce, hls, ingest, live, metrics } = rooms
  const { addressOf, announcer, confirmHealthy, firstChannel, notices, programme, transcode, viewings, worker } = rooms
  const recheckChat = (concerned: { userId?: string; channelId?: string }) =>
    chatting.recheck(concerned).catch((error: unknown) => child('chat').error({ err: error }, 'rights not looked at'))

  const hono = mountRoutes({
    ...{ rooms, config, logger, clock },
    isReady: () => isReady,
    onNoticesRead: (user) => bells.wasRead(user),
  })

  // Media is by far the most of what is asked for, so it is answered before Hono sees the request.
  function permitOf(viewing: Viewing | keyof typeof refusedMedia, asked?: Asked) {
    if (typeof viewing === 'string') return refusedMedia[viewing]
    audience.touch(viewing, asked)
    const told = asked && readCmcd(asked.request.url ?? '', asked.request.headers)
    if (told) analytics.telemetry.takeCmcd(viewing, told)
    return viewing.permit
  }
  const measureServed = measureDelivery(metrics)
  const deliver = createDelivery({
    clock,
    find: hls.find,
    authorize(token, sessionId, asked) {
      const viewing = access.verify(token, sessionId)
      return viewing instanceof Promise ? viewing.then((known) => permitOf(known, asked)) : permitOf(viewing, asked)
    },
    onServed(kind, bytes, seconds) {
      measureServed(kind, bytes, seconds)
      analytics.nodeLoad.served(bytes)
    },
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
  const pagesRights = accessSocket({
    sockets,
    access,
    userIdOf: async (headers) => (await accounts.userOf(headers))?.id ?? null,
  })
  const watching = audienceSocket({
    sockets,
    audience,
    sessionOf: live.current,
    isSecret,
    mayKnow: pagesRights.mayKnow,
  })
  opened.defer(() => watching.stop())
  const chatting = chatSocket({ sockets, chat, userOf: accounts.userOf, mayKnow: pagesRights.mayKnow })
  opened.defer(() => chatting.stop())
  const bells = noticesSocket({ sockets, notices, userOf: accounts.userOf })
  for (const server of [servers.http, servers.https]) if (server) sockets.attach(server)
  react({
    announcer,
    pages: watching,
    commerce,
    marks: analytics.marks,
    recheckChat,
    chat,
    programme,
    notices,
    bells,
    async endShowsOfInactive(userId) {
      if ((await accounts.find(userId))?.status === 'active') return
      for (const { id } of await channels.ownedBy(userId)) await live.endChannel(id, 'account not active')
    },
  })
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
    await viewings.recover()
    await live.start()
    await chat.start()
    await commerce.reconcile.orderNext()
    await programme.start()
    await notices.start()
    await analytics.orderTidy()
    await worker.start()
    const ports = await servers.start()
    await ingest.start()
    isReady = true
    transcode.start()
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
