import { createRoute, z } from '@hono/zod-openapi'
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
import { Code, Credential, Email, GivenPassword, iso, Provider, setCookies } from './sign-in-routes.ts'

const Path = z.strictObject({ id: z.string().min(1).max(64) })
const WithPassword = z.strictObject({ password: GivenPassword })
const tags = ['account']
const own = { ...unauthenticated, ...refusals }
const done = (description: string) => ({ 204: { description }, ...own })

const securityRoute = createRoute({
  method: 'get',
  path: '/account/security',
  tags,
  summary: 'How my account is guarded, and whether I may open a channel',
  security: signedIn,
  responses: {
    200: answer(
      'How',
      z
        .object({
          hasSecondFactor: z.boolean(),
          hasPassword: z.boolean(),
          passkeys: z.array(z.object({ id: z.string(), name: z.string(), createdAt: z.iso.datetime() })),
          elsewhere: z
            .array(z.object({ id: z.string(), provider: z.string(), createdAt: z.iso.datetime() }))
            .openapi({ description: 'Accounts elsewhere that open this one.' }),
          creators: z.enum(['open', 'approval', 'invitation']),
          hasAskedToCreate: z.boolean(),
        })
        .openapi('AccountSecurity'),
    ),
    ...own,
  },
})

const beginTotpRoute = createRoute({
  method: 'post',
  path: '/account/totp',
  tags,
  summary: 'Begin a second factor: what the authenticator app needs, and backup codes; on after `confirm`',
  security: signedIn,
  request: { body: json(WithPassword) },
  responses: {
    200: answer(
      'Shown once',
      z
        .object({
          uri: z.string(),
          qr: z.string().openapi({ description: 'SVG.' }),
          secret: z.string(),
          backupCodes: z.array(z.string()),
        })
        .openapi('NewTotp'),
    ),
    ...own,
  },
})

const confirmTotpRoute = createRoute({
  method: 'post',
  path: '/account/totp/confirm',
  tags,
  summary: 'Turn the second factor on, with a code of the app',
  security: signedIn,
  request: { body: json(z.strictObject({ code: Code })) },
  responses: done('On: from now on every sign-in by password or link asks for a code'),
})

const endTotpRoute = createRoute({
  method: 'post',
  path: '/account/totp/end',
  tags,
  summary: 'Turn the second factor off',
  security: signedIn,
  request: { body: json(WithPassword) },
  responses: done('Off'),
})

const backupCodesRoute = createRoute({
  method: 'post',
  path: '/account/backup-codes',
  tags,
  summary: 'New backup codes; the old ones are void',
  security: signedIn,
  request: { body: json(WithPassword) },
  responses: { 200: answer('Shown once', z.object({ backupCodes: z.array(z.string()) })), ...own },
})

const askPasskeyRoute = createRoute({
  method: 'post',
  path: '/account/passkeys/options',
  tags,
  summary: 'What `navigator.credentials.create` is to be asked',
  security: signedIn,
  responses: { 200: answer('WebAuthn options', z.record(z.string(), z.unknown())), ...own },
})

const addPasskeyRoute = createRoute({
  method: 'post',
  path: '/account/passkeys',
  tags,
  summary: 'Keep the passkey the browser made',
  security: signedIn,
  request: { body: json(z.strictObject({ name: z.string().trim().min(1).max(60), response: Credential })) },
  responses: { ...done('Kept'), ...conflict },
})

const removePasskeyRoute = createRoute({
  method: 'delete',
  path: '/account/passkeys/{id}',
  tags,
  summary: 'Take a passkey away',
  security: signedIn,
  request: { params: Path },
  responses: { ...done('Gone'), ...notFound, ...conflict },
})

const newAddressRoute = createRoute({
  method: 'post',
  path: '/account/new-address',
  tags,
  summary: 'Ask for another e-mail address; it is proved by a mail to the new one',
  security: signedIn,
  request: {
    body: json(
      WithPassword.extend({
        email: Email,
        code: Code.optional().openapi({ description: 'Of the authenticator app, or a backup code, where one is on.' }),
      }),
    ),
  },
  responses: {
    202: { description: 'Look in the new mailbox. The answer never tells whether it has an account already.' },
    ...conflict,
    ...own,
  },
})

