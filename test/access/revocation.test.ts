/**
 * A right that is gone: what a bare HTTP player, which knows nothing of sockets and keeps requests waiting, still gets.
 * Parts are made by hand, so that every byte after the commit is seen.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Access, Viewer } from '../../src/access/access.ts'
import { createDelivery } from '../../src/hls/delivery.ts'
import { createHls } from '../../src/hls/hls.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { type Asked, accessRoom, viewer } from '../helpers/access-room.ts'
import { eventually } from '../helpers/eventually.ts'

const logger = createLogger('silent')
const REFUSED = { isAllowed: false, status: 403, reason: 'Not any more.' } as const

interface Answer {
  status: number
  body: Buffer
}

async function theatre(asked: Asked, settings: { devices?: number } = {}) {
  const room = await accessRoom({ ...settings, onWithdrawn: ({ sessionId }) => hls.dismissLost(sessionId) })
  const root = mkdtempSync(join(tmpdir(), 'revocation-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { clock } = room
  const config = { partMs: 333, dvrWindowMs: 60_000, memoryBytes: 1e8 }
  const hls = createHls({ config, storage: createDiskStorage(root), clock, logger })
  onTestFinished(() => hls.stop())
  const sessionId = await room.session(asked)
  const stream = await hls.open(sessionId, () => undefined)
  const size = (id: string, height: number) => ({
    id,
    kind: 'video' as const,
    plannedBitrate: 1e6,
    width: height * 2,
    height,
  })
  const stretch = stream.begin({
    leader: 'source',
    renditions: [size('source', 720)],
    wallAtZero: () => clock.now(),
    onOverdue: () => undefined,
  })
  const avcC = Buffer.from([1, 0x64, 0, 0x1f, 0xff])
  const video = { kind: 'video' as const, timescale: 90_000, width: 1280, height: 720, codec: 'avc1.64001f', avcC }
  stretch.configure('source', video)
  let shown = 0
  /** Ten frames make a part. */
  const play = (frames: number) => {
    for (const end = shown + frames; shown < end; shown++) {
      const data = Buffer.alloc(200, shown % 251)
      stretch.arrive('source', { dts: shown * 3_000, composition: 0, isKey: shown % 60 === 0, data })
    }
  }
  play(150)

  let access: Access = room.access
  const failures: unknown[] = []
  const deliver = createDelivery({
    clock,
    find: hls.find,
    authorize(token, of) {
      const found = access.verify(token, of)
      if (found instanceof Promise)
        return found.then((viewing) => (typeof viewing === 'string' ? REFUSED : viewing.permit))
      return typeof found === 'string' ? REFUSED : found.permit
    },
    onFailed: (error) => failures.push(error),
  })
  const server = createServer(deliver)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  onTestFinished(() => expect(failures).toEqual([]))
  const { port } = server.address() as AddressInfo

  const get = (path: string) =>
    new Promise<Answer>((resolve, reject) => {
      ask({ host: '127.0.0.1', port, path, agent: false }, async (response) => {
        resolve({ status: response.statusCode!, body: await buffer(response) })
      })
        .once('error', reject)
        .end()
    })
  const window = stream.windows.get('source')!
  const waiting = () => window.waiters.count

  async function enter(who: Viewer) {
    const decision = await access.admit(who, sessionId)
    if (!decision.allowed) throw new Error(`may not watch: ${decision.reason}`)
    const from = `/hls/${decision.token}/${sessionId}`
    const nextPart = () => get(`${from}/source/p${window.nextPart}.m4s`)
    const nextList = () => {
      const { msn, partCount } = window.segments.at(-1)!
      return get(`${from}/source.m3u8?_HLS_msn=${msn}&_HLS_part=${partCount}`)
    }
    return { from, get: (file: string) => get(`${from}/${file}`), nextPart, nextList, token: decision.token }
  }

  /** The node is started anew: its memory is gone, the database and the secret are not. */
  const restart = () => {
    access.stop()
    access = room.start()
  }
  return { ...room, sessionId, play, enter, waiting, restart, now: () => access }
}

