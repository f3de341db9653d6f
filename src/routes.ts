/** Mounts every route of every room: what the API's document, the pages and the probes are made of. */
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import about from '../package.json' with { type: 'json' }
import { isSecret } from './access/access.ts'
import { accessRoutes, invitationRoutes, type Target, whyRoutes } from './access/routes.ts'
import { accountRoutes } from './accounts/routes.ts'
import { adminRoutes } from './admin/routes.ts'
import { exportRoutes, loadRoutes, type ReportDeps, reportRoutes, telemetryRoutes } from './analytics/routes.ts'
import { siteOf } from './audience/audience.ts'
import { catalogRoutes, peopleRoutes } from './catalog/routes.ts'
import { emoteRoutes, keepingRoutes, moderatingRoutes, speakingRoutes } from './chat/routes.ts'
import { minorDigits } from './commerce/commerce.ts'
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
import { nodeRoutes, streamKeyRoutes } from './ingest/routes.ts'
import { jobRoutes } from './jobs/routes.ts'
import type { SessionView } from './live/live.ts'
import { coverRoutes, liveRoutes, pictureRoutes, sessionView, thumbnailRoutes } from './live/routes.ts'
import { noticeRoutes, unsubscribeRoutes } from './notices/routes.ts'
import { createApi } from './platform/api.ts'
import type { Clock } from './platform/clock.ts'
import { DomainError } from './platform/errors.ts'
import type { Logger } from './platform/logger.ts'
import { createRateLimit } from './platform/rate-limit.ts'
import type { User } from './platform/user.ts'
import { calendarRoutes, programmeRoutes } from './programme/routes.ts'
import type { Rooms } from './rooms.ts'
import { capacityRoutes } from './transcode/routes.ts'
import { createDiscovery, createWeb, firstData, referenceRoutes } from './web/web.ts'

const DIST = join(import.meta.dirname, '../dist/web')

interface RoutesOptions {
  rooms: Rooms
  config: Config
  logger: Logger
  clock: Clock
  /** Whether the node takes connections. */
  isReady(): boolean
  onNoticesRead(user: User): Promise<void>
}

export function mountRoutes({ rooms, config, logger, clock, isReady, onNoticesRead }: RoutesOptions) {
  const { access, accounts, analytics, audience, auditLog, channels, chat, commerce, database, ingest, jobs } = rooms
  const { invitations, live, mailer, metrics, notices, people, programme, sessions, testMoney, transcode } = rooms

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
    logger: logger.child({ room: 'http' }),
    addressOf: rooms.addressOf,
    publicUrl: config.http.publicUrl,
    requestsPerMinute: config.http.requestsPerMinute,
    userOf: accounts.userOf,
    routes: [
      accountRoutes({ accounts, firstChannel: rooms.firstChannel }),
      adminRoutes({ auditLog, mailer, isMailConfigured: config.mail !== null }),
      catalogRoutes({ channels, liveOn, sessionView }),
      peopleRoutes({ people, followLimit: createRateLimit({ points: 30, seconds: 60 }) }),
      streamKeyRoutes({ streamKeys: rooms.streamKeys }),
      liveRoutes({ live }),
      programmeRoutes({
        programme,
        choose: live.choose,
        digitsOf: minorDigits,
        writes: createRateLimit({ points: 60, seconds: 60 }),
        uploads: createRateLimit({ points: 20, seconds: 60 }),
      }),
      noticeRoutes({
        notices,
        writes: createRateLimit({ points: 60, seconds: 60 }),
        onRead: onNoticesRead,
      }),
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
      moneyRoutes({ commerce, setUpWebhook: rooms.stripe?.setUpWebhook ?? null, recordAct: auditLog.recordAct }),
      ...(testMoney ? [testMoneyRoutes({ testMoney }), testAccountRoutes({ testMoney })] : []),
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
    return isReady() ? c.json({ status: 'ready' }) : c.json({ status: 'starting' }, 503)
  })

  const isOpenToAll = (id: string) => access.isOpenToAll(id)
  hono.route('/', thumbnailRoutes({ live, isOpenToAll }))
  hono.route('/', pictureRoutes(live))

  hono.route('/', webhookRoutes({ commerce }))
  hono.route('/', emoteRoutes({ chat }))
  hono.route('/', unsubscribeRoutes({ notices }))
  hono.route(
    '/',
    calendarRoutes({
      programme,
      userOf: accounts.userOf,
      channelOf: async (slug) => {
        const channel = await channels.get(slug)
        if (channel.suspendedAt === null) return channel
        throw new DomainError('not_found', 'no_such_channel', 'There is no such channel.')
      },
    }),
  )

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
  return hono
}
