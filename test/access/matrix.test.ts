/**
 * Every kind of viewer at a show of every visibility, by every road of a whole node: what plays live, what is planned, what
 * is over, the page, the embed, the pictures, the API, the socket and the chat. One table; the roads follow from it.
 */
import { expect, test } from 'vitest'
import { isSecret, VISIBILITIES, type Visibility } from '../../src/access/access.ts'
import { type PausedShow, pausedShow } from '../helpers/paused-show.ts'
import { OURS } from '../helpers/people.ts'

type Person = Awaited<ReturnType<PausedShow['node']['person']>>

/** How each kind of viewer comes to be; the owner of the channel does what they cannot do themselves. */
const kinds: Record<string, (show: PausedShow, person: Person) => Promise<unknown>> = {
  nobody: async () => undefined,
  follower: ({ node, channelId }, { as }) => node.made('PUT', `/api/channels/${channelId}/follow`, as),
  basic: (show, { id }) => comp(show, { userId: id, tier: 'basic' }),
  vip: (show, { id }) => comp(show, { userId: id, tier: 'vip' }),
  'ticket holder': (show, { id }) => toAll(show, (sessionId) => comp(show, { userId: id, sessionId })),
  invited: (show, { as }) => toAll(show, (sessionId) => invite(show, sessionId, as)),
  moderator: ({ node, channelId }, { id }) =>
    node.made('PUT', `/api/channels/${channelId}/moderators/${id}`, node.admin),
  'banned vip': async (show, { id }) => {
    await comp(show, { userId: id, tier: 'vip' })
    await show.node.made('PUT', `/api/channels/${show.channelId}/bans/${id}`, show.node.admin, { reason: '' })
  },
  'suspended vip': async (show, { id }) => {
    await comp(show, { userId: id, tier: 'vip' })
    await show.node.made('PATCH', `/api/users/${id}`, show.node.admin, { status: 'suspended' })
  },
}

const comp = ({ node, channelId }: PausedShow, body: object) =>
  node.made('POST', `/api/channels/${channelId}/comps`, node.admin, body)

const toAll = (show: PausedShow, act: (sessionId: string) => Promise<unknown>) =>
  Promise.all([show.sessionId, show.plannedId, show.overId].map(act))

async function invite({ node }: PausedShow, sessionId: string, as: string): Promise<void> {
  const { link } = await node.made('POST', `/api/sessions/${sessionId}/invitations`, node.admin, {})
  await node.made('POST', '/api/show-invitations/accept', as, { secret: link!.split('=')[1] })
}

/** `watch`, or why not; `404` where they may not learn that there is anything. */
// biome-ignore format: a table is read in columns
const matrix: [string, ...string[]][] = [
  //                 public    unlisted  private   followers  members 2  ticket
  ['stranger',      'watch',  'watch',  '404',    'sign_in', 'sign_in', 'sign_in'],
  ['nobody',        'watch',  'watch',  '404',    'follow',  'join',    'buy'],
  ['follower',      'watch',  'watch',  '404',    'watch',   'join',    'buy'],
  ['basic',         'watch',  'watch',  '404',    'watch',   'upgrade', 'buy'],
  ['vip',           'watch',  'watch',  '404',    'watch',   'watch',   'buy'],
  ['ticket holder', 'watch',  'watch',  'watch',  'watch',   'watch',   'watch'],
  ['invited',       'watch',  'watch',  'watch',  'watch',   'watch',   'watch'],
  ['moderator',     'watch',  'watch',  'watch',  'watch',   'watch',   'watch'],
  ['owner',         'watch',  'watch',  'watch',  'watch',   'watch',   'watch'],
  ['banned vip',    'banned', 'banned', 'banned', 'banned',  'banned',  'banned'],
  ['suspended vip', 'watch',  'watch',  '404',    'sign_in', 'sign_in', 'sign_in'],
]

