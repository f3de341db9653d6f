/** Builds every room in floor order and hands each what it may not reach for by itself. Nothing is decided here. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { rungs } from '../config/ladders.ts'
import {
  type Concerned,
  createAccess,
  createInvitations,
  isSecret,
  type Reason,
  type Viewing,
} from './access/access.ts'
import { type AccountFacts, createAccounts } from './accounts/accounts.ts'
import { createAuditLog } from './admin/admin.ts'
import { createAnalytics } from './analytics/analytics.ts'
import { createAudience, createGuests, createViewings, openCountries } from './audience/audience.ts'
import { createChannels, createPeople, type LadderChoice } from './catalog/catalog.ts'
import { type ChatFacts, createChat } from './chat/chat.ts'
import {
  type Announce,
  createCommerce,
  createNoMoney,
  createStripeMoney,
  createTestMoney,
  type MoneyFacts,
} from './commerce/commerce.ts'
import type { Db } from './db/db.ts'
import { openMigrated } from './db/migrate.ts'
import { createHls } from './hls/hls.ts'
import { createIngest, createStreamKeys } from './ingest/ingest.ts'
import { createJobs, createWorker } from './jobs/jobs.ts'
import { createLive, createSessions, iconOf, LATE_MS, type LiveFacts } from './live/live.ts'
import { watchLoad } from './measures.ts'
import { createNotices } from './notices/notices.ts'
import { createAnnouncer } from './platform/announcer.ts'
import { createAddressOf } from './platform/client-address.ts'
import type { Clock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { createMailer } from './platform/mailer.ts'
import { createMetrics } from './platform/metrics.ts'
import { isPublicHttps, publicHostsAgent } from './platform/public-hosts.ts'
import { Secret } from './platform/secret.ts'
import { loadSecrets } from './platform/secrets.ts'
import type { User } from './platform/user.ts'
import { createProgramme } from './programme/programme.ts'
import { createDiskStorage } from './storage/storage.ts'
import { createTranscode, type Ladder } from './transcode/transcode.ts'

/** The open pages, which are told by rooms built before their sockets are. */
interface Pages {
  withdrawn(viewing: Viewing, reason: Reason): void
  rightsChanged(concerned: Concerned): void
  /** Whose page it is must be said anew. */
  askAgain(userId: string): void
}

interface RoomsOptions {
  config: Config
  logger: Logger
  clock: Clock
  pages: Pages
  /** Remembers how to stop what was begun. */
  opened: AsyncDisposableStack
}

export type Rooms = Awaited<ReturnType<typeof createRooms>>

export async function createRooms({ config, logger, clock, pages, opened }: RoomsOptions) {
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

  const announcer = createAnnouncer<LiveFacts & AccountFacts & MoneyFacts & ChatFacts>(logger)
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
      recheck(userId) {
        pages.askAgain(userId)
        return access.recheck({ userId })
      },
    },
    held: {
      channels: ({ id }) => channels.ownedBy(id),
      shows: ({ id }) => sessions.heldOf(id),
      people: ({ id }) => people.heldOf(id),
      watching: ({ id }) => access.heldOf(id),
      watched: ({ id }) => viewings.heldOf(id),
      money: ({ id }) => commerce.persons.heldOf(id),
      chat: ({ id }) => chat.persons.heldOf(id),
      notices: ({ id }) => notices.persons.heldOf(id),
      reminders: ({ id }) => programme.persons.heldOf(id),
      acts: ({ id }) => auditLog.heldOf(id),
    },
    async onLeaving(user, tx) {
      await channels.closeOf(user, tx)
      const rooms = [people, commerce.persons, chat.persons, viewings, notices.persons, programme.persons]
      for (const room of rooms) await room.forget(user.id, tx)
    },
  })
  const channels = createChannels({
    db,
    clock,
    logger: child('catalog'),
    onSuspended: (channelId) => void live.endChannel(channelId, 'channel suspended'),
    recordAct,
  })
  const ownChannel = async (actor: User, channelId: string) => (await channels.getOwn(actor, channelId)).id
  const streamKeys = createStreamKeys({
    db,
    clock,
    logger: child('ingest'),
    ownChannel,
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
      pages.withdrawn(viewing, reason)
    },
    onRights: (concerned) => pages.rightsChanged(concerned),
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
    renditionOf: (sessionId, name) => hls.find(sessionId)?.stream.windows.get(name)?.id ?? null,
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
    ownChannel,
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
    ownChannel,
    async findTarget(scope) {
      const session = scope.startsWith('session:') ? await sessions.find(scope.slice('session:'.length)) : null
      const isOver = session?.state === 'cancelled' || session?.endedAt !== null
      const isCalledOff = session?.state === 'cancelled'
      return session && { channelId: session.channelId, title: session.title, isOver, isCalledOff }
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
  /** What a show is to somebody. `knows`: whether their page watches it already. */
  async function standingOf(
    userId: string | null,
    sessionId: string,
    knows: (sessionId: string) => Promise<boolean> = async () => false,
  ) {
    const target = await access.targetOf(sessionId)
    if (!target) return { isSecret: true, mayKnow: false, mayFollow: false }
    const isHidden = isSecret(target.visibility)
    const mayKnow = !isHidden || (await knows(sessionId)) || (await access.mayKnow(userId, sessionId))
    const decision = await access.decide({ userId, deviceId: null, address: null }, target)
    // A free preview is of the picture; who talks has come for the show.
    const mayFollow = mayKnow && decision.allowed && decision.previewEndsAt === null
    return { isSecret: isHidden, mayKnow, mayFollow }
  }
  const pushAgent = publicHostsAgent()
  opened.defer(() => pushAgent.destroy())
  const notices = createNotices({
    db,
    clock,
    logger: child('notices'),
    jobs,
    mailer,
    publicUrl: config.http.publicUrl,
    secret: secrets.notices,
    push: { secret: secrets.push, agent: pushAgent },
    isPushAddress: isPublicHttps,
    mayRead: async (userId, sessionId) => (await standingOf(userId, sessionId)).mayFollow,
  })
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
  const programme = createProgramme({
    db,
    clock,
    logger: child('programme'),
    jobs,
    notices,
    publicUrl: config.http.publicUrl,
    lateMs: LATE_MS,
    mayKnow: access.mayKnow,
    ownChannel,
    ...{ planAll: live.planAll, update: live.update, cancel: live.cancel, markMissed: live.markMissed },
    setPicture: live.covers.setOf,
    owed: commerce.calledOff.owed,
    payBack: commerce.calledOff.order,
  })
  const worker = createWorker({
    jobs,
    doers: {
      ...commerce.doers,
      ...(isTestMoney ? testMoney.doers(commerce.webhook.receive) : {}),
      ...notices.doers,
      ...programme.doers,
      ...analytics.doers,
    },
    clock,
    logger: child('jobs'),
  })
  opened.defer(() => worker.stop())
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
    standingOf,
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
  chat.listen((channelId, news) => {
    if (news.type === 'shown') announcer.announce('message.shown', { channelId, message: news.message })
  })

  return {
    ...{ database, confirmHealthy, announcer, mailer, auditLog, accounts, channels, streamKeys, firstChannel, jobs },
    ...{ access, invitations, people, addressOf, audience, metrics, transcode, hls, sessions },
    testMoney: isTestMoney ? testMoney : null,
    ...{ stripe, commerce, analytics, notices, live, programme, worker, viewings, ingest, chat },
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
