import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calm, nextPace, type Pace, type Reading, tuning } from '../../src/web/client/player/latency-controller.ts'

const steady: Reading = { latency: 0.85, buffer: 0.6, cadence: 1 / 3, roundTrip: 0, elapsed: 0.2, stalled: false }

function after(readings: Partial<Reading>[]): Pace {
  return readings.reduce<Pace>((pace, reading) => nextPace(pace, { ...steady, ...reading }), calm)
}

test('near the target the rate is left alone', () => {
  expect(after([{}]).target).toBeCloseTo(0.85, 2)
  for (const latency of [0.75, 0.85, 0.92]) expect(after([{ latency }]).rate).toBe(1)
})

test('behind the target it speeds up, by 5 % for a little and never by more than 25 %', () => {
  expect(after([{ latency: 1.0 }]).rate).toBe(1.05)
  expect(after([{ latency: 1.5, buffer: 1.2 }]).rate).toBeCloseTo(1.2)
  expect(after([{ latency: 3.2, buffer: 3 }]).rate).toBe(1.25)
})

test('a rate once raised is kept until the target is all but reached', () => {
  expect(after([{ latency: 1.0 }, { latency: 0.9 }]).rate).toBe(1.05)
  expect(after([{ latency: 1.0 }, { latency: 0.86 }]).rate).toBe(1)
})

test('under the floor of buffer it slows down, however far behind it is', () => {
  expect(after([{ latency: 2, buffer: 0.29 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.85, buffer: 0.1 }]).rate).toBe(0.95)
})

test('closer to the edge than it should be it slows down until it is back', () => {
  expect(after([{ latency: 0.6 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.6 }, { latency: 0.8 }]).rate).toBe(0.95)
  expect(after([{ latency: 0.6 }, { latency: 0.84 }]).rate).toBe(1)
})

test('a long round trip and a coarse playlist put the target later', () => {
  expect(after([{ roundTrip: 0.1 }]).target).toBeCloseTo(1.15, 2)
  expect(after([{ cadence: 1 }]).target).toBeCloseTo(1.95, 2)
})

test('each stall adds caution up to a bound, and quiet minutes win the trust back', () => {
  expect(after([{ stalled: true }]).target).toBeCloseTo(1.1, 2)
  const shaken = after(Array.from({ length: 20 }, () => ({ stalled: true })))
  expect(shaken.target).toBeCloseTo(0.85 + tuning.mostForStalls, 2)
  const rested = nextPace(shaken, { ...steady, elapsed: 200 })
  expect(rested.caution).toBe(0)
})

test('far behind it jumps', () => {
  expect(after([{ latency: 3.3, buffer: 3 }]).jump).toBe(false)
  expect(after([{ latency: 3.4, buffer: 3 }]).jump).toBe(true)
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
  })
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), (readings) => {
      const pace = after(readings)
      expect([0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25]).toContain(Math.round(pace.rate * 100) / 100)
      expect(pace.target).toBeGreaterThanOrEqual(tuning.floor)
      expect(pace.caution).toBeLessThanOrEqual(tuning.mostForStalls)
    }),
  )
})

test('from three seconds behind it comes to rest at the target without running dry', () => {
  let pace = calm
  let latency = 3
  const fetched = 0.25
  for (let second = 0; second < 60; second += 0.2) {
    // The buffer of a player on parts of a third of a second: the delay less what is still being made or fetched.
    const buffer = latency - fetched - (second % (1 / 3))
    expect(buffer).toBeGreaterThan(0)
    pace = nextPace(pace, { ...steady, latency, buffer })
    latency -= (pace.rate - 1) * 0.2
  }
  expect(latency).toBeGreaterThan(0.7)
  expect(latency).toBeLessThan(0.95)
})
