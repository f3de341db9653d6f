import { expect, test } from 'vitest'
import { readCmcd } from '../../src/analytics/cmcd.ts'
import { analyticsRoom } from '../helpers/analytics-room.ts'

async function room() {
  const made = await analyticsRoom()
  const page = await made.player()
  const { sessionId, analytics } = made
  const tell = (batch: object, token = page.token) =>
    made.call('/telemetry', { body: { token, sessionId, events: [], ...batch } })
  async function kept() {
    await analytics.telemetry.flush()
    const events = await made.db.selectFrom('playbackEvent').selectAll().orderBy('id').execute()
    return { events, sums: await made.db.selectFrom('playbackQuality').selectAll().execute() }
  }
  return { ...made, page, tell, kept }
}

test('what our player tells is kept as events and as sums of its viewing', async () => {
  const { tell, kept, clock, page, watch, end, call, sessionId } = await room()
  await watch([page], 60)
  const play = { kind: 'play', ago: 500, ms: 420, quality: '720p', bitrate: 2_500_000 }
  expect((await tell({ events: [play], bitrate: 2_500_000, referrer: 'https://www.news.example/a?b=c' })).status).toBe(
    204,
  )
  await kept()
  const stall = { kind: 'buffering', ago: 0, ms: 800, bufferMs: 0 }
  const failure = { kind: 'error', ago: 0, code: 'fragLoadError' }
  await tell({ events: [stall, stall, failure], bitrate: 1_500_000, referrer: 'https://later.example/' })
  const { events, sums } = await kept()
  expect(events).toMatchObject([
    { kind: 'play', ms: 420, at: clock.now() - 500, quality: '720p' },
    { kind: 'buffering', ms: 800, bufferMs: 0 },
    { kind: 'buffering' },
    { kind: 'error', code: 'fragLoadError' },
  ])
  const expected = { startupMs: 420, stalls: 2, stalledMs: 1_600, errors: 1, bitrateSum: 4_000_000, bitrateCount: 2 }
  expect(sums).toMatchObject([{ ...expected, referrer: 'news.example' }])
  await end()
  const { body } = await call(`/sessions/${sessionId}/report`, { as: 'owner' })
  // Two stalls in a minute.
  expect(body.totals.quality).toMatchObject({ stallsPerHour: 120, startupMs: 420, errors: 1, bitrate: 2_000_000 })
  expect(body.totals.by.referrer).toMatchObject([{ name: 'news.example' }])
})

test('only of a viewing whose token is good, and of no other show', async () => {
  const { tell, page, call, kept, change, now, sessionId, person, player } = await room()
  expect((await tell({}, 'nonsense')).status).toBe(404)
  const elsewhere = { token: page.token, sessionId: 'another', events: [] }
  expect((await call('/telemetry', { body: elsewhere })).status).toBe(404)
  const anna = await player({ userId: await person('Anna') })
  await change(sessionId, { visibility: 'private' })
  await now().access.recheck({ sessionId })
  expect((await tell({ bitrate: 1_000 }, anna.token)).status).toBe(403)
  expect((await kept()).sums).toEqual([])
})

test('what is too much is refused or passed over', async () => {
  const { tell, kept } = await room()
  const seek = { kind: 'seek', ago: 0 }
  const refused = [
    { events: Array(51).fill(seek) },
    { events: [{ ...seek, kind: 'dance' }] },
    { events: [{ ...seek, ms: -1 }] },
    { events: [{ ...seek, code: '<script>' }] },
    { events: [{ ...seek, surprise: 1 }] },
    { bitrate: 1e12 },
  ]
  for (const batch of refused) expect((await tell(batch)).status).toBe(422)
  for (let batch = 0; batch < 20; batch++) expect((await tell({ events: Array(50).fill(seek) })).status).toBe(204)
  expect((await tell({})).status).toBe(429)
  expect((await kept()).events.length).toBe(300)
})

test.for<[string, string, Record<string, string>, object | null]>([
  ['nothing', '/hls/t/s/source/1.m4s', {}, null],
  [
    'the query',
    '/hls/t/s/720p/1.m4s?CMCD=bl%3D21300%2Cbr%3D3200%2Cbs%2Cot%3Dv%2Csid%3D%226e2fb550-c457%22',
    {},
    { bitrate: 3_200_000, bufferMs: 21_300, isStarved: true },
  ],
  [
    'headers',
    '/x',
    { 'cmcd-object': 'br=800,ot=av', 'cmcd-request': 'bl=900', 'cmcd-status': 'bs' },
    { bitrate: 800_000, bufferMs: 900, isStarved: true },
  ],
  ['sound', '/x?CMCD=br%3D128%2Cot%3Da', {}, { bitrate: null, bufferMs: null, isStarved: false }],
  ['nonsense', '/x?CMCD=br%3D-5%2Cbl%3D1e9%2C%3D%2C%2C', {}, { bitrate: null, bufferMs: null, isStarved: false }],
])('CMCD in %s', ([, url, headers, expected]) => {
  expect(readCmcd(url, headers)).toEqual(expected)
})
