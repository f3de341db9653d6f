/**
 * FLV tags, read and written (Adobe FLV 10.1 annex E, Enhanced RTMP v1). Pure. A tag we do not understand to the letter is
 * no tag at all: multitrack, ModEx and the like would otherwise pass for a sequence header.
 */
export type Track = 'audio' | 'video'

export interface FlvTag {
  kind: 'header' | 'keyframe' | 'frame'
  track: Track
  codec: string
  /** Presentation minus decode time in ms, where the tag carries it. */
  compositionOffset: number
  payload: Buffer
}

export const TAG_TYPE = { audio: 8, video: 9, metadata: 18 } as const

const VIDEO_CODECS: Record<number, string> = { 2: 'flv1', 4: 'vp6', 7: 'h264', 12: 'hevc' }
const AUDIO_CODECS: Record<number, string> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  7: 'alaw',
  8: 'mulaw',
  10: 'aac',
  11: 'speex',
  14: 'mp3',
}
const FOURCC_CODECS: Record<string, string> = {
  hvc1: 'hevc',
  av01: 'av1',
  vp09: 'vp9',
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
  mp4a: 'aac',
}

/** The tag a message's payload makes, or null when it is none that we carry. */
export function readTag(track: Track, payload: Buffer): FlvTag | null {
  if (payload.length < 2) return null
  if (track === 'audio') return payload[0]! >> 4 === 9 ? readEnhancedAudio(payload) : readAudio(payload)
  return payload[0]! & 0x80 ? readEnhancedVideo(payload) : readVideo(payload)
}

function readAudio(payload: Buffer): FlvTag | null {
  const codec = AUDIO_CODECS[payload[0]! >> 4]
  if (!codec) return null
  const isHeader = codec === 'aac' && payload[1] === 0
  return { kind: isHeader ? 'header' : 'frame', track: 'audio', codec, compositionOffset: 0, payload }
}

function readEnhancedAudio(payload: Buffer): FlvTag | null {
  const codec = FOURCC_CODECS[payload.toString('latin1', 1, 5)]
  const packet = payload[0]! & 0x0f
  if (!codec || packet > 1) return null
  return { kind: packet === 0 ? 'header' : 'frame', track: 'audio', codec, compositionOffset: 0, payload }
}

// Frame type 5 is a command to the player, not a picture.
function readVideo(payload: Buffer): FlvTag | null {
  const frameType = payload[0]! >> 4
  const codec = VIDEO_CODECS[payload[0]! & 0x0f]
  if (!codec || frameType === 5) return null
  const kind = frameType === 1 ? 'keyframe' : 'frame'
  if (codec !== 'h264' && codec !== 'hevc') return { kind, track: 'video', codec, compositionOffset: 0, payload }
  if (payload.length < 5) return null
  if (payload[1] === 0) return { kind: 'header', track: 'video', codec, compositionOffset: 0, payload }
  if (payload[1] !== 1) return null
  return { kind, track: 'video', codec, compositionOffset: readInt24(payload, 2), payload }
}

function readEnhancedVideo(payload: Buffer): FlvTag | null {
  const codec = FOURCC_CODECS[payload.toString('latin1', 1, 5)]
  const frameType = (payload[0]! >> 4) & 0x07
  const packet = payload[0]! & 0x0f
  if (!codec || frameType === 5) return null
  if (packet === 0) return { kind: 'header', track: 'video', codec, compositionOffset: 0, payload }
  if (packet !== 1 && packet !== 3) return null
  const carriesOffset = packet === 1 && codec === 'hevc' && payload.length >= 8
  const compositionOffset = carriesOffset ? readInt24(payload, 5) : 0
  return { kind: frameType === 1 ? 'keyframe' : 'frame', track: 'video', codec, compositionOffset, payload }
}

function readInt24(bytes: Buffer, offset: number): number {
  return bytes.readIntBE(offset, 3)
}

/** The head of a file that may carry both tracks, with the empty PreviousTagSize after it. */
export function flvHeader(): Buffer {
  return Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])
}

/** One whole tag with its own copy of the payload, whose buffer the RTMP parser uses again. */
export function writeTag(type: number, at: number, payload: Buffer): Buffer {
  const size = payload.length
  const bytes = Buffer.allocUnsafe(11 + size + 4)
  const time = at >>> 0
  bytes[0] = type
  bytes.writeUIntBE(size, 1, 3)
  bytes.writeUIntBE(time & 0xffffff, 4, 3)
  bytes[7] = time >>> 24
  bytes.writeUIntBE(0, 8, 3)
  payload.copy(bytes, 11)
  bytes.writeUInt32BE(11 + size, 11 + size)
  return bytes
}
