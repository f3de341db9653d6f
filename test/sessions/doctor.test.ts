import { expect, test } from 'vitest'
import { unknownHealth } from '../../src/ingest/ingest.ts'
import { encodedUntil } from '../../src/live/checkup.ts'
import { type Examined, examine } from '../../src/live/doctor.ts'
import { createPulse } from '../../src/live/pulse.ts'

const sound: Examined = {
  source: {
    ...unknownHealth,
    videoCodec: 'h264',
    audioCodec: 'aac',
    videoBitrate: 6_000_000,
    frameRate: 30,
    keyframeIntervalMs: 2_000,
    longestKeyframeIntervalMs: 2_000,
    unevenSteps: 0,
    droppedFrames: 0,
    jitterMs: 6,
  },
  droppedLately: 0,
  silentMs: 100,
  encoder: { state: 'running', behindMs: 600 },
}

const ill = (source: Partial<Examined['source']>, rest: Partial<Examined> = {}) =>
  examine({ ...sound, ...rest, source: { ...sound.source, ...source } }).filter(({ level }) => level !== 'green')

test('a sound source is green all over and is given no advice', () => {
  const findings = examine(sound)
  expect(findings.map(({ id }) => id)).toEqual([
    'codec',
    'line',
    'keyframes',
    'bitrate',
    'b-frames',
    'frame-rate',
    'dropped',
    'encoder',
  ])
  expect(findings.filter(({ level, advice }) => level !== 'green' || advice !== null)).toEqual([])
})

test('nothing is said of what is not known yet', () => {
  const nothing = { source: unknownHealth, droppedLately: 0, silentMs: 0, encoder: { state: null, behindMs: null } }
  expect(examine(nothing)).toEqual([])
})

test.each([
  ['keyframes too far apart', { longestKeyframeIntervalMs: 8_300 }, 'keyframes', 'red', /keyframe interval to 2 s/],
  [
    'keyframes rather far apart',
    { longestKeyframeIntervalMs: 3_500 },
    'keyframes',
    'amber',
    /keyframe interval to 2 s/,
  ],
  ['a bitrate above the limit', { videoBitrate: 14_000_000 }, 'bitrate', 'red', /Lower the video bitrate/],
  ['a bitrate few can receive', { videoBitrate: 9_000_000 }, 'bitrate', 'amber', /Lower the video bitrate/],
  ['B-frames', { bFrames: true }, 'b-frames', 'amber', /B-frames to 0/],
  ['a variable frame rate', { unevenSteps: 0.5 }, 'frame-rate', 'amber', /constant frame rate/],
  ['a low frame rate', { frameRate: 12, unevenSteps: 0 }, 'frame-rate', 'amber', /30 or 60/],
  ['a wrong video codec', { videoCodec: 'hevc' }, 'codec', 'red', /H\.264/],
  ['a wrong audio codec', { audioCodec: 'opus' }, 'codec', 'amber', /AAC/],
  ['no sound', { audioCodec: null }, 'codec', 'amber', /mixer/],
  ['an uneven line', { jitterMs: 120 }, 'line', 'amber', /cable/],
  ['a bad line', { jitterMs: 900 }, 'line', 'red', /cable/],
] as const)('%s', (_name, source, id, level, advice) => {
  expect(ill(source)).toEqual([{ id, level, title: expect.any(String), advice: expect.stringMatching(advice) }])
})

test('frames that went missing lately are counted; many are red', () => {
  expect(ill({}, { droppedLately: 1 })[0]).toMatchObject({
    id: 'dropped',
    level: 'amber',
    title: expect.stringMatching(/^1 frame /),
  })
  expect(ill({}, { droppedLately: 200 })[0]).toMatchObject({ id: 'dropped', level: 'red' })
})

test('an encoder that falls behind, restarts or stops is told', () => {
  const level = (state: string, behindMs: number | null) => ill({}, { encoder: { state, behindMs } })[0]?.level
  expect(level('running', 600)).toBeUndefined()
  expect(level('running', 3_000)).toBe('amber')
  expect(level('running', 9_000)).toBe('red')
  expect(level('waiting', null)).toBe('red')
  expect(level('failed', null)).toBe('red')
})

test('a silent source is the line, not the encoder', () => {
  expect(ill({}, { silentMs: 5_000, encoder: { state: 'running', behindMs: 5_500 } }).map(({ id }) => id)).toEqual([
    'line',
  ])
})

test('the pulse keeps five minutes, measures the speed of the encoder and counts what went missing lately', () => {
  const pulse = createPulse()
  const step = (index: number, encodedUntil: number | null, droppedFrames: number) =>
    pulse.take({
      at: index * 2_000,
      health: { ...unknownHealth, videoBitrate: 5_000, audioBitrate: 128, droppedFrames },
      viewers: index,
      encodedUntil,
    })
  for (let index = 0; index < 160; index += 1) step(index, index * 1_000, index < 150 ? 4 : 10)
  const samples = pulse.since(0)
  expect(samples).toHaveLength(150)
  expect(samples.at(-1)).toEqual({
    at: 318_000,
    bitrate: 5_128,
    frameRate: null,
    viewers: 159,
    encoderSpeed: 0.5,
    droppedFrames: 10,
  })
  expect(pulse.since(314_000).map(({ at }) => at)).toEqual([316_000, 318_000])
  expect(pulse.droppedLately(318_000, 10)).toBe(6)
  expect(pulse.droppedLately(318_000, 2)).toBe(2)
  expect(pulse.droppedLately(318_000, null)).toBe(0)
  step(160, 100, 10)
  expect(pulse.since(319_000)[0]?.encoderSpeed).toBeNull()
})

test('an encoder is as far as its slowest quality, and what an earlier publisher left does not count', () => {
  const rendition = (id: string, at: number) => ({ id, edge: () => at })
  const own = [rendition('source', 9_000), rendition('audio', 1), rendition('720p', 8_000), rendition('480p', 7_000)]
  expect(encodedUntil(own, 5_000)).toBe(7_000)
  expect(encodedUntil(own, 7_500)).toBeNull()
  expect(encodedUntil([rendition('source', 9_000)], 5_000)).toBeNull()
})
