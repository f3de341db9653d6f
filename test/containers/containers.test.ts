/** What comes in as FLV and goes out as MP4, byte for byte. */
import { expect, test } from 'vitest'
import { audioConfig, videoConfig } from '../../src/containers/codecs.ts'
import { createFlvReader, type FlvTag } from '../../src/containers/flv-reader.ts'
import { fragment, initSection, type Sample, type TrackConfig } from '../../src/containers/mp4-boxes.ts'
import { createMp4Reader } from '../../src/containers/mp4-reader.ts'
import { parseRange } from '../../src/hls/byte-range.ts'
import { createTagSorter } from '../../src/hls/flv-source.ts'
import { createLogger } from '../../src/platform/logger.ts'

/** x264's own record for 1280x720 at 30 frames a second, High profile. */
const AVCC = Buffer.from(
  '0164001fffe1001c6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800',
  'hex',
)
const AAC_48K_STEREO = Buffer.from([0x11, 0x90])

function tag(type: number, at: number, body: Buffer): Buffer {
  const header = Buffer.alloc(11)
  header[0] = type
  header.writeUIntBE(body.length, 1, 3)
  header.writeUIntBE(at & 0xffffff, 4, 3)
  header[7] = at >>> 24
  const size = Buffer.alloc(4)
  size.writeUInt32BE(11 + body.length)
  return Buffer.concat([header, body, size])
}

const stream = Buffer.concat([
  Buffer.from('464c5601050000000900000000', 'hex'),
  tag(18, 0, Buffer.from('meta')),
  tag(9, 0, Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), AVCC])),
  tag(8, 0, Buffer.concat([Buffer.from([0xaf, 0]), AAC_48K_STEREO])),
  tag(9, 40, Buffer.concat([Buffer.from([0x17, 1, 0, 0, 80]), Buffer.alloc(20, 1)])),
  tag(8, 43, Buffer.concat([Buffer.from([0xaf, 1]), Buffer.alloc(9, 2)])),
  tag(9, 0x1000001, Buffer.concat([Buffer.from([0x27, 1, 0xff, 0xff, 0xfe]), Buffer.alloc(20, 3)])),
  tag(9, 90, Buffer.from([0x90, ...Buffer.from('hvc1'), 0, 0])),
])

function read(chunks: Buffer[]): FlvTag[] {
  const tags: FlvTag[] = []
  const reader = createFlvReader((seen) => tags.push(seen))
  for (const chunk of chunks) reader(chunk)
  return tags
}

test('FLV means the same wherever it is torn apart', () => {
  const whole = read([stream])
  expect(whole.map(({ type }) => type)).toEqual([
    'metadata',
    'video-config',
    'audio-config',
    'video',
    'audio',
    'video',
    'other',
  ])
  expect(whole[3]).toMatchObject({ at: 40, composition: 80, isKey: true })
  expect(whole[5]).toMatchObject({ at: 0x1000001, composition: -2, isKey: false })
  expect(whole[6]).toMatchObject({ track: 'video', codec: 'hevc' })
  expect(read([...stream].map((byte) => Buffer.from([byte])))).toEqual(whole)
  for (let at = 1; at < stream.length; at += 7)
    expect(read([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole)
  expect(() => read([Buffer.from('not flv at all')])).toThrow('not FLV')
})

test('the configuration says what the picture is', () => {
  expect(videoConfig(AVCC)).toMatchObject({
    width: 1280,
    height: 720,
    frameRate: 30,
    codec: 'avc1.64001f',
    chroma: 1,
    depth: 8,
  })
  expect(audioConfig(AAC_48K_STEREO)).toMatchObject({ timescale: 48_000, channels: 2, codec: 'mp4a.40.2' })
  for (let length = 0; length < AVCC.length - 20; length++)
    expect(() => videoConfig(AVCC.subarray(0, length))).toThrow()
  expect(() => audioConfig(Buffer.from([0x17]))).toThrow()
})

test('a configuration that cannot be read stops that track until one comes that can', () => {
  const frames: string[] = []
  const sort = createTagSorter(
    {
      onVideoConfig: () => frames.push('configured'),
      onAudioConfig: () => undefined,
      onVideo: () => frames.push('frame'),
      onAudio: () => undefined,
      onOther: () => undefined,
      onEnd: () => undefined,
    },
    createLogger('silent'),
  )
  const frame = { type: 'video', at: 0, composition: 0, isKey: true, data: Buffer.alloc(9) } as const
  sort({ type: 'video-config', at: 0, avcC: AVCC })
  sort(frame)
  sort({ type: 'video-config', at: 0, avcC: AVCC })
  sort({ type: 'video-config', at: 0, avcC: Buffer.from('nonsense!') })
  sort(frame)
  sort({ type: 'video-config', at: 0, avcC: AVCC })
  sort(frame)
  expect(frames).toEqual(['configured', 'frame', 'configured', 'frame'])
})

test('sound stamped in milliseconds is counted in samples, and follows a jump', () => {
  const times: number[] = []
  const nothing = () => undefined
  const sort = createTagSorter(
    {
      onVideoConfig: nothing,
      onAudioConfig: nothing,
      onVideo: nothing,
      onOther: nothing,
      onEnd: nothing,
      onAudio: ({ dts }) => times.push(dts),
    },
    createLogger('silent'),
  )
  sort({ type: 'audio-config', at: 0, asc: AAC_48K_STEREO })
  for (const at of [0, 21, 43, 64, 1064]) sort({ type: 'audio', at, data: Buffer.alloc(4) })
  expect(times.map((dts) => dts - 480_000)).toEqual([0, 1024, 2048, 3072, 51_072])
})

test('what is written as fragments is read back the same', () => {
  for (const config of [videoConfig(AVCC), audioConfig(AAC_48K_STEREO)] as TrackConfig[]) {
    const samples: Sample[] = [
      { dts: 2 ** 33, composition: 0, duration: 3000, isKey: true, data: Buffer.from('first frame') },
      { dts: 2 ** 33 + 3000, composition: -600, duration: 2970, isKey: false, data: Buffer.from('second') },
    ]
    const bytes = Buffer.concat([initSection(config), fragment(1, samples)])
    const seen: Sample[] = []
    let read: TrackConfig | null = null
    const reader = createMp4Reader({
      onConfig: (found) => {
        read = found
      },
      onSample: (sample) => seen.push(sample),
    })
    for (let at = 0; at < bytes.length; at += 50) reader(bytes.subarray(at, at + 50))
    expect(seen).toEqual(samples)
    expect(read).toMatchObject({ kind: config.kind, codec: config.codec, timescale: config.timescale })
  }
})

test('an encoder that writes nonsense is found out', () => {
  const reader = createMp4Reader({ onConfig: () => undefined, onSample: () => undefined })
  expect(() => reader(Buffer.from('ffffffff6d6f6f66', 'hex'))).toThrow('box of 4294967295 bytes')
})

test.each([
  ['bytes=0-99', { start: 0, end: 99 }],
  ['bytes=900-5000', { start: 900, end: 999 }],
  ['bytes=-100', { start: 900, end: 999 }],
  ['bytes=5-', { start: 5, end: 999 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-5', null],
  ['bytes=0-1,5-6', null],
  ['items=0-1', null],
  [undefined, null],
])('of 1000 bytes, %s is %o', (header, range) => expect(parseRange(header, 1000)).toEqual(range))
