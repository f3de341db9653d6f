/** Every playlist of a show, read by a strict reader at each reload and held against the rules of RFC 8216bis. */
import HLS from 'hls-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { decode, pictures } from '../helpers/decoding.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

const RENDITIONS = ['source', '480p', '240p', 'audio']
const WATCHED_SEGMENTS = 25

/** One rendition's playlists as a low-latency player loads them, and what they said. */
interface Followed {
  playlists: HLS.types.MediaPlaylist[]
  segments: Map<number, { at: number; duration: number; uri: string }>
}

describe('the playlists of a show', () => {
  let studio: Awaited<ReturnType<typeof openStudio>>
  let push: ReturnType<typeof studio.push>
  let folder = ''
  const followed = new Map<string, Followed>()

  beforeAll(async () => {
    HLS.setOptions({ strictMode: true })
    studio = await openStudio()
    push = studio.pushClip(clipPath('film'))
    await studio.untilSession(({ state }) => state === 'live')
    folder = await studio.watch()
  })
  afterAll(() => studio?.close())

  const load = (file: string, init?: RequestInit) => fetch(`${folder}/${file}`, init)

  async function parse(file: string): Promise<HLS.types.MediaPlaylist> {
    const response = await load(file)
    expect(response.status, file).toBe(200)
    return HLS.parse(await response.text()) as HLS.types.MediaPlaylist
  }

  /** Asks for one part after the other, as hls.js and AVPlayer do. */
  async function follow(rendition: string): Promise<Followed> {
    const seen: Followed = { playlists: [], segments: new Map() }
    let list = await parse(`${rendition}.m3u8`)
    const until = list.mediaSequenceBase! + WATCHED_SEGMENTS
    for (let reloads = 0; reloads < 600; reloads++) {
      seen.playlists.push(list)
      for (const segment of list.segments) {
        if (!segment.uri) continue
        seen.segments.set(segment.mediaSequenceNumber, {
          at: segment.programDateTime!.getTime(),
          duration: segment.duration,
          uri: segment.uri,
        })
      }
      const whole = list.segments.findLast(({ uri }) => uri)!
      const open = list.segments.at(-1)!
      const msn = whole.mediaSequenceNumber + 1
      const part = open === whole ? 0 : open.parts.filter(({ hint }) => !hint).length
      if (msn >= until) return seen
      list = await parse(`${rendition}.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`)
    }
    throw new Error(`${rendition} did not come to segment ${until}`)
  }

  test('a strict reader takes every one of them', async () => {
    const all = await Promise.all(RENDITIONS.map(async (rendition) => [rendition, await follow(rendition)] as const))
    for (const [rendition, seen] of all) {
      followed.set(rendition, seen)
      expect(seen.playlists.length, rendition).toBeGreaterThan(100)
    }
    expect((HLS.parse(await (await load('main.m3u8')).text()) as HLS.types.MasterPlaylist).variants).toHaveLength(4)
  })

  test('the targets hold and never change', () => {
    for (const [rendition, { playlists }] of followed) {
      expect(new Set(playlists.map(({ targetDuration }) => targetDuration)).size, rendition).toBe(1)
      expect(new Set(playlists.map(({ partTargetDuration }) => partTargetDuration)).size).toBe(1)
      for (const { segments, targetDuration, partTargetDuration } of playlists) {
        for (const { duration, parts } of segments) {
          if (duration) expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration)
          for (const part of parts) if (!part.hint) expect(part.duration).toBeLessThanOrEqual(partTargetDuration!)
        }
      }
    }
  })

  test('a number means the same time in every rendition', () => {
    const leader = followed.get('source')!.segments
    for (const rendition of ['480p', '240p', 'audio']) {
      const own = followed.get(rendition)!.segments
      expect(own.size).toBeGreaterThan(WATCHED_SEGMENTS - 4)
      for (const [msn, { at, duration }] of own) {
        const theirs = leader.get(msn)
        if (!theirs) continue
        expect(Math.abs(at - theirs.at)).toBeLessThanOrEqual(rendition === 'audio' ? 12 : 1)
        expect(Math.abs(duration - theirs.duration)).toBeLessThanOrEqual(rendition === 'audio' ? 0.022 : 0.001)
      }
    }
  })

  const bytesOf = async (uri: string) => Buffer.from(await (await load(uri)).arrayBuffer())

  test('every segment decodes, without a gap or an overlap over the seams', async () => {
    for (const rendition of RENDITIONS) {
      // After 50 seconds the clip begins anew, with a hole of its own.
      const uris = [...followed.get(rendition)!.segments.values()].map(({ uri }) => uri).slice(8, 20)
      const { complaints, steps } = decode(...(await Promise.all([`${rendition}/init-0.mp4`, ...uris].map(bytesOf))))
      expect(complaints, rendition).toBe('')
      expect(steps.longest, rendition).toBeLessThan(0.05)
      expect(steps.shortest, rendition).toBeGreaterThan(0.015)
    }
  })

  test('at one time every rendition shows the same picture', async () => {
    const numbers = [...followed.get('source')!.segments.keys()].slice(-8, -2)
    const shown = new Map<string, Buffer[][]>()
    for (const rendition of RENDITIONS.slice(0, 3)) {
      const init = await bytesOf(`${rendition}/init-0.mp4`)
      const { segments } = followed.get(rendition)!
      shown.set(rendition, [])
      for (const msn of numbers) {
        const at = segments.get(msn)!
        expect(Math.abs(at.at - followed.get('source')!.segments.get(msn)!.at)).toBeLessThanOrEqual(1)
        shown.get(rendition)!.push(pictures(init, await bytesOf(at.uri)))
      }
    }
    const source = shown.get('source')!
    for (const rendition of ['480p', '240p']) {
      const own = shown.get(rendition)!
      expect(own.map(({ length }) => length)).toEqual(source.map(({ length }) => length))
      // One frame early or late would be further from the source's picture than the frame itself.
      const apart = [-2, -1, 0, 1, 2].map((shift) => difference(source, own, shift))
      expect(apart.indexOf(Math.min(...apart)), `${rendition}: ${apart}`).toBe(2)
      expect(apart[2], rendition).toBeLessThan(4)
    }
  })

  test('the hinted part is answered the moment it exists', async () => {
    const text = await (await load('source.m3u8')).text()
    const hinted = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)![1]!
    const response = await load(hinted)
    expect(response.status).toBe(200)
    const later = await (await load('source.m3u8')).text()
    expect(later).toContain(`URI="${hinted}"`)
    expect(later).not.toContain(`PRELOAD-HINT:TYPE=PART,URI="${hinted}"`)
  })

  test('a delta update leaves out what is known, and the rest is the same', async () => {
    const delta = await (await load('source.m3u8?_HLS_skip=YES')).text()
    const skipped = Number(/#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)/.exec(delta)![1])
    expect(skipped).toBeGreaterThan(0)
    const full = await (await load('source.m3u8')).text()
    const [told, all] = [delta, full].map((text) => text.match(/^source\/\d+\.m4s$/gm)!)
    const from = all!.indexOf(told![0]!)
    expect(from).toBeGreaterThanOrEqual(skipped - 1) // the list may have moved on between the two
    expect(all!.slice(from, from + told!.length)).toEqual(told)
  })

  test('nonsense is refused with a reason', async () => {
    const newest = followed.get('source')!.playlists.at(-1)!.segments.at(-1)!.mediaSequenceNumber
    const refused = [
      '_HLS_part=1',
      '_HLS_msn=x',
      '_HLS_msn=-1',
      '_HLS_msn=1.5',
      `_HLS_msn=${newest + 500}`,
      '_HLS_skip=MAYBE',
      `_HLS_msn=${newest}&_HLS_part=x`,
    ]
    for (const query of refused) expect((await load(`source.m3u8?${query}`)).status, query).toBe(400)
    expect((await load('1080p.m3u8')).status).toBe(404)
    expect((await load('source/999999.m4s')).status).toBe(404)
    expect((await load('../../../../etc/passwd')).status).toBe(404)
    const [, token] = /hls\/([^/]+)\//.exec(folder)!
    expect((await fetch(`${folder.replace(token!, `${token!.slice(0, -2)}AA`)}/main.m3u8`)).status).toBe(404)
    expect((await load('main.m3u8', { method: 'POST' })).status).toBe(405)
  })

  test('media can be asked for in pieces, by name only, and again', async () => {
    const { uri } = [...followed.get('source')!.segments.values()].at(-1)!
    const whole = Buffer.from(await (await load(uri)).arrayBuffer())
    const piece = await load(uri, { headers: { range: 'bytes=100-199' } })
    expect([piece.status, piece.headers.get('content-range')]).toEqual([206, `bytes 100-199/${whole.length}`])
    expect(Buffer.from(await piece.arrayBuffer())).toEqual(whole.subarray(100, 200))
    expect((await load(uri, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416)
    const head = await load(uri, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(whole.length))
    expect((await load(uri, { headers: { 'if-none-match': head.headers.get('etag')! } })).status).toBe(304)
    expect(head.headers.get('access-control-allow-origin')).toBe('*')
    expect((await load(uri, { method: 'OPTIONS' })).status).toBe(204)
  })

  test('whoever waits while the broadcaster is away is told so, and the same address goes on when they are back', async () => {
    const before = await studio.listed(folder, 'source')
    await push.stop()
    await studio.untilSession(({ state }) => state === 'paused')
    const paused = await studio.listed(folder, 'source')
    expect(paused.isEnded).toBe(false)
    const waited = await load(`source.m3u8?_HLS_msn=${paused.segments.at(-1)!.msn + 1}&_HLS_part=0`)
    expect([waited.status, waited.headers.get('retry-after')]).toEqual([503, '2'])

    push = studio.pushClip(clipPath('film'))
    await studio.untilSession(({ state }) => state === 'live')
    const after = await eventually(async () => {
      const list = await studio.listed(folder, 'source')
      return list.segments.at(-1)!.msn >= paused.segments.at(-1)!.msn + 2 ? list : null
    })
    const seam = after.segments.find(({ startsDiscontinuity }) => startsDiscontinuity)!
    expect(seam.msn).toBe(paused.segments.at(-1)!.msn + 1)
    expect(after.discontinuities).toBe(before.discontinuities)
    expect(after.text.match(/PROGRAM-DATE-TIME:(\S+)/g)).toEqual(
      [...after.text.match(/PROGRAM-DATE-TIME:(\S+)/g)!].sort(),
    )
  })

  test('an ended broadcast says so in every list', async () => {
    const session = await studio.session()
    await studio.api.call('POST', `/sessions/${session!.id}/end`)
    await push.gone
    for (const rendition of RENDITIONS) expect((await studio.listed(folder, rendition)).isEnded, rendition).toBe(true)
  })
})

/** How far apart the pictures of two renditions are when one is shifted by so many frames: mean steps of grey. */
function difference(one: Buffer[][], other: Buffer[][], shift: number): number {
  const distances = one.flatMap((frames, segment) =>
    frames.flatMap((frame, i) => {
      const twin = other[segment]![i + shift]
      return twin ? [...frame].map((grey, at) => Math.abs(grey - twin[at]!)) : []
    }),
  )
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}
