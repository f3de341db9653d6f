import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  createRouter,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import { NoticeView, noticeView } from './notice-view.ts'
import { KINDS, type Notices } from './notices.ts'

const NoticeList = z.object({
  notices: z.array(NoticeView),
  unread: z.number().int().openapi({ description: 'A hundred at the most.' }),
  nextCursor: z.string().nullable(),
})
const Ways = z.object({ kind: z.enum(KINDS), app: z.boolean(), mail: z.boolean(), push: z.boolean() })
const ChoicesView = z
  .object({
    choices: z.array(Ways),
    pushKey: z.string().openapi({ description: 'The node’s VAPID key, as a browser wants it (RFC 8292).' }),
  })
  .openapi('NoticeChoices')
const Ids = z.strictObject({
  ids: z.array(z.string().max(64)).max(100).optional().openapi({ description: 'All where none are named.' }),
})
const Change = z.strictObject({
  app: z.boolean().optional(),
  mail: z.boolean().optional(),
  push: z.boolean().optional(),
})
const base64url = /^[A-Za-z0-9_-]+={0,2}$/
const Subscription = z.strictObject({
  endpoint: z.url().max(1_000),
  keys: z.strictObject({
    p256dh: z.string().regex(base64url).length(87),
    auth: z.string().regex(base64url).length(22),
  }),
})

const shared = { tags: ['notices'], security: signedIn }
const others = { ...refusals, ...unauthenticated }

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/notices',
  summary: 'What I was told, the newest first',
  request: { query: PageQuery },
  responses: { 200: answer('A page of notices', NoticeList), ...others },
})
const read = createRoute({
  ...shared,
  method: 'post',
  path: '/notices/read',
  summary: 'Mark notices as read',
  request: { body: json(Ids) },
  responses: { 204: { description: 'They are' }, ...others },
})
const choices = createRoute({
  ...shared,
  method: 'get',
  path: '/notices/choices',
  summary: 'Of what I am told, and by which ways',
  responses: { 200: answer('Every kind and way', ChoicesView), ...others },
})
const choose = createRoute({
  ...shared,
  method: 'patch',
  path: '/notices/choices/{kind}',
  summary: 'Turn ways of being told of one kind of thing on or off',
  request: { params: z.strictObject({ kind: z.enum(KINDS) }), body: json(Change) },
  responses: { 204: { description: 'So it is from now on' }, ...others },
})
const subscribe = createRoute({
  ...shared,
  method: 'post',
  path: '/push-subscriptions',
  summary: 'Take pushes in this browser, as its push manager describes it',
  request: { body: json(Subscription) },
  responses: { 201: answer('Its name, to end it by', z.object({ id: z.string() })), ...others },
})
const unsubscribe = createRoute({
  ...shared,
  method: 'delete',
  path: '/push-subscriptions/{id}',
  summary: 'Take no more pushes in this browser',
  request: { params: z.strictObject({ id: z.string().max(64) }) },
  responses: { 204: { description: 'None from now on' }, ...others, ...notFound },
})

interface Deps {
  notices: Notices
  writes: RateLimit
  onRead(user: User): Promise<void>
}

export function noticeRoutes({ notices, writes, onRead }: Deps) {
  const { inbox, subscribers } = notices
  return createRouter()
    .openapi(list, async (c) => {
      const user = requireUser(c)
      const { items, nextCursor } = await inbox.list(user, c.req.valid('query'))
      return c.json({ notices: items.map(noticeView), unread: await inbox.unread(user), nextCursor }, 200)
    })
    .openapi(read, async (c) => {
      const user = requireUser(c)
      await inbox.read(user, c.req.valid('json').ids ?? null)
      await onRead(user)
      return c.body(null, 204)
    })
    .openapi(choices, async (c) =>
      c.json({ choices: await subscribers.choices(requireUser(c)), pushKey: notices.pushKey }, 200),
    )
    .openapi(choose, async (c) => {
      const user = requireUser(c)
      await writes.take(user.id)
      await subscribers.choose(user.id, c.req.valid('param').kind, c.req.valid('json'))
      return c.body(null, 204)
    })
    .openapi(subscribe, async (c) => {
      const user = requireUser(c)
      await writes.take(user.id)
      const { endpoint, keys } = c.req.valid('json')
      return c.json({ id: await subscribers.addBrowser(user, { endpoint, ...keys }) }, 201)
    })
    .openapi(unsubscribe, async (c) => {
      await subscribers.removeBrowser(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

/**
 * One click ends a kind of mail (RFC 8058): the POST of a mail program, which has no cookie and no origin, or of our own
 * page. The word in the address is the proof; fetching it alone changes nothing.
 */
export function unsubscribeRoutes({ notices }: Pick<Deps, 'notices'>) {
  return createRouter().post('/unsubscribe/:word', async (c) => {
    const kind = await notices.subscribers.endMails(c.req.param('word'))
    return c.json({ kind }, 200, { 'Cache-Control': 'no-store' })
  })
}
