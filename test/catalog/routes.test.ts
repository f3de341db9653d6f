import { expect, test } from 'vitest'
import { addSession } from '../helpers/access-room.ts'
import { peopleSide } from '../helpers/people.ts'

type Side = Awaited<ReturnType<typeof peopleSide>>

/** Puts a channel on air, as the conductor would. */
async function goLive({ db, onAir }: Side, channelId: string, state = 'live') {
  const id = await addSession(db, channelId, { state })
  onAir.set(channelId, { id })
  return id
}

async function namesOf(side: Side, query = '') {
  const { body } = await side.call('GET', `/api/channels${query}`)
  return { names: body.channels.map(({ name }: { name: string }) => name) as string[], nextCursor: body.nextCursor }
}

test('a creator opens a channel under an address made of its name; a viewer may not', async () => {
  const { call, person } = await peopleSide()
  const creator = await person('Carla', 'creator')
  const viewer = await person('Vera', 'viewer')
  const made = await call('POST', '/api/channels', { as: creator.as, body: { name: 'Ärger im Büro' } })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    slug: 'arger-im-buro',
    ownerId: creator.user.id,
    suspended: false,
    live: null,
    version: 1,
  })
  expect(made.body.createdAt).toBe('2026-01-15T12:00:00.000Z')

  const refused = await call('POST', '/api/channels', { as: viewer.as, body: { name: 'Mine' } })
  expect([refused.status, refused.body.error.code]).toEqual([403, 'creators_only'])
  expect((await call('POST', '/api/channels', { body: { name: 'Mine' } })).status).toBe(401)
})

test('two channels of one name get two addresses; an address asked for that is taken is refused', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Carla', 'creator')
  const slugs = []
  for (const name of ['News', 'News', '日本', '!'])
    slugs.push((await call('POST', '/api/channels', { as, body: { name } })).body.slug)
  expect(slugs[0]).toBe('news')
  expect(slugs[1]).toMatch(/^news-[a-z0-9]{6}$/)
  expect(slugs[2]).toMatch(/^channel-[a-z0-9]{6}$/)
  expect(new Set(slugs).size).toBe(4)
  const taken = await call('POST', '/api/channels', { as, body: { name: 'Other', slug: 'news' } })
  expect([taken.status, taken.body.error.code]).toEqual([409, 'slug_taken'])
  for (const slug of ['-a', 'A b', 'a--b', 'ab', '../x']) {
    expect((await call('POST', '/api/channels', { as, body: { name: 'Other', slug } })).status).toBe(422)
  }
})

test("nobody takes another channel's id for an address", async () => {
  const { call, person, channels } = await peopleSide()
  const carla = await person('Carla', 'creator')
  const mallory = await person('Mallory', 'creator')
  const { id } = await channels.create(carla.user, { name: 'Cooking' })
  const { status } = await call('POST', '/api/channels', { as: mallory.as, body: { name: 'Trap', slug: id } })
  expect(status).toBe(422)
  await channels.create(mallory.user, { name: 'Trap', slug: id })
  expect((await call('GET', `/api/channels/${id}`)).body.name).toBe('Cooking')
})

test('anybody finds a channel by id or address', async () => {
  const side = await peopleSide()
  const { user } = await side.person('Carla', 'creator')
  const { id } = await side.channels.create(user, { name: 'Cooking' })
  for (const name of [id, 'cooking', 'Cooking']) {
    expect((await side.call('GET', `/api/channels/${name}`)).body.id).toBe(id)
  }
  const missing = await side.call('GET', '/api/channels/nothing')
  expect([missing.status, missing.body.error.code]).toEqual([404, 'no_such_channel'])
})