type Theatre = Awaited<ReturnType<typeof theatre>>

/** Each way a right can go: who had it, and what is done. */
const ways: Record<
  string,
  { asked: Asked; settle(room: Theatre): Promise<{ who: Viewer; take(): Promise<unknown> }> }
> = {
  'a refund': {
    asked: { visibility: 'ticket' },
    async settle(room) {
      const userId = await room.person('Tim')
      const right = {
        userId,
        scope: `session:${room.sessionId}`,
        tier: 0,
        source: 'purchase:1',
        expiresAt: null,
      } as const
      await room.access.grant(right)
      return {
        who: viewer(userId),
        async take() {
          await room.db.transaction().execute((tx) => room.access.revoke('purchase:1', tx))
          await room.access.recheck({ userId })
        },
      }
    },
  },
  'a ban from the channel': {
    asked: {},
    async settle({ person, people, owner, channelId }) {
      const userId = await person('Rudi')
      return { who: viewer(userId), take: () => people.ban(owner, channelId, userId, 'rude') }
    },
  },
  'a ban from the house': {
    asked: {},
    async settle({ person, db, access }) {
      const userId = await person('Sam')
      return {
        who: viewer(userId),
        async take() {
          await db.updateTable('user').set({ status: 'banned' }).where('id', '=', userId).execute()
          await access.recheck({ userId })
        },
      }
    },
  },
  'an unfollow': {
    asked: { visibility: 'followers' },
    async settle({ person, people, channelId }) {
      const userId = await person('Fay')
      await people.follow(userId, channelId)
      return { who: viewer(userId), take: () => people.unfollow(userId, channelId) }
    },
  },
  'an invitation taken back': {
    asked: { visibility: 'private' },
    async settle({ person, invitations, owner, channelId, sessionId }) {
      const userId = await person('Ivy')
      const asked = { label: '', maxUses: 1, expiresAt: null }
      const made = await invitations.create(owner, channelId, `session:${sessionId}`, asked)
      await invitations.accept(userId, made.secret)
      return { who: viewer(userId), take: () => invitations.remove(owner, made.invitation) }
    },
  },
  'a change of visibility in mid-show': {
    asked: {},
    settle: async ({ change, sessionId }) => ({
      who: viewer(null),
      take: () => change(sessionId, { visibility: 'members' }),
    }),
  },
  'a higher tier asked for in mid-show': {
    asked: { visibility: 'members' },
    async settle({ person, access, change, channelId, sessionId }) {
      const userId = await person('Mia')
      await access.grant({ userId, scope: `channel:${channelId}`, tier: 1, source: 'membership:1', expiresAt: null })
      return { who: viewer(userId), take: () => change(sessionId, { requiredTier: 2 }) }
    },
  },
  'the end of all sign-ins': {
    asked: {},
    async settle({ person, access, clock }) {
      const userId = await person('Nina')
      return {
        who: viewer(userId),
        async take() {
          clock.advance(1)
          await access.endSignIns(userId)
          await access.recheck({ userId })
        },
      }
    },
  },
  'a device ended from another': {
    asked: {},
    async settle({ person, now }) {
      const userId = await person('Nina')
      return { who: viewer(userId), take: () => now().devices.endOn(userId, { allBut: null }) }
    },
  },
  'one device too many': {
    asked: { visibility: 'followers' },
    async settle({ person, people, channelId, access, sessionId }) {
      const userId = await person('Fay')
      await people.follow(userId, channelId)
      const others = [viewer(userId, { deviceId: 'laptop123456' }), viewer(userId, { deviceId: 'tablet123456' })]
      return {
        who: viewer(userId),
        async take() {
          for (const other of others) await access.admit(other, sessionId)
        },
      }
    },
  },
  'its own time': {
    asked: { visibility: 'ticket' },
    async settle({ person, access, clock, sessionId }) {
      const userId = await person('Tim')
      const expiresAt = clock.now() + 5_000
      await access.grant({ userId, scope: `session:${sessionId}`, tier: 0, source: 'purchase:1', expiresAt })
      return { who: viewer(userId), take: async () => clock.advance(5_000) }
    },
  },
  'the end of a free preview': {
    asked: { visibility: 'ticket', previewMinutes: 1 },
    settle: async ({ clock }) => ({ who: viewer(null), take: async () => clock.advance(60_000) }),
  },
}

