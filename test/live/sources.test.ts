/** What broadcasters really send: every kind of source plays, in every rendition, without a frame that cannot be decoded. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

let studio: Awaited<ReturnType<typeof openStudio>>
let push: ReturnType<typeof studio.push> | null = null
const folder = mkdtempSync(join(tmpdir(), 'sources-'))

beforeAll(async () => {
  studio = await openStudio()
})
afterEach(async () => {
  await push?.stop()
  const session = await studio.session()
  if (session) await studio.api.call('POST', `/sessions/${session.id}/end`)
})
afterAll(async () => {
  await studio?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Plays the first whole segments of a rendition; returns what FFmpeg decoded. */
async function decode(at: string, rendition: string, count = 3) {
  const list = await eventually(async () => {
    const seen = await studio.listed(at, rendition)
    return seen.segments.filter(({ isGap }) => !isGap).length >= count ? seen : null
  })
  const chosen = list.segments.filter(({ isGap }) => !isGap).slice(-count)
  const parts: Buffer[] = []
  for (const uri of [chosen.at(-1)!.init, ...chosen.map(({ uri }) => uri)]) {
    const response = await fetch(`${at}/${uri}`)
    expect(response.status, uri).toBe(200)
    parts.push(Buffer.from(await response.arrayBuffer()))
  }
  const file = join(folder, `${rendition}.mp4`)
  writeFileSync(file, Buffer.concat(parts))
  const said = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
  expect(said).toBe('')
  const entries = ['-show_entries', 'stream=codec_name,width,height,channels', '-of', 'json']
  const probed = execFileSync('ffprobe', ['-v', 'error', ...entries, file], { encoding: 'utf8' })
  const { streams } = JSON.parse(probed) as {
    streams: { codec_name: string; width?: number; height?: number; channels?: number }[]
  }
  return { list, stream: streams[0]! }
}

const lavfi = (picture: string, sound: string | null) => [
  '-re',
  '-f',
  'lavfi',
  '-i',
  picture,
  ...(sound ? ['-f', 'lavfi', '-i', sound, '-c:a', 'aac'] : []),
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  'yuv420p',
  '-b:v',
  '1500k',
]

async function onAir(...args: string[]) {
  push = studio.push(...args)
  const session = await studio.untilSession(({ state }) => state === 'live')
  const at = await studio.watch()
  const master = await (await fetch(`${at}/main.m3u8`)).text()
  return { session, at, master }
}

test('no sound at all: there is no audio rendition, and the picture plays', async () => {
  const { session, at, master } = await onAir('-re', '-stream_loop', '-1', '-i', clipPath('silent'), '-c', 'copy')
  expect(master).not.toContain('TYPE=AUDIO')
  for (const { id, width, height } of session.renditions) {
    expect((await decode(at, id)).stream).toMatchObject({ codec_name: 'h264', width, height })
  }
})

test('sound only plays as a list of its own', async () => {
  const { at, master } = await onAir('-re', '-f', 'lavfi', '-i', 'sine=sample_rate=44100', '-c:a', 'aac', '-ac', '1')
  expect(master).toContain('audio.m3u8')
  expect(master).not.toContain('RESOLUTION')
  expect((await decode(at, 'audio')).stream).toMatchObject({ codec_name: 'aac', channels: 1 })
})

test('keyframes eight seconds apart: the source is encoded, and its broadcaster is told why', async () => {
  const picture = lavfi('testsrc2=size=640x360:rate=30', 'sine=sample_rate=48000')
  const rareKeyframes = [...picture, '-g', '240', '-sc_threshold', '0']
  const { at } = await onAir(...rareKeyframes)
  expect((await studio.session())?.note).toContain('keyframe interval')
  const { list } = await decode(at, 'source')
  for (const { duration } of list.segments) expect(Math.round(duration)).toBeLessThanOrEqual(list.targetDuration)

  // Known by now, also to a node that is started again: it is not found out a second time before the viewers.
  await studio.node.kill()
  await push!.stop()
  await studio.node.startAgain()
  await onAir(...rareKeyframes)
  const later = await eventually(async () => {
    const { segments } = await studio.listed(at, 'source')
    return (segments.at(-1)?.msn ?? 0) > list.segments.at(-1)!.msn + 4 ? segments : null
  })
  const whole = later.filter(({ msn }) => msn > list.segments.at(-1)!.msn)
  expect(whole.filter(({ startsDiscontinuity }) => startsDiscontinuity)).toHaveLength(1)
})

test('six channels of sound become two', async () => {
  const { at } = await onAir(
    ...lavfi('testsrc2=size=640x360:rate=30', 'sine=sample_rate=48000'),
    '-g',
    '60',
    '-ac',
    '6',
  )
  expect((await decode(at, 'audio')).stream).toMatchObject({ channels: 2 })
  expect((await decode(at, 'source')).stream).toMatchObject({ width: 640, height: 360 })
})

test('portrait at 60 frames a second with B-frames keeps its shape in every rendition', async () => {
  const { session, at } = await onAir(
    ...lavfi('testsrc2=size=540x960:rate=60', 'sine=sample_rate=44100'),
    '-g',
    '120',
    '-bf',
    '2',
  )
  expect(session.renditions.length).toBeGreaterThan(1)
  for (const { id } of session.renditions) {
    const { stream } = await decode(at, id)
    expect(stream.height! / stream.width!).toBeCloseTo(16 / 9, 1)
  }
})

test('a source that changes size in mid-show goes on in the same session after a seam', async () => {
  const { session, at } = await onAir(...lavfi('testsrc2=size=1280x720:rate=30', 'sine=sample_rate=48000'), '-g', '60')
  await decode(at, 'source', 2)
  await push?.stop()
  push = studio.push(...lavfi('testsrc2=size=640x480:rate=25', 'sine=sample_rate=44100'), '-g', '50')
  const list = await eventually(async () => {
    const seen = await studio.listed(at, 'source')
    const seam = seen.segments.findIndex(({ startsDiscontinuity }) => startsDiscontinuity)
    return seam >= 0 && seen.segments.length - seam > 2 ? seen : null
  })
  expect((await studio.session())?.id).toBe(session.id)
  expect(new Set(list.segments.map(({ init }) => init)).size).toBe(2)
  expect((await decode(at, 'source', 2)).stream).toMatchObject({ width: 640, height: 480 })
  expect((await decode(at, '240p', 2)).stream.codec_name).toBe('h264')
})
