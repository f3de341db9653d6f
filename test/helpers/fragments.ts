import type { Readable } from 'node:stream'

/** One `moof`+`mdat` as read from an encoder's pipe; times in the track's own timescale. */
export interface Fragment {
  decodeTime: number
  samples: { duration: number; size: number; isKeyframe: boolean; compositionOffset: number }[]
  bytes: Buffer
  arrivedAt: number
}

export interface FragmentedMp4 {
  init: Buffer | null
  timescale: number
  width: number
  height: number
  fragments: Fragment[]
  ended: Promise<void>
}

interface Box {
  type: string
  body: Buffer
}

function boxesOf(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

function find(bytes: Buffer, ...path: string[]): Buffer {
  return path.reduce((within, type) => {
    const box = boxesOf(within).find((candidate) => candidate.type === type)
    if (!box) throw new Error(`no ${type} box`)
    return box.body
  }, bytes)
}

function readFragment(moof: Buffer): Pick<Fragment, 'decodeTime' | 'samples'> {
  const traf = find(moof, 'traf')
  const tfhd = find(traf, 'tfhd')
  const tfhdFlags = tfhd.readUIntBE(1, 3)
  let at = 8
  const take = (present: number, bytes = 4): number | null => {
    if (!(tfhdFlags & present)) return null
    at += bytes
    return tfhd.readUInt32BE(at - 4)
  }
  take(0x1, 8)
  take(0x2)
  const defaults = { duration: take(0x8), size: take(0x10), flags: take(0x20) }
  const tfdt = find(traf, 'tfdt')
  const decodeTime = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
  const trun = find(traf, 'trun')
  const flags = trun.readUIntBE(1, 3)
  let entry = 8 + (flags & 1 ? 4 : 0)
  const firstFlags = flags & 4 ? trun.readUInt32BE(entry) : null
  if (flags & 4) entry += 4
  const samples = Array.from({ length: trun.readUInt32BE(4) }, (_, index) => {
    const read = (present: number, otherwise: number | null): number => {
      if (!(flags & present)) return otherwise ?? 0
      entry += 4
      return trun.readUInt32BE(entry - 4)
    }
    const duration = read(0x100, defaults.duration)
    const size = read(0x200, defaults.size)
    const sampleFlags = read(0x400, index === 0 && firstFlags !== null ? firstFlags : defaults.flags)
    const compositionOffset = read(0x800, 0) | 0
    return { duration, size, isKeyframe: !(sampleFlags & 0x10000), compositionOffset }
  })
  return { decodeTime, samples }
}

/** Reads an encoder's output to its end, keeping every fragment. */
export function collectFragments(stream: Readable): FragmentedMp4 {
  const ended = Promise.withResolvers<void>()
  const mp4: FragmentedMp4 = { init: null, timescale: 0, width: 0, height: 0, fragments: [], ended: ended.promise }
  let pending = Buffer.alloc(0)
  let head: Buffer[] = []
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 8 && pending.length >= pending.readUInt32BE(0)) {
      const size = pending.readUInt32BE(0)
      const type = pending.toString('latin1', 4, 8)
      const box = pending.subarray(0, size)
      pending = pending.subarray(size)
      head.push(box)
      if (type === 'moov') {
        mp4.init = Buffer.concat(head)
        const trak = find(box, 'moov', 'trak')
        const mdhd = find(trak, 'mdia', 'mdhd')
        mp4.timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12)
        const tkhd = find(trak, 'tkhd')
        mp4.width = tkhd.readUInt32BE(tkhd.length - 8) >>> 16
        mp4.height = tkhd.readUInt32BE(tkhd.length - 4) >>> 16
        head = []
      } else if (type === 'mdat') {
        const bytes = Buffer.concat(head)
        mp4.fragments.push({ ...readFragment(find(bytes, 'moof')), bytes, arrivedAt: performance.now() })
        head = []
      } else if (type !== 'ftyp' && type !== 'moof' && type !== 'styp' && type !== 'sidx') {
        head = []
      }
    }
  })
  stream.on('close', () => ended.resolve())
  return mp4
}
