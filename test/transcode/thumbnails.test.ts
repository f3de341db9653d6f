import { expect, test } from 'vitest'
import {
  collectThumbnails,
  createJpegReader,
  thumbnailFrames,
  thumbnailOptions,
} from '../../src/transcode/thumbnails.ts'

const sizesOf = (width: number, height: number) =>
  thumbnailFrames({ width, height }).map((frame) => `${frame.size}: ${frame.width}x${frame.height}`)

test.each([
  [1920, 1080, ['320: 320x180', '640: 640x360', '1280: 1280x720']],
  [1080, 1920, ['320: 180x320', '640: 360x640', '1280: 720x1280']],
  [854, 480, ['320: 320x180', '640: 640x360', '1280: 854x480']],
  [426, 240, ['320: 320x180', '640: 426x240', '1280: 426x240']],
  [1440, 1080, ['320: 320x240', '640: 640x480', '1280: 1280x960']],
  [161, 91, ['320: 160x90', '640: 160x90', '1280: 160x90']],
])('stills of %dx%d keep its shape and are never larger than it', (width, height, sizes) => {
  expect(sizesOf(width, height)).toEqual(sizes)
})

test('no picture, no still', () => {
  expect(thumbnailFrames({ width: 0, height: 0 })).toEqual([])
})

test('beside a ladder a still is due every ten seconds; of a keyframe there is one', () => {
  const [frame] = thumbnailFrames({ width: 1280, height: 720 })
  const beside = thumbnailOptions(frame!, 'every-ten-seconds').join(' ')
  expect(beside).toContain("-vf select='isnan(prev_selected_t)+gte(t-prev_selected_t,10)',scale=")
  expect(beside).toContain('-fps_mode passthrough')
  expect(beside).not.toContain('-frames:v')
  const once = thumbnailOptions(frame!, 'first').join(' ')
  expect(once).toContain('-frames:v 1')
  expect(once).not.toContain('select')
})

const part = (jpeg: Buffer) =>
  Buffer.concat([
    Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from('\r\n'),
  ])

test('stills are read however the bytes are cut', () => {
  // A blank line inside a picture is a part of it.
  const jpegs = [Buffer.from('\xff\xd8one\r\n\r\n\xff\xd9', 'latin1'), Buffer.from('two'), Buffer.from('three')]
  const all = Buffer.concat(jpegs.map(part))
  for (const step of [1, 7, 50, all.length]) {
    const seen: string[] = []
    const read = createJpegReader((jpeg) => seen.push(jpeg.toString('latin1')))
    for (let at = 0; at < all.length; at += step) read(all.subarray(at, at + step))
    expect(seen, `in pieces of ${step}`).toEqual(jpegs.map((jpeg) => jpeg.toString('latin1')))
  }
})

test.each([
  ['a head without a length', 'Content-type: image/jpeg\r\n\r\n'],
  ['a length beyond all measure', 'Content-length: 99999999\r\n\r\n'],
  ['no head at all', 'x'.repeat(2_000)],
])('%s ends the reading, and nothing is held', (_what, nonsense) => {
  const seen: Buffer[] = []
  const read = createJpegReader((jpeg) => void seen.push(jpeg))
  read(Buffer.from(nonsense))
  read(part(Buffer.from('late')))
  expect(seen).toEqual([])
})

test('the sizes of one still are told together', () => {
  const frames = thumbnailFrames({ width: 1280, height: 720 })
  const told: string[][] = []
  const collected = collectThumbnails(frames, (stills) => {
    told.push([...stills].map(([size, jpeg]) => `${size} ${jpeg}`))
  })
  const [small, middle, large] = frames.map(({ size }) => collected.reader(size))
  small!(part(Buffer.from('a')))
  middle!(part(Buffer.from('b')))
  expect(told).toEqual([])
  large!(part(Buffer.from('c')))
  small!(part(Buffer.from('d')))
  expect(told).toEqual([['320 a', '640 b', '1280 c']])
})
