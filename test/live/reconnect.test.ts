/**
 * A broadcaster who drops out and comes back, first with the same picture, then with another: what a player has loaded by
 * then is one stream with two seams, and each piece of it decodes.
 */
import HLS from 'hls-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { decode } from '../helpers/decoding.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

interface Kept {
  msn: number
  seams: number
  at: number
  duration: number
  init: string
  isGap: boolean
  startsSeam: boolean
  bytes: Buffer
}

/** Seconds; how far B-frames reach, and what of the sound may come after the last picture. */
const LAST_FRAMES = 0.25

describe('a broadcaster who comes back', () => {
  let studio: Awaited<ReturnType<typeof openStudio>>
  let push: ReturnType<typeof studio.push>
  let folder = ''
  /** Every segment ever listed, of every rendition, loaded when it was new. */
  const kept = new Map<string, Map<number, Kept>>()
  const inits = new Map<string, Buffer>()
  const seamsOfLists: number[] = []
  /** Where the three stretches begin. */
  const seams: number[] = []
  /** What was made until the end of each stretch; a busy machine may have shed a rendition. */
  const made: string[][] = []

  beforeAll(async () => {
    HLS.setOptions({ strictMode: true })
    studio = await openStudio()
    push = studio.pushClip(clipPath('film'))
    await studio.untilSession(({ state }) => state === 'live')
    folder = await studio.watch()
    const { variants } = HLS.parse(await (await load('main.m3u8')).text()) as HLS.types.MasterPlaylist
    for (const { uri } of variants) kept.set(uri.replace('.m3u8', ''), new Map())
  })
  afterAll(() => studio?.close())

  const load = (file: string) => fetch(`${folder}/${file}`)
  const bytesOf = async (file: string) => {
    const response = await load(file)
    expect(response.status, file).toBe(200)
    return Buffer.from(await response.arrayBuffer())
  }

  async function listOf(rendition: string): Promise<HLS.types.MediaPlaylist> {
    const response = await load(`${rendition}.m3u8`)
    expect(response.status).toBe(200)
    return HLS.parse(await response.text()) as HLS.types.MediaPlaylist
  }

  /** Loads what is new in every rendition; what was told before may not change. */
  async function keepUp(): Promise<void> {
    for (const [rendition, segments] of kept) {
      const list = await listOf(rendition)
      if (rendition === 'source') seamsOfLists.push(list.discontinuitySequenceBase ?? 0)
      for (const segment of list.segments) {
        if (!segment.uri) continue
        const msn = segment.mediaSequenceNumber
        const told = {
          msn,
          seams: segment.discontinuitySequence,
          at: segment.programDateTime!.getTime(),
          duration: segment.duration,
          init: segment.map?.uri ?? '',
          isGap: segment.gap === true,
        }
        const known = segments.get(msn)
        if (known) {
          expect(known, `${rendition} ${msn}`).toMatchObject(told)
          continue
        }
        if (told.init && !inits.has(told.init)) inits.set(told.init, await bytesOf(told.init))
        const bytes = told.isGap ? Buffer.alloc(0) : await bytesOf(segment.uri)
        segments.set(msn, { ...told, startsSeam: segment.discontinuity === true, bytes })
      }
    }
  }

  const newestOf = (rendition: string) => Math.max(-1, ...kept.get(rendition)!.keys())

  /** Until every rendition has so many whole segments from that number on. */
  const untilPast = (msn: number) =>
    eventually(
      async () => {
        await keepUp()
        return [...kept.keys()].every((rendition) => newestOf(rendition) >= msn)
      },
      { everyMs: 500 },
    )

  const noteMade = async () => made.push(['audio', ...(await studio.session())!.renditions.map(({ id }) => id)])

  async function dropOut(): Promise<void> {
    await noteMade()
    await push.stop()
    await studio.untilSession(({ state }) => state === 'paused')
    await keepUp()
    // Nobody may be told of a number that another rendition lacks.
    expect(new Set([...kept.keys()].map(newestOf)).size).toBe(1)
    expect((await listOf('source')).endlist).toBe(false)
    seams.push(newestOf('source') + 1)
  }

  async function comeBack(clip: Parameters<typeof clipPath>[0]): Promise<void> {
    push = studio.pushClip(clipPath(clip))
    await studio.untilSession(({ state }) => state === 'live')
    await untilPast(seams.at(-1)! + 4)
  }

  test('with the same picture: the numbers go on after a seam, at the same one in every rendition', async () => {
    const session = await studio.session()
    await untilPast(3)
    await dropOut()
    await comeBack('film')
    expect((await studio.session())!.id).toBe(session!.id)
    for (const [rendition, segments] of kept) {
      const begins = [...segments.values()].filter(({ startsSeam }) => startsSeam).map(({ msn }) => msn)
      expect(begins, rendition).toEqual(seams)
      expect(segments.get(seams[0]!)!.seams - segments.get(seams[0]! - 1)!.seams).toBe(1)
    }
  })

  test('with another picture: its init section comes with the seam', async () => {
    await dropOut()
    await comeBack('four-thirds')
    const source = kept.get('source')!
    const [before, after] = [source.get(seams[1]! - 1)!, source.get(seams[1]!)!]
    expect(after.startsSeam).toBe(true)
    expect(after.init).not.toBe(before.init)
    expect(inits.get(after.init)).not.toEqual(inits.get(before.init))
  })

  test('a number means the same time and the same stretch in every rendition', () => {
    const leader = kept.get('source')!
    for (const [rendition, segments] of kept) {
      expect([...segments.keys()], rendition).toEqual([...segments.keys()].map((_, i) => [...segments.keys()][0]! + i))
      for (const { msn, at, seams } of segments.values()) {
        const theirs = leader.get(msn)
        if (!theirs) continue
        expect(seams, `${rendition} ${msn}`).toBe(theirs.seams)
        expect(Math.abs(at - theirs.at), `${rendition} ${msn}`).toBeLessThanOrEqual(rendition === 'audio' ? 12 : 1)
      }
    }
  })

  test('real time never runs backwards, and segments of a stretch stand end to end', () => {
    const segments = [...kept.get('source')!.values()]
    for (const [i, segment] of segments.entries()) {
      const before = segments[i - 1]
      if (!before) continue
      const end = before.at + before.duration * 1000
      if (segment.startsSeam) expect(segment.at).toBeGreaterThanOrEqual(end - 1)
      else expect(Math.abs(segment.at - end)).toBeLessThanOrEqual(1)
    }
  })

  test('each side of a seam decodes, and covers its time without a gap or an overlap', async () => {
    await noteMade()
    expect(made.flat()).toContain('240p')
    for (const [rendition, segments] of kept) {
      const stretches = Map.groupBy(segments.values(), (segment) => segment.seams)
      expect(stretches.size, rendition).toBe(3)
      for (const [stretch, all] of stretches) {
        const whole = all.filter(({ isGap }) => !isGap)
        const name = `${rendition}, stretch ${stretch}, ${all.map(({ msn, isGap }) => (isGap ? `(${msn})` : msn))}`
        // Shed, or too large for that picture.
        if (!made[stretch]!.includes(rendition)) continue
        // What an encoder on a busy machine still owed when its source broke off, it owes for ever.
        const complete = rendition === 'source' ? all : all.slice(0, -1)
        expect(
          complete.filter(({ isGap }) => isGap),
          name,
        ).toEqual([])
        expect(new Set(whole.map(({ init }) => init)).size, name).toBe(1)
        const { complaints, times } = decode(inits.get(whole[0]!.init)!, ...whole.map(({ bytes }) => bytes))
        expect(complaints, name).toBe('')
        const holes = times.slice(1).flatMap((time, i) => (time - times[i]! > 0.05 ? [times.at(-1)! - time] : []))
        // Whoever is cut off in the middle of B-frames leaves the last one shown without those before it.
        expect(
          holes.filter((beforeEnd) => beforeEnd > LAST_FRAMES),
          name,
        ).toEqual([])
        expect(Math.min(...times.slice(1).map((time, i) => time - times[i]!)), name).toBeGreaterThan(0.015)
        const told = whole.reduce((sum, { duration }) => sum + duration, 0)
        expect(Math.abs(times.at(-1)! - times[0]! - told), name).toBeLessThan(LAST_FRAMES)
      }
    }
  })

  test('a seam that has left the list is counted at its head', async () => {
    const before = Math.min(...seamsOfLists)
    await eventually(
      async () => {
        await keepUp()
        return seamsOfLists.at(-1)! > before
      },
      { everyMs: 1_000, withinMs: 90_000 },
    )
    const list = await listOf('source')
    expect(list.mediaSequenceBase).toBeGreaterThanOrEqual(seams[0]!)
  })
})
