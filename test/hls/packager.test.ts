import { expect, test } from 'vitest'
import type { Sample } from '../../src/containers/containers.ts'
import type { Cut } from '../../src/hls/leader.ts'
import { createPackager } from '../../src/hls/packager.ts'
import { partGrid } from '../../src/hls/part-grid.ts'

const { grid, partTarget } = partGrid(333)
const VIDEO = 90_000

interface Part {
  msn: number
  start: number
  end: number
  duration: number
  isStill: boolean
  samples: Sample[] | null
}

/** A packager for a source, one encoded rendition and audio, and what it cut. */
function packagerRoom({ audioRate = 48_000, targetDuration = null as number | null } = {}) {
  const parts = new Map<string, Part[]>()
  const ends = new Map<string, number[]>()
  const targets: number[] = []
  const overdue: number[] = []
  const packager = createPackager({
    leader: 'source',
    renditions: [
      { id: 'source', kind: 'video' },
      { id: '480p', kind: 'video' },
      { id: 'audio', kind: 'audio' },
    ],
    grid,
    firstMsn: 0,
    targetDuration,
    onTargetDuration: (seconds) => targets.push(seconds),
    onOverdue: (at) => overdue.push(at),
    onCut: (id: string, cut: Cut, samples, duration) => {
      if (cut.type === 'end') ends.set(id, [...(ends.get(id) ?? []), cut.msn])
      else parts.set(id, [...(parts.get(id) ?? []), { ...cut, samples, duration }])
    },
  })
  packager.configure('source', VIDEO)
  packager.configure('480p', VIDEO)
  packager.configure('audio', audioRate)
  const frame = (seconds: number, scale: number, isKey: boolean, composition = 0) => ({
    dts: Math.round(seconds * scale),
    composition,
    isKey,
    data: Buffer.alloc(10),
  })
  return {
    packager,
    targets,
    overdue,
    of: (id: string) => parts.get(id) ?? [],
    endsOf: (id: string) => ends.get(id) ?? [],
    video: (id: string, ms: number, isKey: boolean, composition = 0) =>
      packager.arrive(id, frame(Math.round(ms) / 1000, VIDEO, isKey, composition)),
    /** The first frame of an encoder started anew. */
    videoAnew: (id: string, ms: number) => packager.arrive(id, frame(Math.round(ms) / 1000, VIDEO, true), true),
    audio: (count: number) => packager.arrive('audio', { ...frame(0, 1, true), dts: count * 1024 }),
  }
}

/** Plays `seconds` of a source whose stamps are whole milliseconds, as RTMP has them. */
function play(
  room: ReturnType<typeof packagerRoom>,
  fps: number,
  gop: number,
  seconds: number,
  options: { audioRate?: number; encodedTo?: number } = {},
) {
  const { audioRate = 48_000, encodedTo = seconds } = options
  let audio = 0
  for (let n = 0; n / fps < seconds; n++) {
    const at = (n * 1000) / fps
    const isKey = n % Math.round(gop * fps) === 0
    room.video('source', at, isKey)
    if (at / 1000 < encodedTo) room.video('480p', at, isKey)
    while ((audio * 1024) / audioRate < at / 1000) room.audio(audio++)
  }
}

for (const fps of [23.976, 24, 25, 29.97, 30, 50, 59.94, 60]) {
  for (const audioRate of [44_100, 48_000]) {
    test(`at ${fps} frames a second with ${audioRate} Hz every part keeps to its target`, () => {
      const room = packagerRoom({ audioRate })
      play(room, fps, 2, 20, { audioRate })
      expect(room.targets).toEqual([2])
      for (const id of ['source', '480p', 'audio']) {
        const parts = room.of(id)
        expect(parts.length).toBeGreaterThan(50)
        for (const [i, part] of parts.entries()) {
          expect(part.duration).toBeLessThanOrEqual(partTarget)
          const isLastOfSegment = parts[i + 1]?.msn !== part.msn
          if (!isLastOfSegment) expect(part.duration).toBeGreaterThanOrEqual(partTarget * 0.85)
          expect(part.samples).not.toBeNull()
        }
      }
    })
  }
}

test('all renditions are cut at the same instants, audio to half a frame', () => {
  const room = packagerRoom()
  play(room, 30, 2, 12)
  const starts = (id: string) =>
    room
      .of(id)
      .filter(({ samples }) => samples)
      .slice(0, 30)
      .map(({ samples }) => samples![0]!.dts)
  expect(starts('480p')).toEqual(starts('source'))
  for (const [i, dts] of starts('audio').entries()) {
    expect(Math.abs(dts / 48_000 - starts('source')[i]! / VIDEO)).toBeLessThanOrEqual(0.5 * (1024 / 48_000) + 0.001)
  }
})

test('the parts of a rendition cover the timeline without gap or overlap', () => {
  const room = packagerRoom()
  play(room, 30, 2, 12)
  for (const id of ['source', '480p', 'audio']) {
    const samples = room.of(id).flatMap((part) => part.samples ?? [])
    for (const [i, sample] of samples.entries()) {
      const next = samples[i + 1]
      if (next) expect(sample.dts + sample.duration).toBe(next.dts)
    }
  }
})

