import { expect, test } from 'vitest'
import { peopleSide } from '../helpers/people.ts'

async function withChannel() {
  const side = await peopleSide()
  const carla = await side.person('Carla', 'creator')
  const { id } = await side.channels.create(carla.user, { name: 'Cooking' })
  const path = `/api/channels/${id}/stream-keys`
  const { as } = carla
  const create = async (label = 'OBS') => (await side.call('POST', path, { as, body: { label } })).body
  return { ...side, carla, as, channelId: id, path, create }
}

test('a key is shown once; afterwards only what tells it apart', async () => {
  const { call, create, path, as, channelId, db } = await withChannel()
  const key = await create('Studio')
  expect(key.streamKey).toMatch(/^[0-9A-Z]{12}_[\w-]{43}$/)
  const { body } = await call('GET', path, { as })
  const { streamKey, ...rest } = key
  expect(body.streamKeys).toEqual([rest])
  expect(rest).toMatchObject({ label: 'Studio', channelId, createdAt: '2026-01-15T12:00:00.000Z', lastUsedAt: null })
  expect(JSON.stringify(await db.selectFrom('streamKey').selectAll().execute())).not.toContain(streamKey.slice(-43))
})

test('the right word opens its channel and is noted as used', async () => {
  const { call, create, path, as, channelId, streamKeys, clock } = await withChannel()
  const one = await create('OBS')
  const two = await create('Phone')
  clock.advance(5_000)
  expect(await streamKeys.findKey(two.streamKey)).toEqual({ keyId: two.id, channelId })
  const { body } = await call('GET', path, { as })
  expect(body.streamKeys).toMatchObject([
    { id: one.id, lastUsedAt: null },
    { id: two.id, lastUsedAt: '2026-01-15T12:00:05.000Z' },
  ])
})

test('nothing but the right word opens anything', async () => {
  const { create, streamKeys } = await withChannel()
  const { streamKey, publicId } = await create()
  const other = await create()
  const secret = streamKey.slice(13)
  const wrong = [
    '',
    publicId,
    secret,
    `${publicId}_`,
    `${publicId}_${other.streamKey.slice(13)}`,
    `${streamKey}x`,
    streamKey.slice(0, -1),
    `${streamKey}\n`,
    `AAAAAAAAAAAA_${secret}`,
    `' or 1=1 --_${secret}`,
  ]
  for (const word of wrong) expect(await streamKeys.findKey(word), word).toBeNull()
})

test('a rotated key has a new word, and what published with the old one ends', async () => {
  const { call, create, path, as, channelId, streamKeys, ended } = await withChannel()
  const key = await create()
  const { body } = await call('POST', `${path}/${key.id}/rotate`, { as })
  expect(body.id).toBe(key.id)
  expect(await streamKeys.findKey(key.streamKey)).toBeNull()
  expect(await streamKeys.findKey(body.streamKey)).toEqual({ keyId: key.id, channelId })
  expect(ended).toEqual([`${key.id} rotated`])
})

test('a revoked key is gone for good, and what published with it ends', async () => {
  const { call, create, path, as, streamKeys, ended } = await withChannel()
  const key = await create()
  expect((await call('DELETE', `${path}/${key.id}`, { as })).status).toBe(204)
  expect(await streamKeys.findKey(key.streamKey)).toBeNull()
  expect((await call('GET', path, { as })).body.streamKeys).toEqual([])
  expect((await call('POST', `${path}/${key.id}/rotate`, { as })).status).toBe(404)
  expect((await call('DELETE', `${path}/${key.id}`, { as })).status).toBe(404)
  expect(ended).toEqual([`${key.id} revoked`])
})

test("nobody touches another channel's keys, by any road", async () => {
  const { call, create, path, person, channels, streamKeys, ended } = await withChannel()
  const key = await create()
  const mallory = await person('Mallory', 'creator')
  const own = await channels.create(mallory.user, { name: 'Mallory' })
  const tries = [
    ['GET', path],
    ['POST', path, { label: 'Mine' }],
    ['POST', `${path}/${key.id}/rotate`],
    ['DELETE', `${path}/${key.id}`],
  ] as const
  for (const [method, address, body] of tries) {
    expect((await call(method, address, { as: mallory.as, body })).status, `${method} ${address}`).toBe(403)
    expect((await call(method, address, { body })).status, `${method} ${address}`).toBe(401)
  }
  const around = `/api/channels/${own.id}/stream-keys/${key.id}`
  expect((await call('POST', `${around}/rotate`, { as: mallory.as })).status).toBe(404)
  expect((await call('DELETE', around, { as: mallory.as })).status).toBe(404)
  expect(await streamKeys.findKey(key.streamKey)).not.toBeNull()
  expect(ended).toEqual([])
})

test('an admin may revoke any key', async () => {
  const { call, create, path, person } = await withChannel()
  const key = await create()
  const admin = await person('Ada', 'admin')
  expect((await call('DELETE', `${path}/${key.id}`, { as: admin.as })).status).toBe(204)
})

test('a label is needed, and a channel has no more than fifty keys', async () => {
  const { call, path, as, streamKeys, carla, channelId } = await withChannel()
  for (const body of [{}, { label: ' ' }, { label: 'x'.repeat(61) }, { label: 'x', secret: 'y' }]) {
    expect((await call('POST', path, { as, body })).status).toBe(422)
  }
  for (let n = 0; n < 50; n++) await streamKeys.create(carla.user, channelId, `key ${n}`)
  const { status, body } = await call('POST', path, { as, body: { label: 'one more' } })
  expect([status, body.error.code]).toEqual([409, 'too_many_keys'])
})
