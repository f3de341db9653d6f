import type { Http2Bindings, HttpBindings } from '@hono/node-server'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type AddressOf, networkOf } from './client-address.ts'
import { DomainError, type RefusalKind } from './errors.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import type { RateLimit } from './rate-limit.ts'
import type { User } from './user.ts'

export interface HttpEnv {
  Bindings: Partial<HttpBindings | Http2Bindings>
  Variables: { requestId: string; logger: Logger; address: string; user: User | null }
}

const STATUS: Record<RefusalKind, ContentfulStatusCode> = {
  bad_request: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  payment_required: 402,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  unavailable: 503,
}

/** What every refusal looks like. */
export const ErrorAnswer = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'not_found', description: 'Stable, for machines.' }),
      message: z.string().openapi({ description: 'Fit to show a person.' }),
      details: z.unknown().optional(),
      requestId: z.string(),
    }),
  })
  .openapi('Error')

/** Its name over plain HTTP; a browser sees `__Secure-` before it over HTTPS. */
export const SIGN_IN_COOKIE = 'footlight_sign_in'

/** Either the browser's sign-in cookie or `Authorization: Bearer`. */
export const signedIn: Record<string, string[]>[] = [{ signInCookie: [] }, { bearer: [] }]

/** A room's routes: what comes in is checked against the route's schemas, and what does not fit is 422. */
export function createRouter() {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const details = result.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
      throw new DomainError('invalid', 'invalid_input', 'Something in this request is not as it should be.', details)
    },
  })
}

export type Router = ReturnType<typeof createRouter>

/** The JSON body of a route. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

/** The body of a route that takes a picture: the file itself, as a browser sends it, read with `bytesOf`. */
export function pictureBody(most: string) {
  const schema = z.any().openapi({ type: 'string', format: 'binary', description: `At most ${most}.` })
  return {
    required: true,
    content: { 'image/jpeg': { schema }, 'image/png': { schema }, 'image/webp': { schema } },
  } as const
}

export async function bytesOf(request: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await request.arrayBuffer())
}

/** The JSON answer of a route. */
export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } } as const
}

const refused = { content: { 'application/json': { schema: ErrorAnswer } } } as const

/** What any route may answer besides its own: spread it into `responses`. */
export const refusals = {
  403: { description: 'Not allowed', ...refused },
  422: { description: 'Not as it should be', ...refused },
  429: { description: 'Too many requests; `Retry-After` says when to come back', ...refused },
  500: { description: 'A fault on our side; the request id leads to it in the log', ...refused },
} as const
export const unauthenticated = { 401: { description: 'Sign in first', ...refused } } as const
export const paymentRequired = { 402: { description: 'Somebody has to pay for it first', ...refused } } as const
export const notFound = { 404: { description: 'There is no such thing', ...refused } } as const
export const conflict = { 409: { description: 'Taken, or changed by someone else meanwhile', ...refused } } as const

export function requireUser(c: Context<HttpEnv>): User {
  const user = c.get('user')
  if (!user) throw new DomainError('unauthenticated', 'unauthenticated', 'Sign in first.')
  return user
}

/** Request id, logger, the caller's address, and headers that every answer of the API carries. */
export function openRequest({
  logger,
  addressOf,
}: {
  logger: Logger
  addressOf: AddressOf
}): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const requestId = newId()
    c.set('requestId', requestId)
    c.set('logger', logger.child({ requestId }))
    c.set('address', addressOf(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for')))
    c.set('user', null)
    c.header('X-Request-Id', requestId)
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'strict-origin-when-cross-origin')
    await next()
  }
}

/** Answers of the API are for one person and one moment. */
export const neverStored: MiddlewareHandler = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  await next()
}

const NUL_IN_JSON = '\\u0000'

/** No text here holds a NUL: PostgreSQL keeps none, and files are named up to it. */
export const refuseNulInAddress: MiddlewareHandler = async (c, next) => {
  if (c.req.url.includes('%00')) throw holdsNul()
  await next()
}

/** The same of a JSON body; its length is limited before. */
export const refuseNulInBody: MiddlewareHandler = async (c, next) => {
  const isJson = c.req.header('content-type')?.includes('json') ?? false
  if (isJson && (await c.req.text()).includes(NUL_IN_JSON)) throw holdsNul()
  await next()
}

/** And of what came by a socket. */
export function requireNoNul(payload: unknown): void {
  if (JSON.stringify(payload)?.includes(NUL_IN_JSON)) throw holdsNul()
}

function holdsNul(): DomainError {
  return new DomainError('invalid', 'invalid_input', 'No text may hold a NUL.')
}

/** Finds out who is asking. Without a cookie or a bearer word nobody is looked up. */
export function findUser(userOf: (headers: Headers) => Promise<User | null>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.req.header('cookie') || c.req.header('authorization')) {
      const found = await userOf(c.req.raw.headers)
      const user = found && { ...found, address: c.get('address') }
      c.set('user', user)
      if (user) c.set('logger', c.get('logger').child({ userId: user.id }))
    }
    await next()
  }
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A write must come from a page of ours: a browser sends the cookie for a stranger's page as well, and only `Origin`
 * tells the two apart. A program names no origin and shows no cookie; a bearer word no browser sends on its own.
 */
export function sameOrigin(publicUrl: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!READS.has(c.req.method) && !isOurs(c, publicUrl)) {
      throw new DomainError('forbidden', 'wrong_origin', 'This request did not come from a page of this site.')
    }
    await next()
  }
}

function isOurs(c: Context, publicUrl: string): boolean {
  const origin = c.req.header('origin')
  const hasCookie = c.req.header('cookie') !== undefined
  if (!hasCookie && (origin === undefined || c.req.header('authorization'))) return true
  if (origin === undefined) return c.req.header('sec-fetch-site') === 'same-origin'
  return isOurOrigin(origin, c.req.url, publicUrl)
}

/** The node's public address, or whatever name it was called by: it answers to `http://192.168.1.5:8080` as well. */
export function isOurOrigin(origin: string, url: string, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false
  return origin === new URL(publicUrl).origin || new URL(origin).host === new URL(url).host
}

/** Counted by address, an IPv6 network as one. */
export function limitRate(limit: RateLimit): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await limit.take(networkOf(c.get('address')))
    await next()
  }
}

export function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new HTTPException(413, { message: `A request may hold ${maxSize} bytes.` })
    },
  })
}

/** The one place where what was thrown becomes an answer. A fault is logged; the outside sees only its request id. */
export const onError: ErrorHandler<HttpEnv> = (error, c) => {
  if (error instanceof DomainError) {
    const { details, code, message } = error
    if (isRecord(details) && 'retryAfterSeconds' in details) c.header('Retry-After', String(details.retryAfterSeconds))
    return refuse(c, STATUS[error.kind], { code, message, details })
  }
  if (error instanceof HTTPException) {
    return refuse(c, error.status, { code: CODES[error.status] ?? 'refused', message: error.message })
  }
  c.get('logger').error({ err: error, method: c.req.method, path: c.req.path }, 'request failed')
  return refuse(c, 500, { code: 'internal', message: 'Something went wrong on our side.' })
}

const CODES: Record<number, string> = { 400: 'bad_request', 413: 'too_large', 415: 'unsupported_media_type' }

function refuse(
  c: Context<HttpEnv>,
  status: ContentfulStatusCode | HTTPException['status'],
  error: { code: string; message: string; details?: unknown },
) {
  return c.json({ error: { ...error, requestId: c.get('requestId') } }, status as ContentfulStatusCode)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
