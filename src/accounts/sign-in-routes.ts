import { createRoute, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import {
  answer,
  conflict,
  createRouter,
  type HttpEnv,
  json,
  limitRate,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import { ROLES } from '../platform/user.ts'
import { type Accounts, PASSWORD } from './accounts.ts'

export const Email = z.email().max(254).openapi({ example: 'anna@example.org' })
export const Password = z.string().min(PASSWORD.min).max(PASSWORD.max)
/** One that was chosen long ago: whatever its length, it is compared. */
export const GivenPassword = z.string().min(1).max(PASSWORD.max)
export const Name = z.string().trim().min(1).max(80)
export const Code = z.string().trim().min(6).max(20)
/** What the browser's authenticator said; the auth library knows its inside. */
export const Credential = z.record(z.string().max(60), z.unknown())
/** Where an account elsewhere may be; `twitter` is X. */
export const Provider = z.enum(['google', 'facebook', 'twitter', 'github', 'oidc'])
const Word = z.string().min(1).max(200)
const Base64Url = z.string().min(1).max(4_000)
const PasskeyAnswer = z
  .object({
    id: Base64Url,
    rawId: Base64Url,
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: Base64Url,
      authenticatorData: Base64Url,
      signature: Base64Url,
      userHandle: Base64Url.nullish().transform((handle) => handle ?? undefined),
    }),
  })
  .transform((given) => ({ ...given, clientExtensionResults: {} }))
/** A path of ours, and nothing a browser would take for another host. */
const Next = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u, 'must be a path of this site')

export const Me = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    emailVerified: z.boolean(),
  })
  .openapi('Me')
export const SignedIn = z
  .object({
    user: Me,
    token: z.string().openapi({ description: 'For `Authorization: Bearer`; browsers get a cookie.' }),
  })
  .openapi('SignedIn')

const tags = ['accounts']
const mailed = { 202: { description: 'If this address is here, a mail is on its way. The answer never tells.' } }
const wanted = answer(
  'A second factor is wanted: send it with the cookie this answer sets',
  z.object({ secondFactor: z.literal(true) }),
)
const outcomes = { 200: answer('Signed in', SignedIn), 202: wanted, ...unauthenticated, ...refusals }

const post = <const Path extends string, Shape extends z.ZodType>(path: Path, summary: string, shape: Shape) => ({
  method: 'post' as const,
  path,
  tags,
  summary,
  request: { body: json(shape) },
})

