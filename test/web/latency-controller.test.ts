import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calm, nextPace, type Pace, type Reading, tuning } from '../../src/web/client/player/latency-controller.ts'

const steady: Reading = {
  latency: 0.68,
  buffer: 0.4,
  cadence: 1 / 3,
  roundTrip: 0,
  elapsed: 0.2,
  stalled: false,
  isSteady: true,
}

function after(readings: Partial<Reading>[]): Pace {
  return readings.reduce<Pace>((pace, reading) => nextPace(pace, { ...steady, ...reading }), calm)
}

test('near the target the rate is left alone', () => {
  expect(after([{}]).target).toBeCloseTo(0.683, 2)
  for (const latency of [0.58, 0.68, 0.75]) expect(after([{ latency }]).rate).toBe(1)
})

test('behind the target it speeds up, by 5 % for a little and never by more than 25 %', () => {
  expect(after([{ latency: 0.8 }]).rate).toBe(1.05)
  expect(after([{ latency: 1.35, buffer: 1.2 }]).rate).toBeCloseTo(1.2)
  expect(after([{ latency: 3, buffer: 3 }]).rate).toBe(1.25)
})

test('a rate once raised is kept until the target is all but reached', () => {
  expect(after([{ latency: 0.8 }, { latency: 0.73 }]).rate).toBe(1.05)
  expect(after([{ latency: 0.8 }, { latency: 0.69 }]).rate).toBe(1)
})

test('under the floor of buffer it slows down, however far behind it is', () => {
  expect(after([{ latency: 2, buffer: 0.29 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.68, buffer: 0.1 }]).rate).toBe(0.95)
})

test('closer to the edge than it should be it slows down until it is back', () => {
  expect(after([{ latency: 0.5 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.5 }, { latency: 0.64 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.5 }, { latency: 0.67 }]).rate).toBe(1)
})

test('a long round trip and a coarse playlist put the target later', () => {
  expect(after([{ roundTrip: 0.1 }]).target).toBeCloseTo(0.983, 2)
  expect(after([{ cadence: 1 }]).target).toBeCloseTo(1.45, 2)
})

test('parts that come late put the target later before it runs dry', () => {
  expect(after([{ buffer: 0.1 }]).target).toBeCloseTo(0.783, 2)
  expect(after(Array.from({ length: 20 }, () => ({ buffer: 0.1 }))).target).toBeGreaterThan(1.1)
})

test('what is short just after a start or a seek teaches nothing', () => {
  expect(after([{ buffer: 0.1, isSteady: false }]).caution).toBe(0)
})

test('each stall adds caution up to a bound, and quiet minutes win the trust back', () => {
  expect(after([{ stalled: true }]).target).toBeCloseTo(0.933, 2)
  const shaken = after(Array.from({ length: 20 }, () => ({ stalled: true })))
  expect(shaken.target).toBeCloseTo(0.683 + tuning.mostCaution, 2)
  const rested = nextPace(shaken, { ...steady, elapsed: 200 })
  expect(rested.caution).toBe(0)
})

test('far behind it jumps', () => {
  expect(after([{ latency: 3.1, buffer: 3 }]).jump).toBe(false)
  expect(after([{ latency: 3.2, buffer: 3 }]).jump).toBe(true)
})

test('the rate is always one of a few, whatever is read', () => {
  const seconds = fc.double({ min: 0, max: 100, noNaN: true })
  const reading = fc.record({
    latency: seconds,
    buffer: seconds,
    cadence: fc.double({ min: 0.2, max: 6, noNaN: true }),
    roundTrip: fc.double({ min: 0, max: 3, noNaN: true }),
    elapsed: seconds,
    stalled: fc.boolean(),
    isSteady: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), (readings) => {
      const pace = after(readings)
      expect([0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25]).toContain(Math.round(pace.rate * 100) / 100)
      expect(pace.target).toBeGreaterThanOrEqual(tuning.floor)
      expect(pace.caution).toBeLessThanOrEqual(tuning.mostCaution)
    }),
  )
})

/** Plays on parts of a third of a second, each fetched in `fetching` seconds, and gives where it came to rest. */
function playFor(from: number, fetching: number): { latency: number; least: number } {
  let pace = calm
  let latency = from
  let least = Number.POSITIVE_INFINITY
  for (let second = 0; second < 120; second += 0.2) {
    const buffer = latency - 1 / 3 - fetching
    if (second > 60) least = Math.min(least, buffer)
    pace = nextPace(pace, { ...steady, latency, buffer })
    latency -= (pace.rate - 1) * 0.2
  }
  return { latency, least }
}

test('from three seconds behind it comes to rest at the target', () => {
  const { latency, least } = playFor(3, 0.02)
  expect(latency).toBeGreaterThan(0.6)
  expect(latency).toBeLessThan(0.78)
  expect(least).toBeGreaterThan(0.25)
})

test('on a line that needs longer for each part it rests as much later', () => {
  const { latency, least } = playFor(3, 0.3)
  expect(latency).toBeGreaterThan(0.85)
  expect(latency).toBeLessThan(1.2)
  expect(least).toBeGreaterThan(0.2)
})
