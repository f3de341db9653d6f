/**
 * Every route of the API, as its own document names them: nobody but the owner reaches what is the owner's, no page of a
 * stranger's acts with somebody's cookie, and no nonsense makes the node fail. A new route is walked by itself; where its
 * body cannot be guessed, or everybody may call it, it is told below.
 */
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Route, readDocument } from '../helpers/api-document.ts'
import { eventually } from '../helpers/eventually.ts'
import { PASSWORD } from '../helpers/people.ts'
import { startWholeNode, type WholeNode } from '../helpers/whole-node.ts'

/** Routes with somebody's id in them that strangers may call as well. */
const OPEN_TO_ALL = [
  'GET /api/auth/callback/{provider}',
  'GET /api/channels/{id}',
  'GET /api/channels/{id}/follow',
  'GET /api/channels/{id}/chat/messages',
  'GET /api/channels/{id}/offers',
  'GET /api/sessions/{id}',
  'GET /api/shows/{id}',
]
/** And those that anybody who is signed in may call. */
const OPEN_TO_PEOPLE = [
  'PUT /api/channels/{id}/follow',
  'DELETE /api/channels/{id}/follow',
  'PUT /api/shows/{id}/reminder',
  'DELETE /api/shows/{id}/reminder',
  'PATCH /api/notices/choices/{kind}',
  'POST /api/channels/{id}/chat/messages',
  'POST /api/channels/{id}/chat/messages/{messageId}/flag',
  'POST /api/channels/{id}/chat/polls/{pollId}/vote',
]
/** Not called by those who are signed in: they end what the walk needs. */
const ENDS = ['POST /api/auth/sign-out', 'DELETE /api/account/sign-ins', 'POST /api/account/delete']

const BROWSER = {
  endpoint: 'https://push.example.org/walk',
  keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) },
}

let node: WholeNode
let routes: Route[]
let there: Awaited<ReturnType<typeof fill>>

beforeAll(async () => {
  node = await startWholeNode()
  routes = readDocument((await node.ask('GET', '/api/openapi.json')).text)
  there = await fill(node)
})

afterAll(() => node?.stop())

/** Olga has one of everything; Mo keeps her chat and buys from her; Vera and Stan have nothing to do with her. */
async function fill({ made, person, admin }: WholeNode) {
  type Made = { id: string }
  const [olga, mo] = [await person('Olga', 'creator'), await person('Mo', 'viewer')]
  const [vera, stan] = [await person('Vera', 'viewer'), await person('Stan', 'creator')]
  const make = (path: string, body: unknown, as = olga.as) => made<Made>('POST', `/api${path}`, as, body)
  const channel = await make('/channels', { name: 'Night radio' })
  const at = `/channels/${channel.id}`
  const show = { title: 'Tonight', scheduledAt: new Date(Date.now() + 7_200_000).toISOString(), visibility: 'ticket' }
  const session = await make(`${at}/sessions`, show)
  const ticket = { kind: 'ticket', name: 'Ticket', currency: 'EUR', price: 500, sessionId: session.id }
  const offer = await make(`${at}/offers`, ticket)
  await made('PUT', `/api${at}/moderators/${mo.id}`, olga.as)
  const house = await make('/channels', { name: 'The house' }, admin)
  const member = { kind: 'membership', name: 'Member', currency: 'EUR', price: 500, tier: 'basic' }
  const membership = await make(`/channels/${house.id}/offers`, member, admin)

  async function buy(offerId: string, as: string): Promise<{ orderId: string; checkoutId: string }> {
    const { orderId, url } = await made('POST', '/api/checkouts', as, { offerId })
    const checkoutId = url!.split('/').at(-1)!
    await made('POST', `/api/test-money/${checkoutId}/acts`, as, { act: 'pay' })
    const isSettled = async () =>
      (await made<{ isSettled: boolean }>('POST', `/api/orders/${orderId}/look`, as)).isSettled
    await eventually(isSettled)
    return { orderId: orderId!, checkoutId }
  }
  const oldest = async (path: string, list: string, as = olga.as) =>
    (await made<Record<string, Made[]>>('GET', `/api${path}`, as))[list]!.at(-1)!.id
  await buy(offer.id, mo.as)
  const own = await buy(membership.id, olga.as)
  const { url } = await made<{ url: string }>('POST', `/api${at}/payout-account`, olga.as, { country: 'DE' })
  const message = await make(`${at}/chat/announcements`, { text: 'Hello' })
  await make(`${at}/chat/messages/${message.id}/remove`, { reason: '' })

  const ids: Record<string, string> = {
    ...{ channels: channel.id, sessions: session.id, offers: offer.id, messages: message.id },
    ...{ users: mo.id, moderators: mo.id, bans: vera.id, people: vera.id, provider: 'oidc', emotes: 'lamp' },
    ...{ shows: session.id, choices: 'live', 'push-subscriptions': (await make('/push-subscriptions', BROWSER)).id },
    'stream-keys': (await make(`${at}/stream-keys`, { label: 'OBS' })).id,
    promotions: (await make(`${at}/promotions`, { code: 'SPRING', percentOff: 10 })).id,
    gifts: (await make(`${at}/gifts`, { tier: 'basic' })).id,
    comps: (await make(`${at}/comps`, { userId: mo.id })).id,
    'show-invitations': (await make(`${at}/invitations`, {})).id,
    'api-keys': (await make('/account/api-keys', { label: 'OBS', scopes: ['channels:read'] })).id,
    polls: (await make(`${at}/chat/polls`, { question: 'Well?', choices: ['Yes', 'No'] })).id,
    acts: await oldest(`${at}/chat/acts`, 'acts'),
    'sign-ins': await oldest('/account/sign-ins', 'signIns'),
    memberships: await oldest('/memberships', 'memberships'),
    payments: await oldest(`${at}/sales`, 'sales'),
    invitations: (await make('/operator/invitations', { role: 'viewer' }, admin)).id,
    accounts: url.split('/').at(-1)!,
    ...{ orders: own.orderId, 'test-money': own.checkoutId },
  }
  const flat = { width: 200, height: 200, channels: 3, background: 'red' } as const
  const picture = new Uint8Array(await sharp({ create: flat }).png().toBuffer())
  return { ids, olga, mo, others: [vera, stan], offer, membership, picture }
}

