/** What is shown of a show to those who may not watch it: never the picture itself. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { createCovers } from '../../src/live/covers.ts'
import { blur, createPictures } from '../../src/live/pictures.ts'
import { coverRoutes, pictureRoutes, thumbnailRoutes } from '../../src/live/routes.ts'
import { createSessions } from '../../src/live/sessions.ts'
import { createThumbnails } from '../../src/live/thumbnails.ts'
import { createApi } from '../../src/platform/api.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRateLimit } from '../../src/platform/rate-limit.ts'
import type { User } from '../../src/platform/user.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { THUMBNAIL_SIZES } from '../../src/transcode/transcode.ts'
import { accessRoom } from '../helpers/access-room.ts'

const nothing = () => Promise.reject(new Error('nothing is made here'))

/** Stripes: `across` or `down`, on a scene that is light on its left and dark on its right. */
async function scene(width: number, height: number, stripes: 'across' | 'down') {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)]
    const isDark = Math.floor((stripes === 'down' ? x : y) / 8) % 2 === 0
    data.fill((isDark ? 0 : 120) + (x < width / 2 ? 100 : 20), at * 3, at * 3 + 3)
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function room() {
  const root = mkdtempSync(join(tmpdir(), 'covers-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const there = await accessRoom()
  const { db, clock, access, owner, channelId } = there
  const storage = createDiskStorage(root)
  const sessions = createSessions({
    db,
    clock,
    recordAct: async () => undefined,
    async ownChannel(actor, id) {
      if (actor.id !== owner.id) throw new DomainError('forbidden', 'not_yours', 'Not yours.')
      return id
    },
  })
  const thumbnails = createThumbnails({
    storage,
    transcode: { grabThumbnails: nothing, makeSheet: nothing, makePreview: nothing },
    windowMs: 60_000,
    isKept: () => true,
    clock,
    logger: createLogger('silent'),
  })
  const covers = createCovers({ sessions, thumbnails, pictures: createPictures({ storage }) })
  const addressOf = async (id: string) => covers.picturesOf(await sessions.get(id))
  const sessionId = await there.session({ visibility: 'ticket' })
  const still = await (await scene(320, 180, 'down')).jpeg().toBuffer()
  await thumbnails.take(sessionId, { windows: new Map() }, new Map(THUMBNAIL_SIZES.map((size) => [size, still])))

  let user: User | null = owner
  const uploads = createRateLimit({ points: 99, seconds: 60 })
  const ownChannel = async (actor: User, id: string) => {
    await sessions.getOwn(actor, sessionId)
    return async (picture: string) => {
      await db.updateTable('channel').set({ cover: 'picture', picture }).where('id', '=', id).execute()
      return null
    }
  }
  const app = createApi({
    logger: createLogger('silent'),
    addressOf: () => '192.0.2.1',
    publicUrl: 'http://footlight.test',
    requestsPerMinute: 1_000,
    userOf: async () => user,
    routes: [coverRoutes({ live: { covers, get: addressOf }, ownChannel, uploads })],
  })
  app.route('/', thumbnailRoutes({ live: { thumbnail: thumbnails.read, covers }, isOpenToAll: access.isOpenToAll }))
  app.route('/', pictureRoutes({ covers }))
  const fetched = async (path: string | null) => (await app.request(path ?? '/none')).status
  const upload = (path: string, body: Uint8Array) =>
    app.request(`/api${path}`, {
      method: 'PUT',
      body: new Uint8Array(body),
      headers: { 'content-type': 'image/png', authorization: 'Bearer of somebody' },
    })
  return {
    ...{ ...there, sessions, addressOf, sessionId, app, fetched, upload, channelId },
    pictures: () => readdirSync(join(root, 'pictures')),
    as(somebody: User | null) {
      user = somebody
    },
  }
}

test('a show that is sold shows its stills blurred, its creator’s picture, or nothing, and never itself', async () => {
  const { owner, sessions, sessionId, addressOf, fetched, upload, change } = await room()
  const folder = `/media/thumbnails/${sessionId}`
  const itself = () =>
    Promise.all(['320.jpg', '640.jpg', 'storyboard.json'].map((file) => fetched(`${folder}/${file}`)))

  const blurred = await addressOf(sessionId)
  expect(blurred).toEqual({
    thumbnailUrl: expect.stringMatching(/\/blurred-640\.jpg\?v=\w+$/),
    previewUrl: null,
    storyboardUrl: null,
  })
  expect(await fetched(blurred.thumbnailUrl)).toBe(200)
  expect(await fetched(blurred.thumbnailUrl!.replace('640', '1280'))).toBe(200)
  expect(await itself()).toEqual([404, 404, 404])

  await sessions.update(owner, sessionId, { cover: 'none' })
  expect((await addressOf(sessionId)).thumbnailUrl).toBeNull()
  expect([await fetched(blurred.thumbnailUrl), ...(await itself())]).toEqual([404, 404, 404, 404])

  const none = sessions.update(owner, sessionId, { cover: 'picture' })
  await expect(none).rejects.toMatchObject({ code: 'no_picture' })
  const made = await upload(`/sessions/${sessionId}/picture`, await (await scene(800, 600, 'across')).png().toBuffer())
  expect(made.status).toBe(200)
  const { thumbnailUrl } = await addressOf(sessionId)
  expect(thumbnailUrl).toMatch(/^\/media\/pictures\/[\w-]+\/640\.jpg$/)
  expect([await fetched(thumbnailUrl), await fetched(blurred.thumbnailUrl)]).toEqual([200, 404])
  expect(await itself()).toEqual([404, 404, 404])

  await sessions.update(owner, sessionId, { cover: 'blurred' })
  await change(sessionId, { visibility: 'private' })
  expect([(await addressOf(sessionId)).thumbnailUrl, await fetched(blurred.thumbnailUrl)]).toEqual([null, 404])
  await change(sessionId, { visibility: 'public' })
  expect((await addressOf(sessionId)).thumbnailUrl).toMatch(/\/640\.jpg\?v=\w+$/)
})

test('nothing of a blurred still can be recognised', async () => {
  const [down, across] = await Promise.all(
    (['down', 'across'] as const).map(async (stripes) => {
      const seen = await blur(await (await scene(320, 180, stripes)).jpeg().toBuffer())
      return sharp(seen).greyscale().raw().toBuffer({ resolveWithObject: true })
    }),
  )
  expect([down!.info.width, down!.info.height]).toEqual([640, 360])
  const apart = [...down!.data].map((value, at) => Math.abs(value - across!.data[at]!))
  expect(apart.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(12)
  const [left, right] = [down!.data[180 * 640 + 100]!, down!.data[180 * 640 + 540]!]
  expect(left - right).toBeGreaterThan(50)
})

test('what is uploaded is written anew: turned upright, in our sizes, without what was said in it', async () => {
  const { sessionId, addressOf, upload, app } = await room()
  const told = { orientation: 6, exif: { IFD0: { Copyright: 'a word of mine' } } }
  const photo = await (await scene(1_600, 900, 'down')).withMetadata(told).jpeg().toBuffer()
  expect(photo.includes('a word of mine')).toBe(true)
  await upload(`/sessions/${sessionId}/picture`, photo)
  const { thumbnailUrl } = await addressOf(sessionId)
  for (const size of THUMBNAIL_SIZES) {
    const response = await app.request(thumbnailUrl!.replace('640', String(size)))
    const bytes = Buffer.from(await response.arrayBuffer())
    const { format, width, height, exif, icc } = await sharp(bytes).metadata()
    expect([format, height, exif, icc]).toEqual(['jpeg', size, undefined, undefined])
    expect(width).toBeLessThan(height)
    expect(bytes.includes('a word of mine')).toBe(false)
  }
})

test('what is no picture of ours is refused, and nothing of it is kept', async () => {
  const { sessionId, addressOf, upload } = await room()
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'red' } })
      .png({ compressionLevel: 9 })
      .toBuffer()
  const whole = await flat(400, 300)
  const wrong: Record<string, Uint8Array> = {
    'a drawing that could name other files': Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"/>',
    ),
    'a moving picture': await sharp(whole).gif().toBuffer(),
    'half of a picture': whole.subarray(0, whole.length / 2),
    'a small file that becomes a huge picture': await flat(8_000, 6_000),
    'a point': await flat(1, 1),
    words: Buffer.from('hello'),
    nothing: Buffer.alloc(0),
  }
  for (const [what, bytes] of Object.entries(wrong)) {
    expect((await upload(`/sessions/${sessionId}/picture`, bytes)).status, what).toBe(422)
  }
  const heavy = await upload(`/sessions/${sessionId}/picture`, Buffer.alloc(9 * 1024 * 1024, whole))
  expect(heavy.status).toBe(413)
  expect((await addressOf(sessionId)).thumbnailUrl).toContain('blurred')
})

