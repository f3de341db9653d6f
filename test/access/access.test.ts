/** Who may watch what: every visibility for every kind of viewer, and what follows when rights come, go and run out. */
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VISIBILITIES } from '../../src/access/access.ts'
import { SESSION_VISIBILITIES } from '../../src/live/session-states.ts'
import { accessRoom, viewer } from '../helpers/access-room.ts'

type Room = Awaited<ReturnType<typeof accessRoom>>

/** Each kind of viewer, as they come to be. */
const kinds: Record<string, (room: Room, sessionId: string) => Promise<string | null>> = {
  stranger: async () => null,
  nobody: ({ person }) => person('Nina'),
  unverified: async (room) => unverified(room, await room.person('Uwe')),
  'unverified basic': async (room) => unverified(room, await member(room, 1)),
  follower: async ({ person, people, channelId }) => followed(await person('Fay'), people, channelId),
  basic: (room) => member(room, 1),
  vip: (room) => member(room, 3),
  'lapsed vip': (room) => member(room, 3, room.clock.now()),
  'ticket holder': (room, sessionId) => holder(room, `session:${sessionId}`),
  'late ticket holder': (room, sessionId) => holder(room, `session:${sessionId}`, room.clock.now()),
  'holder of another ticket': (room) => holder(room, 'session:another'),
  invited: (room, sessionId) => invited(room, `session:${sessionId}`),
  'invited to the channel': (room) => invited(room, `channel:${room.channelId}`),
  moderator: async (room) => {
    const id = await room.person('Mo')
    await room.people.addModerator(room.owner, room.channelId, id)
    return id
  },
  owner: async ({ owner }) => owner.id,
  admin: ({ person }) => person('Ada', 'admin'),
  'moderator of the house': ({ person }) => person('Hugo', 'moderator'),
  'banned vip': async (room) => {
    const id = await member(room, 3)
    await room.people.ban(room.owner, room.channelId, id, 'rude')
    return id
  },
  'suspended admin': async (room) => {
    const id = await room.person('Sam', 'admin')
    await room.db.updateTable('user').set({ status: 'suspended' }).where('id', '=', id).execute()
    return id
  },
}

async function unverified({ db }: Room, id: string): Promise<string> {
  await db.updateTable('user').set({ emailVerified: 0 }).where('id', '=', id).execute()
  return id
}

async function followed(id: string, people: Room['people'], channelId: string): Promise<string> {
  await people.follow(id, channelId)
  return id
}

async function member({ person, access, channelId }: Room, tier: number, expiresAt: number | null = null) {
  const userId = await person('Mia')
  await access.grant({ userId, scope: `channel:${channelId}`, tier, source: `membership:${userId}`, expiresAt })
  return userId
}

async function holder({ person, access }: Room, scope: `session:${string}`, expiresAt: number | null = null) {
  const userId = await person('Tim')
  await access.grant({ userId, scope, tier: 0, source: `purchase:${userId}`, expiresAt })
  return userId
}

async function invited(
  { person, invitations, channelId, owner }: Room,
  scope: `session:${string}` | `channel:${string}`,
) {
  const userId = await person('Ivy')
  const asked = { label: '', maxUses: 1, expiresAt: null }
  const { secret } = await invitations.create(owner, channelId, scope, asked)
  await invitations.accept(userId, secret)
  return userId
}