/** Bodies that cannot be guessed from their schemas, and ids in bodies. */
function bodyOf({ name, body }: Route): unknown {
  const { ids, mo, membership } = there
  const own: Record<string, object> = {
    'POST /api/channels/{id}/offers': {
      kind: 'ticket',
      name: 'Seat',
      currency: 'EUR',
      price: 900,
      sessionId: ids.sessions,
    },
    'POST /api/channels/{id}/promotions': { code: 'AUTUMN', percentOff: 5 },
    'POST /api/channels/{id}/comps': { userId: mo.id },
    'POST /api/channels/{id}/payout-account': { country: 'DE' },
    'PUT /api/sessions/{id}/picture': there.picture,
    'PUT /api/channels/{id}/picture': there.picture,
    'PUT /api/shows/{id}/picture': there.picture,
    'PUT /api/channels/{id}/chat/emotes/{name}': there.picture,
    'POST /api/channels/{id}/chat/highlights': { offerId: membership.id },
    'POST /api/memberships/{id}/change': { offerId: membership.id, billing: 'month' },
    'POST /api/playback': { sessionId: ids.sessions },
    'POST /api/checkouts': { offerId: there.offer.id },
    'PUT /api/channels/{id}/chat/pinned': { messageId: ids.messages },
    'POST /api/auth/change-password': { currentPassword: PASSWORD, newPassword: PASSWORD },
    'POST /api/auth/sign-up/email': { email: 'new@example.org', password: `${PASSWORD} again`, name: 'New' },
    'POST /api/auth/reset/use': { token: 'walk', password: `${PASSWORD} again` },
    'POST /api/account/new-address': { email: 'new@example.org', password: PASSWORD },
    'POST /api/account/delete': { password: PASSWORD },
    'POST /api/channels/{id}/shows': { title: 'Again', startsAt: '2027-07-01T20:00', timeZone: 'Europe/Berlin' },
    'PATCH /api/shows/{id}': { title: 'Tonight' },
    'POST /api/push-subscriptions': BROWSER,
  }
  return own[name] ?? body
}

/** The path with the owner's ids in it: each by the word before it. */
function pathOf({ path }: Route, change = (id: string) => id): string {
  return path.replace(/([\w-]+)\/\{(\w+)\}/g, (_all, kind: string, name: string) => {
    const id = there.ids[kind] ?? there.ids[name] ?? 'nothing-here'
    return `${kind}/${change(id)}`
  })
}

/** What is somebody's: by an id in the path, by being an admin's, or read of one's own. */
const isGuarded = (route: Route) => hasId(route) || route.isForAdmins || route.method === 'GET'
const hasId = ({ path }: Route) => path.includes('{')
const ask = (route: Route, as: string | null) => node.ask(route.method, pathOf(route), { as, body: bodyOf(route) })
const isYes = (status: number) => status >= 200 && status < 300

test('strangers call what is open, and nothing else', async () => {
  const got: string[] = []
  for (const route of routes) {
    const { status } = await ask(route, null)
    const isOpen = route.isOpen && (!hasId(route) || OPEN_TO_ALL.includes(route.name))
    if (!isOpen && (isYes(status) || status === 422)) got.push(`${route.name} was answered ${status}`)
    expect(status, route.name).not.toBe(500)
  }
  expect(got).toEqual([])
  expect(routes.filter(({ name }) => OPEN_TO_ALL.includes(name))).toHaveLength(OPEN_TO_ALL.length)
})

