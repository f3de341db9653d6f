import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  createRouter,
  type HttpEnv,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import type { Analytics } from './analytics.ts'
import type { Broadcast } from './session-report.ts'
import { ChannelReportView, channelReportView, ReportView, reportView, ViewingView, viewingView } from './views.ts'

/** A session as `live` tells it. */
interface Session {
  id: string
  channelId: string
  title: string
  state: string
  startedAt: string | null
  endedAt: string | null
}

export interface ReportDeps {
  analytics: Pick<Analytics, 'sessionReport' | 'channelReport' | 'viewings'>
  /** The session, by its id or code, for somebody who may know of it; throws for anybody else. */
  sessionFor(actor: User, idOrCode: string): Promise<Session>
  /** The channel's id, by it or its slug; throws where there is none. */
  channelIdOf(idOrSlug: string): Promise<string>
  /** Whether somebody runs the channel: its owner, its moderators, the node's staff. */
  mayRead(actor: User, channelId: string): Promise<boolean>
  viewersNow(sessionId: string): number
  /** Reports are heavier than other answers. */
  looks: RateLimit
  clock: Clock
}

const DAY_MS = 86_400_000
export const Path = z.strictObject({ id: z.string().min(1).max(64) })
const when = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
export const Period = z.strictObject({
  from: when.optional().openapi({ description: 'Ninety days ago when left out.' }),
  until: when.optional(),
})

const tags = ['analytics']
export const answers = { ...refusals, ...unauthenticated, ...notFound }

export function periodOf({ from, until }: z.infer<typeof Period>, now: number) {
  return { from: from ?? (until ?? now) - 90 * DAY_MS, until: until ?? now }
}

/** Lets in who runs the channel, and not too often. */
export function readers({ sessionFor, channelIdOf, mayRead, looks }: ReportDeps) {
  async function letIn(actor: User, channelId: string): Promise<void> {
    if (await mayRead(actor, channelId)) return
    throw new DomainError('forbidden', 'not_your_channel', 'Only who runs this channel may see its figures.')
  }
  async function actorOf(c: Context<HttpEnv>): Promise<User> {
    const actor = requireUser(c)
    await looks.take(actor.id)
    return actor
  }
  return {
    async session(c: Context<HttpEnv>, idOrCode: string): Promise<Broadcast> {
      const actor = await actorOf(c)
      const { id, channelId, title, state, startedAt, endedAt } = await sessionFor(actor, idOrCode)
      await letIn(actor, channelId)
      const at = (time: string | null) => (time === null ? null : Date.parse(time))
      return { id, channelId, title, state, startedAt: at(startedAt), endedAt: at(endedAt) }
    },
    async channel(c: Context<HttpEnv>, idOrSlug: string): Promise<string> {
      const actor = await actorOf(c)
      const channelId = await channelIdOf(idOrSlug)
      await letIn(actor, channelId)
      return channelId
    },
  }
}

export function reportRoutes(deps: ReportDeps) {
  const { analytics, viewersNow } = deps
  const reader = readers(deps)
  const session = createRoute({
    tags,
    security: signedIn,
    method: 'get',
    path: '/sessions/{id}/report',
    summary: 'How a show goes or went; for the owner of its channel, its moderators and admins',
    request: { params: Path },
    responses: { 200: answer('The report', ReportView), ...answers },
  })
  const viewings = createRoute({
    tags,
    security: signedIn,
    method: 'get',
    path: '/sessions/{id}/viewings',
    summary: 'Its viewings one by one, without names; for the same people',
    request: { params: Path, query: PageQuery },
    responses: {
      200: answer('A page of them', z.object({ viewings: z.array(ViewingView), nextCursor: z.string().nullable() })),
      ...answers,
    },
  })
  const channel = createRoute({
    tags,
    security: signedIn,
    method: 'get',
    path: '/channels/{id}/report',
    summary: 'The shows of a channel over time; for its owner, its moderators and admins',
    request: { params: Path, query: Period },
    responses: { 200: answer('Up to a hundred shows, the oldest first', ChannelReportView), ...answers },
  })

  return createRouter()
    .openapi(session, async (c) => {
      const found = await reader.session(c, c.req.valid('param').id)
      return c.json(reportView(await analytics.sessionReport(found), viewersNow(found.id)), 200)
    })
    .openapi(viewings, async (c) => {
      const found = await reader.session(c, c.req.valid('param').id)
      const { items, nextCursor } = await analytics.viewings.list(found, c.req.valid('query'))
      return c.json({ viewings: items.map(viewingView), nextCursor }, 200)
    })
    .openapi(channel, async (c) => {
      const channelId = await reader.channel(c, c.req.valid('param').id)
      const { from, until } = periodOf(c.req.valid('query'), deps.clock.now())
      return c.json(channelReportView(await analytics.channelReport(channelId, from, until), from, until), 200)
    })
}
