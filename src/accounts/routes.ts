import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Db } from '../db/db.ts'
import {
  answer,
  conflict,
  createRouter,
  type HttpEnv,
  json,
  limitRate,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import { ROLES, type User } from '../platform/user.ts'
import { type Accounts, PASSWORD, type Person, STATUSES } from './accounts.ts'

const Email = z.email().max(254).openapi({ example: 'anna@example.org' })
const Password = z.string().min(PASSWORD.min).max(PASSWORD.max)
const Name = z.string().trim().min(1).max(80)

const Me = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(ROLES) }).openapi('Me')
const PersonView = Me.extend({
  status: z.enum(STATUSES),
  statusReason: z.string().nullable(),
  statusUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
}).openapi('User')
const SignedIn = z
  .object({
    user: Me,
    token: z.string().openapi({ description: 'For `Authorization: Bearer`; browsers get a cookie.' }),
  })
  .openapi('SignedIn')
const PersonPath = z.strictObject({ id: z.string().min(1).max(64) })

const PersonPatch = z.strictObject({
  role: z.enum(ROLES).optional(),
  status: z.enum(STATUSES).optional(),
  statusReason: z.string().trim().max(500).nullable().optional(),
  statusUntil: z.iso.datetime().nullable().optional(),
})

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

const signUpRoute = createRoute({
  method: 'post',
  path: '/auth/sign-up/email',
  tags: ['accounts'],
  summary: 'Register with e-mail and password',
  request: { body: json(z.strictObject({ email: Email, password: Password, name: Name })) },
  responses: { 201: answer('Registered and signed in', SignedIn), ...conflict, ...refusals },
})

const signInRoute = createRoute({
  method: 'post',
  path: '/auth/sign-in/email',
  tags: ['accounts'],
  summary: 'Sign in with e-mail and password',
  request: { body: json(z.strictObject({ email: Email, password: z.string().min(1).max(PASSWORD.max) })) },
  responses: { 200: answer('Signed in', SignedIn), ...unauthenticated, ...refusals },
})

const signOutRoute = createRoute({
  method: 'post',
  path: '/auth/sign-out',
  tags: ['accounts'],
  summary: 'End this sign-in',
  security: signedIn,
  responses: { 204: { description: 'Signed out' }, ...refusals },
})

const changePasswordRoute = createRoute({
  method: 'post',
  path: '/auth/change-password',
  tags: ['accounts'],
  summary: 'Change the password; every other sign-in ends',
  security: signedIn,
  request: {
    body: json(z.strictObject({ currentPassword: z.string().min(1).max(PASSWORD.max), newPassword: Password })),
  },
  responses: { 204: { description: 'Changed' }, ...unauthenticated, ...refusals },
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

const listRoute = createRoute({
  method: 'get',
  path: '/users',
  tags: ['accounts'],
  summary: 'Everybody, newest first; for admins',
  security: signedIn,
  request: { query: PageQuery },
  responses: {
    200: answer('A page of people', z.object({ users: z.array(PersonView), nextCursor: z.string().nullable() })),
    ...unauthenticated,
    ...refusals,
  },
})

const patchRoute = createRoute({
  method: 'patch',
  path: '/users/{id}',
  tags: ['accounts'],
  summary: 'Change a role or status; for admins',
  security: signedIn,
  request: { params: PersonPath, body: json(PersonPatch) },
  responses: { 200: answer('As it is now', PersonView), ...unauthenticated, ...notFound, ...refusals },
})

interface AccountRoutesOptions {
  accounts: Accounts
  /** The first channel of the node is made in the transaction that makes its owner. */
  firstChannel(owner: User, name: string, tx: Db): Promise<{ id: string; slug: string }>
}

export function accountRoutes({ accounts, firstChannel }: AccountRoutesOptions) {
  const router = createRouter()
  // Guessing a password or a token: ten tries a minute from one address.
  const limited = limitRate(createRateLimit({ points: 10, seconds: 60 }))
  for (const path of ['/setup', '/auth/sign-up/*', '/auth/sign-in/*', '/auth/change-password'])
    router.use(path, limited)

  return router
    .openapi(setupRoute, async (c) => {
      const { token, channelName, ...person } = c.req.valid('json')
      const { owner, also } = await accounts.setUp(token, person, (user, tx) =>
        firstChannel(user, channelName ?? user.name, tx),
      )
      const { id, slug } = also
      return c.json({ user: owner, channel: { id, slug }, token: await begin(c, accounts, person) }, 201)
    })

    .openapi(signUpRoute, async (c) => {
      const person = c.req.valid('json')
      const user = await accounts.register(person)
      return c.json({ user, token: await begin(c, accounts, person) }, 201)
    })

    .openapi(signInRoute, async (c) => {
      const token = await begin(c, accounts, c.req.valid('json'))
      const user = await accounts.userOf(new Headers({ authorization: `Bearer ${token}` }))
      return c.json({ user: user!, token }, 200) // who just signed in is there
    })

    .openapi(signOutRoute, async (c) => {
      setCookies(c, await accounts.signOut(c.req.raw.headers))
      return c.body(null, 204)
    })

    .openapi(changePasswordRoute, async (c) => {
      requireUser(c)
      const { cookies } = await accounts.changePassword(c.req.valid('json'), c.req.raw.headers)
      setCookies(c, cookies)
      return c.body(null, 204)
    })

    .openapi(meRoute, (c) => c.json({ user: c.get('user') }, 200))

    .openapi(renameRoute, async (c) => {
      const user = await accounts.rename(requireUser(c), c.req.valid('json').name)
      return c.json({ user }, 200)
    })

    .openapi(listRoute, async (c) => {
      const { items, nextCursor } = await accounts.list(requireUser(c), c.req.valid('query'))
      return c.json({ users: items.map(view), nextCursor }, 200)
    })

    .openapi(patchRoute, async (c) => {
      const { statusUntil, ...change } = c.req.valid('json')
      const until = typeof statusUntil === 'string' ? Date.parse(statusUntil) : statusUntil
      const person = await accounts.update(requireUser(c), c.req.valid('param').id, {
        ...change,
        ...(until === undefined ? {} : { statusUntil: until }),
      })
      return c.json(view(person), 200)
    })
}

async function begin(c: Context<HttpEnv>, accounts: Accounts, credentials: { email: string; password: string }) {
  const { email, password } = credentials
  const { cookies, token } = await accounts.signIn({ email, password }, c.req.raw.headers)
  setCookies(c, cookies)
  return token
}

function setCookies(c: Context<HttpEnv>, cookies: string[]): void {
  for (const cookie of cookies) c.header('Set-Cookie', cookie, { append: true })
}

function view(person: Person) {
  const { statusUntil, createdAt, ...rest } = person
  return {
    ...rest,
    statusUntil: statusUntil === null ? null : new Date(statusUntil).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
  }
}
