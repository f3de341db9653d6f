/**
 * The conductor: owns the session and leads ingest, transcode and hls, which know nothing of each other. A publisher comes and
 * goes; the session lives on through short absences, changes of source and restarts of the node.
 */
import type { Db } from '../db/db.ts'
import type { Hls, Stream } from '../hls/hls.ts'
import type { Publisher } from '../ingest/ingest.ts'
import type { Announcer } from '../platform/announcer.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import type { Storage } from '../storage/storage.ts'
import { type Ladder, sizeOfJpeg, type Transcode } from '../transcode/transcode.ts'
import { type Checkup, checkup, encodedUntil } from './checkup.ts'
import { createCovers } from './covers.ts'
import { createPictures } from './pictures.ts'
import { createPulse, type Pulse } from './pulse.ts'
import { type SessionView, toView } from './session-view.ts'
import { type MoveReason, POLICY, type Session, type Sessions } from './sessions.ts'
import { type Plan, type Show, startShow } from './show.ts'
import { createThumbnails } from './thumbnails.ts'

export type { Checkup } from './checkup.ts'
export { iconOf } from './pictures.ts'
export { LATE_MS } from './planned.ts'
export type { SessionView } from './session-view.ts'
export { createSessions } from './sessions.ts'

/** What becomes of a session, for whoever cares. */
export interface LiveFacts {
  'session.started': { session: SessionView }
  'session.paused': { session: SessionView }
  'session.resumed': { session: SessionView }
  'session.updated': { session: SessionView }
  'session.ended': { session: SessionView }
  'session.planned': { session: SessionView }
  'session.cancelled': { session: SessionView }
  'session.missed': { session: SessionView }
  /** It is planned for another time. */
  'session.moved': { session: SessionView }
}

interface LiveOptions {
  config: { graceMs: number; maxSessions: number; partMs: number; dvrWindowMs: number }
  sessions: Sessions
  hls: Hls
  transcode: Transcode
  storage: Storage
  announcer: Announcer<LiveFacts>
  clock: Clock
  logger: Logger
  viewersOf(sessionId: string): number
  /** Whether this person may know of a session that is in no list; null is a stranger. */
  mayKnow(viewer: User | null, sessionId: string): Promise<boolean>
  /** What a session asks of its viewers has changed: resolves when those who lost the right are out. */
  onPolicy(sessionId: string): Promise<void>
  /** The channel as far as broadcasting goes; null when there is none. */
  findChannel(channelId: string): Promise<{ name: string; isSuspended: boolean; ladder: Ladder } | null>
}

interface Broadcast {
  session: Session
  stream: Stream
  show: Show | null
  pulse: Pulse
  peakViewers: number
  /** How many rungs were decided on, and why: for who runs the channel. */
  ladderReason: string | null
  /** Until when a publisher who left is waited for. */
  grace: NodeJS.Timeout | undefined
}

const COUNT_EVERY_MS = 2_000
/** What a session asks of its viewers. */
const noSuchSession = () => new DomainError('not_found', 'session_not_found', 'There is no such session.')

export type Live = ReturnType<typeof createLive>

