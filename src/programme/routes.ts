import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  bytesOf,
  conflict,
  createRouter,
  json,
  notFound,
  pictureBody,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import { TimeZone } from '../platform/time-zone.ts'
import type { User } from '../platform/user.ts'
import { type Owed, type PlannedShow, type Programme, RepeatView } from './programme.ts'

export { calendarRoutes } from './calendar-routes.ts'

const STATES = ['scheduled', 'starting', 'live', 'paused', 'ended', 'cancelled', 'error'] as const
const VISIBILITIES = ['public', 'unlisted', 'private', 'followers', 'members', 'ticket'] as const

const ShowView = z
  .object({
    id: z.string().openapi({ description: 'The id of its session, before and after it begins.' }),
    code: z.string(),
    channel: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
    state: z.enum(STATES),
    title: z.string(),
    description: z.string(),
    category: z.string().nullable(),
    visibility: z.enum(VISIBILITIES),
    requiredTier: z.number().int().nullable(),
    previewMinutes: z.number().int(),
    scheduledAt: z.iso.datetime(),
    durationMinutes: z.number().int().nullable(),
    timeZone: z.string().nullable().openapi({ description: 'The zone its time was given in.' }),
    endReason: z.string().nullable(),
    isMissed: z.boolean().openapi({ description: 'Nobody went live around its time.' }),
    isChosen: z.boolean().openapi({ description: 'Whatever is published next is this one.' }),
    pictureUrl: z.string().nullable().openapi({ description: 'The picture that was chosen for it.' }),
    series: z.object({ id: z.string(), repeat: RepeatView }).nullable(),
    isReminded: z.boolean(),
    version: z.number().int(),
  })
  .openapi('Show')
const OwedView = z.object({
  currency: z.string(),
  digits: z.number().int(),
  amount: z.int().openapi({ description: 'In minor units.' }),
  buyers: z.number().int(),
})
const CostView = z.object({ shows: z.number().int(), owed: z.array(OwedView) }).openapi('CancellationCost')
const ShowList = z.object({ shows: z.array(ShowView), nextCursor: z.string().nullable() })

const id = z.string().min(1).max(64)
const ShowPath = z.strictObject({ id })
const ShowsQuery = PageQuery.extend({ channelId: id.optional() })
const StartsAt = z.iso.datetime({ local: true, precision: -1 }).regex(/\d$/, 'has no zone behind it').openapi({
  example: '2026-11-23T15:00',
  description: 'What a clock in the time zone shows.',
})
const Which = z
  .enum(['this', 'following'])
  .default('this')
  .openapi({ description: 'Of a series: this show alone, or this and all that follow.' })
const terms = {
  description: z.string().trim().max(5_000).optional(),
  category: z.string().trim().max(60).nullable().optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  visibility: z.enum(VISIBILITIES).optional(),
  requiredTier: z.number().int().min(1).max(3).nullable().optional(),
  previewMinutes: z.number().int().min(0).max(120).optional(),
  durationMinutes: z.number().int().min(5).max(1_440).nullable().optional(),
}
const Title = z.string().trim().min(1).max(150)
const NewShow = z.strictObject({
  title: Title,
  startsAt: StartsAt,
  timeZone: TimeZone,
  repeat: RepeatView.nullable().default(null),
  ...terms,
})
const ShowPatch = z.strictObject({
  title: Title.optional(),
  startsAt: StartsAt.optional(),
  timeZone: TimeZone.optional(),
  which: Which,
  ...terms,
})
const Cancellation = z.strictObject({
  reason: z.string().trim().min(1).max(200).default('called off'),
  which: Which,
  agreed: z
    .array(z.strictObject({ currency: z.string().length(3), amount: z.int().min(1) }))
    .max(20)
    .default([])
    .openapi({ description: 'The sums that go back to buyers, as shown; 409 with the right ones where they differ.' }),
})