const signUpRoute = createRoute({
  ...post(
    '/auth/sign-up/email',
    'Register with e-mail and password; a mail with a link follows',
    z.strictObject({ email: Email, password: Password, name: Name, invitation: Word.optional() }),
  ),
  responses: {
    202: { description: 'Look in the mail. The same answer, whether the address was registered before or not.' },
    ...refusals,
  },
})
const verifyRoute = createRoute({
  ...post('/auth/verify', 'Confirm an address with the word of the mail, and sign in', z.strictObject({ token: Word })),
  responses: outcomes,
})
const resendRoute = createRoute({
  ...post('/auth/verify/resend', 'Ask for that mail again', z.strictObject({ email: Email })),
  responses: { ...mailed, ...refusals },
})
const signInRoute = createRoute({
  ...post(
    '/auth/sign-in/email',
    'Sign in with e-mail and password',
    z.strictObject({ email: Email, password: GivenPassword }),
  ),
  responses: outcomes,
})
const secondFactorRoute = createRoute({
  ...post(
    '/auth/sign-in/second-factor',
    'The code of the authenticator app, or a backup code, after the password',
    z.strictObject({ code: Code, kind: z.enum(['totp', 'backup']).default('totp') }),
  ),
  responses: { 200: answer('Signed in', SignedIn), ...unauthenticated, ...refusals },
})
const sendLinkRoute = createRoute({
  ...post('/auth/sign-in/link', 'Ask for a link by mail that signs in', z.strictObject({ email: Email })),
  responses: { ...mailed, ...refusals },
})
const useLinkRoute = createRoute({
  ...post('/auth/sign-in/link/use', 'Sign in with the word of that mail', z.strictObject({ token: Word })),
  responses: outcomes,
})
const sendResetRoute = createRoute({
  ...post('/auth/reset', 'Ask for a link by mail to choose a new password', z.strictObject({ email: Email })),
  responses: { ...mailed, ...refusals },
})
const resetRoute = createRoute({
  ...post(
    '/auth/reset/use',
    'Choose a new password with the word of that mail; every sign-in ends',
    z.strictObject({ token: Word, password: Password }),
  ),
  responses: { 204: { description: 'Changed' }, ...refusals },
})
const askPasskeyRoute = createRoute({
  method: 'post',
  path: '/auth/sign-in/passkey/options',
  tags,
  summary: 'What `navigator.credentials.get` is to be asked',
  responses: { 200: answer('WebAuthn options', z.record(z.string(), z.unknown())), ...refusals },
})
const passkeyRoute = createRoute({
  ...post('/auth/sign-in/passkey', 'Sign in with a passkey', z.strictObject({ response: PasskeyAnswer })),
  responses: { 200: answer('Signed in', SignedIn), ...unauthenticated, ...refusals },
})
const elsewhereRoute = createRoute({
  ...post(
    '/auth/sign-in/elsewhere',
    'Sign in with an account elsewhere: where to send the browser',
    z.strictObject({
      provider: Provider,
      next: Next.default('/'),
    }),
  ),
  responses: { 200: answer('Where', z.object({ url: z.string() })), ...refusals },
})
const callbackRoute = createRoute({
  method: 'get',
  path: '/auth/callback/{provider}',
  tags,
  summary: 'Where the browser comes back to from elsewhere',
  request: { params: z.object({ provider: z.string().max(40) }) },
  responses: { 302: { description: 'To the page it set out from, or to /sign-in with an `error`' }, ...refusals },
})
const waysRoute = createRoute({
  method: 'get',
  path: '/auth/ways',
  tags,
  summary: 'Which ways to register and to sign in this node offers',
  responses: {
    200: answer(
      'The ways',
      z
        .object({
          signUp: z.enum(['open', 'invitation', 'closed']),
          elsewhere: z.array(z.object({ provider: z.string(), name: z.string() })),
        })
        .openapi('SignInWays'),
    ),
    ...refusals,
  },
})
const newAddressRoute = createRoute({
  ...post(
    '/auth/new-address',
    'Give an account its new e-mail address with the word of the mail sent there',
    z.strictObject({ token: Word }),
  ),
  responses: { 204: { description: 'It is the address from now on' }, ...conflict, ...refusals },
})
const signOutRoute = createRoute({
  method: 'post',
  path: '/auth/sign-out',
  tags,
  summary: 'End this sign-in',
  security: [{}, ...signedIn],
  responses: { 204: { description: 'Signed out' }, ...refusals },
})
const changePasswordRoute = createRoute({
  ...post(
    '/auth/change-password',
    'Change the password; every other sign-in ends',
    z.strictObject({ currentPassword: GivenPassword, newPassword: Password }),
  ),
  security: signedIn,
  responses: { 204: { description: 'Changed' }, ...unauthenticated, ...refusals },
})

const NAMES = { google: 'Google', facebook: 'Facebook', twitter: 'X', github: 'GitHub' }

/** Where a password, a code or a word may be guessed, or mail be set off. */
const GUESSABLE = [
  ...['sign-up/email', 'verify', 'verify/resend', 'reset', 'reset/use', 'change-password'],
  ...['sign-in/email', 'sign-in/second-factor', 'sign-in/link', 'sign-in/link/use', 'sign-in/passkey'],
  ...['sign-in/elsewhere', 'new-address'],
]

