import type { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { AddressOf } from './client-address.ts'
import { DomainError } from './errors.ts'
import {
  createRouter,
  findUser,
  type HttpEnv,
  limitBody,
  limitRate,
  neverStored,
  onError,
  openRequest,
  type Router,
  refuseNulInAddress,
  refuseNulInBody,
  SIGN_IN_COOKIE,
  sameOrigin,
} from './http.ts'
import type { Logger } from './logger.ts'
import { createRateLimit } from './rate-limit.ts'
import { requireScope, scopeOf } from './scopes.ts'
import type { User } from './user.ts'

interface ApiOptions {
  logger: Logger
  addressOf: AddressOf
  publicUrl: string
  requestsPerMinute: number
  userOf(headers: Headers): Promise<User | null>
  routes: Router[]
}

/** No request of the API is longer, but for a picture. */
const MAX_BODY = 64 * 1024
const MAX_PICTURE = 8 * 1024 * 1024
const PICTURE = /^\/api\/(?:channels|sessions|shows)\/[^/]+\/picture$/

/** The API under `/api`, its document at `/api/openapi.json`, and what every request goes through on its way. */
export function createApi({ logger, addressOf, publicUrl, requestsPerMinute, userOf, routes }: ApiOptions) {
  const app = createRouter()
  app.onError(onError)
  app.use(openRequest({ logger, addressOf }), refuseNulInAddress)
  const limit = createRateLimit({ points: requestsPerMinute, seconds: 60 })
  app.use(
    '/api/*',
    neverStored,
    limitRate(limit),
    limitLength,
    refuseNulInBody,
    sameOrigin(publicUrl),
    findUser(userOf),
  )
  app.use('/api/*', limitKeys(app))
  for (const router of routes) app.route('/api', router as OpenAPIHono<HttpEnv>)
  describe(app, publicUrl)
  app.notFound(() => {
    throw new DomainError('not_found', 'no_such_address', 'There is nothing at this address.')
  })
  return app
}

const [short, long] = [limitBody(MAX_BODY), limitBody(MAX_PICTURE)]
const limitLength: MiddlewareHandler<HttpEnv> = (c, next) => (PICTURE.test(c.req.path) ? long : short)(c, next)

/** Who came with an API key may do what its scopes name; a sign-in has none and may do all its person may. */
function limitKeys({ openAPIRegistry }: OpenAPIHono<HttpEnv>): MiddlewareHandler<HttpEnv> {
  let wanted: ReturnType<typeof scopeOf> | null = null
  return async (c, next) => {
    const scopes = c.get('user')?.scopes
    if (scopes) {
      wanted ??= scopeOf(openAPIRegistry.definitions as Parameters<typeof scopeOf>[0]) // only routes are looked at
      const path = matchedRoutes(c).findLast((route) => !route.path.endsWith('*'))?.path ?? ''
      requireScope(scopes, wanted(c.req.method, path))
    }
    await next()
  }
}

function describe(app: OpenAPIHono<HttpEnv>, publicUrl: string): void {
  const { openAPIRegistry } = app
  openAPIRegistry.registerComponent('securitySchemes', 'signInCookie', {
    type: 'apiKey',
    in: 'cookie',
    name: SIGN_IN_COOKIE,
    description: 'Set by signing in. Writes with it must come from a page of this site (`Origin`).',
  })
  openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'The word a sign-in gives, or an API key (`/account/api-keys`) with the scope `<first tag>:read|write`.',
  })
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Footlight', version: '1', description: 'Everything a page of this node can do, a program can do.' },
    servers: [{ url: publicUrl }],
  })
}