const shared = { tags: ['sessions'] }
const own = { ...shared, security: signedIn }
const owners = { ...refusals, ...unauthenticated, ...notFound, ...conflict }

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/shows',
  summary: 'Shows to come, the nearest first, of all channels or one; what is in no list for who runs the channel',
  request: { query: ShowsQuery },
  responses: { 200: answer('A page of shows', ShowList), ...refusals },
})
const get = createRoute({
  ...shared,
  method: 'get',
  path: '/shows/{id}',
  summary: 'One planned show, by its id or code; private ones for those who may watch them',
  request: { params: ShowPath },
  responses: { 200: answer('The show', ShowView), ...refusals, ...notFound },
})
const plan = createRoute({
  ...own,
  method: 'post',
  path: '/channels/{id}/shows',
  summary: 'Plan a show, or a series of them; for the owner. Answers with the nearest',
  request: { params: ShowPath, body: json(NewShow) },
  responses: { 201: answer('As it is planned', ShowView), ...owners },
})
const change = createRoute({
  ...own,
  method: 'patch',
  path: '/shows/{id}',
  summary: 'Change a planned show, or it and all that follow in its series; for the owner of its channel',
  request: { params: ShowPath, body: json(ShowPatch) },
  responses: { 200: answer('As it is now', ShowView), ...owners },
})
const choose = createRoute({
  ...own,
  method: 'put',
  path: '/shows/{id}/next',
  summary: 'Whatever is published next is this show, or is not; for the owner of its channel',
  request: { params: ShowPath, body: json(z.strictObject({ isChosen: z.boolean() })) },
  responses: { 204: { description: 'So it is' }, ...owners },
})
const picture = {
  ...own,
  path: '/shows/{id}/picture',
  responses: { 200: answer('As it is now', ShowView), ...owners },
} as const
const setPicture = createRoute({
  ...picture,
  method: 'put',
  summary: 'What a show is shown by until it begins: a picture of 8 MB at the most; for the owner of its channel',
  request: { params: ShowPath, query: z.strictObject({ which: Which }), body: pictureBody('8 MB') },
})
const removePicture = createRoute({
  ...picture,
  method: 'delete',
  summary: 'A show is shown by no picture of its own any more; for the owner of its channel',
  request: { params: ShowPath, query: z.strictObject({ which: Which }) },
})
const cost = createRoute({
  ...own,
  method: 'get',
  path: '/shows/{id}/cancellation',
  summary: 'What calling a show off would give back to its buyers; for the owner of its channel',
  request: { params: ShowPath, query: z.strictObject({ which: Which }) },
  responses: { 200: answer('How many shows, and the sums', CostView), ...owners },
})
const callOff = createRoute({
  ...own,
  method: 'post',
  path: '/sessions/{id}/cancel',
  summary: 'Call a planned show off; whoever paid for it is paid back. For the owner of its channel',
  request: { params: ShowPath, body: json(Cancellation) },
  responses: { 200: answer('As it is now', ShowView), ...owners },
})
const remind = createRoute({
  ...own,
  method: 'put',
  path: '/shows/{id}/reminder',
  summary: 'Be reminded of a show before it begins',
  request: { params: ShowPath },
  responses: { 204: { description: 'You will be' }, ...owners },
})
const forget = createRoute({
  ...own,
  method: 'delete',
  path: '/shows/{id}/reminder',
  summary: 'Be reminded of a show no longer',
  request: { params: ShowPath },
  responses: { 204: { description: 'You will not be' }, ...owners },
})

interface Deps {
  programme: Programme
  /** Whatever is published next is this show, or is not. */
  choose(actor: User, sessionId: string, isChosen: boolean): Promise<void>
  /** How many of the currency's digits follow the point. */
  digitsOf(currency: string): number
  /** How often one account may plan, and be reminded. */
  writes: RateLimit
  /** How often one account may send a picture. */
  uploads: RateLimit
}

export function programmeRoutes({ programme, choose: chooseNext, digitsOf, writes, uploads }: Deps) {
  const owedView = (sum: Owed) => ({ ...sum, digits: digitsOf(sum.currency) })
  return createRouter()
    .openapi(list, async (c) => {
      const { items, nextCursor } = await programme.list(c.get('user'), c.req.valid('query'))
      return c.json({ shows: items.map(view), nextCursor }, 200)
    })
    .openapi(get, async (c) => c.json(view(await programme.get(c.get('user'), c.req.valid('param').id)), 200))
    .openapi(plan, async (c) => {
      const user = requireUser(c)
      await writes.take(user.id)
      return c.json(view(await programme.plan(user, c.req.valid('param').id, c.req.valid('json'))), 201)
    })
    .openapi(change, async (c) => {
      const user = requireUser(c)
      await writes.take(user.id)
      return c.json(view(await programme.change(user, c.req.valid('param').id, c.req.valid('json'))), 200)
    })
    .openapi(choose, async (c) => {
      const user = requireUser(c)
      const { id: show } = await programme.get(user, c.req.valid('param').id)
      await chooseNext(user, show, c.req.valid('json').isChosen)
      return c.body(null, 204)
    })
    .openapi(setPicture, async (c) => {
      const user = requireUser(c)
      await uploads.take(user.id)
      const { which } = c.req.valid('query')
      const bytes = await bytesOf(c.req)
      return c.json(view(await programme.setPicture(user, c.req.valid('param').id, which, bytes)), 200)
    })
    .openapi(removePicture, async (c) => {
      const { which } = c.req.valid('query')
      return c.json(view(await programme.setPicture(requireUser(c), c.req.valid('param').id, which, null)), 200)
    })
    .openapi(cost, async (c) => {
      const { which } = c.req.valid('query')
      const { shows, owed } = await programme.cost(requireUser(c), c.req.valid('param').id, which)
      return c.json({ shows, owed: owed.map(owedView) }, 200)
    })
    .openapi(callOff, async (c) =>
      c.json(view(await programme.callOff(requireUser(c), c.req.valid('param').id, c.req.valid('json'))), 200),
    )
    .openapi(remind, async (c) => {
      const user = requireUser(c)
      await writes.take(user.id)
      await programme.remind(user, c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(forget, async (c) => {
      await programme.forget(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function view(show: PlannedShow): z.infer<typeof ShowView> {
  const { channel, scheduledAt, updatedAt: _at, state, visibility, ...rest } = show
  const { ownerId: _owner, ...of } = channel
  return {
    ...rest,
    channel: of,
    state: z.enum(STATES).parse(state),
    visibility: z.enum(VISIBILITIES).parse(visibility),
    scheduledAt: new Date(scheduledAt).toISOString(),
  }
}
