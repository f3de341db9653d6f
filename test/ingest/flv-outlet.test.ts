import { mkdtempSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FlvOutlet, openFlvOutlet } from '../../src/ingest/flv-outlet.ts'
import { readTag, type Track } from '../../src/ingest/flv-tags.ts'
import { readOutlet } from '../helpers/ingest-room.ts'
import { media } from '../helpers/rtmp-client.ts'

let folder: string
let path: string
let outlet: FlvOutlet

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'out-'))
  path = join(folder, 'a.flv')
  outlet = await openFlvOutlet(path)
})
afterEach(() => outlet.close())

const write = (track: Track, at: number, payload: Buffer) => outlet.write(readTag(track, payload)!, at)
const seen = ({ tags }: ReturnType<typeof readOutlet>) => tags.map(({ type, at }) => `${type}@${at}`)

/** A reader that has certainly been taken in. */
async function reader() {
  const opened = readOutlet(path)
  await opened.until(() => opened.socket.bytesRead >= 13)
  return opened
}

function writeHeaders(): void {
  outlet.writeMetadata(Buffer.from([2, 0, 0]), 0)
  write('video', 0, media.videoHeader)
  write('audio', 0, media.audioHeader)
}

test('who joins late begins at the last keyframe, with the headers before it, and goes on live', async () => {
  writeHeaders()
  write('video', 0, media.keyframe())
  write('video', 40, media.frame())
  write('video', 80, media.keyframe())
  write('audio', 85, media.audio())
  const late = await reader()
  write('video', 120, media.frame())
  await late.atLeast(6)
  expect(seen(late)).toEqual(['18@0', '9@0', '8@0', '9@80', '8@85', '9@120'])
})

test('who is there from the start sees sound at once, pictures from the first keyframe, and each thing once', async () => {
  const early = await reader()
  writeHeaders()
  write('audio', 10, media.audio())
  write('video', 20, media.frame())
  write('video', 40, media.keyframe())
  write('video', 80, media.frame())
  await early.atLeast(6)
  expect(seen(early)).toEqual(['18@0', '9@0', '8@0', '8@10', '9@40', '9@80'])
})

test('a header that is repeated is no seam; one that changed is, and the old pictures are forgotten', async () => {
  writeHeaders()
  write('video', 0, media.keyframe())
  const early = await reader()
  write('video', 40, media.videoHeader)
  const changed = Buffer.from(media.videoHeader)
  changed[7] = 0x42
  write('video', 80, changed)
  const late = await reader()
  write('video', 120, media.frame())
  write('video', 160, media.keyframe())
  await Promise.all([early.atLeast(7), late.atLeast(4)])
  expect(seen(early)).toEqual(['18@0', '9@0', '8@0', '9@0', '9@80', '9@120', '9@160'])
  expect(seen(late)).toEqual(['18@0', '9@80', '8@0', '9@160'])
})

test.each([
  ['bytes', () => [...Array(30).keys()].map((n) => write('video', n, media.frame(1_000_000)))],
  ['time', () => write('video', 21_000, media.frame())],
  ['count', () => [...Array(100_000).keys()].map((n) => write('audio', n / 100, Buffer.from([0xaf, 1])))],
])('the memory of the last keyframe is bounded in %s', async (_name, fill) => {
  writeHeaders()
  write('video', 0, media.keyframe())
  fill()
  const late = await reader()
  write('video', 22_000, media.frame())
  write('video', 22_040, media.keyframe())
  await late.atLeast(4)
  expect(seen(late)).toEqual(['18@0', '9@0', '8@0', '9@22040'])
})

test('a reader that does not read is let go, and the others lose nothing', async () => {
  const sleeper = connect(path)
  sleeper.on('error', () => {})
  const awake = await reader()
  const gone = new Promise((resolve) => sleeper.once('close', resolve))
  sleeper.pause()
  let written = 0
  while (written < 60) {
    write('video', written, media.keyframe(1_000_000))
    written += 1
    await awake.atLeast(written)
  }
  sleeper.resume()
  await gone
  expect(sleeper.bytesRead).toBeLessThan(45e6)
  expect(awake.tags).toHaveLength(60)
})

test('at the end readers get what is on its way and then the end of the file; the socket is swept away', async () => {
  const one = await reader()
  writeHeaders()
  write('video', 0, media.keyframe(500_000))
  outlet.close()
  await one.end()
  expect(seen(one)).toEqual(['18@0', '9@0', '8@0', '9@0'])
  expect(readdirSync(folder)).toEqual([])
})
