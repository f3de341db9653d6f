import { expect, test } from 'vitest'
import { readTag, type Track, writeTag } from '../../src/ingest/flv-tags.ts'

const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))))

type Expected = { kind: string; codec: string; compositionOffset?: number } | null

const cases: [name: string, track: Track, payload: Buffer, expected: Expected][] = [
  ['an H.264 sequence header', 'video', bytes(0x17, 0, 0, 0, 0, 1), { kind: 'header', codec: 'h264' }],
  ['an H.264 keyframe', 'video', bytes(0x17, 1, 0, 0, 0, 1), { kind: 'keyframe', codec: 'h264' }],
  [
    'a frame shown 80 ms later',
    'video',
    bytes(0x27, 1, 0, 0, 80),
    { kind: 'frame', codec: 'h264', compositionOffset: 80 },
  ],
  [
    'a frame shown earlier',
    'video',
    bytes(0x27, 1, 255, 255, 216),
    { kind: 'frame', codec: 'h264', compositionOffset: -40 },
  ],
  ['the end of a sequence', 'video', bytes(0x17, 2, 0, 0, 0), null],
  ['a command frame', 'video', bytes(0x57, 0, 0, 0, 0), null],
  ['a keyframe of an old codec', 'video', bytes(0x12, 9, 9), { kind: 'keyframe', codec: 'flv1' }],
  ['an unknown video codec', 'video', bytes(0x1f, 1, 0, 0, 0), null],
  ['an enhanced HEVC header', 'video', bytes(0x90, 'hvc1', 1), { kind: 'header', codec: 'hevc' }],
  [
    'an enhanced HEVC keyframe',
    'video',
    bytes(0x91, 'hvc1', 0, 0, 40, 1),
    { kind: 'keyframe', codec: 'hevc', compositionOffset: 40 },
  ],
  ['an enhanced HEVC frame without offset', 'video', bytes(0xa3, 'hvc1', 9, 9, 9), { kind: 'frame', codec: 'hevc' }],
  ['an enhanced AV1 header', 'video', bytes(0x90, 'av01', 1), { kind: 'header', codec: 'av1' }],
  ['an enhanced AV1 frame', 'video', bytes(0xa1, 'av01', 9, 9, 9), { kind: 'frame', codec: 'av1' }],
  ['an enhanced VP9 keyframe', 'video', bytes(0x91, 'vp09', 9, 9, 9), { kind: 'keyframe', codec: 'vp9' }],
  ['enhanced colour metadata', 'video', bytes(0xd4, 'hvc1', 2, 0, 0), null],
  ['an enhanced multitrack packet', 'video', bytes(0x96, 0, 'avc1', 0), null],
  ['an enhanced ModEx packet', 'video', bytes(0x97, 0, 0, 0, 0, 0), null],
  ['an enhanced codec nobody knows', 'video', bytes(0x90, 'xxxx', 1), null],
  ['an AAC header', 'audio', bytes(0xaf, 0, 0x11, 0x90), { kind: 'header', codec: 'aac' }],
  ['an AAC frame', 'audio', bytes(0xaf, 1, 0), { kind: 'frame', codec: 'aac' }],
  ['an MP3 frame', 'audio', bytes(0x2f, 0, 0), { kind: 'frame', codec: 'mp3' }],
  ['an enhanced Opus header', 'audio', bytes(0x90, 'Opus', 1), { kind: 'header', codec: 'opus' }],
  ['an enhanced Opus frame', 'audio', bytes(0x91, 'Opus', 1), { kind: 'frame', codec: 'opus' }],
  ['an enhanced multichannel config', 'audio', bytes(0x94, 'mp4a', 1), null],
  ['an enhanced multitrack packet', 'audio', bytes(0x95, 0, 'mp4a', 0), null],
  ['audio of one byte', 'audio', bytes(0xaf), null],
  ['video of nothing', 'video', bytes(), null],
  ['H.264 cut short', 'video', bytes(0x17, 1, 0), null],
]

test.each(cases)('%s on the %s track', (_name, track, payload, expected) => {
  expect(readTag(track, payload)).toEqual(expected && { compositionOffset: 0, track, payload, ...expected })
})

test('a tag is written with its time in 24 bits and 8, its size before and after, and its own copy of the payload', () => {
  const payload = Buffer.from([1, 2, 3])
  const tag = writeTag(9, 0x12345678, payload)
  payload.fill(0)
  expect([...tag]).toEqual([9, 0, 0, 3, 0x34, 0x56, 0x78, 0x12, 0, 0, 0, 1, 2, 3, 0, 0, 0, 14])
})
