import { expect, test } from 'vitest'
import { readTag } from '../../src/ingest/flv-tags.ts'
import { createSourceHealth, unknownHealth } from '../../src/ingest/source-health.ts'

interface Source {
  seconds: number
  stepMs: number
  gop: number
  frameBytes?: number
  hasBFrames?: boolean
  skip?: (frame: number) => boolean
  arrival?: (at: number, frame: number) => number
}

/** A steady H.264 source, frame by frame. */
function play({ seconds, stepMs, gop, frameBytes = 1_000, hasBFrames, skip, arrival = (at) => at }: Source) {
  const health = createSourceHealth()
  health.describe({ width: 1280, height: 720, framerate: 1_000 / stepMs })
  for (let frame = 0; frame * stepMs < seconds * 1_000; frame += 1) {
    if (skip?.(frame)) continue
    const payload = Buffer.alloc(frameBytes)
    payload[0] = frame % gop === 0 ? 0x17 : 0x27
    payload[1] = 1
    payload[4] = hasBFrames && frame % 3 === 1 ? 80 : 0
    const at = Math.round(frame * stepMs)
    health.add(readTag('video', payload)!, at, arrival(at, frame))
  }
  return health
}

test('nothing is known of a source that sent nothing', () => {
  expect(createSourceHealth().read(0)).toEqual(unknownHealth)
})

test('a steady source is measured as it is', () => {
  expect(play({ seconds: 12, stepMs: 1_000 / 30, gop: 60 }).read(2)).toEqual({
    ...unknownHealth,
    videoCodec: 'h264',
    width: 1280,
    height: 720,
    videoBitrate: expect.closeTo(240_000, -4),
    frameRate: expect.closeTo(30, 1),
    keyframeIntervalMs: 2_000,
    longestKeyframeIntervalMs: 2_000,
    unevenSteps: 0,
    droppedFrames: 0,
    jitterMs: expect.closeTo(0.3, 0),
    timestampJumps: 2,
    lastMediaAt: 11_967,
  })
})

test.each([24, 25, 30_000 / 1_001, 50, 60])('%f frames a second are told apart in whole milliseconds', (rate) => {
  const { frameRate } = play({ seconds: 8, stepMs: 1_000 / rate, gop: 50 }).read(0)
  expect(frameRate).toBeCloseTo(rate, 0.5)
})

test('B-frames show in the order of pictures', () => {
  expect(play({ seconds: 2, stepMs: 40, gop: 50 }).read(0).bFrames).toBe(false)
  expect(play({ seconds: 2, stepMs: 40, gop: 50, hasBFrames: true }).read(0).bFrames).toBe(true)
})

test('dropped frames are counted as holes in the rhythm the source states', () => {
  const dropped = play({
    seconds: 10,
    stepMs: 40,
    gop: 50,
    skip: (frame) => frame === 20 || frame === 77 || frame === 78,
  })
  expect(dropped.read(0).droppedFrames).toBe(3)
})

test('an open group of pictures counts as long as it already is', () => {
  expect(play({ seconds: 12, stepMs: 40, gop: 250 }).read(0)).toMatchObject({
    keyframeIntervalMs: 10_000,
    longestKeyframeIntervalMs: 10_000,
  })
  const late = play({ seconds: 9, stepMs: 40, gop: 25, skip: (frame) => frame % 25 === 0 && frame > 50 })
  expect(late.read(0)).toMatchObject({ keyframeIntervalMs: 1_000, longestKeyframeIntervalMs: 6_960 })
})

test('uneven arrival is jitter, a steady delay is not', () => {
  const uneven = play({ seconds: 10, stepMs: 40, gop: 50, arrival: (at, frame) => at + (frame % 2) * 30 })
  expect(uneven.read(0).jitterMs).toBeGreaterThan(20)
  expect(play({ seconds: 10, stepMs: 40, gop: 50, arrival: (at) => at + 5_000 }).read(0).jitterMs).toBe(0)
})

test('what an encoder says of itself is believed within reason', () => {
  const health = createSourceHealth()
  health.describe({ width: 'wide', height: 1e12, framerate: Number.NaN })
  expect(health.read(0)).toEqual(unknownHealth)
})

test('a source whose time stands still does not fill the memory', () => {
  const health = createSourceHealth()
  const tag = readTag('audio', Buffer.from([0xaf, 1, 0]))!
  for (let n = 0; n < 200_000; n += 1) health.add(tag, 0, 0)
  expect(health.read(0).audioBitrate).toBe(0)
})

test('frames that come at changing distances are told from frames that are missing', () => {
  const health = createSourceHealth()
  let at = 0
  for (let frame = 0; frame < 200; frame += 1) {
    const payload = Buffer.from([frame === 0 ? 0x17 : 0x27, 1, 0, 0, 0])
    health.add(readTag('video', payload)!, at, at)
    at += frame % 2 === 0 ? 20 : 60
  }
  expect(health.read(0).unevenSteps).toBeGreaterThan(0.4)
  const holes = play({ seconds: 10, stepMs: 1_000 / 30, gop: 60, skip: (frame) => frame % 50 === 7 }).read(0)
  expect(holes.unevenSteps).toBeLessThan(0.05)
  expect(holes.droppedFrames).toBe(6)
  expect(play({ seconds: 6, stepMs: 1_000 / 60, gop: 120 }).read(0).unevenSteps).toBe(0)
})
