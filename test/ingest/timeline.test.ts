import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTimeline } from '../../src/ingest/timeline.ts'

type Step = [track: 'audio' | 'video', timestamp: number, expected: number]

const HOUR = 3_600_000
const WRAP = 2 ** 32

const cases: Record<string, { steps: Step[]; jumps: number }> = {
  'begins at 0 wherever the source begins, and keeps sound and picture apart as they were': {
    steps: [
      ['video', HOUR, 0],
      ['audio', HOUR + 7, 7],
      ['video', HOUR + 40, 40],
      ['audio', HOUR + 28, 28],
    ],
    jumps: 0,
  },
  'never begins below 0': {
    steps: [
      ['video', 100, 0],
      ['audio', 60, 0],
      ['audio', 81, 1],
      ['audio', 102, 2],
      ['audio', 123, 23],
    ],
    jumps: 0,
  },
  'knows no wrap, whichever track passes it first': {
    steps: [
      ['video', WRAP - 60, 0],
      ['audio', WRAP - 50, 10],
      ['video', WRAP - 20, 40],
      ['audio', WRAP - 29, 31],
      ['video', 20, 80],
      ['audio', WRAP - 8, 52],
      ['audio', 13, 73],
      ['video', 60, 120],
    ],
    jumps: 0,
  },
  'knows no wrap at 2^31 either, where FFmpeg begins anew': {
    steps: [
      ['video', WRAP / 2 - 20, 0],
      ['audio', WRAP / 2 - 8, 12],
      ['video', 20, 40],
      ['audio', 13, 33],
    ],
    jumps: 0,
  },
  'folds a leap forward on both tracks, with frames interleaved around it': {
    steps: [
      ['video', 0, 0],
      ['audio', 0, 0],
      ['video', 40, 40],
      ['audio', 21, 21],
      // one frame after the newest, 40 ms on
      ['video', HOUR + 80, 80],
      ['audio', 42, 42],
      ['audio', HOUR + 63, 63],
      ['video', HOUR + 120, 120],
      ['audio', HOUR + 84, 84],
    ],
    jumps: 1,
  },
  'folds a leap back on both tracks, as when an encoder starts its clock anew': {
    steps: [
      ['video', HOUR, 0],
      ['audio', HOUR, 0],
      ['video', HOUR + 40, 40],
      ['audio', HOUR + 21, 21],
      ['video', 0, 80],
      ['audio', HOUR + 42, 42],
      ['audio', 0, 80],
      ['video', 40, 120],
      ['audio', 21, 101],
    ],
    jumps: 1,
  },
  'folds a leap of one track alone, and leaves the other where it was': {
    steps: [
      ['video', 0, 0],
      ['audio', 0, 0],
      ['video', 40, 40],
      ['video', HOUR, 80],
      ['audio', 21, 21],
      ['video', HOUR + 40, 120],
      ['audio', 42, 42],
      ['audio', 100, 100],
    ],
    jumps: 1,
  },
  'folds tracks that never shared a clock': {
    steps: [
      ['video', 0, 0],
      ['audio', HOUR, 21],
      ['video', 40, 40],
      ['audio', HOUR + 21, 42],
    ],
    jumps: 1,
  },
  'keeps a gap of two seconds': {
    steps: [
      ['video', 0, 0],
      ['video', 2_000, 2_000],
      ['audio', 2_010, 2_010],
    ],
    jumps: 0,
  },
  'lets a track that was silent for a minute come back in its place': {
    steps: [
      ['audio', 0, 0],
      ['video', 0, 0],
      ...Array.from({ length: 30 }, (_, n): Step => ['video', (n + 1) * 2_000, (n + 1) * 2_000]),
      ['audio', 60_005, 60_005],
    ],
    jumps: 0,
  },
  'smooths a small step back instead of folding it': {
    steps: [
      ['video', 0, 0],
      ['video', 100, 100],
      ['video', 60, 101],
      ['video', 90, 102],
      ['video', 140, 140],
    ],
    jumps: 0,
  },
  'folds a second leap after the first': {
    steps: [
      ['video', 0, 0],
      ['video', 40, 40],
      ['video', HOUR, 80],
      ['video', HOUR + 40, 120],
      ['video', 5, 160],
      ['video', 45, 200],
    ],
    jumps: 2,
  },
}

test.each(Object.entries(cases))('the timeline %s', (_name, { steps, jumps }) => {
  const timeline = createTimeline()
  expect(steps.map(([track, timestamp]) => [track, timestamp, timeline.place(track, timestamp)])).toEqual(steps)
  expect(timeline.jumps()).toBe(jumps)
})

test('headers stand where their track stands', () => {
  const timeline = createTimeline()
  expect(timeline.now('video')).toBe(0)
  timeline.place('video', 5_000)
  timeline.place('video', 5_040)
  expect([timeline.now('video'), timeline.now('audio')]).toEqual([40, 40])
})

test('whatever comes: every track goes forward, none runs away', () => {
  const frame = fc.record({ isVideo: fc.boolean(), timestamp: fc.nat(WRAP - 1) })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), (frames) => {
      const timeline = createTimeline()
      const last = { audio: -1, video: -1 }
      let front = 0
      for (const { isVideo, timestamp } of frames) {
        const track = isVideo ? 'video' : 'audio'
        const at = timeline.place(track, timestamp)
        expect(Number.isSafeInteger(at)).toBe(true)
        expect(at).toBeGreaterThan(last[track])
        expect(at).toBeLessThanOrEqual(front + 3_000)
        last[track] = at
        front = Math.max(front, at)
      }
    }),
  )
})

test('a steady source that leaps and wraps at random comes out steady, its tracks in step', () => {
  const stretch = fc.record({ from: fc.nat(WRAP - 1), frames: fc.integer({ min: 5, max: 40 }) })
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 8 }), (stretches) => {
      // What lies nearer is a gap or a step back, and kept as such.
      const isLeap = (from: number, to: number) => Math.abs(((to - from) << 1) >> 1) > 100_000
      fc.pre(stretches.slice(1).every(({ from }, n) => isLeap(stretches[n]!.from, from)))
      const timeline = createTimeline()
      let n = 0
      for (const [leaps, { from, frames }] of stretches.entries()) {
        for (let frame = 0; frame < frames; frame += 1, n += 1) {
          const video = timeline.place('video', (from + frame * 40) % WRAP)
          const audio = timeline.place('audio', (from + frame * 40 + 10) % WRAP)
          // At each leap video goes on one frame after the newest of both tracks, which was audio.
          expect([video, audio]).toEqual([n * 40 + leaps * 10, n * 40 + leaps * 10 + 10])
        }
      }
      expect(timeline.jumps()).toBe(stretches.length - 1)
    }),
  )
})