const linkRoute = createRoute({
  method: 'post',
  path: '/account/elsewhere',
  tags,
  summary: 'Let an account elsewhere open this one: where to send the browser',
  security: signedIn,
  request: { body: json(z.strictObject({ provider: Provider })) },
  responses: { 200: answer('Where', z.object({ url: z.string() })), ...notFound, ...own },
})

const unlinkRoute = createRoute({
  method: 'delete',
  path: '/account/elsewhere/{id}',
  tags,
  summary: 'That account elsewhere opens this one no more; refused for the last way in',
  security: signedIn,
  request: { params: Path },
  responses: { ...done('Gone'), ...notFound, ...conflict },
})

/** Each of these asks for a password or a code, sets off mail, or leaves a row until it is used or over. */
const LIMITED = ['totp', 'totp/*', 'backup-codes', 'passkeys/options', 'new-address', 'elsewhere']

/** What guards an account, and the ways into it. An API key may do none of it. */
export function guardRoutes({ accounts }: { accounts: Accounts }) {
  const { secondFactor, passkeys, linked } = accounts
  const router = createRouter()
  const limited = limitRate(createRateLimit({ points: 20, seconds: 60 }))
  for (const path of LIMITED) router.use(`/account/${path}`, limited)

  return router
    .openapi(securityRoute, async (c) => {
      const user = requireUser(c)
      const person = await accounts.find(user.id)
      const hasPassword = await accounts.hasPassword(user.id)
      const keys = (await passkeys.list(user)).map(dated)
      const elsewhere = (await linked.list(user)).map(dated)
      const wish = { creators: accounts.settings.creators, hasAskedToCreate: person?.creatorWishAt != null }
      const ways = { hasSecondFactor: person?.hasSecondFactor ?? false, hasPassword, passkeys: keys, elsewhere }
      return c.json({ ...ways, ...wish }, 200)
    })
    .openapi(beginTotpRoute, async (c) => {
      requireUser(c)
      return c.json(await secondFactor.begin(c.req.valid('json').password, c.req.raw.headers), 200)
    })
    .openapi(confirmTotpRoute, async (c) => {
      setCookies(c, await secondFactor.confirm(requireUser(c), c.req.valid('json').code, c.req.raw.headers))
      return c.body(null, 204)
    })
    .openapi(endTotpRoute, async (c) => {
      setCookies(c, await secondFactor.end(requireUser(c), c.req.valid('json').password, c.req.raw.headers))
      return c.body(null, 204)
    })
    .openapi(backupCodesRoute, async (c) => {
      const { password } = c.req.valid('json')
      return c.json(
        { backupCodes: await secondFactor.newBackupCodes(requireUser(c), password, c.req.raw.headers) },
        200,
      )
    })
    .openapi(askPasskeyRoute, async (c) => {
      requireUser(c)
      const { options, cookies } = await passkeys.ask(c.req.raw.headers)
      setCookies(c, cookies)
      return c.json({ ...options }, 200)
    })
    .openapi(addPasskeyRoute, async (c) => {
      await passkeys.add(requireUser(c), c.req.valid('json'), c.req.raw.headers)
      return c.body(null, 204)
    })
    .openapi(removePasskeyRoute, async (c) => {
      await passkeys.remove(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(newAddressRoute, async (c) => {
      const { email, ...proof } = c.req.valid('json')
      await accounts.askForNewAddress(requireUser(c), email, proof, c.req.raw.headers)
      return c.body(null, 202)
    })
    .openapi(linkRoute, async (c) => {
      requireUser(c)
      const { url, cookies } = await accounts.goLink(c.req.valid('json').provider, c.req.raw.headers)
      setCookies(c, cookies)
      return c.json({ url }, 200)
    })
    .openapi(unlinkRoute, async (c) => {
      await linked.remove(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function dated<Item extends { createdAt: number }>({ createdAt, ...item }: Item) {
  return { ...item, createdAt: iso(createdAt) }
}
