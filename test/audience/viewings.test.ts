import { expect, test } from 'vitest'
import { audienceRoom } from '../helpers/audience-room.ts'

test('a scripted audience is counted to the person and to the second', async () => {
  const room = await audienceRoom()
  const { clock, now } = room
  const anna = await room.person('Anna')
  const tabs = [
    await room.player({ userId: anna, deviceId: 'anna-laptop1' }),
    await room.player({ userId: anna, deviceId: 'anna-laptop1' }),
    await room.player({ userId: anna, deviceId: 'anna-phone12', agent: 'iphone' }),
  ]
  // Two browsers and two programs behind one address.
  const behindNat = [
    await room.player({ deviceId: 'ben-laptop12' }),
    await room.player({ deviceId: 'carla-laptop' }),
    await room.player({ agent: 'ffmpeg' }),
    await room.player({ agent: 'curl', referer: 'https://www.blog.example/post' }),
  ]
  const bots = [await room.player({ agent: 'discord' }), await room.player({ agent: 'google' })]
  const neverFetched = await room.player({ deviceId: 'dora-laptop1' })
  expect(await neverFetched.fetch('main.m3u8')).toBe(200)

  const t0 = clock.now()
  await room.watch([...tabs, ...behindNat, ...bots], 20)
  expect([now().audience.count(room.sessionId), now().audience.total()]).toEqual([5, 7])
  // A tab in the background stops fetching; one of the programs goes on.
  await room.watch([tabs[0]!, behindNat[2]!], 60)
  expect([now().audience.count(room.sessionId), now().audience.total()]).toEqual([2, 2])
  await now().viewings.flush()
  await room.silence()
  await now().viewings.flush()

  const rows = await room.rows()
  expect(rows.map(({ player, watchedMs }) => [player, watchedMs / 1_000])).toEqual([
    ['Web page', 80],
    ['Web page', 20],
    ['Web page', 20],
    ['Web page', 20],
    ['Web page', 20],
    ['FFmpeg', 80],
    ['curl', 20],
  ])
  expect(new Set(rows.map(({ viewer }) => viewer)).size).toBe(5)
  expect(rows[0]).toMatchObject({ joinedAt: t0, leftAt: t0 + 80_000, type: 'viewer', browser: 'Chrome' })
  expect(rows[2]).toMatchObject({ device: 'phone', browser: 'Safari', rendition: 'source', address: null })
  expect(rows[6]).toMatchObject({ type: 'anonymous', referrer: 'blog.example' })
  const samples = await room.db.selectFrom('audienceSample').select(['viewers']).orderBy('at').execute()
  expect(samples.map(({ viewers }) => viewers)).toEqual([5, 2])
})

test('a rendition is one that the session has, whatever a player asks for', async () => {
  const room = await audienceRoom()
  const liar = await room.player()
  await room.watch([liar], 4)
  for (let n = 0; n < 300; n++) expect(await liar.fetch(`made-up-${n}/1.m4s`)).toBe(404)
  await room.watch([liar], 4)
  expect(room.now().audience.takeChanges().at(-1)?.watchedIn.size).toBe(0)
  await room.silence()
  await room.now().viewings.flush()
  expect((await room.rows())[0]).toMatchObject({ rendition: 'source', watchedMs: 8_000 })
})

test('who comes back goes on where they left; however often it is written, nothing counts twice', async () => {
  const room = await audienceRoom()
  const anna = await room.player()
  await room.watch([anna], 10)
  await room.now().viewings.flush()
  await room.now().viewings.flush()
  await room.silence()
  await room.watch([anna], 6)
  await room.silence()
  await room.watch([anna], 4)
  await room.silence()
  await room.now().viewings.flush()
  await room.now().viewings.flush()
  expect(await room.rows()).toMatchObject([{ watchedMs: 20_000 }])
})

