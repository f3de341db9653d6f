/** Who is around a channel: followers, moderators and those shut out; who may change it, and who is told. */
import { expect, test } from 'vitest'
import { peopleSide } from '../helpers/people.ts'

async function channelWithPeople() {
  const side = await peopleSide()
  const [owner, moderator, viewer] = [
    await side.person('Olga', 'creator'),
    await side.person('Mo', 'viewer'),
    await side.person('Vera', 'viewer'),
  ]
  const { body } = await side.call('POST', '/api/channels', { as: owner.as, body: { name: 'Night radio' } })
  const at = `/api/channels/${body.slug}`
  return { ...side, owner, moderator, viewer, at, channelId: body.id as string }
}

test('people follow and unfollow a channel; the number is for all, mine for me', async () => {
  const { call, viewer, at, changed, channelId } = await channelWithPeople()
  expect((await call('PUT', `${at}/follow`)).status).toBe(401)
  for (let n = 0; n < 2; n++) {
    const { body } = await call('PUT', `${at}/follow`, { as: viewer.as })
    expect(body).toEqual({ followers: 1, following: true })
  }
  expect((await call('GET', `${at}/follow`)).body).toEqual({ followers: 1, following: false })
  expect((await call('DELETE', `${at}/follow`, { as: viewer.as })).body).toEqual({ followers: 0, following: false })
  expect(changed).toEqual(Array(3).fill({ userId: viewer.user.id, channelId }))
  expect((await call('PUT', '/api/channels/nowhere/follow', { as: viewer.as })).status).toBe(404)
})

test('one account follows so often in a minute and no more', async () => {
  const { call, viewer, at } = await channelWithPeople()
  const statuses = new Set<number>()
  for (let n = 0; n < 22; n++) statuses.add((await call('PUT', `${at}/follow`, { as: viewer.as })).status)
  expect([...statuses]).toEqual([200, 429])
})

test('the owner names moderators; nobody else does', async () => {
  const { call, owner, moderator, viewer, at } = await channelWithPeople()
  const path = `${at}/moderators/${moderator.user.id}`
  for (const [as, status] of [
    [undefined, 401],
    [viewer.as, 403],
    [moderator.as, 403],
    [owner.as, 204],
  ] as const) {
    expect((await call('PUT', path, as ? { as } : {})).status).toBe(status)
  }
  expect((await call('PUT', `${at}/moderators/nobody`, { as: owner.as })).status).toBe(404)
  const listed = await call('GET', `${at}/moderators`, { as: moderator.as })
  expect(listed.body.moderators).toMatchObject([{ userId: moderator.user.id, name: 'Mo' }])
  expect((await call('GET', `${at}/moderators`, { as: viewer.as })).status).toBe(403)
  expect((await call('DELETE', path, { as: owner.as })).status).toBe(204)
  expect((await call('GET', `${at}/moderators`, { as: moderator.as })).status).toBe(403)
})

test('moderators shut people out and let them in, but not each other nor the owner', async () => {
  const { call, owner, moderator, viewer, at, changed, channelId } = await channelWithPeople()
  const ban = (userId: string, as: string) => call('PUT', `${at}/bans/${userId}`, { as, body: { reason: 'rude' } })
  expect((await ban(viewer.user.id, moderator.as)).status).toBe(403)
  await call('PUT', `${at}/moderators/${moderator.user.id}`, { as: owner.as })
  changed.length = 0
  expect((await ban(viewer.user.id, moderator.as)).status).toBe(204)
  expect(changed).toEqual([{ userId: viewer.user.id, channelId }])
  for (const userId of [owner.user.id, moderator.user.id]) expect((await ban(userId, moderator.as)).status).toBe(409)
  const { body } = await call('GET', `${at}/bans`, { as: moderator.as })
  expect(body).toMatchObject({ bans: [{ userId: viewer.user.id, reason: 'rude' }], nextCursor: null })
  expect((await call('GET', `${at}/bans`, { as: viewer.as })).status).toBe(403)
  expect((await call('DELETE', `${at}/bans/${viewer.user.id}`, { as: moderator.as })).status).toBe(204)
  expect((await call('GET', `${at}/bans`, { as: owner.as })).body.bans).toEqual([])
})
