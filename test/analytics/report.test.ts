import { expect, test } from 'vitest'
import { analyticsRoom } from '../helpers/analytics-room.ts'

const MINUTE = 60_000

test('a report says exactly what happened: who came, how long they stayed, what was said', async () => {
  const room = await analyticsRoom()
  const { sessionId, watch, player, call, clock } = room
  const anna = await room.person('Anna')
  const three = [
    await player({ userId: anna, deviceId: 'anna-laptop1' }),
    await player({ userId: anna, deviceId: 'anna-laptop1' }),
    await player({ userId: anna, deviceId: 'anna-laptop1' }),
  ]
  const [ben, vlc, bot] = [
    await player({ deviceId: 'ben-phone123', agent: 'iphone', address: '203.0.113.7' }),
    await player({ agent: 'vlc', referer: 'https://links.example/tv' }),
    await player({ agent: 'google' }),
  ]
  await room.analytics.marks.noteVisibility({ id: sessionId, visibility: 'public' })
  await watch([...three, ben, vlc, bot], 60)
  await room.say(anna)
  await room.say(anna, 'paid')
  await room.say(null, 'system')
  await room.analytics.marks.add(sessionId, 'away')
  await room.analytics.marks.noteVisibility({ id: sessionId, visibility: 'followers' })
  await room.ask('Tea or coffee?')
  await room.now().viewings.flush()
  await watch([three[0]!, ben], 60)

  const live = await call(`/sessions/${sessionId}/report`, { as: 'owner' })
  expect(live.status).toBe(200)
  expect(live.body).toMatchObject({ current: 2, totals: { viewers: 3, viewings: 5, peak: 3, messages: 2 } })

  await room.say(null)
  await room.end()
  clock.advance(20 * MINUTE)
  const { body } = await call(`/sessions/${sessionId}/report`, { as: 'owner' })
  expect(body.totals).toMatchObject({
    viewers: 3,
    viewings: 5,
    peak: 3,
    // Anna 2 min and twice 1, Ben 2, VLC 1.
    watchedMs: 7 * MINUTE,
    averageMs: (7 * MINUTE) / 3,
    messages: 3,
    engagement: 100,
  })
  expect(body.totals.by.type).toEqual([
    { name: 'anonymous', viewers: 2, watchedMs: 3 * MINUTE },
    { name: 'viewer', viewers: 1, watchedMs: 4 * MINUTE },
  ])
  expect(body.totals.by.player.map(({ name, viewers }: { name: string; viewers: number }) => [name, viewers])).toEqual([
    ['Web page', 2],
    ['VLC', 1],
  ])
  expect(body.totals.by.country[1]).toMatchObject({ name: 'AU', viewers: 1 })
  expect(body.totals.by.referrer).toContainEqual({ name: 'links.example', viewers: 1, watchedMs: MINUTE })
  expect(body.totals.retention[0]).toEqual({ ms: 0, percent: 100 })
  expect(body.totals.retention.at(-1)).toEqual({ ms: 4 * MINUTE, percent: 33.3 })
  const curve: { viewers: number | null; messages: number }[] = body.curve
  expect(Math.max(...curve.map(({ viewers }) => viewers ?? 0))).toBe(3)
  expect(curve.reduce((sum, { messages }) => sum + messages, 0)).toBe(3)
  expect(body.marks.map(({ kind, text }: { kind: string; text: string }) => [kind, text])).toEqual([
    ['away', ''],
    ['visibility', 'followers'],
    ['poll', 'Tea or coffee?'],
  ])
})

test('of a show that is over it is added up once, and the channel shows it over time', async () => {
  const room = await analyticsRoom()
  const { sessionId, watch, player, call, clock } = room
  await watch([await player(), await player()], 30)
  await room.end()
  clock.advance(20 * MINUTE)
  await call(`/sessions/${sessionId}/report`, { as: 'owner' })
  // What is kept does not change with the rows it was made from.
  await room.db.deleteFrom('viewing').execute()
  clock.advance(MINUTE)
  const { body } = await call(`/channels/${room.channelId}/report`, { as: 'owner' })
  expect(body).toMatchObject({ isCut: false, followers: 0 })
  expect(body.shows).toMatchObject([{ session: { id: sessionId }, viewers: 2, viewings: 2, watchedMs: 60_000 }])
})

test('viewings one by one: what somebody was and did, never who', async () => {
  const room = await analyticsRoom()
  const anna = await room.person('Anna')
  const players = [await room.player({ userId: anna }), await room.player({ agent: 'curl' }), await room.player()]
  await room.watch(players, 60)
  await room.say(anna)
  await room.end()
  const first = await room.call(`/sessions/${room.sessionId}/viewings?limit=2`, { as: 'owner' })
  expect(first.body.viewings).toMatchObject([
    { type: 'viewer', browser: 'Chrome', messages: 1, purchases: 0, watchedMs: 60_000, stalls: null },
    { type: 'anonymous', browser: 'curl', messages: 0 },
  ])
  expect(first.text).not.toContain(anna)
  const next = `/sessions/${room.sessionId}/viewings?limit=2&cursor=${first.body.nextCursor}`
  const second = await room.call(next, { as: 'owner' })
  expect([second.body.viewings.length, second.body.nextCursor]).toEqual([1, null])
})

