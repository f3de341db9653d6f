import { passkey } from '@better-auth/passkey'
import { hash, verify } from '@node-rs/argon2'
import { APIError, type BetterAuthPlugin, betterAuth } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { bearer } from 'better-auth/plugins/bearer'
import { genericOAuth } from 'better-auth/plugins/generic-oauth'
import { twoFactor } from 'better-auth/plugins/two-factor'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { DomainError, type RefusalKind } from '../platform/errors.ts'
import { isOurOrigin, SIGN_IN_COOKIE } from '../platform/http.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { Secret } from '../platform/secret.ts'
import * as tables from './auth-tables.ts'
import { PASSWORD } from './passwords.ts'

export type Auth = ReturnType<typeof createAuth>

/** Where people may have an account already; `twitter` is X. */
export interface Elsewhere {
  providers: { provider: 'google' | 'facebook' | 'twitter' | 'github'; clientId: string; clientSecret: Secret }[]
  oidc: { issuer: string; name: string; clientId: string; clientSecret: Secret } | null
}

interface AuthOptions {
  authDb: Kysely<unknown>
  secret: Secret
  publicUrl: string
  logger: Logger
  elsewhere: Elsewhere
  /** Whether an account elsewhere may become a new one here. */
  isSignUpOpen: boolean
  /** Throws when this person may not sign in now, by this way. */
  admit(userId: string, way: SignInWay): Promise<void>
  /** An account elsewhere opens this one from now on. */
  onLinked(userId: string, provider: string): Promise<void>
}

export type SignInWay = 'password' | 'elsewhere' | 'other'

/** What a browser's authenticator says when it is asked for a passkey (WebAuthn level 3, section 5.1.4). */
export interface PasskeyAnswer {
  id: string
  rawId: string
  type: 'public-key'
  clientExtensionResults: Record<string, never>
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string }
}

/** A sign-in begun: its cookies and its word; or only cookies, and a code is wanted first. */
export type Begun = { cookies: string[]; token: string } | { cookies: string[]; token: null }

const DAY_SECONDS = 24 * 60 * 60

/**
 * The auth library, walled in: it checks passwords, codes and passkeys, makes and reads sign-ins, and works on our
 * tables under our names. Rate limits, mailed links and client addresses stay ours: it is not told the address, since
 * addresses are kept only where an operator asked for it.
 */