export function createLive(options: LiveOptions) {
  const { config, sessions, hls, transcode, announcer, clock, logger, viewersOf } = options
  const broadcasts = new Map<string, Broadcast>()
  const publishers = new Map<string, Publisher>()
  const queues = new Map<string, Promise<void>>()
  let isStopping = false

  const thumbnails = createThumbnails({
    storage: options.storage,
    transcode,
    windowMs: options.config.dvrWindowMs,
    isKept: (sessionId) => hls.find(sessionId) !== null,
    clock,
    logger,
  })

  const pictures = createPictures({ storage: options.storage })
  const covers = createCovers({ sessions, thumbnails, pictures })
  const view = (session: Session) => toView(session, viewersOf(session.id), covers.picturesOf(session))

  /** What happens to one channel happens in order. */
  function inOrder(channelId: string, work: () => Promise<void>): Promise<void> {
    const before = queues.get(channelId) ?? Promise.resolve()
    const after = before
      .then(work)
      .catch((error: unknown) => logger.error({ err: error, channelId }, 'a session went wrong'))
    queues.set(channelId, after)
    return after
  }

  /** Asked by ingest before an encoder is answered; a refusal's reason is shown by the encoder. */
  async function mayPublish(channelId: string, keyId: string) {
    const refuse = (reason: string) => ({ allowed: false as const, reason })
    const channel = await options.findChannel(channelId)
    if (isStopping || !channel) return refuse('This channel does not exist any more.')
    if (channel.isSuspended) return refuse('This channel is suspended.')
    const present = publishers.get(channelId)
    if (present && present.keyId !== keyId) return refuse('This channel is already live from another stream key.')
    if (!present && publishers.size >= config.maxSessions) {
      return refuse(`This node carries ${config.maxSessions} broadcasts at once, and all are taken.`)
    }
    return { allowed: true as const }
  }

  function onPublisher(publisher: Publisher): void {
    const { channelId } = publisher
    publishers.set(channelId, publisher)
    void inOrder(channelId, () => take(publisher))
    void publisher.gone.then((reason) => {
      if (publishers.get(channelId) === publisher) publishers.delete(channelId)
      return inOrder(channelId, () => drop(publisher, reason))
    })
  }

  async function take(publisher: Publisher): Promise<void> {
    const { channelId, keyId } = publisher
    const channel = await options.findChannel(channelId)
    if (!channel) return publisher.end('This channel is gone.')
    const opened = await sessions.openFor(channelId, { streamKeyId: keyId, title: channel.name })
    const present = broadcasts.get(channelId)
    const current: Broadcast =
      present?.session.id === opened.id
        ? present
        : {
            session: opened,
            stream: await openStream(opened),
            show: null,
            pulse: createPulse(),
            peakViewers: opened.peakViewers,
            ladderReason: null,
            grace: undefined,
          }
    broadcasts.set(channelId, current)
    clearTimeout(current.grace)
    await current.show?.finish()
    logger.info({ channelId, sessionId: opened.id, keyId, publisherId: publisher.id }, 'a publisher is on')
    current.show = startShow({
      publisher,
      stream: current.stream,
      transcode,
      ladder: channel.ladder,
      partMs: config.partMs,
      refusal: opened.refusal,
      clock,
      logger,
      onThumbnails: (stills) => void thumbnails.take(opened.id, current.stream, stills),
      onPlan: (plan) => void inOrder(channelId, () => note(current, plan)),
      onFailure: (reason) => void inOrder(channelId, () => fail(current, publisher, reason)),
    })
  }

  const openStream = (session: Session) =>
    hls.open(session.id, () => void inOrder(session.channelId, () => flow(session.channelId)))

  /** There is something new to play: the first time, or again after an absence. */
  async function flow(channelId: string): Promise<void> {
    const broadcast = broadcasts.get(channelId)
    if (!broadcast) return
    const wasPaused = broadcast.session.state === 'paused'
    if (!(await move(broadcast, 'playable'))) return
    announcer.announce(wasPaused ? 'session.resumed' : 'session.started', { session: view(broadcast.session) })
    logger.info(
      { channelId, sessionId: broadcast.session.id },
      wasPaused ? 'the session goes on' : 'the session is live',
    )
  }

  async function move(broadcast: Broadcast, signal: Parameters<Sessions['move']>[1], why?: MoveReason) {
    const moved = await sessions.move(broadcast.session.id, signal, why)
    if (moved) broadcast.session = moved
    return moved !== null
  }

  async function note(broadcast: Broadcast, { source, refusal, renditions, note, ladderReason }: Plan): Promise<void> {
    broadcast.ladderReason = ladderReason
    logger.info({ sessionId: broadcast.session.id, ladderReason }, 'the ladder was decided')
    broadcast.session = await sessions.savePlan(broadcast.session.id, {
      source: { ...source, refusal },
      ladder: renditions,
      note,
    })
    announcer.announce('session.updated', { session: view(broadcast.session) })
    if (note) logger.warn({ sessionId: broadcast.session.id, note }, 'a note for the broadcaster')
  }

  async function fail(broadcast: Broadcast, publisher: Publisher, reason: string): Promise<void> {
    logger.warn({ sessionId: broadcast.session.id, reason }, 'this source cannot be shown')
    broadcast.session = await sessions.savePlan(broadcast.session.id, { note: reason })
    announcer.announce('session.updated', { session: view(broadcast.session) })
    publisher.end(reason)
  }

  /** The publisher has left: the session waits for them, then ends. */
  async function drop(publisher: Publisher, reason: string): Promise<void> {
    const broadcast = broadcasts.get(publisher.channelId)
    if (!broadcast || broadcast.show?.publisher !== publisher) return
    const { session, show } = broadcast
    await show.finish()
    broadcast.show = null
    logger.info({ sessionId: session.id, publisherId: publisher.id, reason }, 'the publisher is gone')
    if (await move(broadcast, 'drop')) announcer.announce('session.paused', { session: view(broadcast.session) })
    if (!isStopping) waitFor(broadcast)
  }

  function waitFor(broadcast: Broadcast): void {
    clearTimeout(broadcast.grace)
    const { channelId, id } = broadcast.session
    broadcast.grace = setTimeout(() => {
      void inOrder(channelId, () => (broadcast.show ? Promise.resolve() : close(channelId, id, 'publisher gone')))
    }, config.graceMs)
  }

  async function close(channelId: string, sessionId: string, endReason: string, actor?: User): Promise<void> {
    const broadcast = broadcasts.get(channelId)
    if (broadcast?.session.id !== sessionId) return
    clearTimeout(broadcast.grace)
    broadcasts.delete(channelId)
    const publisher = publishers.get(channelId)
    if (broadcast.show && publisher === broadcast.show.publisher) publisher.end('This broadcast was ended.')
    await broadcast.show?.finish()
    hls.end(sessionId)
    await sessions.savePeak(sessionId, broadcast.peakViewers)
    if (await move(broadcast, 'end', { endReason, ...(actor ? { actor } : {}) })) {
      announcer.announce('session.ended', { session: view(broadcast.session) })
      logger.info({ channelId, sessionId, endReason }, 'the session ended')
    }
  }

  /** Takes up what an earlier run of the node left open: the broadcasters may come back within the grace period. */
  async function start(): Promise<void> {
    for (const session of await sessions.openOnes()) {
      const broadcast: Broadcast = {
        session,
        stream: await openStream(session),
        show: null,
        pulse: createPulse(),
        peakViewers: session.peakViewers,
        ladderReason: null,
        grace: undefined,
      }
      broadcasts.set(session.channelId, broadcast)
      await thumbnails.restore(session.id)
      if (session.state !== 'paused') await move(broadcast, 'drop')
      waitFor(broadcast)
    }
    const kept = new Set([...broadcasts.values()].map(({ session }) => session.id))
    await hls.sweep(kept).catch((error: unknown) => logger.warn({ err: error }, 'the media folder cannot be read'))
  }

  const counting = setInterval(() => {
    for (const broadcast of broadcasts.values()) {
      const { show, stream, pulse, session } = broadcast
      const viewers = viewersOf(session.id)
      broadcast.peakViewers = Math.max(broadcast.peakViewers, viewers)
      if (!show) continue
      void thumbnails.keepFresh(session.id, stream)
      const encoded =
        show.encoderState() === null ? null : encodedUntil(stream.windows.values(), show.publisher.startedAt)
      pulse.take({ at: clock.now(), health: show.publisher.health(), viewers, encodedUntil: encoded })
    }
  }, COUNT_EVERY_MS)

  /** Sessions that are on the air are left paused; the next start takes them up. */
  async function stop(): Promise<void> {
    isStopping = true
    clearInterval(counting)
    for (const publisher of publishers.values()) publisher.end('The server is stopping.')
    for (const [channelId, broadcast] of broadcasts) {
      clearTimeout(broadcast.grace)
      await inOrder(channelId, async () => {
        await broadcast.show?.finish()
        await sessions.savePeak(broadcast.session.id, broadcast.peakViewers)
        await move(broadcast, 'drop')
      })
    }
  }

  async function end(actor: User, sessionId: string): Promise<SessionView> {
    const session = await sessions.getOwn(actor, sessionId)
    await inOrder(session.channelId, () => close(session.channelId, session.id, 'ended by the broadcaster', actor))
    return get(session.id, actor)
  }

  async function get(idOrCode: string, viewer: User | null = null): Promise<SessionView> {
    const session = await sessions.find(idOrCode)
    if (!session) throw noSuchSession()
    return withReason(view(session), viewer)
  }

  /** The same for somebody who asks: what is private is not there for those who may not watch it. */
  async function show(idOrCode: string, viewer: User | null): Promise<SessionView> {
    const session = await sessions.find(idOrCode)
    if (!session || (session.visibility === 'private' && !(await options.mayKnow(viewer, session.id)))) {
      throw noSuchSession()
    }
    return withReason(view(session), viewer)
  }

  async function plan(actor: User, channelId: string, asked: Parameters<Sessions['plan']>[2]): Promise<SessionView> {
    const session = view(await sessions.plan(actor, channelId, asked))
    announcer.announce('session.planned', { session })
    return session
  }

  /** Several at once by `by`, with what else is written of them: all or none. */
  async function planAll(
    by: string,
    channelId: string,
    shows: Parameters<Sessions['plan']>[2][],
    also: (ids: string[], tx: Db) => Promise<void>,
  ): Promise<void> {
    const ids = await sessions.planAll(by, channelId, shows, also)
    for (const id of ids) announcer.announce('session.planned', { session: view(await sessions.get(id)) })
  }

  /** Calls a planned show off; `also` is written with it. */
  async function cancel(
    actor: User,
    idOrCode: string,
    reason: string,
    also: (tx: Db) => Promise<void>,
  ): Promise<SessionView> {
    const { id } = await sessions.getOwn(actor, idOrCode)
    await sessions.cancel(actor, idOrCode, reason, also)
    await options.onPolicy(id)
    const session = view(await sessions.get(id))
    announcer.announce('session.cancelled', { session })
    return session
  }

  /** Marks the planned shows nobody took up in time. */
  async function markMissed(): Promise<void> {
    for (const id of await sessions.markMissed()) {
      announcer.announce('session.missed', { session: view(await sessions.get(id)) })
    }
  }

  /** Why it has the renditions it has, for who may run its channel. */
  async function withReason(seen: SessionView, viewer: User | null): Promise<SessionView> {
    const broadcast = broadcasts.get(seen.channelId)
    if (!viewer || broadcast?.session.id !== seen.id) return seen
    const mayRun = await sessions.mayRun(viewer, seen.channelId)
    return mayRun ? { ...seen, ladderReason: broadcast.ladderReason } : seen
  }

  async function update(actor: User, id: string, change: Parameters<Sessions['update']>[2]): Promise<SessionView> {
    const before = await sessions.getOwn(actor, id)
    const session = await sessions.update(actor, id, change)
    const broadcast = broadcasts.get(session.channelId)
    if (broadcast?.session.id === session.id) broadcast.session = session
    if (POLICY.some((field) => change[field] !== undefined)) await options.onPolicy(session.id)
    announcer.announce('session.updated', { session: view(session) })
    if (session.scheduledAt !== before.scheduledAt) announcer.announce('session.moved', { session: view(session) })
    return view(session)
  }

  /** How the broadcast is doing, for who may run it. `since` (milliseconds since 1970) bounds the samples. */
  async function health(actor: User, idOrCode: string, since: number): Promise<Checkup> {
    const session = await sessions.getOwn(actor, idOrCode)
    const broadcast = broadcasts.get(session.channelId)
    const present = broadcast?.session.id === session.id ? broadcast : null
    return checkup({
      publisher: present?.show?.publisher ?? null,
      encoderState: present?.show?.encoderState() ?? null,
      ladderReason: present?.ladderReason ?? null,
      renditions: present?.stream.windows.values() ?? [],
      pulse: present?.pulse ?? createPulse(),
      now: clock.now(),
      since,
    })
  }

  /** Ends what a channel that may not broadcast any more is sending. */
  async function endChannel(channelId: string, reason: string): Promise<void> {
    const broadcast = broadcasts.get(channelId)
    if (broadcast) await inOrder(channelId, () => close(channelId, broadcast.session.id, reason))
  }

  return {
    mayPublish,
    onPublisher,
    start,
    stop,
    end,
    health,
    endChannel,
    get: show,
    plan,
    planAll,
    choose: sessions.choose,
    cancel,
    markMissed,
    update,
    async list(query: Parameters<Sessions['list']>[0], viewer: User | null = null) {
      const { channelId } = query
      const withSecret = viewer !== null && channelId !== undefined && (await sessions.mayRun(viewer, channelId))
      const page = await sessions.list({ ...query, withSecret })
      return { ...page, items: await Promise.all(page.items.map((session) => withReason(view(session), viewer))) }
    },
    /** The session of a channel that is on, or about to go on, or waited for. */
    async current(channelId: string): Promise<SessionView | null> {
      const session = await sessions.current(channelId)
      return session && view(session)
    },
    /** What is on air now, by channel: for lists of channels. */
    async currentOf(channelIds: string[]): Promise<ReadonlyMap<string, SessionView>> {
      const found = await sessions.currentOf(channelIds)
      return new Map([...found].map(([channelId, session]) => [channelId, view(session)]))
    },
    /** A session that has, or will have, something to play; null when it never had or is no longer kept. */
    async watchable(idOrCode: string): Promise<SessionView | null> {
      const session = await sessions.find(idOrCode)
      return session && (hls.find(session.id) || session.state === 'scheduled') ? view(session) : null
    },
    /** Why each session has the renditions it has, for the operator. */
    ladders: () =>
      [...broadcasts.values()].flatMap(({ session, ladderReason }) =>
        ladderReason === null ? [] : [{ sessionId: session.id, channelId: session.channelId, ladderReason }],
      ),
    /** A picture of a session, by the name of its file; null when there is none. */
    thumbnail: thumbnails.read,
    covers,
    /** What stands for a show in link previews: the largest there is, with its size. */
    async largestPicture({ thumbnailUrl }: SessionView) {
      const found = await covers.largestOf(thumbnailUrl)
      const size = found && sizeOfJpeg(found.bytes)
      return size && { url: found.url, ...size }
    },
    /** For the metrics: the state of each session on this node, and how far its renditions have come. */
    figures: () =>
      [...broadcasts.values()].map(({ session, show, stream }) => ({
        sessionId: session.id,
        state: session.state,
        encoder: show?.encoderState() ?? 'none',
        renditions: [...stream.windows.values()].map((window) => ({
          rendition: window.id,
          parts: window.nextPart,
          ageSeconds: Math.max(0, clock.now() - window.edge()) / 1000,
        })),
      })),
  }
}
