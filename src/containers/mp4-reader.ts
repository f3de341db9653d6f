/**
 * Reads the fragmented MP4 that an encoder writes to its pipe, one frame per fragment, as configuration and samples.
 * Only what FFmpeg writes with `-movflags +cmaf+frag_every_frame` needs to be understood: one track, one `trun` a `moof`.
 */

import { audioConfig, videoConfig } from './codecs.ts'
import type { Sample, TrackConfig } from './mp4-boxes.ts'

interface Listener {
  onConfig(config: TrackConfig): void
  /** Durations are the encoder's guess; the packager takes the distance to the next frame instead. */
  onSample(sample: Sample): void
}

/** Larger than any frame an encoder of ours makes; a box that claims more means the stream is broken. */
const MAX_BOX = 32 * 1024 * 1024

/** Returns a function that takes the bytes as they come. It throws on bytes that are no such stream. */
export function createMp4Reader({ onConfig, onSample }: Listener): (chunk: Buffer) => void {
  let pending: Buffer[] = []
  let pendingSize = 0
  let wanted = 8
  let header: FragmentHeader | null = null

  function take(bytes: Buffer): void {
    const type = bytes.toString('latin1', 4, 8)
    const body = bytes.subarray(8)
    if (type === 'moov') onConfig(readMovie(body))
    if (type === 'moof') header = readFragmentHeader(body)
    if (type === 'mdat' && header) readSamples(header, body).forEach(onSample)
  }

  return (chunk) => {
    pending.push(chunk)
    pendingSize += chunk.length
    while (pendingSize >= wanted) {
      const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending, pendingSize)
      const size = bytes.readUInt32BE(0)
      if (size < 8 || size > MAX_BOX) throw new Error(`The encoder wrote a box of ${size} bytes`)
      pending = [bytes]
      wanted = size
      if (pendingSize < size) return
      take(bytes.subarray(0, size))
      pending = pendingSize > size ? [bytes.subarray(size)] : []
      pendingSize -= size
      wanted = 8
    }
  }
}

function* boxes(bytes: Buffer): Generator<[type: string, body: Buffer]> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new Error('The encoder wrote a box that outgrows its parent')
    yield [bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + size)]
    at += size
  }
}

function find(bytes: Buffer, ...path: string[]): Buffer {
  let found = bytes
  for (const name of path) {
    const inner = boxes(found).find(([type]) => type === name)
    if (!inner) throw new Error(`The encoder wrote no ${path.join('/')} box`)
    found = inner[1]
  }
  return found
}

function readMovie(moov: Buffer): TrackConfig {
  const media = find(moov, 'trak', 'mdia')
  const mdhd = find(media, 'mdhd')
  const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12)
  const stsd = find(media, 'minf', 'stbl', 'stsd')
  const [[type, entry]] = [...boxes(stsd.subarray(8))] as [[string, Buffer]]
  if (type === 'avc1') {
    return videoConfig(Buffer.from(find(entry.subarray(78), 'avcC')), timescale)
  }
  if (type !== 'mp4a') throw new Error(`The encoder wrote ${type}, which is neither H.264 nor AAC`)
  return audioConfig(Buffer.from(specificInfo(find(entry.subarray(28), 'esds').subarray(4))))
}

// ISO/IEC 14496-1 section 8.3.3: tags with a length of one to four bytes, seven bits each.
function specificInfo(descriptors: Buffer): Buffer {
  let at = 0
  while (at < descriptors.length) {
    const tag = descriptors[at++]
    let length = 0
    let byte: number
    do {
      byte = descriptors[at++] ?? 0
      length = length * 128 + (byte & 0x7f)
    } while (byte & 0x80)
    if (tag === 0x05) return descriptors.subarray(at, at + length)
    if (tag === 0x03) at += 3
    else if (tag === 0x04) at += 13
    else at += length
  }
  throw new Error('The encoder wrote no AudioSpecificConfig')
}

interface FragmentHeader {
  dts: number
  samples: { duration: number; size: number; isKey: boolean; composition: number }[]
}

function readFragmentHeader(moof: Buffer): FragmentHeader {
  const traf = find(moof, 'traf')
  const tfhd = find(traf, 'tfhd')
  const tfhdFlags = tfhd.readUInt32BE(0) & 0xffffff
  let at = 8 + (tfhdFlags & 0x1 ? 8 : 0) + (tfhdFlags & 0x2 ? 4 : 0)
  const optional = (flag: number, otherwise: number) => {
    if (!(tfhdFlags & flag)) return otherwise
    at += 4
    return tfhd.readUInt32BE(at - 4)
  }
  const duration = optional(0x8, 0)
  const size = optional(0x10, 0)
  const flags = optional(0x20, 0)
  const tfdt = find(traf, 'tfdt')
  const dts = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
  return { dts, samples: readRun(find(traf, 'trun'), { duration, size, flags }) }
}

function readRun(trun: Buffer, base: { duration: number; size: number; flags: number }): FragmentHeader['samples'] {
  const runFlags = trun.readUInt32BE(0) & 0xffffff
  const count = trun.readUInt32BE(4)
  let at = 8 + (runFlags & 0x1 ? 4 : 0)
  const field = (flag: number, otherwise: number) => {
    if (!(runFlags & flag)) return otherwise
    at += 4
    return trun.readUInt32BE(at - 4)
  }
  const firstFlags = field(0x4, base.flags)
  return Array.from({ length: count }, (_, i) => {
    const duration = field(0x100, base.duration)
    const size = field(0x200, base.size)
    const flags = field(0x400, i === 0 ? firstFlags : base.flags)
    const composition = field(0x800, 0) | 0
    return { duration, size, isKey: (flags & 0x10000) === 0, composition }
  })
}

function readSamples({ dts, samples }: FragmentHeader, data: Buffer): Sample[] {
  let time = dts
  let at = 0
  return samples.map(({ size, ...sample }) => {
    const read = { ...sample, dts: time, data: data.subarray(at, at + size) }
    time += sample.duration
    at += size
    return read
  })
}
