/**
 * The composition root: builds every room in floor order, mounts every route, and remembers how to stop. Nothing is
 * decided here.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Config } from '../config/config.ts'
import { rungs } from '../config/ladders.ts'
import about from '../package.json' with { type: 'json' }
import { createAccess, createInvitations, isSecret, type Viewing } from './access/access.ts'
import { accessRoutes, invitationRoutes, type Target, whyRoutes } from './access/routes.ts'
import { accessSocket } from './access/socket.ts'
import { type AccountFacts, createAccounts } from './accounts/accounts.ts'
import { accountRoutes } from './accounts/routes.ts'
import { createAuditLog } from './admin/admin.ts'
import { adminRoutes } from './admin/routes.ts'
import { createAnalytics, readCmcd } from './analytics/analytics.ts'
import { exportRoutes, loadRoutes, type ReportDeps, reportRoutes, telemetryRoutes } from './analytics/routes.ts'
import { type Asked, createAudience, createGuests, createViewings, openCountries, siteOf } from './audience/audience.ts'
import { audienceSocket } from './audience/socket.ts'
import { createChannels, createPeople, type LadderChoice } from './catalog/catalog.ts'
import { catalogRoutes, peopleRoutes } from './catalog/routes.ts'
import { createChat } from './chat/chat.ts'
import { emoteRoutes, keepingRoutes, moderatingRoutes, speakingRoutes } from './chat/routes.ts'
import { chatSocket } from './chat/socket.ts'
import {
  type Announce,
  createCommerce,
  createNoMoney,
  createStripeMoney,
  createTestMoney,
  type MoneyFacts,
} from './commerce/commerce.ts'
import {
  moneyRoutes,
  offerRoutes,
  orderRoutes,
  payoutRoutes,
  salesRoutes,
  testAccountRoutes,
  testMoneyRoutes,
  webhookRoutes,
} from './commerce/routes.ts'
import type { Db } from './db/db.ts'
import { openMigrated } from './db/migrate.ts'
import { createDelivery } from './hls/delivery.ts'
import { createHls } from './hls/hls.ts'
import { createIngest, createStreamKeys } from './ingest/ingest.ts'
import { nodeRoutes, streamKeyRoutes } from './ingest/routes.ts'
import { createJobs, createWorker } from './jobs/jobs.ts'
import { jobRoutes } from './jobs/routes.ts'
import { createLive, createSessions, iconOf, type LiveFacts, type SessionView } from './live/live.ts'
import { coverRoutes, liveRoutes, pictureRoutes, sessionView, thumbnailRoutes } from './live/routes.ts'
import { measure, measureDelivery, watchLoad } from './measures.ts'
import { createAnnouncer } from './platform/announcer.ts'
import { createApi } from './platform/api.ts'
import { createAddressOf } from './platform/client-address.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { createMailer } from './platform/mailer.ts'
import { createMetrics } from './platform/metrics.ts'
import { createRateLimit } from './platform/rate-limit.ts'
import { Secret } from './platform/secret.ts'
import { loadSecrets } from './platform/secrets.ts'
import { createServers } from './platform/servers.ts'
import { createSockets } from './platform/sockets.ts'
import type { User } from './platform/user.ts'
import { react } from './reactions.ts'
import { createDiskStorage } from './storage/storage.ts'
import { capacityRoutes } from './transcode/routes.ts'
import { createTranscode, type Ladder } from './transcode/transcode.ts'
import { createDiscovery, createWeb, firstData, referenceRoutes } from './web/web.ts'

const DIST = join(import.meta.dirname, '../dist/web')
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

  const announcer = createAnnouncer<LiveFacts & AccountFacts & MoneyFacts>(logger)
  const mailer = createMailer({ mail: config.mail, logger: child('mail'), clock })
  opened.defer(() => mailer.close())
  const auditLog = createAuditLog({ db, clock, keepAddresses: config.accounts.keepAddresses })
  const { recordAct } = auditLog
  const accounts = createAccounts({
    db,
    authDb,
    clock,
    logger: child('accounts'),
    secret: secrets.auth,
    publicUrl: config.http.publicUrl,
    settings: config.accounts,
    mailer,
    announcer,
    recordAct,
    viewings: {
      end: (userId, tx) => access.endSignIns(userId, tx),
      recheck: (userId) => access.recheck({ userId }),
    },
    held: {
      channels: ({ id }) => channels.ownedBy(id),
      shows: ({ id }) => sessions.heldOf(id),
      people: ({ id }) => people.heldOf(id),
      watching: ({ id }) => access.heldOf(id),
      watched: ({ id }) => viewings.heldOf(id),
      money: ({ id }) => commerce.persons.heldOf(id),
      chat: ({ id }) => chat.persons.heldOf(id),
      acts: ({ id }) => auditLog.heldOf(id),
    },
    async onLeaving(user, tx) {
      await channels.closeOf(user, tx)
      for (const room of [people, commerce.persons, chat.persons, viewings]) await room.forget(user.id, tx)
    },
  })
  const channels = createChannels({
    db,
    clock,
    logger: child('catalog'),
    onSuspended: (channelId) => void live.endChannel(channelId, 'channel suspended'),
    recordAct,
  })
  const streamKeys = createStreamKeys({
    db,
    clock,
    logger: child('ingest'),
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
    onRevoked: (keyId, reason) => ingest.endByKey(keyId, `This stream key was ${reason}.`),
    recordAct,
  })

  const firstChannel = (owner: User, name: string, tx: Db) => channels.create(owner, { name }, tx)

  const jobs = createJobs({ db, clock, recordAct })
  const access = createAccess({
    db,
    clock,
    logger: child('access'),
    secret: secrets.playback,
    config: config.access,
    onWithdrawn(viewing, reason) {
      hls.dismissLost(viewing.sessionId)
      pagesRights.withdrawn(viewing, reason)
      watching.onLost(viewing.sessionId)
    },
    onRights(concerned) {
      pagesRights.rightsChanged(concerned)
      void recheckChat(concerned)
    },
  })
  opened.defer(() => access.stop())
  const invitations = createInvitations({ db, clock, access, recordAct })
  const people = createPeople({
    ...{ db, clock, channels, recordAct },
    logger: child('catalog'),
    onStanding: access.recheck,
    onFollowed: (userId, channelId) => void greet(userId, channelId),
  })
  const addressOf = createAddressOf(config.http.trustedProxies, (peer) =>
    logger.warn(
      { peer },
      'X-Forwarded-For is not believed from here; if this is your proxy, name it in TRUSTED_PROXIES',
    ),
  )
  const { keepAddresses } = config.accounts
  const countryOf = await openCountries(config.audience.geoipFile)
  const audience = createAudience({
    clock,
    silenceOf: (sessionId) => (hls.find(sessionId)?.stream.targetDuration ?? 0) * 3_000,
    guestOf: createGuests({ addressOf, countryOf, keepAddresses }),
  })
  const metrics = createMetrics()
  const storage = createDiskStorage(config.media.root)
  const transcode = createTranscode({
    logger: child('transcode'),
    ffmpegPath: config.ffmpeg.path,
    ffprobePath: config.ffmpeg.probePath,
    encoder: config.live.encoder,
    dataDir: config.demo ? null : config.dataDir,
  })
  opened.defer(() => transcode.stop())
  const hls = createHls({ config: config.hls, storage, clock, logger: child('hls') })
  opened.defer(() => hls.stop())
  const sessions = createSessions({
    db,
    clock,
    recordAct,
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
  })
  const testMoney = createTestMoney({
    db,
    clock,
    jobs,
    // Events are signed when they are rung, so the secret need not outlive the process.
    secret: new Secret(randomBytes(32).toString('hex')),
    publicUrl: config.http.publicUrl,
  })
  const greet = (userId: string, channelId: string) =>
    chat.overlays
      .greet(channelId, userId, 'follower')
      .catch((error: unknown) => child('chat').error({ err: error }, 'nobody was greeted'))
  const recheckChat = (concerned: { userId?: string; channelId?: string }) =>
    chatting.recheck(concerned).catch((error: unknown) => child('chat').error({ err: error }, 'rights not looked at'))
  const isTestMoney = config.commerce.provider === 'test'
  const stripe =
    config.commerce.provider === 'stripe' && config.commerce.stripe
      ? await createStripeMoney({
          ...{ db, clock, publicUrl: config.http.publicUrl, secret: secrets.money },
          ...config.commerce.stripe,
        })
      : null
  const commerce = createCommerce({
    db,
    clock,
    logger: child('commerce'),
    jobs,
    mailer,
    provider: stripe?.provider ?? (isTestMoney ? testMoney.provider : createNoMoney()),
    rights: access,
    publicUrl: config.http.publicUrl,
    config: config.commerce,
    announce: announcer.announce as Announce, // these facts are among the ones it knows
    ownChannel: async (actor, channelId) => (await channels.getOwn(actor, channelId)).id,
    async findTarget(scope) {
      const session = scope.startsWith('session:') ? await sessions.find(scope.slice('session:'.length)) : null
      const isOver = session?.state === 'cancelled' || session?.endedAt !== null
      return session && { channelId: session.channelId, title: session.title, isOver }
    },
    channelIsOpen: async (channelId) => (await channels.find(channelId))?.suspendedAt === null,
    recordAct,
  })
  const analytics = createAnalytics({
    db,
    clock,
    logger: child('analytics'),
    jobs,
    money: commerce.takings,
    nodeFigures: () => load.read(),
    forgetElsewhere: () => viewings.forgetAddresses(),
  })
  opened.defer(() => analytics.stop())
  const worker = createWorker({
    jobs,
    doers: {
      ...commerce.doers,
      ...(isTestMoney ? testMoney.doers(commerce.webhook.receive) : {}),
      ...analytics.doers,
    },
    clock,
    logger: child('jobs'),
  })
  opened.defer(() => worker.stop())
  const live = createLive({
    config: { ...config.live, partMs: config.hls.partMs, dvrWindowMs: config.hls.dvrWindowMs },
    sessions,
    hls,
    transcode,
    storage,
    announcer,
    clock,
    logger: child('live'),
    viewersOf: audience.count,
    mayKnow: (viewer, sessionId) => access.mayKnow(viewer?.id ?? null, sessionId),
    onPolicy: (sessionId) => access.recheck({ sessionId }),
    findChannel: async (id) => {
      const channel = await channels.find(id)
      if (!channel) return null
      const ladder = ladderOf(config.live.ladder, channel.ladder)
      const owner = await accounts.find(channel.ownerId)
      const isSuspended = channel.suspendedAt !== null || owner?.status !== 'active'
      return { name: channel.name, isSuspended, ladder }
    },
  })
  opened.defer(() => live.stop())
  const load = watchLoad({ live, transcode, viewers: audience.total })
  opened.defer(() => load.stop())
  const viewings = createViewings({
    db,
    clock,
    logger: child('audience'),
    audience,
    onAir: () => live.figures().map(({ sessionId }) => sessionId),
    addressDays: config.audience.addressDays,
  })
  opened.defer(() => viewings.stop())
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
    facts: {
      isVerified: async (userId) => (await accounts.find(userId))?.emailVerified ?? false,
      followsSince: people.followsSince,
      membershipOf: access.membershipOf,
      followersOf: async (channelId) => (await people.followers(null, channelId)).followers,
    },
    people,
    async standingOf(userId, sessionId, knows) {
      const target = await access.targetOf(sessionId)
      if (!target) return { isSecret: true, mayKnow: false, mayFollow: false }
      const isHidden = isSecret(target.visibility)
      const mayKnow = !isHidden || (await knows(sessionId)) || (await access.mayKnow(userId, sessionId))
      const decision = await access.decide({ userId, deviceId: null, address: null }, target)
      // A free preview is of the picture; who talks has come for the show.
      const mayFollow = mayKnow && decision.allowed && decision.previewEndsAt === null
      return { isSecret: isHidden, mayKnow, mayFollow }
    },
    channelOf: channels.get,
    sessionOf: async (channelId) => (await live.current(channelId))?.id ?? null,
    personOf: accounts.find,
    async offerOf(channelId, offerId) {
      const offer = await commerce.onSale(offerId)
      if (offer?.channelId !== channelId || offer.kind === 'message') return null
      const { name, price, currency, digits } = offer
      return { offerId, name, amount: price, currency, digits }
    },
    till: {
      ...commerce.paidMessages,
      begin: (buyer, order) => commerce.checkout.start(buyer, { ...order, billing: 'month' }),
      stateOf: commerce.purchases.find,
    },
    iconOf,
  })
  opened.defer(() => chat.stop())

  let isReady = false
  /** Of sessions that are in no list only those hear who may know of them. */
  async function knownTo(viewer: User | null, session: SessionView): Promise<boolean> {
    return !isSecret(session.visibility) || access.mayKnow(viewer?.id ?? null, session.id)
  }
  async function liveOn(channelIds: string[], viewer: User | null): Promise<ReadonlyMap<string, SessionView>> {
    const known = new Map<string, SessionView>()
    for (const [id, session] of await live.currentOf(channelIds)) {
      if (await knownTo(viewer, session)) known.set(id, session)
    }
    return known
  }
  async function sessionFor(target: Target, viewer: User | null): Promise<SessionView | null> {
    if ('sessionId' in target) return live.watchable(target.sessionId)
    const channel = await channels.find(target.channelId)
    const session = channel && (await live.current(channel.id))
    return session && (await knownTo(viewer, session)) ? session : null
  }

  /** What a rent counts from. */
  const admit: typeof access.admit = async (viewer, sessionId, previous) => {
    const decision = await access.admit(viewer, sessionId, previous)
    if (decision.allowed && viewer.userId !== null) await commerce.played(viewer.userId, `session:${sessionId}`)
    return decision
  }

  const reading: ReportDeps = {
    analytics,
    sessionFor: (actor, id) => live.get(id, actor),
    channelIdOf: async (id) => (await channels.get(id)).id,
    mayRead: people.runs,
    viewersNow: audience.count,
    looks: createRateLimit({ points: 120, seconds: 60 }),
    clock,
  }

  const hono = createApi({
    logger: child('http'),
    addressOf,
    publicUrl: config.http.publicUrl,
    requestsPerMinute: config.http.requestsPerMinute,
    userOf: accounts.userOf,
    routes: [
      accountRoutes({ accounts, firstChannel }),
      adminRoutes({ auditLog, mailer, isMailConfigured: config.mail !== null }),
      catalogRoutes({ channels, liveOn, sessionView }),
      peopleRoutes({ people, followLimit: createRateLimit({ points: 30, seconds: 60 }) }),
      streamKeyRoutes({ streamKeys }),
      liveRoutes({ live }),
      coverRoutes({
        live,
        uploads: createRateLimit({ points: 20, seconds: 60 }),
        async ownChannel(actor, idOrSlug) {
          const { id, picture: before } = await channels.getOwn(actor, idOrSlug)
          return async (picture) => {
            await channels.update(actor, id, { cover: 'picture', picture })
            return before
          }
        },
      }),
      speakingRoutes({ chat, writes: createRateLimit({ points: 10, seconds: 10 }) }),
      moderatingRoutes({ chat }),
      keepingRoutes({ chat }),
      jobRoutes({ jobs }),
      offerRoutes({ commerce, clock, channelIdOf: async (id) => (await channels.get(id)).id }),
      orderRoutes({
        commerce,
        tries: createRateLimit({ points: 30, seconds: 60 }),
        looks: createRateLimit({ points: 240, seconds: 60 }),
      }),
      salesRoutes({ commerce }),
      payoutRoutes({ commerce, tries: createRateLimit({ points: 30, seconds: 60 }) }),
      moneyRoutes({ commerce, setUpWebhook: stripe?.setUpWebhook ?? null, recordAct }),
      ...(isTestMoney ? [testMoneyRoutes({ testMoney }), testAccountRoutes({ testMoney })] : []),
      capacityRoutes({
        transcode,
        decisions: live.ladders,
        channelName: async (id) => (await channels.get(id)).name,
      }),
      accessRoutes({ access: { ...access, admit }, sessionView, publicUrl: config.http.publicUrl, sessionFor }),
      invitationRoutes({
        invitations,
        tries: createRateLimit({ points: 20, seconds: 60 }),
        pathOf: async (channelId) => `${config.http.publicUrl}/c/${(await channels.get(channelId)).slug}`,
        async ownChannelOf(actor, target) {
          if ('channelId' in target) {
            const { id } = await channels.getOwn(actor, target.channelId)
            return { channelId: id, scope: `channel:${id}` }
          }
          const { id, channelId } = await sessions.getOwn(actor, target.sessionId)
          return { channelId, scope: `session:${id}` }
        },
      }),
      whyRoutes({ access, ownSession: async (actor, idOrCode) => (await sessions.getOwn(actor, idOrCode)).id }),
      reportRoutes(reading),
      exportRoutes(reading),
      loadRoutes({ nodeLoad: analytics.nodeLoad, clock }),
      telemetryRoutes({
        telemetry: analytics.telemetry,
        verify: access.verify,
        siteOf,
        batches: createRateLimit({ points: 20, seconds: 60 }),
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

  const isOpenToAll = (id: string) => access.isOpenToAll(id)
  hono.route('/', thumbnailRoutes({ live, isOpenToAll }))
  hono.route('/', pictureRoutes(live))

  hono.route('/', webhookRoutes({ commerce }))
  hono.route('/', emoteRoutes({ chat }))

  hono.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType }))
  const web = createWeb({ distDir: DIST, publicUrl: config.http.publicUrl, ...firstData(hono) })
  hono.route('/', web.routes)
  hono.route('/', referenceRoutes())
  const discovery = createDiscovery({
    publicUrl: config.http.publicUrl,
    channelOf: async (slug) => {
      const channel = await channels.find(slug)
      if (!channel || channel.suspendedAt !== null) return null
      const current = await live.current(channel.id)
      const session = current && (await knownTo(null, current)) ? current : null
      const thumbnail = session && (await live.largestPicture(session))
      return { slug: channel.slug, name: channel.name, title: session?.title ?? null, thumbnail }
    },
    listed: (cursor) => channels.list({ cursor, limit: 100 }),
  })
  hono.route('/', discovery)

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
  for (const server of [servers.http, servers.https]) if (server) sockets.attach(server)
  react({
    announcer,
    pages: watching,
    commerce,
    marks: analytics.marks,
    recheckChat,
    chat,
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

/** Sockets need a short path (sun_path holds 107 bytes): in the data folder where it fits, else beside other temporary things. */
function runDirOf(dataDir: string): string {
  const within = resolve(dataDir, 'run')
  return within.length <= 80 ? within : join(tmpdir(), `footlight-${process.pid}`)
}

/** What the channel wants, within what the operator offers. */
function ladderOf(offered: LadderChoice, wanted: LadderChoice): Ladder {
  const named = (choice: LadderChoice) =>
    Array.isArray(choice) ? rungs.filter(({ name }) => choice.includes(name)) : rungs
  if (offered === 'source') return { rungs, chosenBy: 'operator', isSourceOnly: true }
  if (wanted === 'source') return { rungs: named(offered), chosenBy: 'channel', isSourceOnly: true }
  const both = named(wanted).filter((rung) => named(offered).includes(rung))
  if (wanted !== 'auto' && both.length > 0) return { rungs: both, chosenBy: 'channel', isSourceOnly: false }
  return { rungs: named(offered), chosenBy: offered === 'auto' ? null : 'operator', isSourceOnly: false }
}
