/** The rows of sessions: one open one per channel, moved only as the table allows, changed only by who may. */
import { expect, test } from 'vitest'
import { next, SESSION_STATES } from '../../src/live/session-states.ts'
import { toView } from '../../src/live/session-view.ts'
import { createSessions } from '../../src/live/sessions.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { fakeClock } from '../helpers/clock.ts'
import { peopleSide } from '../helpers/people.ts'

async function sessionsRoom() {
  const side = await peopleSide()
  const owner = await side.person('Olga', 'creator')
  const stranger = await side.person('Stan', 'creator')
  const { body } = await side.call('POST', '/api/channels', { as: owner.as, body: { name: 'Night radio' } })
  const clock = fakeClock()
  const sessions = createSessions({
    db: side.db,
    clock,
    recordAct: side.auditLog.recordAct,
    ownChannel: async (actor, channelId) => {
      if (actor.id === owner.user.id) return channelId
      throw new DomainError('forbidden', 'not_your_channel', 'Only the owner may do this.')
    },
  })
  const open = () => sessions.openFor(body.id, { streamKeyId: null, title: 'Tonight' })
  return {
    sessions,
    channels: side.channels,
    clock,
    open,
    owner: owner.user,
    stranger: stranger.user,
    channelId: body.id as string,
  }
}

test('sessions of an unlisted channel are listed under that channel only', async () => {
  const { sessions, open, owner, channels, channelId } = await sessionsRoom()
  const { id } = await open()
  const all = async () => (await sessions.list({ limit: 10 })).items.map((session) => session.id)
  expect(await all()).toEqual([id])
  await channels.update(owner, channelId, { visibility: 'unlisted' })
  expect(await all()).toEqual([])
  expect((await sessions.list({ channelId, limit: 10 })).items).toHaveLength(1)
})

test('nothing follows an end', () => {
  for (const state of ['ended', 'cancelled', 'error'] as const) {
    for (const signal of ['publish', 'playable', 'drop', 'end', 'cancel', 'fail'] as const) {
      expect(next(state, signal)).toBeNull()
    }
  }
  expect(SESSION_STATES.filter((state) => next(state, 'cancel'))).toEqual(['scheduled'])
})

test('a channel has one open session, also when two ask at once', async () => {
  const { open } = await sessionsRoom()
  const opened = await Promise.all([open(), open(), open()])
  expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
})

test('a session goes live, is paused, goes on and ends with a reason; the next one is another', async () => {
  const { sessions, clock, open } = await sessionsRoom()
  const { id, code } = await open()
  expect(await sessions.move(id, 'playable')).toMatchObject({ state: 'live', startedAt: clock.now() })
  expect(await sessions.move(id, 'playable')).toBeNull()
  const began = clock.now()
  clock.advance(60_000)
  expect(await sessions.move(id, 'drop')).toMatchObject({ state: 'paused', pausedAt: clock.now() })
  expect(await sessions.move(id, 'playable')).toMatchObject({ state: 'live', startedAt: began, pausedAt: null })
  expect(await sessions.move(id, 'end', { endReason: 'publisher gone' })).toMatchObject({ endReason: 'publisher gone' })
  expect((await sessions.find(code.toLowerCase()))?.state).toBe('ended')
  expect((await open()).id).not.toBe(id)
})

test('what is said of a session is changed by its owner, from what it is now', async () => {
  const { sessions, open, owner, stranger } = await sessionsRoom()
  const { id } = await open()
  const changed = await sessions.update(owner, id, { title: 'Late night', tags: ['jazz'], version: 1 })
  expect(toView(changed, 3, { thumbnailUrl: null, previewUrl: null, storyboardUrl: null })).toMatchObject({
    title: 'Late night',
    tags: ['jazz'],
    viewers: 3,
    peakViewers: 3,
    version: 2,
  })
  await expect(sessions.update(owner, id, { title: 'Too late', version: 1 })).rejects.toMatchObject({
    kind: 'conflict',
  })
  await expect(sessions.update(stranger, id, { title: 'Mine' })).rejects.toMatchObject({ kind: 'forbidden' })
  await expect(sessions.getOwn(owner, 'NOSUCHCODE')).rejects.toMatchObject({ kind: 'not_found' })
})

test('the list is paged, the newest first', async () => {
  const { sessions, open, channelId } = await sessionsRoom()
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    const { id } = await open()
    await sessions.move(id, 'end')
    ids.unshift(id)
  }
  const first = await sessions.list({ channelId, limit: 3 })
  const second = await sessions.list({ channelId, limit: 3, cursor: first.nextCursor! })
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids)
  expect(second.nextCursor).toBeNull()
  expect((await sessions.list({ state: 'live', limit: 3 })).items).toEqual([])
})