export function createAuth(options: AuthOptions) {
  const { authDb, secret, publicUrl, logger, elsewhere, isSignUpOpen, admit, onLinked } = options
  const auth = betterAuth({
    appName: 'Footlight',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret: secret.reveal(),
    // Said to be PostgreSQL on either database, so that it hands over dates and booleans: db/plain-values.ts turns them.
    database: { db: authDb, type: 'postgres', transaction: false },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    trustedOrigins: (request) => {
      const origin = request?.headers.get('origin')
      return request && origin && isOurOrigin(origin, request.url, publicUrl) ? [origin] : []
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true, // people are made by accounts.ts
      minPasswordLength: PASSWORD.min,
      maxPasswordLength: PASSWORD.max,
      password: { hash: hashPassword, verify: ({ hash: kept, password }) => verify(kept, password) },
    },
    socialProviders: Object.fromEntries(
      elsewhere.providers.map(({ provider, clientId, clientSecret }) => [
        provider,
        { clientId, clientSecret: clientSecret.reveal(), disableSignUp: !isSignUpOpen },
      ]),
    ),
    user: tables.user,
    session: { ...tables.signIns, expiresIn: 30 * DAY_SECONDS, updateAge: DAY_SECONDS },
    account: { ...tables.credentials, updateAccountOnSignIn: false, accountLinking: LINKING },
    verification: tables.verification,
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }, context) => {
            await admit(userId, wayOf(context?.path))
          },
        },
      },
      user: {
        create: {
          // Only who comes from elsewhere is made by the library.
          before: async (person) => ({
            data: { ...person, name: (person.name.trim() || person.email.split('@')[0]!).slice(0, 80) },
          }),
        },
      },
      account: {
        create: {
          // Who somebody is there is all we want to know; we never act there on their behalf.
          before: async (account) => ({ data: { ...account, accessToken: null, refreshToken: null, idToken: null } }),
          after: ({ userId, providerId }) => onLinked(userId, providerId),
        },
      },
    },
    advanced: {
      database: { generateId: () => newId(), validateSchema: false },
      ipAddress: { disableIpTracking: true },
      useSecureCookies: publicUrl.startsWith('https:'),
      cookiePrefix: 'footlight',
      cookies: { session_token: { name: SIGN_IN_COOKIE } },
    },
    plugins: [
      byLink,
      secondFactor(),
      passkey({ rpName: 'Footlight', schema: tables.passkey }),
      genericOAuth({
        config: elsewhere.oidc
          ? [
              {
                providerId: 'oidc',
                discoveryUrl: `${elsewhere.oidc.issuer}/.well-known/openid-configuration`,
                requireIdTokenVerification: true,
                clientId: elsewhere.oidc.clientId,
                clientSecret: elsewhere.oidc.clientSecret.reveal(),
                scopes: ['openid', 'email', 'profile'],
                disableSignUp: !isSignUpOpen,
              },
            ]
          : [],
      }),
      // A bearer word is signed: one read from a backup of the table opens nothing. The last one: it hands out the word
      // of whatever sign-in the others have left standing.
      bearer({ requireSignature: true }),
    ],
    onAPIError: { throw: true, errorURL: `${publicUrl}/sign-in` },
    logger: {
      log: (level, message) => logger[level === 'error' ? 'warn' : 'debug']({ from: 'better-auth' }, message),
    },
  })

  /** The id of who these headers (cookie or bearer word) belong to. */
  async function userIdOf(headers: Headers): Promise<string | null> {
    const found = await auth.api.getSession({ headers })
    return found?.user.id ?? null
  }

  /** A new sign-in: the cookie for a browser, and the same proof as a word for everything else. */
  async function signIn(body: { email: string; password: string }, headers: Headers): Promise<Begun> {
    return begun(() => auth.api.signInEmail({ body, headers: withoutProof(headers), returnHeaders: true }))
  }

  /** For somebody who proved by a mailed link who they are; a second factor is asked for as after a password. */
  async function signInByLink(userId: string, headers: Headers): Promise<Begun> {
    return begun(() => auth.api.signInByLink({ body: { userId }, headers: withoutProof(headers), returnHeaders: true }))
  }

  /** The code of the authenticator app, or one of the backup codes, ends what the password began. */
  async function giveSecondFactor({ code, kind }: { code: string; kind: 'totp' | 'backup' }, headers: Headers) {
    const body = { code }
    const half = withoutSignIn(headers)
    if (kind === 'totp') return begun(() => auth.api.verifyTOTP({ body, headers: half, returnHeaders: true }))
    return begun(() => auth.api.verifyBackupCode({ body, headers: half, returnHeaders: true }))
  }

  /** The secret for the authenticator app, and codes for the day it is lost. Nothing is on before `confirmTotp`. */
  async function beginTotp(password: string, headers: Headers) {
    const made = await translate(() => auth.api.enableTwoFactor({ body: { password, method: 'totp' }, headers }))
    if (made.method !== 'totp') throw new Error('the auth library made another second factor than was asked for')
    return { uri: made.totpURI, backupCodes: made.backupCodes }
  }

  async function confirmTotp(code: string, headers: Headers): Promise<string[]> {
    const answer = await translate(() => auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }))
    return answer.headers.getSetCookie()
  }

  async function endTotp(password: string, headers: Headers): Promise<string[]> {
    const answer = await translate(() =>
      auth.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }),
    )
    return answer.headers.getSetCookie()
  }

  async function newBackupCodes(password: string, headers: Headers): Promise<string[]> {
    const { backupCodes } = await translate(() => auth.api.generateBackupCodes({ body: { password }, headers }))
    return backupCodes
  }

  /** What the browser's authenticator is asked, and the cookie that remembers the question. */
  async function askForNewPasskey(headers: Headers) {
    const { response, headers: set } = await translate(() =>
      auth.api.generatePasskeyRegistrationOptions({ headers, returnHeaders: true }),
    )
    return { options: response, cookies: set.getSetCookie() }
  }

  async function addPasskey(given: { response: unknown; name: string }, headers: Headers): Promise<void> {
    await translate(() => auth.api.verifyPasskeyRegistration({ body: given, headers }))
  }

  async function askForPasskey(headers: Headers) {
    const { response, headers: set } = await translate(() =>
      auth.api.generatePasskeyAuthenticationOptions({ headers: withoutProof(headers), returnHeaders: true }),
    )
    return { options: response, cookies: set.getSetCookie() }
  }

  async function signInByPasskey(response: PasskeyAnswer, headers: Headers): Promise<Begun> {
    const call = { body: { response }, headers: withoutSignIn(headers), returnHeaders: true } as const
    return begun(() => auth.api.verifyPasskeyAuthentication(call))
  }

  /** Where to send the browser, and the cookie that will know it when it comes back. */
  async function goElsewhere({ provider, next }: { provider: string; next: string }, headers: Headers) {
    const body = { provider, callbackURL: next, errorCallbackURL: '/sign-in', disableRedirect: true }
    const { response, headers: set } = await translate(() =>
      auth.api.signInSocial({ body, headers: withoutProof(headers), returnHeaders: true }),
    )
    if (!response.url)
      throw new DomainError('unavailable', 'no_such_provider', 'This way to sign in does not work now.')
    return { url: response.url, cookies: set.getSetCookie() }
  }

  /** The same for somebody who is signed in and wants that account to open this one as well. */
  async function goLink(provider: string, headers: Headers) {
    const body = { provider, callbackURL: '/account', errorCallbackURL: '/account', disableRedirect: true }
    const { response, headers: set } = await translate(() =>
      auth.api.linkSocialAccount({ body, headers, returnHeaders: true }),
    )
    return { url: response.url, cookies: set.getSetCookie() }
  }

  /** The browser comes back from elsewhere: always a redirect, to a page of ours. */
  async function comeBack(request: Request): Promise<Response> {
    try {
      return await auth.handler(request)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      return new Response(null, { status: 302, headers: { location: `/sign-in?error=${error.code}` } })
    }
  }

  /** Whether this is the person's password; for acts that ask for it once more. */
  async function isPassword(password: string, headers: Headers): Promise<boolean> {
    return isRight(async () => (await auth.api.verifyPassword({ body: { password }, headers })).status)
  }

  /** The same of a code of the authenticator app, or of a backup code, which is used up. */
  async function isCode(code: string, headers: Headers): Promise<boolean> {
    const verify = /^\d{6}$/.test(code) ? auth.api.verifyTOTP : auth.api.verifyBackupCode
    return isRight(async () => (await verify({ body: { code }, headers })) !== null)
  }

  /** The id of the sign-in itself, to tell it from the person's others. */
  async function signInIdOf(headers: Headers): Promise<string | null> {
    const found = await auth.api.getSession({ headers })
    return found?.session.id ?? null
  }

  /** Ends the sign-in these headers belong to; the cookies say so to the browser. */
  async function signOut(headers: Headers): Promise<string[]> {
    const answer = await translate(() => auth.api.signOut({ headers, returnHeaders: true }))
    return answer.headers.getSetCookie()
  }

  return {
    userIdOf,
    signInIdOf,
    isPassword,
    isCode,
    signIn,
    signInByLink,
    giveSecondFactor,
    beginTotp,
    confirmTotp,
    endTotp,
    newBackupCodes,
    askForNewPasskey,
    addPasskey,
    askForPasskey,
    signInByPasskey,
    goElsewhere,
    goLink,
    comeBack,
    signOut,
  }
}