test('a picture is its owner’s to choose; new shows begin with the channel’s, and one that nobody shows is gone', async () => {
  const { sessionId, channelId, upload, as, owner, sessions, addressOf, pictures, clock } = await room()
  const picture = await (await scene(400, 300, 'down')).png().toBuffer()
  as(null)
  expect((await upload(`/sessions/${sessionId}/picture`, picture)).status).toBe(401)
  as({ ...owner, id: 'somebody else' })
  for (const path of [`/sessions/${sessionId}/picture`, `/channels/${channelId}/picture`]) {
    expect((await upload(path, picture)).status).toBe(403)
  }
  as(owner)
  await upload(`/sessions/${sessionId}/picture`, picture)
  const [first] = pictures()
  await upload(`/sessions/${sessionId}/picture`, picture)
  expect(pictures()).toHaveLength(1)
  expect(pictures()).not.toContain(first)

  await upload(`/channels/${channelId}/picture`, picture)
  const next = await sessions.plan(owner, channelId, {
    title: 'Next',
    scheduledAt: clock.now() + 3_600_000,
    visibility: 'ticket',
  })
  const { thumbnailUrl } = await addressOf(next.id)
  expect(thumbnailUrl).toContain('/media/pictures/')
  await upload(`/sessions/${next.id}/picture`, picture)
  expect(pictures()).toHaveLength(3)
})
