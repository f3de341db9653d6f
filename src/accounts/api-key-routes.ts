import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  conflict,
  createRouter,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { SCOPES } from '../platform/scopes.ts'
import type { Accounts } from './accounts.ts'
import type { ApiKey } from './api-keys.ts'
import { iso } from './sign-in-routes.ts'

const tags = ['account']
const Path = z.strictObject({ id: z.string().min(1).max(64) })

const ApiKeyView = z
  .object({
    id: z.string(),
    label: z.string(),
    publicId: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi('ApiKey')

const listRoute = createRoute({
  method: 'get',
  path: '/account/api-keys',
  tags,
  summary: 'My API keys, and what such keys may do',
  security: signedIn,
  responses: {
    200: answer('The keys', z.object({ apiKeys: z.array(ApiKeyView), scopes: z.array(z.enum(SCOPES)) })),
    ...unauthenticated,
    ...refusals,
  },
})

const createKeyRoute = createRoute({
  method: 'post',
  path: '/account/api-keys',
  tags,
  summary: 'A new API key for a program; shown this once',
  security: signedIn,
  request: {
    body: json(
      z.strictObject({
        label: z.string().trim().min(1).max(60),
        scopes: z
          .array(z.enum(SCOPES))
          .min(1)
          .max(SCOPES.length)
          .openapi({ description: '`<what>:read` or `<what>:write`; a tag of this reference and what it names.' }),
        days: z.number().int().min(1).max(3_650).nullable().default(365),
      }),
    ),
  },
  responses: {
    201: answer(
      'The key: `Authorization: Bearer <apiKey>`',
      ApiKeyView.extend({ apiKey: z.string() }).openapi('NewApiKey'),
    ),
    ...conflict,
    ...unauthenticated,
    ...refusals,
  },
})

const revokeRoute = createRoute({
  method: 'delete',
  path: '/account/api-keys/{id}',
  tags,
  summary: 'Revoke an API key; it stops working at once',
  security: signedIn,
  request: { params: Path },
  responses: { 204: { description: 'Revoked' }, ...notFound, ...unauthenticated, ...refusals },
})

export function apiKeyRoutes({ accounts: { apiKeys } }: { accounts: Accounts }) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const list = await apiKeys.list(requireUser(c))
      return c.json({ apiKeys: list.map(view), scopes: [...SCOPES] }, 200)
    })
    .openapi(createKeyRoute, async (c) => {
      const { apiKey, ...key } = await apiKeys.create(requireUser(c), c.req.valid('json'))
      return c.json({ ...view(key), apiKey }, 201)
    })
    .openapi(revokeRoute, async (c) => {
      await apiKeys.revoke(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function view({ createdAt, expiresAt, lastUsedAt, ...rest }: ApiKey) {
  return {
    ...rest,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
  }
}
