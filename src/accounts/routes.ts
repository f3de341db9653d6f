import { createRoute, z } from '@hono/zod-openapi'
import type { Db } from '../db/db.ts'
import {
  answer,
  conflict,
  createRouter,
  json,
  limitRate,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import { ownAccountRoutes } from './account-routes.ts'
import type { Accounts } from './accounts.ts'
import { apiKeyRoutes } from './api-key-routes.ts'
import { guardRoutes } from './guard-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { Email, Me, Name, Password, SignedIn, signedInAs, signInRoutes } from './sign-in-routes.ts'

const setupRoute = createRoute({
  method: 'post',
  path: '/setup',
  tags: ['accounts'],
  summary: 'Become the owner, with the token of the owner link; works once',
  request: {
    body: json(
      z.strictObject({
        token: z.string().min(1).max(200),
        email: Email,
        password: Password,
        name: Name,
        channelName: Name.optional(),
      }),
    ),
  },
  responses: {
    201: answer(
      'The owner, signed in, and their first channel',
      SignedIn.extend({ channel: z.object({ id: z.string(), slug: z.string() }) }),
    ),
    ...conflict,
    ...refusals,
  },
})

const meRoute = createRoute({
  method: 'get',
  path: '/me',
  tags: ['accounts'],
  summary: 'Who I am; null when nobody is signed in',
  security: [{}, ...signedIn],
  responses: { 200: answer('Me, or null', z.object({ user: Me.nullable() })), ...refusals },
})

const renameRoute = createRoute({
  method: 'patch',
  path: '/me',
  tags: ['accounts'],
  summary: 'Change my name',
  security: signedIn,
  request: { body: json(z.strictObject({ name: Name })) },
  responses: { 200: answer('Me, as I am now', z.object({ user: Me })), ...unauthenticated, ...refusals },
})

interface AccountRoutesOptions {
  accounts: Accounts
  /** The first channel of the node is made in the transaction that makes its owner. */
  firstChannel(owner: User, name: string, tx: Db): Promise<{ id: string; slug: string }>
}

export function accountRoutes({ accounts, firstChannel }: AccountRoutesOptions) {
  const router = createRouter()
  // Guessing a password, a code or a word, wherever: ten tries a minute from one address.
  const limited = limitRate(createRateLimit({ points: 10, seconds: 60 }))
  router.use('/setup', limited)

  return router
    .openapi(setupRoute, async (c) => {
      const { token, channelName, ...person } = c.req.valid('json')
      const { also } = await accounts.setUp(token, person, (user, tx) =>
        firstChannel(user, channelName ?? user.name, tx),
      )
      const begun = await accounts.signIn(person, c.req.raw.headers)
      return c.json({ ...(await signedInAs(c, accounts, begun)), channel: { id: also.id, slug: also.slug } }, 201)
    })

    .openapi(meRoute, (c) => {
      const user = c.get('user')
      if (!user) return c.json({ user: null }, 200)
      return c.json({ user: meOf(user) }, 200)
    })

    .openapi(renameRoute, async (c) => {
      const user = await accounts.rename(requireUser(c), c.req.valid('json').name)
      return c.json({ user: meOf(user) }, 200)
    })

    .route('/', signInRoutes({ accounts, limited }))
    .route('/', ownAccountRoutes({ accounts }))
    .route('/', guardRoutes({ accounts }))
    .route('/', apiKeyRoutes({ accounts }))
    .route('/', peopleRoutes({ accounts }))
}

function meOf({ scopes: _, address: __, ...me }: User) {
  return me
}