/** `yes`, `low` (yes, up to 480 lines), or the reason why not; for a stranger with what is asked of them afterwards. */
// biome-ignore format: a table is read in columns
const matrix: [string, ...string[]][] = [
  //                          public    unlisted  private        followers         members 2        ticket
  ['stranger',                 'low',    'low',    'invite_only', 'sign_in follow', 'sign_in join',  'sign_in buy'],
  ['nobody',                   'low',    'low',    'invite_only', 'follow',         'join',          'buy'],
  ['unverified',               'low',    'low',    'invite_only', 'verify follow',  'verify join',   'verify buy'],
  ['unverified basic',         'yes',    'yes',    'invite_only', 'yes',            'verify upgrade','verify buy'],
  ['follower',                 'low',    'low',    'invite_only', 'low',            'join',          'buy'],
  ['basic',                    'yes',    'yes',    'invite_only', 'yes',            'upgrade',       'buy'],
  ['vip',                      'yes',    'yes',    'invite_only', 'yes',            'yes',           'buy'],
  ['lapsed vip',               'low',    'low',    'invite_only', 'follow',         'join',          'buy'],
  ['ticket holder',            'yes',    'yes',    'yes',         'yes',            'yes',           'yes'],
  ['late ticket holder',       'low',    'low',    'invite_only', 'follow',         'join',          'ended'],
  ['holder of another ticket', 'low',    'low',    'invite_only', 'follow',         'join',          'buy'],
  ['invited',                  'yes',    'yes',    'yes',         'yes',            'yes',           'yes'],
  ['invited to the channel',   'low',    'low',    'low',         'follow',         'join',          'buy'],
  ['moderator',                'yes',    'yes',    'yes',         'yes',            'yes',           'yes'],
  ['owner',                    'yes',    'yes',    'yes',         'yes',            'yes',           'yes'],
  ['admin',                    'yes',    'yes',    'yes',         'yes',            'yes',           'yes'],
  ['moderator of the house',   'low',    'low',    'invite_only', 'follow',         'join',          'buy'],
  ['banned vip',               'banned', 'banned', 'banned',      'banned',         'banned',        'banned'],
  ['suspended admin',          'banned', 'banned', 'banned',      'banned',         'banned',        'banned'],
]

async function answerOf(room: Room, userId: string | null, sessionId: string): Promise<string> {
  const decision = await room.decide(userId, sessionId)
  if (decision.allowed) return decision.maxHeight === null ? 'yes' : 'low'
  return [decision.reason, ...(decision.next ? [decision.next] : [])].join(' ')
}

test('every visibility for every kind of viewer, planned, live and over alike', async () => {
  expect(matrix.map(([kind]) => kind).sort()).toEqual(Object.keys(kinds).sort())
  const room = await accessRoom()
  const seen: [string, ...string[]][] = []
  for (const [kind] of matrix) {
    const row: [string, ...string[]] = [kind]
    for (const visibility of VISIBILITIES) {
      const asked = { visibility, requiredTier: visibility === 'members' ? 2 : null, freeMaxHeight: 480 }
      const sessionId = await room.session({ ...asked, state: 'scheduled' })
      const userId = await kinds[kind]!(room, sessionId)
      const planned = await answerOf(room, userId, sessionId)
      for (const state of ['starting', 'live', 'paused', 'ended']) {
        await room.change(sessionId, { state })
        expect(await answerOf(room, userId, sessionId), `${kind} ${visibility} ${state}`).toBe(planned)
      }
      row.push(planned)
    }
    seen.push(row)
  }
  expect(seen).toEqual(matrix)
})

test('the words of who a session is for are the same where they are written and where they are judged', () => {
  expect(SESSION_VISIBILITIES).toEqual(VISIBILITIES)
})

test('a show that was called off, or whose channel is suspended, is over for all but those who run it', async () => {
  const room = await accessRoom()
  const sessionId = await room.session({ state: 'cancelled' })
  expect(await room.decide(null, sessionId)).toMatchObject({ allowed: false, reason: 'ended' })
  const live = await room.session()
  await room.db.updateTable('channel').set({ suspendedAt: 1 }).execute()
  expect(await room.decide(await room.person('Nina'), live)).toMatchObject({ allowed: false, reason: 'ended' })
  expect(await room.decide(room.owner.id, live)).toMatchObject({ allowed: true })
})

test('members from a tier up need no ticket where the show says so', async () => {
  const room = await accessRoom()
  const sessionId = await room.session({ visibility: 'ticket', requiredTier: 2 })
  expect(await room.decide(await member(room, 1), sessionId)).toMatchObject({ reason: 'buy' })
  expect(await room.decide(await member(room, 2), sessionId)).toMatchObject({ allowed: true })
})

