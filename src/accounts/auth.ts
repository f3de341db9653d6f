import { hash, verify } from '@node-rs/argon2'
import { APIError, betterAuth } from 'better-auth'
import { bearer } from 'better-auth/plugins/bearer'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { DomainError, type RefusalKind } from '../platform/errors.ts'
import { isOurOrigin, SIGN_IN_COOKIE } from '../platform/http.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { Secret } from '../platform/secret.ts'

export type Auth = ReturnType<typeof createAuth>

interface AuthOptions {
  authDb: Kysely<unknown>
  secret: Secret
  publicUrl: string
  logger: Logger
  /** Throws when this person may not sign in now. */
  admit(userId: string): Promise<void>
}

const DAY_SECONDS = 24 * 60 * 60

/**
 * The auth library, walled in: it checks passwords, makes and reads sign-ins, and works on our tables under our names
 * (its `session` is our `sign_in`, its `account` our `credential`). Rate limits and client addresses stay ours: it
 * is not told the address, since addresses are kept only where an operator asked for it.
 */
export function createAuth({ authDb, secret, publicUrl, logger, admit }: AuthOptions) {
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
    user: {
      modelName: 'user',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      modelName: 'sign_in',
      expiresIn: 30 * DAY_SECONDS,
      updateAge: DAY_SECONDS,
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    account: {
      modelName: 'credential',
      fields: {
        userId: 'user_id',
        providerId: 'provider_id',
        accountId: 'account_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: { fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' } },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }) => {
            await admit(userId)
          },
        },
      },
    },
    advanced: {
      database: { generateId: () => newId(), validateSchema: false },
      ipAddress: { disableIpTracking: true },
      useSecureCookies: publicUrl.startsWith('https:'),
      cookies: { session_token: { name: SIGN_IN_COOKIE } },
    },
    // A bearer word is signed: one read from a backup of the table opens nothing.
    plugins: [bearer({ requireSignature: true })],
    onAPIError: { throw: true },
    logger: {
      log: (level, message) => logger[level === 'error' ? 'error' : 'debug']({ from: 'better-auth' }, message),
    },
  })

  /** The id of who these headers (cookie or bearer word) belong to. */
  async function userIdOf(headers: Headers): Promise<string | null> {
    const found = await auth.api.getSession({ headers })
    return found?.user.id ?? null
  }

  /** A new sign-in: the cookie for a browser, and the same proof as a word for everything else. */
  async function signIn(credentials: { email: string; password: string }, headersOfRequest: Headers) {
    const { headers } = await translate(() =>
      auth.api.signInEmail({ body: credentials, headers: withoutProof(headersOfRequest), returnHeaders: true }),
    )
    return { cookies: headers.getSetCookie(), token: decodeURIComponent(headers.get('set-auth-token') ?? '') }
  }

  /** Ends the sign-in these headers belong to; the cookies say so to the browser. */
  async function signOut(headers: Headers): Promise<string[]> {
    const answer = await translate(() => auth.api.signOut({ headers, returnHeaders: true }))
    return answer.headers.getSetCookie()
  }

  /** Every other sign-in of this person ends with the old password. */
  async function changePassword(change: { currentPassword: string; newPassword: string }, headers: Headers) {
    const body = { ...change, revokeOtherSessions: true }
    const answer = await translate(() => auth.api.changePassword({ body, headers, returnHeaders: true }))
    return { cookies: answer.headers.getSetCookie() }
  }

  return { userIdOf, signIn, signOut, changePassword }
}

export const PASSWORD = { min: 8, max: 128 }

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

// Whoever signs in shows a password; what they were before has no say in it.
function withoutProof(headers: Headers): Headers {
  const rest = new Headers(headers)
  rest.delete('cookie')
  rest.delete('authorization')
  return rest
}
