/** What H.264 and AAC say of themselves: size, rate and the codec strings of RFC 6381. Pure; throws on nonsense. */
import type { AudioConfig, VideoConfig } from './mp4-boxes.ts'

/** All video runs on the 90 kHz clock that broadcast uses; RTMP's milliseconds fit into it without rounding. */
export const VIDEO_TIMESCALE = 90_000

const SAMPLE_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

/** From an AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). The timescale is the sample rate. */
export function audioConfig(asc: Buffer): AudioConfig {
  const bits = bitReader(asc)
  const objectType = readObjectType(bits)
  const rateIndex = bits.read(4)
  const timescale = rateIndex === 15 ? bits.read(24) : SAMPLE_RATES[rateIndex]
  if (!timescale) throw new Error(`AAC with the unknown sample rate index ${rateIndex}`)
  const channels = bits.read(4)
  return { kind: 'audio', timescale, channels: channels === 7 ? 8 : channels, codec: `mp4a.40.${objectType}`, asc }
}

function readObjectType(bits: BitReader): number {
  const type = bits.read(5)
  return type === 31 ? 32 + bits.read(6) : type
}

/** From an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1) and the picture parameters in it. */
export function videoConfig(avcC: Buffer, timescale = VIDEO_TIMESCALE): VideoConfig & Picture {
  if (avcC.length < 9 || avcC[0] !== 1)
    throw new Error('An H.264 configuration record that is too short or of another version')
  const count = avcC[5]! & 0x1f
  const size = avcC.readUInt16BE(6)
  if (count === 0 || 8 + size > avcC.length)
    throw new Error('An H.264 configuration record without a sequence parameter set')
  const codec = `avc1.${avcC.toString('hex', 1, 4)}`
  return { kind: 'video', timescale, codec, avcC, ...pictureSize(avcC.subarray(8, 8 + size)) }
}

interface Picture {
  width: number
  height: number
  /** As the encoder declares it; many declare none. */
  frameRate: number | null
  /** 1 is 4:2:0, the only sampling that browsers decode. */
  chroma: number
  depth: number
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Width, height (cropped) and frame rate where it is told, from a sequence parameter set (H.264 section 7.3.2.1.1). */
export function pictureSize(sps: Buffer): Picture {
  const bits = bitReader(withoutEmulation(sps.subarray(1)))
  const profile = bits.read(8)
  bits.skip(16)
  bits.exp()
  let chroma = 1
  let depth = 8
  if (HIGH_PROFILES.has(profile)) {
    chroma = bits.exp()
    if (chroma === 3) bits.skip(1)
    depth = 8 + bits.exp()
    bits.exp()
    bits.skip(1)
    if (bits.read(1)) skipScalingLists(bits, chroma === 3 ? 12 : 8)
  }
  bits.exp()
  const orderType = bits.exp()
  if (orderType === 0) bits.exp()
  else if (orderType === 1) {
    bits.skip(1)
    bits.exp()
    bits.exp()
    for (let i = Math.min(bits.exp(), 255); i > 0; i--) bits.exp()
  }
  bits.exp()
  bits.skip(1)
  const widthInBlocks = bits.exp() + 1
  const heightInUnits = bits.exp() + 1
  const framesOnly = bits.read(1)
  if (!framesOnly) bits.skip(1)
  bits.skip(1)
  const crop = bits.read(1) ? [bits.exp(), bits.exp(), bits.exp(), bits.exp()] : [0, 0, 0, 0]
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1
  const unitY = (chroma === 1 ? 2 : 1) * (2 - framesOnly)
  const width = widthInBlocks * 16 - (crop[0]! + crop[1]!) * unitX
  const height = (2 - framesOnly) * heightInUnits * 16 - (crop[2]! + crop[3]!) * unitY
  if (width < 16 || height < 16 || width > 16_384 || height > 16_384) throw new Error(`H.264 of ${width}x${height}`)
  return { width, height, frameRate: bits.read(1) ? frameRateOf(bits) : null, chroma, depth }
}

// Annex E.1.1: aspect ratio, overscan, signal type and chroma location stand before the timing.
function frameRateOf(bits: BitReader): number | null {
  if (bits.read(1) && bits.read(8) === 255) bits.skip(32)
  if (bits.read(1)) bits.skip(1)
  if (bits.read(1)) {
    bits.skip(4)
    if (bits.read(1)) bits.skip(24)
  }
  if (bits.read(1)) {
    bits.exp()
    bits.exp()
  }
  if (!bits.read(1)) return null
  const ticks = bits.read(32)
  const scale = bits.read(32)
  const rate = ticks > 0 ? scale / (2 * ticks) : 0
  return rate >= 1 && rate <= 300 ? rate : null
}

function skipScalingLists(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.read(1)) continue
    let last = 8
    let next = 8
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + bits.signedExp() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

// Section 7.4.1: a 3 after two zero bytes only keeps start codes out of the payload.
function withoutEmulation(nal: Buffer): Buffer {
  return Buffer.from(nal.filter((byte, i) => !(byte === 3 && nal[i - 1] === 0 && nal[i - 2] === 0)))
}

type BitReader = ReturnType<typeof bitReader>

function bitReader(bytes: Buffer) {
  let at = 0
  function read(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, at++) {
      const byte = bytes[at >> 3]
      if (byte === undefined) throw new Error('A codec configuration that ends too early')
      value = value * 2 + ((byte >> (7 - (at & 7))) & 1)
    }
    return value
  }
  /** Unsigned Exp-Golomb code, section 9.1. */
  function exp(): number {
    let zeros = 0
    while (read(1) === 0) if (++zeros > 31) throw new Error('A codec configuration with an endless number')
    return 2 ** zeros - 1 + read(zeros)
  }
  function signedExp(): number {
    const code = exp()
    return code % 2 ? (code + 1) / 2 : -code / 2
  }
  return { read, exp, signedExp, skip: (count: number) => void read(count) }
}
