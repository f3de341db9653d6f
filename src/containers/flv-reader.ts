/**
 * Reads an FLV byte stream (Adobe's FLV specification 10.1, annex E) as tags that mean something: configurations and frames of
 * H.264 and AAC, and the name of any other codec. Pure but for the bytes it keeps; throws on bytes that are no FLV.
 */
export type FlvTag =
  | { type: 'metadata'; body: Buffer }
  | { type: 'video-config'; at: number; avcC: Buffer }
  | { type: 'video'; at: number; composition: number; isKey: boolean; data: Buffer }
  | { type: 'audio-config'; at: number; asc: Buffer }
  | { type: 'audio'; at: number; data: Buffer }
  | { type: 'other'; at: number; track: 'video' | 'audio'; codec: string }

const HEADER_BYTES = 9 + 4
const TAG_HEADER_BYTES = 11

const VIDEO_CODECS: Record<number, string> = {
  2: 'Sorenson H.263',
  4: 'VP6',
  5: 'VP6 with alpha',
  7: 'h264',
  12: 'hevc',
}
const AUDIO_CODECS: Record<number, string> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  7: 'alaw',
  8: 'mulaw',
  10: 'aac',
  11: 'speex',
}
const FOUR_CC: Record<string, string> = {
  avc1: 'h264',
  hvc1: 'hevc',
  av01: 'av1',
  vp09: 'vp9',
  vp08: 'vp8',
  mp4a: 'aac',
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
}

/** Returns a function that takes bytes as they come. `at` is the tag's decode time in milliseconds. */
export function createFlvReader(onTag: (tag: FlvTag) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = []
  let pendingSize = 0
  let wanted = HEADER_BYTES
  let isHeaderRead = false

  /** Consumes whole tags from the front and returns how many bytes that were. */
  function consume(bytes: Buffer): number {
    let at = 0
    if (!isHeaderRead) {
      if (bytes.toString('latin1', 0, 3) !== 'FLV') throw new Error('The ingest process sent something that is not FLV')
      isHeaderRead = true
      at = HEADER_BYTES
    }
    while (at + TAG_HEADER_BYTES <= bytes.length) {
      const end = at + TAG_HEADER_BYTES + bytes.readUIntBE(at + 1, 3)
      wanted = end + 4 - at
      if (end + 4 > bytes.length) return at
      const time = bytes.readUIntBE(at + 4, 3) + bytes[at + 7]! * 0x1000000
      const tag = readTag(bytes[at]! & 0x1f, time, bytes.subarray(at + TAG_HEADER_BYTES, end))
      if (tag) onTag(tag)
      at = end + 4
    }
    wanted = TAG_HEADER_BYTES
    return at
  }

  return (chunk) => {
    pending.push(chunk)
    pendingSize += chunk.length
    if (pendingSize < wanted) return
    const bytes = pending.length === 1 ? chunk : Buffer.concat(pending, pendingSize)
    const rest = bytes.subarray(consume(bytes))
    pending = rest.length > 0 ? [rest] : []
    pendingSize = rest.length
  }
}

function readTag(type: number, at: number, body: Buffer): FlvTag | null {
  if (type === 18) return { type: 'metadata', body }
  if (body.length < 2) return null
  if (type === 9) return readVideo(at, body)
  return type === 8 ? readAudio(at, body) : null
}

function readVideo(at: number, body: Buffer): FlvTag | null {
  if (body[0]! & 0x80) return readEnhancedVideo(at, body)
  const codec = body[0]! & 0x0f
  if (codec !== 7) return { type: 'other', at, track: 'video', codec: VIDEO_CODECS[codec] ?? `video codec ${codec}` }
  if (body.length < 5) return null
  if (body[1] === 0) return { type: 'video-config', at, avcC: body.subarray(5) }
  return body[1] === 1 ? frame(at, body[0]! >> 4, body.readIntBE(2, 3), body.subarray(5)) : null
}

// Enhanced RTMP v1/v2: the packet type in the low bits, then a FourCC. H.264 comes this way from some encoders too.
function readEnhancedVideo(at: number, body: Buffer): FlvTag | null {
  if (body.length < 5) return null
  const packet = body[0]! & 0x0f
  const fourCc = body.toString('latin1', 1, 5)
  if (fourCc !== 'avc1') return { type: 'other', at, track: 'video', codec: FOUR_CC[fourCc] ?? 'unknown' }
  const frameType = (body[0]! >> 4) & 0x07
  if (packet === 0) return { type: 'video-config', at, avcC: body.subarray(5) }
  if (packet === 1 && body.length > 8) return frame(at, frameType, body.readIntBE(5, 3), body.subarray(8))
  return packet === 3 ? frame(at, frameType, 0, body.subarray(5)) : null
}

const frame = (at: number, frameType: number, composition: number, data: Buffer): FlvTag | null =>
  data.length > 4 ? { type: 'video', at, composition, isKey: frameType === 1, data } : null

function readAudio(at: number, body: Buffer): FlvTag | null {
  const codec = body[0]! >> 4
  if (codec === 9 && body.length >= 5) {
    const fourCc = body.toString('latin1', 1, 5)
    return { type: 'other', at, track: 'audio', codec: FOUR_CC[fourCc] ?? 'unknown' }
  }
  if (codec !== 10) return { type: 'other', at, track: 'audio', codec: AUDIO_CODECS[codec] ?? `audio codec ${codec}` }
  if (body[1] === 0) return body.length >= 4 ? { type: 'audio-config', at, asc: body.subarray(2) } : null
  return body.length > 2 ? { type: 'audio', at, data: body.subarray(2) } : null
}