test('a report is for who runs the channel; of a private show strangers do not even learn that it is', async () => {
  const room = await analyticsRoom()
  const moderator = await room.signedIn('moderator')
  await room.people.addModerator(room.owner, room.channelId, moderator.id)
  await room.signedIn('admin', 'admin')
  await room.signedIn('somebody', 'creator')
  const paths = ['report', 'viewings', 'export'].map((what) => `/sessions/${room.sessionId}/${what}`)
  const ofChannel = [`/channels/${room.channelId}/report`, `/channels/${room.channelId}/export`]
  for (const path of [...paths, ...ofChannel]) {
    expect([path, (await room.call(path)).status]).toEqual([path, 401])
    expect([path, (await room.call(path, { as: 'somebody' })).status]).toEqual([path, 403])
    for (const as of ['owner', 'moderator', 'admin']) expect((await room.call(path, { as })).status).toBe(200)
  }
  expect((await room.call('/sessions/nothing/report', { as: 'owner' })).status).toBe(404)
  await room.change(room.sessionId, { visibility: 'private' })
  for (const path of paths) expect((await room.call(path, { as: 'somebody' })).status).toBe(404)
  expect((await room.call('/operator/load', { as: 'owner' })).status).toBe(403)
  expect((await room.call('/operator/load')).status).toBe(401)
})

test('exports hold every viewing, and a spreadsheet reads no formula in them', async () => {
  const room = await analyticsRoom()
  await room.watch([await room.player({ agent: 'curl' }), await room.player()], 30)
  await room.end()
  const title = '=HYPERLINK("https://evil.example","a, b")'
  await room.db.updateTable('session').set({ title }).where('id', '=', room.sessionId).execute()

  const csv = await room.call(`/sessions/${room.sessionId}/export`, { as: 'owner' })
  expect(csv.headers.get('content-type')).toContain('text/csv')
  expect(csv.headers.get('content-disposition')).toContain(`viewings-${room.sessionId}.csv`)
  const [head, ...lines] = csv.text.trimEnd().split('\r\n')
  expect(
    lines.map((line) => Object.fromEntries(line.split(',').map((cell, n) => [head!.split(',')[n], cell]))),
  ).toMatchObject([
    { player: 'curl', minutes: '0.5', leftAt: expect.stringMatching(/Z$/) },
    { player: 'Web page', minutes: '0.5' },
  ])
  const json = await room.call(`/sessions/${room.sessionId}/export?format=json`, { as: 'owner' })
  expect(json.body).toMatchObject([{ player: 'curl', minutes: 0.5 }, { player: 'Web page' }])
  const curve = await room.call(`/sessions/${room.sessionId}/export?of=curve&format=json`, { as: 'owner' })
  expect(curve.body[0]).toMatchObject({ viewers: null, messages: 0 })
  const shows = await room.call(`/channels/${room.channelId}/export`, { as: 'owner' })
  expect(shows.text).toContain(`"'=HYPERLINK(""https://evil.example"",""a, b"")"`)
})

test('what was paid for a show, and while it was on, is its revenue', async () => {
  const room = await analyticsRoom()
  const anna = await room.person('Anna')
  await room.watch([await room.player({ userId: anna })], 60)
  const payment = (id: string, paidAt: number, amount: number, refunded = 0) =>
    room.db
      .insertInto('payment')
      .values({
        ...{ id, ref: id, provider: 'test', purchaseId: null, membershipId: null, userId: anna, currency: 'EUR' },
        ...{ channelId: room.channelId, amount, refunded, fee: 0, platformFee: 0, dispute: null, paidAt },
        ...{ periodStart: null, periodEnd: null, receiptUrl: null, createdAt: 1, updatedAt: 1 },
      })
      .execute()
  await payment('during', room.clock.now() - 1_000, 1_500, 500)
  await payment('before', room.clock.now() - MINUTE * 10, 9_900)
  await room.end()
  const { body } = await room.call(`/sessions/${room.sessionId}/report`, { as: 'owner' })
  expect(body.revenue).toEqual([{ currency: 'EUR', digits: 2, amount: 1_000, payments: 1 }])
  const viewings = await room.call(`/sessions/${room.sessionId}/viewings`, { as: 'owner' })
  expect(viewings.body.viewings).toMatchObject([{ purchases: 1 }])
})

test('the operator sees what the node carried, minute by minute', async () => {
  const room = await analyticsRoom()
  await room.signedIn('admin', 'admin')
  for (const viewers of [3, 5]) {
    room.load.viewers = viewers
    room.analytics.nodeLoad.served(1_000)
    room.analytics.nodeLoad.served(500)
    await room.analytics.nodeLoad.sample()
    room.clock.advance(MINUTE)
  }
  const { body } = await room.call('/operator/load?hours=1', { as: 'admin' })
  expect(body).toMatchObject({ stepMs: MINUTE, samples: [{ viewers: 3, requests: 2, bytes: 1_500 }, { viewers: 5 }] })
  const week = await room.call('/operator/load?hours=168', { as: 'admin' })
  expect(week.body.samples).toMatchObject([{ viewers: 5, requests: 4, bytes: 3_000, encoders: 2 }])
})

test('every night what was kept long enough is deleted, and the next night is ordered', async () => {
  const room = await analyticsRoom()
  await room.analytics.nodeLoad.sample()
  await room.analytics.orderTidy()
  room.clock.advance(91 * 24 * 60 * MINUTE)
  await room.worker.runDue()
  expect(await room.db.selectFrom('nodeSample').selectAll().execute()).toEqual([])
  expect(await room.db.selectFrom('job').select('kind').execute()).toEqual([{ kind: 'analytics.tidy' }])
})