test('a right ends with its time: the same moment for all who ask', async () => {
  const room = await accessRoom()
  const sessionId = await room.session({ visibility: 'members' })
  const ends = room.clock.now() + 60_000
  const mia = await member(room, 1, ends)
  room.clock.advance(59_999)
  expect(await room.decide(mia, sessionId)).toMatchObject({ allowed: true, until: ends })
  room.clock.advance(1)
  expect(await room.decide(mia, sessionId)).toMatchObject({ allowed: false, reason: 'join' })
})

test('a suspension of an account that had an end is over by itself', async () => {
  const room = await accessRoom()
  const sessionId = await room.session()
  const sam = await room.person('Sam')
  const until = room.clock.now() + 1_000
  await room.db.updateTable('user').set({ status: 'suspended', statusUntil: until }).where('id', '=', sam).execute()
  expect(await room.decide(sam, sessionId)).toMatchObject({ reason: 'banned' })
  room.clock.advance(1_000)
  expect(await room.decide(sam, sessionId)).toMatchObject({ allowed: true })
})

test('granting and revoking, in any order and however often, leaves what the last word of each source says', async () => {
  const room = await accessRoom()
  const { access, channelId, clock } = room
  const sessionId = await room.session({ visibility: 'members', requiredTier: 2 })
  const userId = await room.person('Mia')
  const scopes = [`channel:${channelId}`, `session:${sessionId}`, 'channel:other'] as const
  const step = record({
    source: constantFrom('membership:1', 'membership:2', 'comp:1', 'purchase:1'),
    isGrant: constantFrom(true, true, false),
    scope: constantFrom(...scopes),
    tier: integer({ min: 0, max: 3 }),
    endsIn: constantFrom(null, -1, 0, 1_000),
    times: integer({ min: 1, max: 3 }),
  })
  await assert(
    asyncProperty(array(step, { maxLength: 12 }), async (steps) => {
      await room.db.deleteFrom('entitlement').execute()
      const held = new Map<string, { scope: string; tier: number; endsIn: number | null }>()
      for (const { source, isGrant, scope, tier, endsIn, times } of steps) {
        const expiresAt = endsIn === null ? null : clock.now() + endsIn
        for (let n = 0; n < times; n++) {
          if (isGrant) await access.grant({ userId, scope, tier, source, expiresAt })
          else await access.revoke(source)
        }
        if (isGrant) held.set(source, { scope: held.get(source)?.scope ?? scope, tier, endsIn })
        else held.delete(source)
        if (isGrant) held.get(source)!.scope = scope
      }
      const good = [...held.values()].filter(({ endsIn }) => endsIn === null || endsIn > 0)
      const opens = good.some(({ scope, tier }) => scope === scopes[1] || (scope === scopes[0] && tier >= 2))
      const isBasic = good.some(({ scope, tier }) => scope === scopes[0] && tier === 1)
      const expected = opens ? { allowed: true } : { allowed: false, reason: isBasic ? 'upgrade' : 'join' }
      expect(await room.decide(userId, sessionId)).toMatchObject(expected)
    }),
    { numRuns: 60 },
  )
})

test('a right written inside a transaction that fails was never there', async () => {
  const room = await accessRoom()
  const sessionId = await room.session({ visibility: 'ticket' })
  const userId = await room.person('Tim')
  const right = { userId, scope: `session:${sessionId}`, tier: 0, source: 'purchase:1', expiresAt: null } as const
  const failing = room.db.transaction().execute(async (tx) => {
    await room.access.grant(right, tx)
    throw new Error('the books do not balance')
  })
  await expect(failing).rejects.toThrow('balance')
  expect(await room.decide(userId, sessionId)).toMatchObject({ reason: 'buy' })
})

