/** The audience room with what is told of it: reports over the API, to whom they belong. */
import { onTestFinished } from 'vitest'
import { createAnalytics } from '../../src/analytics/analytics.ts'
import { exportRoutes, loadRoutes, type ReportDeps, reportRoutes, telemetryRoutes } from '../../src/analytics/routes.ts'
import { siteOf } from '../../src/audience/audience.ts'
import { createTakings } from '../../src/commerce/takings.ts'
import { createJobs, createWorker } from '../../src/jobs/jobs.ts'
import { createApi } from '../../src/platform/api.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import type { Role, User } from '../../src/platform/user.ts'
import { audienceRoom } from './audience-room.ts'

const publicUrl = 'http://footlight.test'

export async function analyticsRoom() {
  const room = await audienceRoom()
  const { db, clock, people, channelId, sessionId } = room
  const logger = createLogger('silent')
  const jobs = createJobs({ db, clock, recordAct: async () => undefined })
  const load = { sessions: 1, viewers: 0, encoders: 2, encoderLoad: 0.5, loopDelayMs: 1 }
  const analytics = createAnalytics({
    ...{ db, clock, logger, jobs, money: createTakings({ db }) },
    nodeFigures: () => load,
    forgetElsewhere: () => room.now().viewings.forgetAddresses(),
  })
  onTestFinished(() => analytics.stop())
  const worker = createWorker({ jobs, doers: analytics.doers, clock, logger })

  /** As `live` answers: what is private is not there for strangers. */
  async function sessionFor(actor: User, id: string) {
    const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()
    const isHidden = row?.visibility === 'private' && !(await room.access.mayKnow(actor.id, id))
    if (!row || isHidden) throw new DomainError('not_found', 'no_such_session', 'There is no such session.')
    const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
    return { ...row, startedAt: iso(row.startedAt), endedAt: iso(row.endedAt) }
  }

  const deps: ReportDeps = {
    analytics,
    sessionFor,
    async channelIdOf(id) {
      if (id !== channelId) throw new DomainError('not_found', 'no_such_channel', 'There is no such channel.')
      return id
    },
    mayRead: people.runs,
    viewersNow: (id) => room.now().audience.count(id),
    looks: createRateLimit({ points: 200, seconds: 60 }),
    clock,
  }
  const users = new Map<string, User>([['owner', room.owner]])
  const hono = createApi({
    ...{ logger, publicUrl, addressOf: () => '192.0.2.1', requestsPerMinute: 10_000 },
    userOf: async (headers) => users.get(headers.get('authorization')?.slice('Bearer '.length) ?? '') ?? null,
    routes: [
      reportRoutes(deps),
      exportRoutes(deps),
      loadRoutes({ nodeLoad: analytics.nodeLoad, clock }),
      telemetryRoutes({
        telemetry: analytics.telemetry,
        verify: (token, id) => room.now().access.verify(token, id),
        siteOf,
        batches: createRateLimit({ points: 20, seconds: 60 }),
      }),
    ],
  })

  async function call(path: string, { as, body }: { as?: string; body?: unknown } = {}) {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (as) headers.set('authorization', `Bearer ${as}`)
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await hono.request(`${publicUrl}/api${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null }
  }

  /** Somebody who is signed in; their bearer word is their name. */
  async function signedIn(name: string, role: Role = 'viewer'): Promise<User> {
    const id = await room.person(name, role)
    const user: User = { id, name, email: `${id}@example.org`, role, emailVerified: true }
    users.set(name, user)
    return user
  }

  async function say(authorId: string | null, kind = 'chat'): Promise<void> {
    const at = clock.now()
    const nothing = { reply: null, sentKey: null, heldReason: null, removedByAct: null, flags: 0, badges: '[]' }
    const what = { kind, state: 'shown', authorId, authorName: 'Somebody', text: 'hello', position: null }
    await db
      .insertInto('chatMessage')
      .values({ id: newId(), channelId, sessionId, ...what, ...nothing, createdAt: at, changedAt: at })
      .execute()
  }

  async function ask(question: string): Promise<void> {
    const at = { createdAt: clock.now(), createdBy: room.owner.id, endsAt: clock.now() + 60_000, endedAt: null }
    await db
      .insertInto('chatPoll')
      .values({ id: newId(), channelId, sessionId, question, choices: '[]', ...at })
      .execute()
  }

  /** The show is over, and everybody has left. */
  async function end(): Promise<void> {
    await room.silence()
    await room.now().viewings.flush()
    await analytics.telemetry.flush()
    await db.updateTable('session').set({ state: 'ended', endedAt: clock.now() }).where('id', '=', sessionId).execute()
  }

  return { ...room, analytics, jobs, worker, load, call, signedIn, say, ask, end }
}
