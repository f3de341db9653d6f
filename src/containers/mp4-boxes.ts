/**
 * ISO base media boxes, written: the init section of a track and the `moof` + `mdat` of a part. Pure.
 * Section numbers are those of ISO/IEC 14496-12 (boxes), 14496-15 (avcC) and 14496-14 (mp4a).
 */

/** What a player needs to know of a track before its first part. Sample times are counted in `timescale` per second. */
export type TrackConfig = VideoConfig | AudioConfig

export interface VideoConfig {
  kind: 'video'
  timescale: number
  width: number
  height: number
  /** RFC 6381, for the CODECS attribute. */
  codec: string
  /** The AVCDecoderConfigurationRecord as the encoder sent it. */
  avcC: Buffer
}

export interface AudioConfig {
  kind: 'audio'
  timescale: number
  channels: number
  codec: string
  /** The AudioSpecificConfig as the encoder sent it. */
  asc: Buffer
}

/** One frame, in decode order. `composition` is presentation minus decode time. */
export interface Sample {
  dts: number
  composition: number
  duration: number
  isKey: boolean
  data: Buffer
}

const MATRIX = Buffer.alloc(36)
MATRIX.writeUInt32BE(0x10000, 0)
MATRIX.writeUInt32BE(0x10000, 16)
MATRIX.writeUInt32BE(0x40000000, 32)

const u8 = (...values: number[]) => Buffer.from(values)

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2)
  return bytes
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}

function box(type: string, ...content: Buffer[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...content], size)
}

const fullBox = (type: string, version: number, flags: number, ...content: Buffer[]) =>
  box(type, u32(version * 0x1000000 + flags), ...content)

/** The init section: `ftyp` and a `moov` that announces one track in fragments (CMAF, ISO/IEC 23000-19 section 7.3.2). */
export function initSection(config: TrackConfig): Buffer {
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6'), u32(0), Buffer.from('iso6cmfcmp41')),
    box('moov', movieHeader(), track(config), box('mvex', fullBox('trex', 0, 0, u32(1, 1, 0, 0, 0)))),
  ])
}

const movieHeader = () =>
  fullBox('mvhd', 0, 0, u32(0, 0, 1000, 0, 0x10000), u16(0x100, 0), u32(0, 0), MATRIX, Buffer.alloc(24), u32(2))

function track(config: TrackConfig): Buffer {
  const isVideo = config.kind === 'video'
  const [width, height] = isVideo ? [config.width, config.height] : [0, 0]
  const header = fullBox(
    'tkhd',
    0,
    7,
    u32(0, 0, 1, 0, 0, 0, 0),
    u16(0, 0, isVideo ? 0 : 0x100, 0),
    MATRIX,
    u32(width * 0x10000, height * 0x10000),
  )
  const table = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), isVideo ? avc1(config) : mp4a(config)),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  )
  const handler = Buffer.concat([
    u32(0),
    Buffer.from(isVideo ? 'vide' : 'soun'),
    Buffer.alloc(12),
    Buffer.from(isVideo ? 'video\0' : 'sound\0'),
  ])
  return box(
    'trak',
    header,
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, config.timescale, 0), u16(0x55c4, 0)), // 0x55c4: language "und"
      fullBox('hdlr', 0, 0, handler),
      box(
        'minf',
        isVideo ? fullBox('vmhd', 0, 1, Buffer.alloc(8)) : fullBox('smhd', 0, 0, Buffer.alloc(4)),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        table,
      ),
    ),
  )
}

// Section 12.1.3: a visual sample entry; 72 dots per inch, one frame per sample, depth 24.
const avc1 = (config: VideoConfig) =>
  box(
    'avc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(config.width, config.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box('avcC', config.avcC),
  )

const mp4a = (config: AudioConfig) =>
  box(
    'mp4a',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(config.channels, 16, 0, 0),
    u32(config.timescale * 0x10000),
    fullBox('esds', 0, 0, elementaryStream(config.asc)),
  )

// ISO/IEC 14496-1 section 7.2.6: ES_Descriptor(DecoderConfig(DecoderSpecificInfo), SLConfig), AAC in an audio stream.
function elementaryStream(asc: Buffer): Buffer {
  const descriptor = (tag: number, ...content: Buffer[]) => {
    const body = Buffer.concat(content)
    return Buffer.concat([u8(tag, body.length), body])
  }
  const decoder = descriptor(0x04, u8(0x40, 0x15), u8(0, 0, 0), u32(0, 0), descriptor(0x05, asc))
  return descriptor(0x03, u16(1), u8(0), decoder, descriptor(0x06, u8(2)))
}

// Sample flags, section 8.8.3.1: a sync sample depends on no other; the rest do and are no sync samples.
const KEY_FLAGS = 0x02000000
const DELTA_FLAGS = 0x01010000
const TRUN_FLAGS = 0x000f01 // data offset; duration, size, flags and composition offset of each sample

/** One part: a `moof` that times each sample, and the `mdat` with their bytes, in one buffer. */
export function fragment(sequence: number, samples: readonly Sample[]): Buffer {
  const trunSize = 20 + samples.length * 16
  const moofSize = 8 + 16 + 8 + 16 + 20 + trunSize
  const dataSize = samples.reduce((sum, sample) => sum + sample.data.length, 0)
  const out = Buffer.allocUnsafe(moofSize + 8 + dataSize)
  let at = 0
  const put = (...values: number[]) => {
    for (const value of values) at = out.writeUInt32BE(value, at)
  }
  const open = (size: number, type: string) => {
    put(size)
    at += out.write(type, at, 'latin1')
  }
  open(moofSize, 'moof')
  open(16, 'mfhd')
  put(0, sequence)
  open(moofSize - 24, 'traf')
  open(16, 'tfhd')
  put(0x020000, 1) // default-base-is-moof
  open(20, 'tfdt')
  put(0x01000000)
  at = out.writeBigUInt64BE(BigInt(samples[0]!.dts), at)
  open(trunSize, 'trun')
  put(0x01000000 + TRUN_FLAGS, samples.length, moofSize + 8)
  for (const sample of samples) {
    put(sample.duration, sample.data.length, sample.isKey ? KEY_FLAGS : DELTA_FLAGS)
    at = out.writeInt32BE(sample.composition, at)
  }
  open(dataSize + 8, 'mdat')
  for (const { data } of samples) at += data.copy(out, at)
  return out
}
