/** The playlist is the product: whole texts are compared. */
import { expect, test } from 'vitest'
import { mediaPlaylist } from '../../src/hls/media-playlist.ts'
import { multivariantPlaylist } from '../../src/hls/multivariant.ts'
import { createWindow, type NewPart } from '../../src/hls/window.ts'

const START = Date.UTC(2026, 0, 15, 20)
const TARGETS = { targetDuration: 2, partTarget: 0.349 }

function windowOf(id: string, wholeSegments: number, openParts = 0) {
  const window = createWindow(id, 'video')
  window.addInit(Buffer.from('init'))
  const part = (msn: number, index: number): NewPart => ({
    msn,
    isRunt: false,
    programDateTime: START + msn * 2000,
    startsDiscontinuity: false,
    discontinuities: 0,
    duration: 0.5,
    isIndependent: index === 0,
    isGap: false,
    bytes: Buffer.alloc(1000),
  })
  for (let msn = 0; msn < wholeSegments; msn++) {
    for (let index = 0; index < 4; index++) window.addPart(part(msn, index))
    window.endSegment(false)
  }
  for (let index = 0; index < openParts; index++) window.addPart(part(wholeSegments, index))
  return window
}

test('a live list: parts of three segments, a hint, and where the others are', () => {
  const window = windowOf('source', 4, 1)
  const sibling = windowOf('480p', 4)
  expect(mediaPlaylist({ window, from: 0, isDelta: false, query: '', siblings: [window, sibling], ...TARGETS })).toBe(
    `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.047,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.349
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="source/init-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:00.000Z
#EXTINF:2,
source/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:02.000Z
#EXTINF:2,
source/1.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:04.000Z
#EXT-X-PART:DURATION=0.5,URI="source/p8.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="source/p9.m4s"
#EXT-X-PART:DURATION=0.5,URI="source/p10.m4s"
#EXT-X-PART:DURATION=0.5,URI="source/p11.m4s"
#EXTINF:2,
source/2.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:06.000Z
#EXT-X-PART:DURATION=0.5,URI="source/p12.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="source/p13.m4s"
#EXT-X-PART:DURATION=0.5,URI="source/p14.m4s"
#EXT-X-PART:DURATION=0.5,URI="source/p15.m4s"
#EXTINF:2,
source/3.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:08.000Z
#EXT-X-PART:DURATION=0.5,URI="source/p16.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="source/p17.m4s"
#EXT-X-RENDITION-REPORT:URI="480p.m3u8",LAST-MSN=3,LAST-PART=3
`,
  )
})

