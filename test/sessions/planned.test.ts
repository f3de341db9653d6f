/** Shows planned ahead: who plans them, how they are taken up, and when they are not. */
import { expect, test } from 'vitest'
import { EARLY_MS, LATE_MS } from '../../src/live/planned.ts'
import { createSessions } from '../../src/live/sessions.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { accessRoom } from '../helpers/access-room.ts'

async function plannedRoom() {
  const room = await accessRoom()
  const { db, clock, owner, channelId } = room
  const sessions = createSessions({
    db,
    clock,
    recordAct: room.auditLog.recordAct,
    ownChannel: async (actor, id) => {
      if (actor.id === owner.id) return id
      throw new DomainError('forbidden', 'not_your_channel', 'Only the owner may do this.')
    },
  })
  const plan = (minutes: number, title = 'Planned') =>
    sessions.plan(owner, channelId, { title, scheduledAt: clock.now() + minutes * 60_000, visibility: 'ticket' })
  const publish = () => sessions.openFor(channelId, { streamKeyId: 'key', title: 'By surprise' })
  return { ...room, sessions, plan, publish }
}

test('who publishes around the planned time takes the planned show up, with what it asks of its viewers', async () => {
  const { plan, publish, sessions } = await plannedRoom()
  const { id } = await plan(30)
  expect(await publish()).toMatchObject({ id, state: 'starting', visibility: 'ticket', streamKeyId: 'key' })
  expect((await publish()).id).toBe(id)
  expect(await sessions.move(id, 'playable')).toMatchObject({ state: 'live' })
})

test('of several the nearest is taken up, also when two publish at once', async () => {
  const { plan, publish } = await plannedRoom()
  await plan(55)
  const { id } = await plan(10)
  expect(new Set((await Promise.all([publish(), publish(), publish()])).map((one) => one.id))).toEqual(new Set([id]))
})

test('too early, too late, or called off: the show is another one', async () => {
  const { plan, publish, sessions, clock } = await plannedRoom()
  const { id } = await plan((EARLY_MS + 60_000) / 60_000)
  const before = await publish()
  expect(before).toMatchObject({ title: 'By surprise', visibility: 'public' })
  await sessions.move(before.id, 'end')
  clock.advance(EARLY_MS + 60_000 + LATE_MS)
  const after = await publish()
  expect(after.id).not.toBe(id)
  await sessions.move(after.id, 'end')
  const next = await plan(10)
  expect(await sessions.move(next.id, 'cancel', { endReason: 'ill' })).toMatchObject({
    state: 'cancelled',
    endReason: 'ill',
  })
  expect((await publish()).id).not.toBe(next.id)
})

test('a show is planned by the owner, for a time to come, and moved until it begins', async () => {
  const { plan, publish, sessions, owner, channelId, clock, person } = await plannedRoom()
  await expect(plan(-10)).rejects.toMatchObject({ code: 'not_to_come' })
  const stranger = {
    id: await person('Stan'),
    name: 'Stan',
    email: 'stan@example.org',
    role: 'creator' as const,
    emailVerified: true,
  }
  const asked = { title: 'Mine', scheduledAt: clock.now() + 60_000 }
  await expect(sessions.plan(stranger, channelId, asked)).rejects.toMatchObject({ kind: 'forbidden' })
  const { id } = await plan(30)
  const scheduledAt = clock.now() + 40 * 60_000
  expect(await sessions.update(owner, id, { scheduledAt })).toMatchObject({ scheduledAt })
  await publish()
  await expect(sessions.update(owner, id, { scheduledAt })).rejects.toMatchObject({ code: 'has_begun' })
})

test('what is unlisted or private is in no list but that of who runs the channel', async () => {
  const { session, sessions, channelId } = await plannedRoom()
  for (const visibility of ['public', 'unlisted', 'private', 'ticket'] as const) {
    await session({ visibility, title: visibility, state: 'ended' })
  }
  const titles = async (withSecret: boolean) =>
    (await sessions.list({ channelId, limit: 9, withSecret })).items.map(({ title }) => title).sort()
  expect(await titles(false)).toEqual(['public', 'ticket'])
  expect(await titles(true)).toEqual(['private', 'public', 'ticket', 'unlisted'])
})