/** Registering and signing in, by every way this node offers. */
export function signInRoutes({ accounts, limited }: { accounts: Accounts; limited: MiddlewareHandler<HttpEnv> }) {
  const { registration, settings } = accounts
  const router = createRouter()
  for (const path of GUESSABLE) router.use(`/auth/${path}`, limited)
  // No guess, but each leaves a row until it is used or over.
  router.use('/auth/sign-in/passkey/options', limitRate(createRateLimit({ points: 30, seconds: 60 })))

  return router
    .openapi(signUpRoute, async (c) => {
      const { invitation, ...person } = c.req.valid('json')
      await accounts.register(person, invitation)
      return c.body(null, 202)
    })
    .openapi(verifyRoute, async (c) => {
      const userId = await registration.take(c.req.valid('json').token, 'verify')
      return answerBegun(c, accounts, await accounts.signInByLink(userId, c.req.raw.headers))
    })
    .openapi(resendRoute, async (c) => {
      await registration.sendVerification(c.req.valid('json').email)
      return c.body(null, 202)
    })
    .openapi(signInRoute, async (c) =>
      answerBegun(c, accounts, await accounts.signIn(c.req.valid('json'), c.req.raw.headers)),
    )
    .openapi(secondFactorRoute, async (c) => {
      const begun = await accounts.giveSecondFactor(c.req.valid('json'), c.req.raw.headers)
      return answerSignedIn(c, accounts, begun)
    })
    .openapi(sendLinkRoute, async (c) => {
      await registration.sendSignInLink(c.req.valid('json').email)
      return c.body(null, 202)
    })
    .openapi(useLinkRoute, async (c) => {
      const userId = await registration.take(c.req.valid('json').token, 'sign_in')
      return answerBegun(c, accounts, await accounts.signInByLink(userId, c.req.raw.headers))
    })
    .openapi(sendResetRoute, async (c) => {
      await registration.sendReset(c.req.valid('json').email)
      return c.body(null, 202)
    })
    .openapi(resetRoute, async (c) => {
      const { token, password } = c.req.valid('json')
      await accounts.reset(token, password)
      return c.body(null, 204)
    })
    .openapi(askPasskeyRoute, async (c) => {
      const { options, cookies } = await accounts.askForPasskey(c.req.raw.headers)
      setCookies(c, cookies)
      return c.json({ ...options }, 200)
    })
    .openapi(passkeyRoute, async (c) => {
      const begun = await accounts.signInByPasskey(c.req.valid('json').response, c.req.raw.headers)
      return answerSignedIn(c, accounts, begun)
    })
    .openapi(elsewhereRoute, async (c) => {
      const { url, cookies } = await accounts.goElsewhere(c.req.valid('json'), c.req.raw.headers)
      setCookies(c, cookies)
      return c.json({ url }, 200)
    })
    .openapi(callbackRoute, (c) => accounts.comeBack(c.req.raw))
    .openapi(waysRoute, (c) => {
      const known = settings.providers.map(({ provider }) => ({ provider, name: NAMES[provider] }))
      const own = settings.oidc ? [{ provider: 'oidc', name: settings.oidc.name }] : []
      return c.json({ signUp: settings.signUp, elsewhere: [...known, ...own] }, 200)
    })
    .openapi(newAddressRoute, async (c) => {
      await accounts.takeNewAddress(c.req.valid('json').token)
      return c.body(null, 204)
    })
    .openapi(signOutRoute, async (c) => {
      setCookies(c, await accounts.signOut(c.req.raw.headers))
      return c.body(null, 204)
    })
    .openapi(changePasswordRoute, async (c) => {
      await accounts.changePassword(requireUser(c), c.req.valid('json'), c.req.raw.headers)
      return c.body(null, 204)
    })
}

interface Begun {
  cookies: string[]
  token: string | null
}

/** Signed in, or half-way: the cookie of the second step is set and the answer says that a code is wanted. */
async function answerBegun(c: Context<HttpEnv>, accounts: Accounts, begun: Begun) {
  if (begun.token !== null) return answerSignedIn(c, accounts, begun)
  setCookies(c, begun.cookies)
  return c.json({ secondFactor: true } as const, 202)
}

export async function answerSignedIn(c: Context<HttpEnv>, accounts: Accounts, begun: Begun) {
  return c.json(await signedInAs(c, accounts, begun), 200)
}

export async function signedInAs(c: Context<HttpEnv>, accounts: Accounts, { cookies, token }: Begun) {
  if (token === null) throw new Error('a sign-in ended without a word')
  setCookies(c, cookies)
  if (accounts.settings.keepAddresses) await accounts.signIns.noteAddress(token, c.get('address'))
  const user = await accounts.userOf(new Headers({ authorization: `Bearer ${token}` }))
  return { user: user!, token } // who just signed in is there
}

export function setCookies(c: Context<HttpEnv>, cookies: string[]): void {
  for (const cookie of cookies) c.header('Set-Cookie', cookie, { append: true })
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}
