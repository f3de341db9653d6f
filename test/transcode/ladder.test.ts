import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxEncodedRenditions, rungs } from '../../config/ladders.ts'
import { type LadderOptions, planLadder, type Source, type VideoRendition } from '../../src/transcode/ladder.ts'

function source(width: number, height: number, frameRate: number, bitrate: number | null = null): Source {
  return { video: { codec: 'h264', width, height, frameRate, bitrate }, audio: null }
}

function inWords(renditions: VideoRendition[]): string[] {
  return renditions.map(({ id, width, height, frameRate, videoBitrate }) => {
    return `${id} ${width}x${height} ${Number(frameRate.toFixed(2))} ${videoBitrate / 1000}k`
  })
}

const passthrough: LadderOptions = { passthrough: true, max: maxEncodedRenditions }
const encoded: LadderOptions = { passthrough: false, max: maxEncodedRenditions }

const cases: [string, Source, LadderOptions, string[]][] = [
  ['720p30 passed through', source(1280, 720, 30), passthrough, ['480p 854x480 30 1400k', '240p 426x240 30 400k']],
  [
    '1080p60 passed through',
    source(1920, 1080, 60),
    passthrough,
    ['720p60 1280x720 60 4000k', '480p 854x480 30 1400k', '240p 426x240 30 400k'],
  ],
  [
    '1080p at 24 frames a second',
    source(1920, 1080, 24),
    passthrough,
    ['720p 1280x720 24 2800k', '480p 854x480 24 1400k', '240p 426x240 24 400k'],
  ],
  [
    '1440p60: the most even steps, within three encodings',
    source(2560, 1440, 60, 10_000_000),
    passthrough,
    ['720p60 1280x720 60 3535k', '480p 854x480 30 1361k', '240p 426x240 30 400k'],
  ],
  [
    '720p50: half of fifty is twenty-five',
    source(1280, 720, 50),
    passthrough,
    ['480p 854x480 25 1400k', '240p 426x240 25 400k'],
  ],
  [
    '29.97 stays 29.97',
    source(1280, 720, 30_000 / 1001),
    passthrough,
    ['480p 854x480 29.97 1400k', '240p 426x240 29.97 400k'],
  ],
  ['measured a little above 30', source(1280, 720, 31), passthrough, ['480p 854x480 31 1400k', '240p 426x240 31 400k']],
  [
    '540p: 480p would be its near-duplicate',
    source(960, 540, 30),
    passthrough,
    ['360p 640x360 30 800k', '240p 426x240 30 400k'],
  ],
  ['480p of an odd width', source(853, 479, 24), passthrough, ['360p 642x360 24 800k', '240p 428x240 24 400k']],
  [
    'portrait',
    source(1080, 1920, 30),
    passthrough,
    ['720p 720x1280 30 2800k', '480p 480x854 30 1400k', '240p 240x426 30 400k'],
  ],
  ['4:3', source(640, 480, 25), passthrough, ['360p 480x360 25 640k', '240p 320x240 25 320k']],
  ['the smallest rung itself', source(426, 240, 30), passthrough, []],
  ['smaller than any rung', source(160, 120, 10), passthrough, []],
  [
    'few bits: no rendition has more than its share',
    source(1280, 720, 30, 1_000_000),
    passthrough,
    ['480p 854x480 30 544k', '240p 426x240 30 192k'],
  ],
  ['hardly any bits: a small picture gains nothing', source(1280, 720, 30, 150_000), passthrough, []],
  [
    '720p30 encoded',
    source(1280, 720, 30),
    encoded,
    ['source 1280x720 30 2800k', '480p 854x480 30 1400k', '240p 426x240 30 400k'],
  ],
  [
    '4K is encoded at the top rung',
    source(3840, 2160, 60),
    encoded,
    ['source 1920x1080 60 6000k', '480p 854x480 30 1400k', '240p 426x240 30 400k'],
  ],
  [
    'an odd size encoded loses a row, and nothing is made larger',
    source(161, 121, 15),
    encoded,
    ['source 160x120 15 110k'],
  ],
  [
    'between two rungs',
    source(960, 540, 30),
    encoded,
    ['source 960x540 30 1820k', '360p 640x360 30 800k', '240p 426x240 30 400k'],
  ],
  ['one encoding only', source(1280, 720, 30), { passthrough: false, max: 1 }, ['source 1280x720 30 2800k']],
  ['one below the source', source(1280, 720, 30), { passthrough: true, max: 1 }, ['240p 426x240 30 400k']],
  ['none wanted', source(1280, 720, 30), { passthrough: true, max: 0 }, []],
  [
    'the operator named the rungs',
    source(1280, 720, 60),
    { passthrough: true, named: true },
    ['480p 854x480 30 1400k', '360p 640x360 30 800k', '240p 426x240 30 400k'],
  ],
]

test.each(cases)('%s', (_name, from, options, expected) => {
  expect(inWords(planLadder(from, rungs, options))).toEqual(expected)
})

test('a source shown as it comes has the one rung that was named, though it is the smallest', () => {
  const smallest = rungs.filter(({ name }) => name === '240p')
  expect(inWords(planLadder(source(1280, 720, 30), smallest, { passthrough: true, named: true }))).toEqual([
    '240p 426x240 30 400k',
  ])
})

test('a source without a picture needs no ladder', () => {
  const radio: Source = { video: null, audio: { codec: 'aac', sampleRate: 48_000, channels: 2 } }
  expect(planLadder(radio, rungs, encoded)).toEqual([])
})

test('whatever the source: even sizes, never larger, never more bits, never the same twice, in descending order', () => {
  const anySource = fc.record({
    width: fc.integer({ min: 16, max: 4096 }),
    height: fc.integer({ min: 16, max: 4096 }),
    frameRate: fc.double({ min: 1, max: 240, noNaN: true }),
    bitrate: fc.option(fc.integer({ min: 50_000, max: 50_000_000 })),
  })
  const anyOptions = fc.record({ passthrough: fc.boolean(), max: fc.integer({ min: 0, max: 7 }), named: fc.boolean() })
  fc.assert(
    fc.property(anySource, anyOptions, (video, options) => {
      const plan = planLadder({ video: { codec: 'h264', ...video }, audio: null }, rungs, options)
      expect(plan.length).toBeLessThanOrEqual(options.max)
      expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length)
      expect(plan.some(({ id }) => id === 'source')).toBe(!options.passthrough && options.max > 0)
      plan.forEach((rendition, index) => {
        expect((rendition.width % 2) + (rendition.height % 2)).toBe(0)
        expect(rendition.width).toBeLessThanOrEqual(video.width)
        expect(rendition.height).toBeLessThanOrEqual(video.height)
        expect(rendition.frameRate).toBeLessThanOrEqual(video.frameRate)
        expect(rendition.videoBitrate).toBeLessThanOrEqual(video.bitrate ?? Number.POSITIVE_INFINITY)
        const above = plan[index - 1]
        if (above) expect(rendition.width * rendition.height).toBeLessThanOrEqual(above.width * above.height)
      })
    }),
    { numRuns: 500 },
  )
})
