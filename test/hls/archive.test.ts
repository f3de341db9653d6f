import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createArchive } from '../../src/hls/archive.ts'
import type { Segment } from '../../src/hls/window.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'archive-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const open = () => createArchive({ storage: createDiskStorage(root), sessionId: 'show' })

function segment(msn: number, text: string | null): Segment {
  const bytes = text === null ? null : Buffer.from(text)
  return {
    msn,
    programDateTime: 1_000 + msn * 2_000,
    duration: 2,
    startsDiscontinuity: false,
    discontinuities: 0,
    init: 0,
    parts: [{ sequence: msn, duration: 2, isIndependent: true, isGap: bytes === null, bytes }],
    firstPart: msn,
    partCount: 1,
    isGap: bytes === null,
    isComplete: true,
    size: bytes?.length ?? 0,
    bytes,
    stored: null,
  }
}

const parameters = {
  targetDuration: 2,
  partTarget: 0.349,
  renditions: [
    { id: 'source', kind: 'video' as const, attributes: { width: 1280 } },
    { id: 'audio', kind: 'audio' as const, attributes: {} },
  ],
}

async function filled() {
  const archive = open()
  await archive.saveParameters(parameters)
  await archive.saveInit('source', 0, Buffer.from('init'))
  await Promise.all([0, 1, 2].map((msn) => archive.append('source', segment(msn, `picture ${msn}`))))
  await Promise.all([0, 2].map((msn) => archive.append('audio', segment(msn, `sound ${msn}`))))
  return archive
}

test('what was kept comes back, and a number one rendition lacks is a gap in it', async () => {
  await filled()
  const archive = open()
  const left = await archive.restore()
  expect(left?.parameters).toEqual(parameters)
  const { segments, inits } = left!.renditions.get('source')!
  expect(inits.map(String)).toEqual(['init'])
  expect(await Promise.all(segments.map(async (kept) => String(await archive.read(kept))))).toEqual([
    'picture 0',
    'picture 1',
    'picture 2',
  ])
  expect(left!.renditions.get('audio')!.segments.map(({ msn, isGap }) => [msn, isGap])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ])
})

test('a torn last line, or one whose bytes are not all there, is not believed', async () => {
  await filled()
  appendFileSync(join(root, 'live/show/index-0.jsonl'), '{"rendition":"source","msn":3,"progr')
  truncateSync(join(root, 'live/show/source/0.m4s'), 'picture 0picture 1pic'.length)
  const left = await open().restore()
  expect(left!.renditions.get('source')!.segments.map(({ msn, isGap }) => [msn, isGap])).toEqual([
    [0, false],
    [1, false],
    [2, true],
  ])
})

test('what can no longer be rewound to leaves the disk', async () => {
  const archive = await filled()
  for (const msn of [60, 61, 120]) await archive.append('source', segment(msn, 'later'))
  await archive.sweep(61)
  const left = await open().restore()
  expect(left!.renditions.get('source')!.segments.at(-1)!.msn).toBe(120)
  const storage = createDiskStorage(root)
  expect((await storage.list('live/show/source')).sort()).toEqual(['1.m4s', '2.m4s', 'init-0.mp4'])
  await archive.remove()
  expect(await storage.list('live')).toEqual([])
})

test('a session that left nothing is begun anew', async () => {
  expect(await open().restore()).toBeNull()
})

test('a media path never leaves the library', async () => {
  const storage = createDiskStorage(root)
  await expect(storage.write('../outside', 'x')).rejects.toThrow('outside the library')
  await expect(storage.remove('live/../../..')).rejects.toThrow('outside the library')
})
