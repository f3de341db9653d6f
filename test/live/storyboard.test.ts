/** The pictures of the seek bar and of a card, made by a real FFmpeg of real stills, and looked at again. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createStoryboard } from '../../src/live/storyboard.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { createTranscode } from '../../src/transcode/transcode.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

const FROM = Date.UTC(2026, 0, 1)
const at = (index: number) => FROM + index * 10_000

function room(windowMs: number) {
  const root = mkdtempSync(join(tmpdir(), 'storyboard-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const open = () =>
    createStoryboard({
      folder: 'live/s1/thumbnails',
      storage: createDiskStorage(root),
      transcode: createTranscode({ logger: pino({ level: 'silent' }) }),
      windowMs,
      isKept: () => true,
    })
  const names = () => readdirSync(join(root, 'live/s1/thumbnails')).toSorted()
  return { root, open, names }
}

/** Each still a grey of its own, so that it is known again. */
const greyOf = (index: number) => 40 + index * 8
const stillOf = (index: number, size = '320x180') => {
  const grey = greyOf(index).toString(16).padStart(2, '0')
  const card = ['-f', 'lavfi', '-i', `color=0x${grey}${grey}${grey}:size=${size}`, '-frames:v', '1']
  return execFileSync('ffmpeg', ['-v', 'error', ...card, '-pix_fmt', 'yuvj420p', '-f', 'mjpeg', '-'])
}

/** With something in it: frames that are nearly alike become one in a WebP. */
const livelyStill = (index: number) => {
  const card = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=320x180:rate=1:duration=${index + 1},select='eq(n,${index})'`,
    '-frames:v',
    '1',
  ]
  return execFileSync('ffmpeg', ['-v', 'error', ...card, '-pix_fmt', 'yuvj420p', '-f', 'mjpeg', '-'])
}

/** The grey in the middle of each tile. */
function greysOf(root: string, jpeg: Buffer, columns: number, rows: number): number[] {
  const file = join(root, 'seen.jpg')
  writeFileSync(file, jpeg)
  const small = ['-vf', `scale=${columns * 3}:${rows * 3}:flags=area,format=gray`, '-f', 'rawvideo', '-']
  const pixels = execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, ...small])
  return Array.from({ length: columns * rows }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns]
    return pixels[(row * 3 + 1) * columns * 3 + column * 3 + 1]!
  })
}

test('ten stills become a sheet in their order; the next lie alone until they are ten', async () => {
  const { root, open, names } = room(600_000)
  const storyboard = open()
  for (let n = 0; n < 12; n++) await storyboard.add(at(n), stillOf(n))
  const { sheets } = storyboard.index()
  expect(sheets.map(({ width, height, columns, times }) => [width, height, columns, times.length])).toEqual([
    [160, 90, 5, 10],
    [320, 180, 1, 1],
    [320, 180, 1, 1],
  ])
  expect(sheets.flatMap(({ times }) => times.map((time) => Date.parse(time)))).toEqual(
    Array.from({ length: 12 }, (_, n) => at(n)),
  )
  const greys = greysOf(root, (await storyboard.read(sheets[0]!.url))!, 5, 2)
  for (const [n, grey] of greys.entries()) expect(Math.abs(grey - greyOf(n)), `tile ${n}`).toBeLessThan(4)
  expect(names()).toEqual([...sheets.map(({ url }) => url), storyboard.previewFile()!, 'storyboard.json'].toSorted())

  // A node started anew takes it up, clears away what is not named, and goes on.
  writeFileSync(join(root, 'live/s1/thumbnails/tile-left0ver.jpg'), 'x')
  const later = open()
  await later.restore()
  expect(later.index()).toEqual(storyboard.index())
  expect(names()).not.toContain('tile-left0ver.jpg')
  await later.add(at(12), stillOf(12))
  expect(later.index().sheets).toHaveLength(4)
})

test('what has left the rewind window is gone, from the index and from the disk', async () => {
  const { open, names } = room(30_000)
  const storyboard = open()
  for (let n = 0; n < 9; n++) await storyboard.add(at(n), stillOf(n))
  expect(storyboard.index().sheets.map(({ times }) => Date.parse(times[0]!))).toEqual([5, 6, 7, 8].map(at))
  expect(names().filter((name) => name.startsWith('tile-'))).toHaveLength(4)
})

test('a picture of another shape begins a sheet of its own', async () => {
  const { open } = room(600_000)
  const storyboard = open()
  for (let n = 0; n < 3; n++) await storyboard.add(at(n), stillOf(n))
  await storyboard.add(at(3), stillOf(3, '180x320'))
  expect(storyboard.index().sheets.map(({ width, height, times }) => [width, height, times.length])).toEqual([
    [160, 90, 3],
    [180, 320, 1],
  ])
})

test('the preview is an animated WebP of the last stills, made anew each minute', async () => {
  const { open } = room(600_000)
  const storyboard = open()
  await storyboard.add(at(0), livelyStill(0))
  await storyboard.add(at(1), livelyStill(1))
  expect(storyboard.previewFile()).toBeNull()
  await storyboard.add(at(2), livelyStill(2))
  const first = storyboard.previewFile()!
  for (let n = 3; n < 9; n++) await storyboard.add(at(n), livelyStill(n))
  const second = storyboard.previewFile()!
  expect(second).not.toBe(first)
  expect(await storyboard.read(first)).toBeNull()
  const webp = (await storyboard.read(second))!
  expect(webp.toString('latin1', 8, 16)).toBe('WEBPVP8X')
  expect(webp.toString('latin1').split('ANMF')).toHaveLength(7)
  expect(webp.length).toBeLessThan(150_000)
})

test('a show on air offers its seek bar pictures at the time they were on air, and a preview', async () => {
  await using stack = new AsyncDisposableStack()
  const studio = await openStudio({ LADDER: '240p' })
  stack.defer(() => studio.close())
  const card = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine']
  studio.push(...card, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-c:a', 'aac')
  const began = Date.now()
  const seen = await studio.untilSession(({ previewUrl }) => previewUrl !== null)
  const url = studio.node.url + seen.storyboardUrl
  const { sheets } = (await (await fetch(url)).json()) as { sheets: { url: string; times: string[] }[] }
  expect(sheets.length).toBeGreaterThanOrEqual(3)
  const times = sheets.map(({ times }) => Date.parse(times[0]!))
  expect(times[0]).toBeGreaterThan(began - 2_000)
  expect(times.at(-1)).toBeLessThan(Date.now() + 2_000)
  const gaps = times.slice(1).map((time, n) => Math.round((time - times[n]!) / 1_000))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(13)
  const tile = await fetch(new URL(sheets[0]!.url, url))
  expect([tile.status, tile.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  expect(tile.headers.get('cache-control')).toContain('immutable')
  const preview = await fetch(studio.node.url + seen.previewUrl)
  expect([preview.status, preview.headers.get('content-type')]).toEqual([200, 'image/webp'])

  await studio.node.kill()
  await studio.node.startAgain()
  const again = await eventually(async () => (await fetch(url)).json() as Promise<{ sheets: { url: string }[] }>)
  expect(again.sheets.slice(0, sheets.length).map((sheet) => sheet.url)).toEqual(sheets.map((sheet) => sheet.url))
})