describe('a free preview', () => {
  const minutes = (n: number) => n * 60_000

  async function previewRoom() {
    const room = await accessRoom()
    const sessionId = await room.session({ visibility: 'ticket', previewMinutes: 5, freeMaxHeight: 480 })
    const watch = (who: Parameters<typeof viewer>) => room.access.admit(viewer(...who), sessionId)
    return { ...room, sessionId, watch }
  }

  test('lasts so long from the first look, however often one comes back', async () => {
    const { watch, clock } = await previewRoom()
    const ends = clock.now() + minutes(5)
    expect(await watch([null])).toMatchObject({ allowed: true, previewEndsAt: ends, maxHeight: 480 })
    clock.advance(minutes(3))
    expect(await watch([null])).toMatchObject({ allowed: true, previewEndsAt: ends })
    clock.advance(minutes(2))
    expect(await watch([null])).toMatchObject({ allowed: false, reason: 'sign_in', next: 'buy' })
  })

  test('begins anew neither with another device at the same address nor at another address with the same device', async () => {
    const { watch, clock } = await previewRoom()
    await watch([null])
    clock.advance(minutes(5))
    expect(await watch([null, { deviceId: 'private-mode' }])).toMatchObject({ allowed: false })
    expect(await watch([null, { address: '198.51.100.7' }])).toMatchObject({ allowed: false })
    expect(await watch([null, { deviceId: 'elsewhere-12', address: '203.0.113.9' }])).toMatchObject({ allowed: true })
  })

  test('of an account is its own, and begins anew neither elsewhere nor for another account on the device', async () => {
    const { watch, clock, person } = await previewRoom()
    const [nina, nora] = [await person('Nina'), await person('Nora')]
    const shared = { deviceId: 'one-and-only' }
    expect(await watch([nina, shared])).toMatchObject({ allowed: true })
    clock.advance(minutes(5))
    expect(await watch([nina, { deviceId: 'another-one1', address: '203.0.113.9' }])).toMatchObject({ reason: 'buy' })
    expect(await watch([nora, shared])).toMatchObject({ reason: 'buy' })
    expect(await watch([nora, { deviceId: 'her-own-one1' }])).toMatchObject({ allowed: true })
  })

  test('is offered neither to the banned nor of what is private', async () => {
    const { sessionId, person, people, owner, channelId, decide, change, clock } = await previewRoom()
    const rude = await person('Rudi')
    await people.ban(owner, channelId, rude, '')
    expect(await decide(rude, sessionId)).toMatchObject({ reason: 'banned' })
    await change(sessionId, { visibility: 'private' })
    expect(await decide(null, sessionId)).toMatchObject({ reason: 'invite_only' })
    await change(sessionId, { visibility: 'members' })
    expect(await decide(null, sessionId)).toMatchObject({ allowed: true, previewEndsAt: clock.now() + minutes(5) })
  })
})

describe('an invitation', () => {
  test('is good for as many as it says, and for the same person again and again', async () => {
    const room = await accessRoom()
    const sessionId = await room.session({ visibility: 'private' })
    const asked = { label: 'friends', maxUses: 2, expiresAt: null }
    const { secret, invitation } = await room.invitations.create(
      room.owner,
      room.channelId,
      `session:${sessionId}`,
      asked,
    )
    const people = await Promise.all(['A', 'B', 'C', 'D'].map((name) => room.person(name)))
    const tried = await Promise.allSettled(people.map((id) => room.invitations.accept(id, secret)))
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const first = people[tried.findIndex(({ status }) => status === 'fulfilled')]!
    await room.invitations.accept(first, secret)
    expect(await room.decide(first, sessionId)).toMatchObject({ allowed: true })

    await room.invitations.remove(room.owner, invitation)
    for (const id of people) expect(await room.decide(id, sessionId)).toMatchObject({ reason: 'invite_only' })
  })

  test('that has run out, or was never made, opens nothing', async () => {
    const room = await accessRoom()
    const scope = `session:${await room.session({ visibility: 'private' })}` as const
    const asked = { label: '', maxUses: 1, expiresAt: room.clock.now() + 1_000 }
    const { secret } = await room.invitations.create(room.owner, room.channelId, scope, asked)
    room.clock.advance(1_000)
    for (const word of [secret, 'made up']) {
      await expect(room.invitations.accept(await room.person('Ivy'), word)).rejects.toMatchObject({ kind: 'not_found' })
    }
  })
})
