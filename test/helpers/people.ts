import { z } from '@hono/zod-openapi'
import { type AccountFacts, type AccountSettings, createAccounts } from '../../src/accounts/accounts.ts'
import { accountRoutes } from '../../src/accounts/routes.ts'
import { createAuditLog } from '../../src/admin/admin.ts'
import { adminRoutes } from '../../src/admin/routes.ts'
import { createChannels, createPeople } from '../../src/catalog/catalog.ts'
import { catalogRoutes, peopleRoutes } from '../../src/catalog/routes.ts'
import type { Db } from '../../src/db/db.ts'
import { streamKeyRoutes } from '../../src/ingest/routes.ts'
import { createStreamKeys } from '../../src/ingest/stream-keys.ts'
import { createAnnouncer } from '../../src/platform/announcer.ts'
import { createApi } from '../../src/platform/api.ts'
import { createAddressOf } from '../../src/platform/client-address.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMailer } from '../../src/platform/mailer.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import { Secret } from '../../src/platform/secret.ts'
import type { Role, User } from '../../src/platform/user.ts'
import { fakeClock } from './clock.ts'
import { testDatabase } from './database.ts'

export const OURS = 'http://footlight.test'
export const PASSWORD = 'correct horse battery'

interface Options extends Partial<AccountSettings> {
  /** Where pages are; a test that goes through another host needs a real address. */
  at?: string
  trustedProxies?: string[]
  requestsPerMinute?: number
}

/** The people's side as app.ts builds it: real rooms, real routes, a real database; nothing on air. */
export async function peopleSide(options: Options = {}) {
  const { trustedProxies = [], requestsPerMinute = 10_000, at: publicUrl = OURS, ...chosen } = options
  const settings: AccountSettings = {
    ...{ signUp: 'open', creators: 'approval', keepAddresses: false, providers: [], oidc: null },
    ...chosen,
  }
  const { db, authDb } = await testDatabase()
  const clock = fakeClock()
  const logger = createLogger('silent')
  const ended: string[] = []
  const onAir = new Map<string, { id: string }>()
  const secret = new Secret('a secret of these tests, long enough for the library')

  const mailer = createMailer({ mail: null, logger, clock })
  const announcer = createAnnouncer<AccountFacts>(logger)
  const facts: string[] = []
  for (const name of ['person.status_changed', 'person.deleted'] as const) {
    announcer.on(name, ({ userId }) => facts.push(`${name} ${userId}`))
  }
  const auditLog = createAuditLog({ db, clock, keepAddresses: settings.keepAddresses })
  const { recordAct } = auditLog
  const whole = {
    ...{ db, authDb, clock, logger, secret, publicUrl, mailer, announcer },
    recordAct,
    viewings: {
      end: async (userId: string) => void facts.push(`viewings of ${userId} end`),
      recheck: async (userId: string) => void facts.push(`viewings of ${userId} looked at`),
    },
    held: { channels: ({ id }: User) => channels.ownedBy(id) },
    onLeaving: (user: User, tx: Db) => channels.closeOf(user, tx),
  }
  const accounts = createAccounts({ ...whole, settings })
  /** Those who were here before the node was set as the test has it. */
  const before = createAccounts({ ...whole, settings: { ...settings, signUp: 'open' } })
  const channels = createChannels({ db, clock, logger, onSuspended: (channelId) => ended.push(channelId), recordAct })
  const changed: { userId: string; channelId: string }[] = []
  const onStanding = async (standing: { userId: string; channelId: string }) => void changed.push(standing)
  const people = createPeople({ db, clock, logger, channels, onStanding, recordAct })
  const streamKeys = createStreamKeys({
    db,
    clock,
    logger,
    ownChannel: async (actor, id) => (await channels.getOwn(actor, id)).id,
    onRevoked: (keyId, reason) => ended.push(`${keyId} ${reason}`),
    recordAct,
  })
  const hono = createApi({
    logger,
    addressOf: createAddressOf(trustedProxies),
    publicUrl,
    requestsPerMinute,
    userOf: accounts.userOf,
    routes: [
      accountRoutes({ accounts, firstChannel: (owner, name, tx) => channels.create(owner, { name }, tx) }),
      adminRoutes({ auditLog, mailer, isMailConfigured: false }),
      catalogRoutes({ channels, liveOn: async () => onAir, sessionView: z.object({ id: z.string() }) }),
      peopleRoutes({ people, followLimit: createRateLimit({ points: 20, seconds: 60 }) }),
      streamKeyRoutes({ streamKeys }),
    ],
  })

  /** One request, as JSON; `as` is a bearer word. */
  async function call(
    method: string,
    path: string,
    given: { body?: unknown; as?: string; headers?: Record<string, string>; peer?: string } = {},
  ) {
    const headers = new Headers(given.headers)
    if (given.body !== undefined) headers.set('content-type', 'application/json')
    if (given.as) headers.set('authorization', `Bearer ${given.as}`)
    const body = given.body === undefined ? null : JSON.stringify(given.body)
    const peer = { incoming: { socket: { remoteAddress: given.peer ?? '192.0.2.1' } } }
    const response = await hono.request(`${publicUrl}${path}`, { method, headers, body }, peer)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
  }

  /** A person with this role, signed in: their bearer word and who they are. */
  async function person(name: string, role: Role): Promise<{ user: User; as: string }> {
    const email = `${name.toLowerCase()}@example.org`
    const credentials = { email, password: PASSWORD, name }
    if (!(await accounts.hasOwner())) {
      await accounts.createOwner({ ...credentials, email: 'owner@example.org' }, async () => null)
    }
    await before.register(credentials)
    const { id } = await db.selectFrom('user').select('id').where('email', '=', email).executeTakeFirstOrThrow()
    await db.updateTable('user').set({ role, emailVerified: 1 }).where('id', '=', id).execute()
    const { token } = await accounts.signIn(credentials, new Headers())
    return { user: { id, name, email, role, emailVerified: true }, as: token! }
  }

  /** The word of the newest mail to this address; null when there is none, or none in it. */
  async function mailedWord(to: string): Promise<string | null> {
    await new Promise(setImmediate) // mail leaves after the answer
    return /\?token=([\w-]+)/.exec(mailer.kept().find((mail) => mail.to === to)?.text ?? '')?.[1] ?? null
  }

  return {
    ...{ mailer, mailedWord, facts, auditLog },
    db,
    clock,
    accounts,
    channels,
    people,
    streamKeys,
    hono,
    call,
    person,
    ended,
    changed,
    onAir,
  }
}

/** The `name=value` pairs a browser would send back. */
export function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}
