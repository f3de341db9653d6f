import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { capacity, rungs } from '../../config/ladders.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { costOf, explain, fitLadder, isFallingBehind, type Load } from '../../src/transcode/capacity.ts'
import { encodeOptions } from '../../src/transcode/encode-options.ts'
import { candidates, ENCODERS } from '../../src/transcode/encoders.ts'
import { planLadder, type Source } from '../../src/transcode/ladder.ts'
import { createTranscode, type Ladder } from '../../src/transcode/transcode.ts'

const source: Source = {
  video: { codec: 'h264', width: 1920, height: 1080, frameRate: 30, bitrate: null },
  audio: null,
}
const box = (change: Partial<Load> = {}): Load => ({
  encoder: 'software',
  speed: 4.1,
  isMeasured: true,
  used: 0,
  sessions: 0,
  ...change,
})
const fitted = (load: Load, passthrough = true) =>
  fitLadder(load, source, {
    least: passthrough ? 0 : 1,
    most: 3,
    planFor: (max) => planLadder(source, rungs, { passthrough, max }),
  })

test('one 720p30 encode of a 720p30 source costs one', () => {
  const video = { width: 1280, height: 720, frameRate: 30 }
  const one = { ...source, video: { codec: 'h264', bitrate: null, ...video } }
  expect(costOf(one, [{ id: '720p', videoBitrate: 1, ...video }])).toBeCloseTo(1)
  expect(costOf(one, [])).toBe(0)
})

test('a session gets what still fits beside the others, and at least the source', () => {
  expect(fitted(box()).video).toHaveLength(3)
  const full = box().speed * capacity.usableShare
  expect(fitted(box({ used: full })).video).toEqual([])
  expect(fitted(box({ used: full }), false).video.map(({ id }) => id)).toEqual(['source'])
  const counts = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].map((used) => fitted(box({ used })).video.length)
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  expect(new Set(counts).size).toBeGreaterThan(2)
  for (const used of [0, 1, 2]) {
    const { video, cost } = fitted(box({ used }))
    if (video.length > 0) expect(used + cost).toBeLessThanOrEqual(full)
  }
})

test.each<[string, Ladder['chosenBy'], string, boolean, boolean, string[]]>([
  [
    'the operator names more than the box carries',
    'operator',
    '720p 480p 360p 240p',
    false,
    true,
    ['720p', '480p', '360p', '240p'],
  ],
  ['a channel names more than the box carries', 'channel', '720p 480p 360p 240p', false, true, ['240p']],
  ['a channel names a small one', 'channel', '240p', false, true, ['240p']],
  ['the source alone', 'channel', '1080p 720p', true, true, []],
  ['the source alone, which must be encoded', 'channel', '1080p 720p', true, false, ['source']],
  ['the operator wants the source alone, which must be encoded', 'operator', '1080p 720p', true, false, ['source']],
])('%s', (_name, chosenBy, names, isSourceOnly, passthrough, expected) => {
  const transcode = createTranscode({ logger: createLogger('silent') })
  // Until it is measured a box is taken to do little; a claim leaves room for a small rendition.
  transcode.claim(Math.max(0, availableParallelism() * capacity.cautiousPerCore * capacity.usableShare - 0.6))
  const named = rungs.filter(({ name }) => names.split(' ').includes(name))
  const { video, reason } = transcode.plan(source, { rungs: named, chosenBy, isSourceOnly }, passthrough)
  expect(video.map(({ id }) => id)).toEqual(expected)
  expect(reason).toContain(chosenBy === 'operator' ? 'the operator chose so' : 'this channel')
})

test('what was decided is said in words', () => {
  expect(explain(box({ sessions: 2 }), 3)).toBe(
    '3 rungs: this box encodes 720p30 4.1 times faster than real time; two other sessions are running',
  )
  expect(explain(box({ isMeasured: false, speed: 1.5, encoder: 'nvenc' }), 0)).toBe(
    'No rung beside the source: this box has not been measured yet and is taken to encode 720p30 1.5 times faster than real time \
with nvenc; no other session is running',
  )
})

test('slow is what stays behind and goes on; not what catches up, and not what is frozen', () => {
  const samples = (lag: number[], step = 1) => lag.map((behind, i) => ({ source: i * step + behind, output: i * step }))
  expect(isFallingBehind(samples([1.5, 2, 2.5, 3, 3.5]))).toBe(true)
  expect(isFallingBehind(samples([1.5, 1.5, 1.5, 1.5, 1.5]))).toBe(true)
  expect(isFallingBehind(samples([4, 3.4, 2.8, 2.2, 1.6]))).toBe(false)
  expect(isFallingBehind(samples([0.3, 0.6, 0.9, 1.1, 1.3]))).toBe(false)
  expect(isFallingBehind(samples([1.5, 2, 2.5, 3]))).toBe(false)
  expect(isFallingBehind(samples([1.5, 2.5, 3.5, 4.5, 5.5], 0))).toBe(false)
})

test('every encoder is told the rate, no B-frames, and to make forced keyframes that can be cut at', () => {
  expect(candidates('software')).toEqual([])
  expect(candidates('qsv')).toEqual(['qsv'])
  expect(new Set(candidates('auto'))).toEqual(new Set(ENCODERS.filter((name) => name !== 'software')))
  const idr = { software: '-forced-idr 1', nvenc: '-forced-idr 1', qsv: '-forced_idr 1', vaapi: '', videotoolbox: '' }
  for (const encoder of ENCODERS) {
    const { filters, outputs } = encodeOptions({
      input: '/run/p1.sock',
      video: [
        { id: '720p', width: 1280, height: 720, frameRate: 30, videoBitrate: 2_800_000 },
        { id: '360p', width: 640, height: 360, frameRate: 30, videoBitrate: 800_000 },
      ],
      audio: null,
      keyframes: { at: 'source' },
      encoder,
      preset: 'veryfast',
      sourceFrameRate: 30,
    })
    for (const id of ['v0', 'v1']) expect(filters.filter((chain) => chain.includes(`[${id}]`))).toHaveLength(1)
    for (const { options } of outputs) {
      const line = options.join(' ')
      expect(line).toContain('-bf 0')
      expect(line).toContain('-force_key_frames source')
      expect(line).toContain(idr[encoder])
      expect(line).toMatch(/-b:v (2800000|800000) -maxrate/)
    }
  }
  const chains = encodeOptions({
    ...{ input: '/run/p1.sock', audio: null, keyframes: { at: 'source' }, preset: 'veryfast', sourceFrameRate: 30 },
    video: [{ id: '720p', width: 1280, height: 720, frameRate: 30, videoBitrate: 1 }],
    encoder: 'vaapi',
  }).filters
  expect(chains.at(-1)).toBe('[u0]format=nv12,hwupload[v0]')
})