test('segments begin with keyframes, two seconds apart, also when keyframes come every half second', () => {
  for (const gop of [0.5, 1, 2]) {
    const room = packagerRoom()
    play(room, 30, gop, 13)
    const firsts = room.of('source').filter((part, i, all) => all[i - 1]?.msn !== part.msn)
    expect(firsts.every(({ samples }) => samples![0]!.isKey)).toBe(true)
    expect(firsts.map(({ start }) => start)).toEqual([0, 2, 4, 6, 8, 10, 12].slice(0, firsts.length))
  }
})

test('a keyframe interval of four seconds is kept, with the longer target', () => {
  const room = packagerRoom()
  play(room, 30, 4, 20)
  expect(room.targets).toEqual([4])
  expect(room.overdue).toEqual([])
  expect(room.endsOf('source')).toEqual([0, 1, 2, 3])
})

test('eight seconds without a keyframe are overdue, and no segment outgrows the target', () => {
  const room = packagerRoom()
  play(room, 30, 8, 20)
  expect(room.overdue.length).toBeGreaterThan(0)
  const lengths = Map.groupBy(room.of('source'), ({ msn }) => msn)
  for (const parts of lengths.values()) {
    expect(Math.round(parts.reduce((sum, { duration }) => sum + duration, 0))).toBeLessThanOrEqual(4)
  }
})

test('a rendition whose encoder stops gets gaps and comes back at the head of a segment', () => {
  const room = packagerRoom()
  play(room, 30, 2, 20, { encodedTo: 7 })
  const gaps = room.of('480p').filter(({ samples }) => samples === null)
  expect(gaps.length).toBeGreaterThan(20)
  expect(room.of('source').every(({ samples }) => samples !== null)).toBe(true)
  for (let n = 600; n < 900; n++) {
    room.video('source', (n * 1000) / 30, n % 60 === 0)
    room.video('480p', (n * 1000) / 30, n % 60 === 0)
  }
  const back = room.of('480p').filter(({ start }) => start >= 8)
  const first = back.find(({ samples }) => samples !== null)
  expect(first?.samples?.[0]?.isKey).toBe(true)
  expect(first?.start).toBe(20)
})

test('frames of a hole in the source become gaps, and no part outgrows its target', () => {
  const room = packagerRoom()
  for (let n = 0; n < 300; n++) {
    if (n > 100 && n < 130) continue
    room.video('source', (n * 1000) / 30, n % 60 === 0)
  }
  const parts = room.of('source')
  expect(parts.some(({ samples }) => samples === null)).toBe(true)
  for (const { duration } of parts) expect(duration).toBeLessThanOrEqual(partTarget)
  const total = parts.reduce((sum, { duration }) => sum + duration, 0)
  expect(total).toBeCloseTo(parts.at(-1)!.end - parts[0]!.start, 6)
})

test('a short hole in the picture leaves no short part, wherever it falls', () => {
  for (let at = 61; at < 72; at++) {
    const room = packagerRoom()
    for (let n = 0; n < 300; n++) {
      if (n > at && n < at + 5) continue
      room.video('source', (n * 1000) / 30, n % 60 === 0)
    }
    const parts = room.of('source')
    for (const [i, part] of parts.slice(0, -1).entries()) {
      expect(part.duration).toBeLessThanOrEqual(partTarget)
      if (parts[i + 1]!.msn === part.msn)
        expect(part.duration, `hole at ${at}`).toBeGreaterThanOrEqual(partTarget * 0.85)
    }
  }
})

