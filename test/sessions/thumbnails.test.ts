/** Stills of a session: kept with it, told by version, and never in the way of the show. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { thumbnailRoutes } from '../../src/live/routes.ts'
import { createThumbnails } from '../../src/live/thumbnails.ts'
import { onError } from '../../src/platform/http.ts'
import { createDiskStorage, type Storage } from '../../src/storage/storage.ts'
import { THUMBNAIL_SIZES, type Thumbnails } from '../../src/transcode/transcode.ts'
import { fakeClock } from '../helpers/clock.ts'

const stills = (picture: string): Thumbnails => new Map(THUMBNAIL_SIZES.map((size) => [size, Buffer.from(picture)]))

const nothing = () => Promise.reject(new Error('nothing is made here'))
const noStream = { windows: new Map() }

function room(change: Partial<Storage> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'thumbnails-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const clock = fakeClock()
  const kept = new Set(['s1'])
  const warnings: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) })
  const storage = { ...createDiskStorage(root), ...change }
  const open = () =>
    createThumbnails({
      storage,
      transcode: { grabThumbnails: nothing, makeSheet: nothing, makePreview: nothing },
      windowMs: 60_000,
      isKept: (sessionId) => kept.has(sessionId),
      clock,
      logger,
    })
  return { thumbnails: open(), open, clock, kept, warnings }
}

test('each still has an address of its own, and is gone with the session', async () => {
  const { thumbnails, clock, kept } = room()
  expect(thumbnails.addressesOf('s1').thumbnailUrl).toBeNull()
  await thumbnails.take('s1', noStream, stills('one'))
  const first = thumbnails.addressesOf('s1').thumbnailUrl
  expect(first).toMatch(/^\/media\/thumbnails\/s1\/640\.jpg\?v=\w+$/)
  const before = await thumbnails.read('s1', '320.jpg')
  clock.advance(10_000)
  await thumbnails.take('s1', noStream, stills('two'))
  expect(thumbnails.addressesOf('s1').thumbnailUrl).not.toBe(first)
  const after = await thumbnails.read('s1', '320.jpg')
  expect([before?.bytes.toString(), after?.bytes.toString()]).toEqual(['one', 'two'])
  expect(after?.etag).not.toBe(before?.etag)

  kept.clear()
  expect(thumbnails.addressesOf('s1').thumbnailUrl).toBeNull()
  expect(await thumbnails.read('s1', '320.jpg')).toBeNull()
})

test('a node started anew takes up what is there', async () => {
  const { thumbnails, open } = room()
  await thumbnails.take('s1', noStream, stills('one'))
  const later = open()
  await later.restore('s1')
  expect((await later.read('s1', '1280.jpg'))?.bytes.toString()).toBe('one')
})

test('a disk that fails costs the still and one warning; when it works again, so do stills', async () => {
  let isBroken = true
  const { thumbnails, warnings } = room({
    async write() {
      if (isBroken) throw new Error('no space left')
    },
  })
  for (let n = 0; n < 3; n++) await thumbnails.take('s1', noStream, stills('lost'))
  expect(thumbnails.addressesOf('s1').thumbnailUrl).toBeNull()
  expect(warnings).toHaveLength(1)
  isBroken = false
  await thumbnails.take('s1', noStream, stills('kept'))
  expect(thumbnails.addressesOf('s1').thumbnailUrl).not.toBeNull()
})

test('while a disk hangs, stills are let go and nothing piles up', async () => {
  let writes = 0
  const { thumbnails } = room({
    write: () => {
      writes++
      return new Promise(() => {})
    },
  })
  void thumbnails.take('s1', noStream, stills('hangs'))
  for (let n = 0; n < 100; n++) await thumbnails.take('s1', noStream, stills('let go'))
  expect(writes).toBe(THUMBNAIL_SIZES.length)
})

test('anybody may fetch a still of what is open to all; a cache may keep it a moment', async () => {
  const { thumbnails } = room()
  await thumbnails.take('s1', noStream, stills('picture'))
  let isOpen = true
  const live = { thumbnail: thumbnails.read, covers: { showsBlurred: async () => false } }
  const app = thumbnailRoutes({ live, isOpenToAll: async () => isOpen }).onError(onError)
  const get = (path: string, headers = {}) => app.request(`/media/thumbnails/${path}`, { headers })

  const seen = await get('s1/640.jpg')
  expect([seen.status, await seen.text()]).toEqual([200, 'picture'])
  expect(seen.headers.get('content-type')).toBe('image/jpeg')
  expect(seen.headers.get('cache-control')).toBe('public, max-age=10')
  const again = await get('s1/640.jpg', { 'if-none-match': seen.headers.get('etag') })
  expect([again.status, again.headers.get('etag')]).toEqual([304, seen.headers.get('etag')])

  for (const path of ['s2/640.jpg', 's1/641.jpg', 's1/640.png', 's1/..%2f640.jpg', '..%2fs1/640.jpg']) {
    const refused = await get(path)
    expect(refused.status, path).toBe(404)
    expect(refused.headers.get('cache-control')).toBe('no-store')
  }
  const lasting = await get(thumbnails.addressesOf('s1').thumbnailUrl!.slice('/media/thumbnails/'.length))
  expect(lasting.headers.get('cache-control')).toBe('public, max-age=3600, immutable')
  expect((await get('s1/640.jpg?v=other')).headers.get('cache-control')).toBe('public, max-age=10')

  const index = await get('s1/storyboard.json')
  expect([index.status, index.headers.get('cache-control')]).toEqual([200, 'public, max-age=10'])
  expect(await index.json()).toEqual({ sheets: [] })

  isOpen = false
  for (const file of ['640.jpg', 'storyboard.json', 'preview-x.webp']) {
    const closed = await get(`s1/${file}`)
    expect([closed.status, closed.headers.get('cache-control')], file).toEqual([404, 'no-store'])
  }
})
