import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  conflict,
  createRouter,
  json,
  limitRate,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import type { Accounts } from './accounts.ts'
import { GivenPassword, iso, setCookies } from './sign-in-routes.ts'

const Path = z.strictObject({ id: z.string().min(1).max(64) })
const WithPassword = z.strictObject({ password: GivenPassword })
const tags = ['account']
const own = { ...unauthenticated, ...refusals }
const done = (description: string) => ({ 204: { description }, ...own })

const SignInView = z
  .object({
    id: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    userAgent: z.string().nullable(),
    address: z.string().nullable().openapi({ description: 'Only where KEEP_ADDRESSES is on.' }),
    isThis: z.boolean(),
  })
  .openapi('SignIn')

const signInsRoute = createRoute({
  method: 'get',
  path: '/account/sign-ins',
  tags,
  summary: 'Where I am signed in, newest first',
  security: signedIn,
  responses: { 200: answer('At most 100', z.object({ signIns: z.array(SignInView) })), ...own },
})

const endSignInRoute = createRoute({
  method: 'delete',
  path: '/account/sign-ins/{id}',
  tags,
  summary: 'End one of my sign-ins',
  security: signedIn,
  request: { params: Path },
  responses: { ...done('Ended'), ...notFound },
})

const endAllRoute = createRoute({
  method: 'delete',
  path: '/account/sign-ins',
  tags,
  summary: 'Sign out everywhere, here too; what was playing stops',
  security: signedIn,
  responses: done('Signed out'),
})

const creatorRoute = createRoute({
  method: 'post',
  path: '/account/creator',
  tags,
  summary: 'Become a creator, or ask to: at once, by an admin, or with an invitation, as CREATORS says',
  security: signedIn,
  request: { body: json(z.strictObject({ invitation: z.string().min(1).max(100).optional() })) },
  responses: { 200: answer('What came of it', z.object({ state: z.enum(['creator', 'asked']) })), ...conflict, ...own },
})

const exportRoute = createRoute({
  method: 'get',
  path: '/account/export',
  tags,
  summary: 'All this node knows of me, as one JSON file',
  security: signedIn,
  responses: { 200: answer('The file', z.record(z.string(), z.unknown())), ...own },
})

const deleteRoute = createRoute({
  method: 'post',
  path: '/account/delete',
  tags,
  summary: 'Delete my account and my channels, at once and for good',
  description: 'What was bought is kept in the books as the law asks, without a name.',
  security: signedIn,
  request: { body: json(WithPassword) },
  responses: { ...done('Gone'), ...conflict },
})

/** What a signed-in person does with their own account. An API key may do none of it. */
export function ownAccountRoutes({ accounts }: { accounts: Accounts }) {
  const { signIns, leaving } = accounts
  const router = createRouter()
  // Each of these asks for the password once more, or writes or reads a lot.
  const limited = limitRate(createRateLimit({ points: 20, seconds: 60 }))
  for (const path of ['creator', 'export', 'delete']) router.use(`/account/${path}`, limited)

  return router
    .openapi(signInsRoute, async (c) => {
      const list = await signIns.list(requireUser(c))
      const here = await accounts.signInIdOf(c.req.raw.headers)
      const shown = list.map((one) => ({
        ...one,
        createdAt: iso(one.createdAt),
        lastUsedAt: iso(one.lastUsedAt),
        expiresAt: iso(one.expiresAt),
        isThis: one.id === here,
      }))
      return c.json({ signIns: shown }, 200)
    })
    .openapi(endSignInRoute, async (c) => {
      await signIns.end(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(endAllRoute, async (c) => {
      await signIns.endAll(requireUser(c))
      setCookies(c, await accounts.signOut(c.req.raw.headers))
      return c.body(null, 204)
    })
    .openapi(creatorRoute, async (c) => {
      return c.json({ state: await accounts.askToCreate(requireUser(c), c.req.valid('json').invitation) }, 200)
    })
    .openapi(exportRoute, async (c) => {
      const user = requireUser(c)
      c.header('Content-Disposition', 'attachment; filename="my-data.json"')
      return c.json(await leaving.exportData(user), 200)
    })
    .openapi(deleteRoute, async (c) => {
      const user = requireUser(c)
      if (user.scopes) throw new DomainError('forbidden', 'not_by_key', 'Not with an API key.')
      await accounts.requirePassword(user, c.req.valid('json').password, c.req.raw.headers)
      await leaving.leave(user)
      setCookies(c, await accounts.signOut(c.req.raw.headers))
      return c.body(null, 204)
    })
}