/** Who links two accounts of theirs by hand may have different addresses; by itself only a verified, equal one links. */
const LINKING = { allowDifferentEmails: true }

async function isRight(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof APIError && error.statusCode < 500) return false
    throw error
  }
}

function wayOf(path: string | undefined): SignInWay {
  if (path === '/sign-in/email') return 'password'
  return path?.startsWith('/callback') ? 'elsewhere' : 'other'
}

const LINK_PATH = '/sign-in/by-link'

/** Signs in who followed a link of ours. Never reachable over HTTP: only paths the routes name lead to the library. */
const byLink = {
  id: 'by-link',
  endpoints: {
    signInByLink: createAuthEndpoint(
      LINK_PATH,
      { method: 'POST', body: z.object({ userId: z.string() }) },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId)
        if (!user) throw APIError.from('UNAUTHORIZED', { code: 'NO_SUCH_USER', message: 'There is no such account.' })
        const session = await ctx.context.internalAdapter.createSession(user.id)
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ userId: user.id })
      },
    ),
  },
} satisfies BetterAuthPlugin

/** The library asks for the code after a password only; a mailed link is no more than a password either. */
function secondFactor() {
  const plugin = twoFactor({ schema: tables.twoFactor, backupCodeOptions: { amount: 10, length: 10 } })
  const [after] = plugin.hooks.after
  if (!after) throw new Error('the auth library does not ask for second factors any more')
  return {
    ...plugin,
    hooks: { after: [{ ...after, matcher: ({ path }: { path?: string }) => ASKING.has(path ?? '') }] },
  }
}

const ASKING = new Set(['/sign-in/email', LINK_PATH])

/** argon2id with the library's parameters (19 MiB, 2 passes: OWASP's minimum), off the main thread. */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

const KINDS: Record<number, RefusalKind> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
}
const Refusal = z.object({ code: z.string(), message: z.string() })

/** The library's refusals become ours. */
async function translate<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof APIError) || error.statusCode >= 500) throw error
    const { code, message } = Refusal.catch({ code: 'refused', message: error.message }).parse(error.body)
    throw new DomainError(KINDS[error.statusCode] ?? 'invalid', code.toLowerCase(), message)
  }
}

async function begun<Answer extends { headers: Headers }>(call: () => Promise<Answer>): Promise<Begun> {
  const { headers } = await translate(call)
  const word = headers.get('set-auth-token')
  return { cookies: headers.getSetCookie(), token: word && decodeURIComponent(word) }
}

// Whoever signs in shows a password; what they were before has no say in it.
function withoutProof(headers: Headers): Headers {
  const rest = new Headers(headers)
  rest.delete('cookie')
  rest.delete('authorization')
  return rest
}

// The same, where a cookie of the first step (the password given, the passkey asked for) is needed.
function withoutSignIn(headers: Headers): Headers {
  const rest = new Headers(headers)
  rest.delete('authorization')
  const cookies = (headers.get('cookie') ?? '').split(/;\s*/).filter((pair) => !pair.includes(`${SIGN_IN_COOKIE}=`))
  rest.set('cookie', cookies.join('; '))
  return rest
}