test('a keyframe that comes a little late ends its segment, once', () => {
  const room = packagerRoom()
  // Two seconds apart, but once four frames more: a clip that begins anew.
  for (let n = 0; n < 400; n++) room.video('source', (n * 1000) / 30, n % 60 === (n < 240 ? 0 : 4))
  expect(room.overdue).toEqual([])
  expect(room.endsOf('source')).toEqual([0, 1, 2, 3, 4, 5])
  expect([...new Set(room.of('source').map(({ msn }) => msn))]).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('a keyframe a third of a frame late leaves a piece without a frame, and nobody has lost one', () => {
  const room = packagerRoom()
  for (let n = 0; n < 400; n++) {
    const at = (n * 1000) / 30 + (n < 240 ? 0 : 11)
    room.video('source', at, n % 60 === 0)
    room.video('480p', at, n % 60 === 0)
  }
  const empty = room.of('480p').filter(({ samples }) => samples === null)
  expect(empty.map(({ msn, isStill }) => [msn, isStill])).toEqual([[3, true]])
  expect(room.of('480p').filter(({ isStill }) => isStill)).toEqual(empty)
})

test('an encoder that starts late and catches up loses nothing; once there, it is not waited for as long', () => {
  const room = packagerRoom()
  const source = (from: number, to: number) => {
    for (let n = from * 30; n < to * 30; n++) room.video('source', (n * 1000) / 30, n % 60 === 0)
  }
  const encoder = (from: number, to: number) => {
    for (let n = from * 30; n < to * 30; n++) room.video('480p', (n * 1000) / 30, n % 60 === 0)
  }
  source(0, 5)
  encoder(0, 1)
  source(5, 6)
  encoder(1, 6)
  expect(room.of('480p').filter(({ samples }) => samples === null)).toEqual([])
  expect(room.endsOf('480p')).toEqual([0, 1])
  source(6, 10)
  expect(room.of('480p').some(({ samples }) => samples === null)).toBe(true)
})

test('an encoder started anew from where was cut: its frames take the place of those that were not', () => {
  const room = packagerRoom()
  const both = ['source', '480p']
  for (let n = 0; n < 100; n++) for (const id of both) room.video(id, (n * 1000) / 30, n % 60 === 0)
  // Ninety frames are cut in parts of ten, nine more wait: it makes those again.
  for (const id of both) room.videoAnew(id, 3_000)
  for (let n = 91; n < 200; n++) for (const id of both) room.video(id, (n * 1000) / 30, n % 60 === 0)
  for (const id of both) {
    const samples = room.of(id).flatMap(({ samples }) => samples ?? [])
    expect(samples.map(({ dts }) => Math.round((dts / VIDEO) * 30))).toEqual(samples.map((_, n) => n))
    expect(samples[90]).toMatchObject({ isKey: true })
    expect(samples.every(({ duration }) => duration > 0)).toBe(true)
  }
})

test('an encoder started anew before what was cut: nothing of it is shown until a keyframe after that', () => {
  const room = packagerRoom()
  const both = ['source', '480p']
  for (let n = 0; n < 100; n++) for (const id of both) room.video(id, (n * 1000) / 30, n % 60 === 0)
  for (const id of both) room.videoAnew(id, 1_500)
  for (let n = 46; n < 300; n++) for (const id of both) room.video(id, (n * 1000) / 30, n % 60 === 0)
  for (const id of both) {
    const times = room
      .of(id)
      .flatMap(({ samples }) => samples ?? [])
      .map(({ dts }) => Math.round((dts / VIDEO) * 30))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(times).size).toBe(times.length)
    const resumed = times.find((n) => n > 100)!
    expect(resumed % 60).toBe(0)
  }
})

test('B-frames: segments meet at the instants shown, not decoded', () => {
  const room = packagerRoom()
  for (let n = 0; n < 400; n++) room.video('source', (n * 1000) / 30, n % 60 === 0, n % 60 === 0 ? 6000 : 3000)
  const edges = room.of('source').filter((part, i, all) => all[i - 1]?.msn !== part.msn)
  expect(edges.slice(0, 3).map(({ start }) => start)).toEqual(
    [6000, 180_000 + 6000, 360_000 + 6000].map((t) => t / VIDEO),
  )
})

test('what is held is cut when the stretch ends', () => {
  const room = packagerRoom()
  play(room, 30, 2, 5)
  room.packager.finish()
  for (const id of ['source', '480p', 'audio']) expect(room.endsOf(id)).toEqual([0, 1, 2])
  expect(room.of('source').flatMap(({ samples }) => samples ?? []).length).toBe(150)
})

test('at the end of a stretch the last segment ends with what came, and no part but its last is short', () => {
  const room = packagerRoom()
  play(room, 30, 2, 4.25)
  // The picture has a part until 4.333 s and a shorter one after it, the sound ends before both.
  for (let n = 128; n < 133; n++) room.video('source', (n * 1000) / 30, false)
  room.packager.finish()
  const last = (id: string) => room.of(id).filter(({ msn }) => msn === 2)
  expect(last('source').length).toBe(2)
  expect(last('480p').length).toBe(1)
  expect(last('audio').map(({ samples }) => samples !== null)).toEqual([true])
  for (const id of ['source', '480p', 'audio']) expect(room.endsOf(id)).toEqual([0, 1, 2])
})

test('sound with a hole in it stands beside the hole as long as the picture does', () => {
  const room = packagerRoom()
  for (let n = 0, count = 0; n < 300; n++) {
    room.video('source', (n * 1000) / 30, n % 60 === 0)
    for (; count * 1024 < n * 1600; count++) if (count < 150 || count > 200) room.audio(count)
  }
  const parts = room.of('audio')
  expect(parts.some(({ samples }) => samples === null)).toBe(true)
  for (const { duration } of parts) expect(duration).toBeGreaterThanOrEqual(partTarget * 0.85)
})

for (const fps of [5, 7.5, 8, 10, 12, 15]) {
  test(`at ${fps} frames a second no part is short, though frames are long`, () => {
    const room = packagerRoom()
    for (let n = 0; n < 20 * fps; n++) room.video('source', (n * 1000) / fps, n % Math.round(2 * fps) === 0)
    const parts = room.of('source')
    for (const [i, part] of parts.slice(0, -1).entries()) {
      expect(part.duration).toBeLessThanOrEqual(partTarget)
      if (parts[i + 1]!.msn === part.msn) expect(part.duration).toBeGreaterThanOrEqual(partTarget * 0.85)
    }
  })
}