describe.each(Object.entries(ways))('%s', (_name, { asked, settle }) => {
  test('ends every byte that comes later, also where requests wait; others notice nothing', async () => {
    const room = await theatre(asked)
    const { who, take } = await settle(room)
    const player = await room.enter(who)
    const other = await room.enter(viewer(room.owner.id))
    expect((await player.get('main.m3u8')).status).toBe(200)
    const before = player.nextPart()
    await eventually(() => room.waiting() === 1)
    room.play(10)
    expect((await before).status).toBe(200)

    const held = [player.nextPart(), player.nextList()]
    const theirs = [other.nextPart(), other.nextList()]
    await eventually(() => room.waiting() === 4)
    await take()
    room.play(10)
    const answers = await Promise.all(held)
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect((await Promise.all(theirs)).map(({ status }) => status)).toEqual([200, 200])

    const later = ['main.m3u8', 'source.m3u8', 'source/init-0.mp4', 'source/0.m4s', 'source/p1.m4s']
    for (const file of later) expect((await player.get(file)).status, file).toBe(403)
    for (const file of later) expect((await other.get(file)).status, file).toBe(200)
    const again = [player.nextPart(), player.nextList()]
    room.play(30)
    for (const { status, body } of await Promise.all(again)) {
      expect(status).toBe(403)
      expect(body.length).toBeLessThan(100)
    }
  })

  test('outlives a restart of the node: the old token opens nothing', async () => {
    const room = await theatre(asked)
    const { who, take } = await settle(room)
    const player = await room.enter(who)
    const other = await room.enter(viewer(room.owner.id))
    await take()
    room.restart()
    const answers = await Promise.all(['main.m3u8', 'source.m3u8', 'source/0.m4s'].map(player.get))
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
    const kept = await Promise.all(['main.m3u8', 'source.m3u8', 'source/0.m4s'].map(other.get))
    expect(kept.map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

test('whoever waits for a part that does not come is told at once that the right is gone', async () => {
  const room = await theatre({})
  const player = await room.enter(viewer(null))
  const held = [player.nextPart(), player.nextList()]
  await eventually(() => room.waiting() === 2)
  await room.change(room.sessionId, { visibility: 'ticket' })
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([403, 403])
})

test('a right that is prolonged before its end goes on over it, and one that comes back needs a new token', async () => {
  const room = await theatre({ visibility: 'ticket' })
  const userId = await room.person('Tim')
  const right = { userId, scope: `session:${room.sessionId}`, tier: 0, source: 'purchase:1' } as const
  await room.access.grant({ ...right, expiresAt: room.clock.now() + 5_000 })
  const player = await room.enter(viewer(userId))
  await room.access.grant({ ...right, expiresAt: room.clock.now() + 10_000 })
  await room.access.recheck({ userId })
  room.clock.advance(5_000)
  expect((await player.get('source.m3u8')).status).toBe(200)
  room.clock.advance(5_000)
  expect((await player.get('source.m3u8')).status).toBe(403)
  await room.access.grant({ ...right, expiresAt: null })
  await room.access.recheck({ userId })
  expect((await player.get('source.m3u8')).status).toBe(403)
  expect((await (await room.enter(viewer(userId))).get('source.m3u8')).status).toBe(200)
})

test('a page whose right ends by time is told, though its player asks for nothing', async () => {
  const room = await theatre({ visibility: 'ticket', previewMinutes: 1 })
  await room.enter(viewer(null))
  room.clock.advance(59_999)
  await room.access.tick()
  expect(room.withdrawn).toEqual([])
  room.clock.advance(1)
  await room.access.tick()
  expect(room.withdrawn).toEqual(['sign_in'])
})

test('what is above the height one may watch is in no list and is not given out; a change in mid-show holds at once', async () => {
  const room = await theatre({ freeMaxHeight: 480 })
  const guest = await room.enter(viewer(null))
  const owner = await room.enter(viewer(room.owner.id))
  const list = await guest.get('main.m3u8')
  expect(list.status).toBe(200)
  expect(list.body.toString()).not.toContain('source.m3u8')
  expect((await owner.get('main.m3u8')).body.toString()).toContain('source.m3u8')
  for (const file of ['source.m3u8', 'source/0.m4s', 'source/p1.m4s', 'source/init-0.mp4']) {
    expect((await guest.get(file)).status, file).toBe(403)
    expect((await owner.get(file)).status, file).toBe(200)
  }
  await room.change(room.sessionId, { freeMaxHeight: 720 })
  expect((await guest.get('source.m3u8')).status).toBe(200)
  const held = [guest.nextPart(), owner.nextPart()]
  await eventually(() => room.waiting() === 2)
  await room.change(room.sessionId, { freeMaxHeight: 360 })
  room.play(10)
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([403, 200])
})

test('rights that change while somebody is let in are never missed', async () => {
  const room = await theatre({ visibility: 'ticket', previewMinutes: 5 })
  for (let round = 0; round < 40; round++) {
    const guest = viewer(null, { deviceId: `device-${100000 + round}`, address: `198.51.100.${round}` })
    const entering = room.access.admit(guest, room.sessionId)
    // Somewhere between the decision and the token: the preview's beginning is being written.
    for (let turn = 0; turn < round; turn++) await Promise.resolve()
    await room.change(room.sessionId, { visibility: 'private' })
    const decision = await entering
    if (decision.allowed) expect(await room.access.verify(decision.token, room.sessionId)).toBe('withdrawn')
    await room.change(room.sessionId, { visibility: 'ticket' })
  }
})

test('a thousand viewers of a show that closes are all shut out, and those who may stay stay', async () => {
  const room = await theatre({})
  const guests = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) =>
      room.access.admit(viewer(null, { deviceId: `guest-${100000 + n}` }), room.sessionId),
    ),
  )
  const owner = await room.access.admit(viewer(room.owner.id), room.sessionId)
  await room.change(room.sessionId, { visibility: 'private' })
  const states = guests.map((one) => one.allowed && room.access.verify(one.token, room.sessionId))
  expect(new Set(states)).toEqual(new Set(['withdrawn']))
  expect(owner.allowed && room.access.verify(owner.token, room.sessionId)).toMatchObject({ closed: null })
})

test('a right that could not be looked at when it was taken is looked at before the next byte', async () => {
  const { access, db, session, person } = await accessRoom()
  const sessionId = await session({ visibility: 'ticket' })
  const userId = await person('Tim')
  await access.grant({ userId, scope: `session:${sessionId}`, tier: 0, source: 'purchase:1', expiresAt: null })
  const decision = await access.admit(viewer(userId), sessionId)
  if (!decision.allowed) throw new Error(decision.reason)
  expect(access.verify(decision.token, sessionId)).toMatchObject({ closed: null })

  await access.revoke('purchase:1')
  await db.schema.alterTable('session').renameTo('out_of_reach').execute()
  await access.recheck({ userId })
  await expect(access.verify(decision.token, sessionId)).rejects.toThrow()
  await db.schema.alterTable('out_of_reach').renameTo('session').execute()
  expect(await access.verify(decision.token, sessionId)).toBe('withdrawn')
})