test('with somebody else’s ids neither a viewer nor a creator reads or changes anything of theirs', async () => {
  const { others, ids, olga } = there
  const secrets = [olga.email, ...['stream-keys', 'api-keys', 'sign-ins', 'show-invitations'].map((kind) => ids[kind]!)]
  const got: string[] = []
  for (const { as } of others) {
    for (const route of routes.filter(isGuarded)) {
      const { status, text } = await ask(route, as)
      const isAllowed = !(hasId(route) || route.isForAdmins) || [...OPEN_TO_ALL, ...OPEN_TO_PEOPLE].includes(route.name)
      // What is not as it should be is told to nobody who may not be there at all, either.
      if (!isAllowed && (isYes(status) || status === 422)) got.push(`${route.name} was answered ${status}`)
      if (secrets.some((secret) => text.includes(secret))) got.push(`${route.name} told a secret`)
      expect(status, route.name).not.toBe(500)
    }
  }
  expect(got).toEqual([])
})

const ELSEWHERE: Record<string, string>[] = [
  {},
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
]

test('a write with a cookie, but from elsewhere, is refused on every route', async () => {
  const cookie = await node.cookieOf(there.olga.email)
  for (const route of routes.filter(({ method }) => method !== 'GET')) {
    for (const from of ELSEWHERE) {
      const headers = { cookie, ...from }
      const { status, text } = await node.ask(route.method, pathOf(route), { headers, body: bodyOf(route) })
      expect([status, JSON.parse(text).error.code], `${route.name} from ${JSON.stringify(from)}`).toEqual([
        403,
        'wrong_origin',
      ])
    }
  }
})

const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
const NONSENSE: [string, string][] = [
  ...['null', '[]', '"text"', '17', '{', '', deep, '{"__proto__":{"role":"admin"}}'].map(json),
  json(JSON.stringify({ name: 'x'.repeat(60_000) })),
  json(JSON.stringify({ title: 'x'.repeat(70_000) })),
  ['text/plain', 'name=x'],
  ['application/xml', '<a/>'],
  ['application/json; charset=utf-16', '{}'],
  ['multipart/form-data; boundary=x', '--x'],
]

function json(text: string): [string, string] {
  return ['application/json', text]
}

/** Every field of a good body in turn made what it should not be. */
function spoilt(body: unknown): [string, string][] {
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return []
  const wrong = [null, 1e300, -1, [], {}, 'x'.repeat(20_000), 'a\u0000b', '\ud800']
  return Object.keys(body).flatMap((field) => wrong.map((value) => json(JSON.stringify({ ...body, [field]: value }))))
}

test('nonsense in bodies is refused, never a fault', async () => {
  const faults: string[] = []
  for (const route of routes.filter(({ method, name }) => method !== 'GET' && !ENDS.includes(name))) {
    const body = bodyOf(route)
    for (const [type, text] of body === undefined ? NONSENSE.slice(0, 3) : [...NONSENSE, ...spoilt(body)]) {
      const as = route.isForAdmins ? node.admin : there.olga.as
      const given = { as, body: text, headers: { 'content-type': type } }
      const { status } = await node.ask(
        route.method,
        pathOf(route, () => 'nothing-here'),
        given,
      )
      if (status >= 500 && status !== 503) faults.push(`${route.name} ${status} to ${type} ${text.slice(0, 80)}`)
    }
  }
  expect(faults).toEqual([])
})

test('nonsense in paths and queries is refused, never a fault', async () => {
  const words = ['%00', '%F0%9F%92%A9', '%2e%2e%2f', "'%20or%201=1--", 'x'.repeat(3_000), '%', '-1', '1e999', '{}']
  const faults: string[] = []
  const tell = async (route: Route, path: string) => {
    const as = route.isForAdmins ? node.admin : there.olga.as
    const { status } = await node.ask(route.method, path, { as, body: bodyOf(route) })
    if (status >= 500 && status !== 503) faults.push(`${route.name} ${status} to ${path.slice(0, 120)}`)
  }
  for (const route of routes.filter(({ name }) => !ENDS.includes(name))) {
    for (const word of hasId(route) ? words : [])
      await tell(
        route,
        pathOf(route, () => word),
      )
    for (const name of route.query) for (const word of words) await tell(route, `${pathOf(route)}?${name}=${word}`)
  }
  for (const path of ['/c/%00', '/embed/%00', '/media/thumbnails/%00/640.jpg', '/%00', '/oembed?url=%00']) {
    expect((await node.ask('GET', path)).status, path).not.toBe(500)
  }
  expect(faults).toEqual([])
})

test('the owner gets through with the same requests, so that what was refused was refused for who asked', async () => {
  const order = ({ method }: Route) => Number(method === 'DELETE')
  const refused: string[] = []
  for (const route of routes.filter(isGuarded).toSorted((a, b) => order(a) - order(b))) {
    const as = route.isForAdmins ? node.admin : there.olga.as
    const { status, text } = await ask(route, as)
    if ([401, 403, 422, 500].includes(status)) refused.push(`${route.name} was answered ${status} ${text}`)
  }
  expect(refused).toEqual([])
})