test('a node that was killed loses what came after the last writing, and counts nothing twice', async () => {
  const room = await audienceRoom()
  const { clock } = room
  const anna = await room.player({ deviceId: 'anna-laptop1' })
  const ben = await room.player({ deviceId: 'ben-laptop12' })
  await room.watch([anna, ben], 30)
  await room.now().viewings.flush()
  await room.watch([anna, ben], 4)
  await room.killed()
  expect(await room.rows()).toMatchObject([
    { watchedMs: 30_000, leftAt: clock.now() - 4_000 },
    { watchedMs: 30_000, leftAt: clock.now() - 4_000 },
  ])
  clock.advance(3_000)
  // The same tokens are good at the new run, and are the same viewings.
  await room.watch([anna], 10)
  expect([room.now().audience.count(room.sessionId), room.now().audience.total()]).toEqual([1, 1])
  await room.now().viewings.stop()
  expect((await room.rows()).map(({ watchedMs, leftAt }) => [watchedMs, leftAt])).toEqual([
    [40_000, clock.now()],
    [30_000, clock.now() - 17_000],
  ])
})

test('what could not be written waits for the next time, and counts once', async () => {
  const room = await audienceRoom()
  const anna = await room.player()
  await room.watch([anna], 10)
  await room.db.schema.alterTable('viewing').renameTo('away').execute()
  await expect(room.now().viewings.flush()).rejects.toThrow()
  await room.watch([anna], 6)
  await room.silence()
  await room.db.schema.alterTable('away').renameTo('viewing').execute()
  await room.now().viewings.flush()
  expect(await room.rows()).toMatchObject([{ watchedMs: 16_000 }])
})

test('what somebody is to the channel is noted with their viewing', async () => {
  const room = await audienceRoom()
  const [member, moderator, fan] = [await room.person('Mia'), await room.person('Max'), await room.person('Fay')]
  const scope = `channel:${room.channelId}` as const
  await room.access.grant({ userId: member, scope, tier: 2, source: 'membership:1', expiresAt: null })
  await room.people.addModerator(room.owner, room.channelId, moderator)
  for (const userId of [room.owner.id, moderator, member, fan, null]) {
    await room.watch([await room.player({ userId })], 0)
  }
  await room.now().viewings.flush()
  expect((await room.rows()).map(({ type }) => type)).toEqual(['creator', 'moderator', 'member', 'viewer', 'anonymous'])
})

test('countries are told without addresses; addresses only where the operator wants them, and only for a while', async () => {
  const without = await audienceRoom()
  await without.watch([await without.player({ address: '203.0.113.9' }), await without.player()], 0)
  await without.now().viewings.flush()
  expect((await without.rows()).map(({ country, address }) => [country, address])).toEqual([
    ['AU', null],
    [null, null],
  ])

  const { player, watch, now, rows, clock } = await audienceRoom({ keepAddresses: true })
  await watch([await player({ address: '203.0.113.9' })], 0)
  await now().viewings.flush()
  clock.advance(30 * 86_400_000)
  await now().viewings.forgetAddresses()
  expect(await rows()).toMatchObject([{ address: '203.0.113.9' }])
  clock.advance(1)
  await now().viewings.forgetAddresses()
  expect(await rows()).toMatchObject([{ address: null, country: 'AU' }])
})

test('somebody may take along what they watched; once they left, it is counted and is nobody’s', async () => {
  const room = await audienceRoom({ keepAddresses: true })
  const anna = await room.person('Anna')
  await room.watch([await room.player({ userId: anna })], 4)
  await room.silence()
  const { viewings } = room.now()
  await viewings.flush()
  expect(await viewings.heldOf(anna)).toMatchObject([{ sessionId: room.sessionId, watchedMs: 4_000 }])
  await viewings.forget(anna, room.db)
  expect(await viewings.heldOf(anna)).toEqual([])
  expect(await room.rows()).toMatchObject([{ userId: null, address: null, watchedMs: 4_000 }])
})