test('an ended list has an end tag, and nothing of what only a live one needs', () => {
  const window = windowOf('audio', 1)
  window.end()
  expect(mediaPlaylist({ window, from: 0, isDelta: false, query: '', siblings: [window], ...TARGETS })).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="audio/init-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:00.000Z
#EXTINF:2,
audio/0.m4s
#EXT-X-ENDLIST
`)
})

test('a gap, a seam and a new init section stand where they belong, and the seams that left are counted', () => {
  const window = windowOf('source', 1)
  const seam = {
    isRunt: false,
    programDateTime: START + 9000,
    startsDiscontinuity: true,
    discontinuities: 1,
    duration: 0.4,
  }
  window.addPart({ msn: 1, ...seam, isIndependent: false, isGap: true, bytes: null })
  window.endSegment(true)
  window.addInit(Buffer.from('another'))
  window.addPart({
    ...seam,
    msn: 2,
    startsDiscontinuity: false,
    isIndependent: true,
    isGap: false,
    bytes: Buffer.alloc(9),
  })
  window.endSegment(false)
  const lines = (from: number) =>
    mediaPlaylist({ window, from, isDelta: false, query: '', siblings: [], ...TARGETS })
      .split('\n')
      .slice(6, -2)
  expect(lines(1)).toEqual([
    '#EXT-X-MEDIA-SEQUENCE:1',
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    '#EXT-X-DISCONTINUITY',
    '#EXT-X-MAP:URI="source/init-0.mp4"',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:09.000Z',
    '#EXT-X-PART:DURATION=0.4,URI="source/p4.m4s",GAP=YES',
    '#EXT-X-GAP',
    '#EXTINF:0.4,',
    'source/1.m4s',
    '#EXT-X-MAP:URI="source/init-1.mp4"',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-15T20:00:09.000Z',
    '#EXT-X-PART:DURATION=0.4,URI="source/p5.m4s",INDEPENDENT=YES',
    '#EXTINF:0.4,',
    'source/2.m4s',
  ])
  expect(lines(2)[1]).toBe('#EXT-X-DISCONTINUITY-SEQUENCE:1')
})

test('a delta update skips what is older than six target durations', () => {
  const window = windowOf('source', 20)
  const text = mediaPlaylist({ window, from: 0, isDelta: true, query: '?dvr', siblings: [], ...TARGETS })
  expect(text).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=14\n')
  expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:0\n')
  expect(text.match(/#EXTINF/g)).toHaveLength(6)
})

test('the renditions, the largest first, and one for listening only', () => {
  const video = { codec: 'avc1.64001f', frameRate: 29.97, averageBitrate: 2_000_000 }
  const audio = { id: 'audio', codec: 'mp4a.40.2', channels: 2, peakBitrate: 130_000.2, averageBitrate: 128_000 }
  const renditions = [
    { ...video, id: '480p', width: 854, height: 480, peakBitrate: 1_500_000 },
    { ...video, id: 'source', width: 1280, height: 720, peakBitrate: 3_000_000 },
  ]
  expect(multivariantPlaylist(renditions, audio, '?dvr')).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8?dvr"
#EXT-X-STREAM-INF:BANDWIDTH=3130001,AVERAGE-BANDWIDTH=2128000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio"
source.m3u8?dvr
#EXT-X-STREAM-INF:BANDWIDTH=1630001,AVERAGE-BANDWIDTH=2128000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=29.970,AUDIO="audio"
480p.m3u8?dvr
#EXT-X-STREAM-INF:BANDWIDTH=130001,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2",AUDIO="audio"
audio.m3u8?dvr
`)
})

test('what is asked for is there, or comes with the next segment, or is waited for', () => {
  const window = windowOf('source', 2, 2)
  expect([window.has(1, null), window.has(1, 3), window.has(2, 1)]).toEqual([true, true, true])
  expect([window.has(2, 2), window.has(2, null), window.has(3, 0)]).toEqual([false, false, false])
  expect(window.has(1, 9)).toBe(true) // beyond the last part of a closed segment means the next one's first
  const answers: boolean[] = []
  const waiter = {
    deadline: 100,
    isReady: () => window.has(2, 2),
    isLost: () => false,
    resume: (isThere: boolean) => answers.push(isThere),
  }
  window.waiters.add(waiter)
  window.waiters.expire(99)
  expect(answers).toEqual([])
  window.addPart({
    msn: 2,
    isRunt: false,
    programDateTime: 0,
    startsDiscontinuity: false,
    discontinuities: 0,
    duration: 0.5,
    isIndependent: false,
    isGap: false,
    bytes: Buffer.alloc(1),
  })
  expect(answers).toEqual([true])
  window.waiters.add({ ...waiter, isReady: () => false })
  window.waiters.expire(100)
  expect(answers).toEqual([true, false])
  expect(window.waiters.count).toBe(0)
})

test('nobody is shown the last part of a segment before the segment ends: only there it may be short', () => {
  const window = windowOf('source', 1, 2)
  const shown: string[] = []
  const list = () =>
    mediaPlaylist({ window, from: 0, isDelta: false, query: '', siblings: [window], ...TARGETS }).split('EXTINF')
      .length - 1
  window.waiters.add({
    deadline: 1e15,
    isReady: () => true,
    isLost: () => false,
    resume: () => shown.push(`${list()} segments`),
  })
  const part = { programDateTime: START, startsDiscontinuity: false, discontinuities: 0, isIndependent: false }
  window.addPart({ ...part, msn: 1, isRunt: true, duration: 0.1, isGap: false, bytes: Buffer.alloc(10) })
  expect(shown).toEqual([])
  window.endSegment(false)
  expect(shown).toEqual(['2 segments'])
})