/** What a viewer finds by one road, and what the cell says they should; `isKnown`: they may know of what is in no list. */
interface At {
  show: PausedShow
  cookie: string
  visibility: Visibility
  cell: string
  isKnown: boolean
}
const roads: Record<string, (at: At) => Promise<[found: unknown, wanted: unknown]>> = {
  live: async (at) => [await play(at, at.show.sessionId), at.cell],
  planned: async (at) => [await play(at, at.show.plannedId), at.cell === 'watch' ? 'not_started' : at.cell],
  // Nothing of it was kept, so nobody is offered anything.
  over: async (at) => [await play(at, at.show.overId), '404'],
  'the API': async (at) => [await api(at), at.visibility !== 'private' || at.isKnown ? 200 : 404],
  'the page': async (at) => [await isPlayable(at, `/c/${at.show.slug}`), at.cell === 'watch' && 'maybe'],
  'the embed': async (at) => [await isPlayable(at, `/embed/${at.show.slug}`), at.cell === 'watch' && 'maybe'],
  pictures: async (at) => [await pictures(at), at.visibility === 'public' || at.visibility === 'unlisted' ? 200 : 404],
  'the socket': async (at) => [await hears(at), !isSecret(at.visibility) || at.isKnown],
  // To whom a show is unknown, its channel's chat is one with nothing on.
  'the chat': async (at) => [
    await chat(at),
    at.cell === 'watch' || (isSecret(at.visibility) && !at.isKnown) ? 200 : 403,
  ],
}

const get = async ({ show, cookie }: At, path: string) => show.node.ask('GET', path, { headers: { cookie } })
const api = async (at: At) => (await get(at, `/api/sessions/${at.show.sessionId}`)).status
const pictures = async (at: At) => (await get(at, `/media/thumbnails/${at.show.sessionId}/storyboard.json`)).status
const chat = async (at: At) => (await get(at, `/api/channels/${at.show.channelId}/chat/messages`)).status
const hears = async ({ show, cookie }: At) => (await show.hear({}, cookie)).includes(show.sessionId)

/** Pages are written with the show in them only where they are built. */
async function isPlayable(at: At, path: string): Promise<'maybe' | false> {
  return /\/hls\/[\w-]{60}/.test((await get(at, path)).text) || at.cell === 'watch' ? 'maybe' : false
}

async function play({ show, cookie }: At, sessionId: string): Promise<string> {
  const headers = { origin: OURS, ...(cookie ? { cookie } : {}) }
  const { status, text } = await show.node.ask('POST', '/api/playback', { headers, body: { sessionId } })
  if (status === 200) return 'watch'
  return status === 404 && !text.includes('not_started') ? '404' : JSON.parse(text).error.code
}

test('who may watch what, by every road', async () => {
  const show = await pausedShow()
  const viewers = new Map([
    ['stranger', ''],
    ['owner', show.ownerCookie],
  ])
  for (const [kind, become] of Object.entries(kinds)) {
    const person = await show.node.person(kind.replace(' ', '-'), 'viewer')
    viewers.set(kind, await show.node.cookieOf(person.email))
    await become(show, person)
  }
  expect([...viewers.keys()].sort()).toEqual(matrix.map(([kind]) => kind).sort())

  const wrong: string[] = []
  for (const [column, visibility] of VISIBILITIES.entries()) {
    await show.change({ visibility, requiredTier: visibility === 'members' ? 2 : null })
    for (const [kind, ...cells] of matrix) {
      const isKnown = cells[VISIBILITIES.indexOf('private')] === 'watch'
      const at = { show, visibility, isKnown, cookie: viewers.get(kind)!, cell: cells[column]! }
      for (const [road, take] of Object.entries(roads)) {
        const [found, wanted] = await take(at)
        if (found !== wanted) wrong.push(`${kind}, ${visibility}, ${road}: ${found} instead of ${wanted}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('signing out everywhere ends what plays, by the time it is answered and after a restart of the node', async () => {
  const show = await pausedShow()
  const play = async (previous?: string) =>
    show.node.made('POST', '/api/playback', show.node.admin, {
      sessionId: show.sessionId,
      ...(previous && { previous }),
    })
  const { url } = await play()
  const status = async (at: string) => (await fetch(at + url!)).status
  expect(await status(show.node.at)).not.toBe(403)
  await show.node.made('DELETE', '/api/account/sign-ins', show.node.admin)
  expect(await status(show.node.at)).toBe(403)
  const next = await show.startAgain()
  expect(await status(next.at)).toBe(403)
})
