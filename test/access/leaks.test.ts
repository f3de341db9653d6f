/** What a whole node tells of a show to those who may not watch it: every visibility, by every road. */
import { expect, test } from 'vitest'
import { isSecret, VISIBILITIES } from '../../src/access/access.ts'
import { type PausedShow, pausedShow, TITLE } from '../helpers/paused-show.ts'
import { OURS } from '../helpers/people.ts'

/** Each road on which a show could be learnt of, as somebody with this cookie takes it. */
const roads: Record<string, (show: PausedShow, cookie: string) => Promise<{ status?: number; text: string }>> = {
  'the list of channels': (show, cookie) => get(show, '/api/channels', cookie),
  'the channel': (show, cookie) => get(show, `/api/channels/${show.slug}`, cookie),
  'its page': (show, cookie) => get(show, `/c/${show.slug}`, cookie),
  'oEmbed of its page': (show) => get(show, `/oembed?url=${encodeURIComponent(`${OURS}/c/${show.slug}`)}`, ''),
  'its chat': (show, cookie) => get(show, `/api/channels/${show.slug}/chat/messages`, cookie),
  'its sessions': (show, cookie) => get(show, `/api/sessions?channelId=${show.channelId}`, cookie),
  'all sessions': (show, cookie) => get(show, '/api/sessions?state=paused', cookie),
  'the session by id': (show, cookie) => get(show, `/api/sessions/${show.sessionId}`, cookie),
  'the session by code': (show, cookie) => get(show, `/api/sessions/${show.code}`, cookie),
  'playback by channel': (show, cookie) => play(show, { channelId: show.channelId }, cookie),
  'playback by session': (show, cookie) => play(show, { sessionId: show.sessionId }, cookie),
  'a still': (show, cookie) => get(show, `/media/thumbnails/${show.sessionId}/640.jpg`, cookie),
  'the socket': async ({ hear }, cookie) => ({ text: await hear({}, cookie) }),
  'the socket with the code': async ({ hear, code }, cookie) => ({ text: await hear({ show: code }, cookie) }),
}

const get = ({ node }: PausedShow, path: string, cookie: string) => node.ask('GET', path, { headers: { cookie } })
const play = ({ node }: PausedShow, body: object, cookie: string) =>
  node.ask('POST', '/api/playback', {
    body,
    headers: { ...(cookie ? { cookie, origin: 'http://footlight.test' } : {}) },
  })

/** For a stranger: `told` names the show, `quiet` does not; a number is the status of a refusal. */
// biome-ignore format: a table is read in columns
const expected: [string, ...(string | number)[]][] = [
  //                           public   unlisted private  followers members  ticket
  ['the list of channels',     'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the channel',              'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['oEmbed of its page',       'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['its chat',                 'quiet', 'quiet', 'quiet', 403,      403,     403],
  ['its sessions',             'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['all sessions',             'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the session by id',        'told',  'told',  404,     'told',   'told',  'told'],
  ['the session by code',      'told',  'told',  404,     'told',   'told',  'told'],
  ['playback by channel',      'told',  404,     404,     401,      401,     401],
  ['playback by session',      'told',  'told',  404,     401,      401,     401],
  ['a still',                  404,     404,     404,     404,      404,     404],
  ['the socket',               'told',  'quiet', 'quiet', 'told',   'told',  'told'],
  ['the socket with the code', 'told',  'told',  'quiet', 'told',   'told',  'told'],
]

const PLAYABLE = /\/hls\/[\w-]{60}/
const OWN = [
  'the channel',
  'its sessions',
  'the session by id',
  'playback by channel',
  'playback by session',
  'the socket',
]

test('what a stranger learns of a show, by every road, is what its visibility says; its owner finds it by all', async () => {
  const show = await pausedShow()
  const seen = new Map(expected.map(([road]) => [road, [] as (string | number)[]]))
  for (const visibility of VISIBILITIES) {
    await show.change({ visibility })
    for (const [road, cells] of seen) {
      const { status = 200, text } = await roads[road]!(show, '')
      const isTold = text.includes(TITLE) || text.includes(show.sessionId)
      expect(status === 200 || !isTold, `${road} of ${visibility}`).toBe(true)
      cells.push(status === 200 ? (isTold ? 'told' : 'quiet') : status)
      if (cells.at(-1) !== 'told' || !road.startsWith('playback')) expect(text).not.toMatch(PLAYABLE)
    }
    // Written by the server where the pages are built; elsewhere it says that they are not.
    const page = await roads['its page']!(show, '')
    if (isSecret(visibility)) expect(page.text).not.toContain(TITLE)
    if (visibility !== 'public') expect(page.text).not.toMatch(PLAYABLE)
    for (const road of OWN)
      expect((await roads[road]!(show, show.ownerCookie)).text, `${road} of ${visibility}`).toContain(TITLE)
  }
  expect([...seen].map(([road, cells]) => [road, ...cells])).toEqual(expected)
})