test('live channels come first, then the newest, page by page, none twice', async () => {
  const side = await peopleSide()
  const { user } = await side.person('Carla', 'creator')
  const ids = new Map<string, string>()
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five'])
    ids.set(name, (await side.channels.create(user, { name })).id)
  await goLive(side, ids.get('One')!)
  await goLive(side, ids.get('Three')!, 'paused')
  await goLive(side, ids.get('Four')!, 'starting')

  const expected = ['Three', 'One', 'Five', 'Four', 'Two']
  expect((await namesOf(side)).names).toEqual(expected)
  for (const limit of [1, 2, 3, 4]) {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof namesOf>> = await namesOf(
        side,
        `?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
      )
      seen.push(...page.names)
      cursor = page.nextCursor
    } while (cursor)
    expect(seen).toEqual(expected)
  }
  const { body } = await side.call('GET', '/api/channels?limit=1')
  expect(body.channels[0].live).toEqual({ id: expect.any(String) })
})

test('a cursor of our making only, and no other query', async () => {
  const { call } = await peopleSide()
  const strange = [
    '?cursor=abc',
    `?cursor=${Buffer.from('{"id":{}}').toString('base64url')}`,
    '?limit=0',
    '?limit=101',
    '?order=name',
  ]
  for (const query of strange) expect((await call('GET', `/api/channels${query}`)).status, query).toBe(422)
})

test('only the owner or an admin changes a channel', async () => {
  const { call, person, channels } = await peopleSide()
  const carla = await person('Carla', 'creator')
  const mallory = await person('Mallory', 'creator')
  const moderator = await person('Mo', 'moderator')
  const admin = await person('Ada', 'admin')
  const { id } = await channels.create(carla.user, { name: 'Cooking' })
  const change = (as?: string) =>
    call('PATCH', `/api/channels/${id}`, { ...(as ? { as } : {}), body: { description: 'Soup' } })

  expect((await change()).status).toBe(401)
  for (const { as } of [mallory, moderator]) {
    const { status, body } = await change(as)
    expect([status, body.error.code]).toEqual([403, 'not_your_channel'])
  }
  for (const { as } of [carla, admin]) expect((await change(as)).body.description).toBe('Soup')
  const stolen = await call('PATCH', `/api/channels/${id}`, { as: carla.as, body: { ownerId: mallory.user.id } })
  expect(stolen.status).toBe(422)
})

test('a channel names its qualities, of those there are', async () => {
  const { call, person, channels } = await peopleSide()
  const { user, as } = await person('Carla', 'creator')
  const { id, ladder } = await channels.create(user, { name: 'Cooking' })
  expect(ladder).toBe('auto')
  for (const ladder of ['source', ['480p', '240p'], 'auto']) {
    expect((await call('PATCH', `/api/channels/${id}`, { as, body: { ladder } })).body.ladder).toEqual(ladder)
    expect((await call('GET', `/api/channels/${id}`)).body.ladder).toEqual(ladder)
  }
  for (const ladder of [[], ['999p'], '480p', null]) {
    expect((await call('PATCH', `/api/channels/${id}`, { as, body: { ladder } })).status).toBe(422)
  }
})

test('the slower of two editors is told that the channel changed', async () => {
  const { call, person, channels } = await peopleSide()
  const { user, as } = await person('Carla', 'creator')
  const { id } = await channels.create(user, { name: 'Cooking' })
  const edit = (name: string) => call('PATCH', `/api/channels/${id}`, { as, body: { name, version: 1 } })
  expect((await edit('Baking')).body).toMatchObject({ name: 'Baking', version: 2 })
  const late = await edit('Frying')
  expect([late.status, late.body.error.code]).toEqual([409, 'changed_meanwhile'])
})

test('an admin suspends a channel: off the list, off the air, still there for its owner', async () => {
  const { call, person, channels, ended } = await peopleSide()
  const carla = await person('Carla', 'creator')
  const admin = await person('Ada', 'admin')
  const { id } = await channels.create(carla.user, { name: 'Cooking' })
  const own = await call('PATCH', `/api/channels/${id}`, { as: carla.as, body: { suspended: false } })
  expect([own.status, own.body.error.code]).toEqual([403, 'admins_only'])

  const suspended = await call('PATCH', `/api/channels/${id}`, {
    as: admin.as,
    body: { suspended: true, suspendedReason: 'spam' },
  })
  expect(suspended.body.suspended).toBe(true)
  expect(ended).toEqual([id])
  expect((await call('GET', '/api/channels')).body.channels).toEqual([])
  expect((await call('GET', '/api/channels?mine=true', { as: carla.as })).body.channels).toHaveLength(1)
  expect((await call('GET', '/api/channels?mine=true')).status).toBe(401)
  await call('PATCH', `/api/channels/${id}`, { as: admin.as, body: { suspended: false } })
  expect((await call('GET', '/api/channels')).body.channels).toHaveLength(1)
})

test('an unlisted channel is in no list but its owner’s, and still opens by its address', async () => {
  const side = await peopleSide()
  const { user, as } = await side.person('Carla', 'creator')
  const { id, slug } = await side.channels.create(user, { name: 'Cooking' })
  const refused = await side.call('PATCH', `/api/channels/${id}`, { as, body: { visibility: 'secret' } })
  expect(refused.status).toBe(422)
  const hidden = await side.call('PATCH', `/api/channels/${id}`, { as, body: { visibility: 'unlisted' } })
  expect(hidden.body.visibility).toBe('unlisted')
  for (const state of ['ended', 'live']) {
    await goLive(side, id, state)
    expect((await namesOf(side)).names).toEqual([])
  }
  expect((await side.call('GET', '/api/channels?mine=true', { as })).body.channels).toHaveLength(1)
  expect((await side.call('GET', `/api/channels/${slug}`)).body.name).toBe('Cooking')
})

test('a channel has one session under way, whoever tries', async () => {
  const side = await peopleSide()
  const { user } = await side.person('Carla', 'creator')
  const { id } = await side.channels.create(user, { name: 'Cooking' })
  await goLive(side, id, 'ended')
  await goLive(side, id, 'paused')
  await expect(goLive(side, id, 'starting')).rejects.toThrow(/unique/i)
})
