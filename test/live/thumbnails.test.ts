/** Stills of a real show, fetched over HTTP and decoded: from its encoder, and from a keyframe where nothing is encoded. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { createTranscode, type Thumbnails, thumbnailFrames } from '../../src/transcode/transcode.ts'
import { eventually } from '../helpers/eventually.ts'
import { testCard } from '../helpers/flv-clips.ts'
import { playFlv } from '../helpers/flv-player.ts'
import { openStudio } from '../helpers/studio.ts'

const folder = mkdtempSync(join(tmpdir(), 'stills-'))
type Studio = Awaited<ReturnType<typeof openStudio>>

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a decoder makes of a JPEG. */
function look(jpeg: Buffer) {
  const file = join(folder, 'still.jpg')
  writeFileSync(file, jpeg)
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0']
  const told = execFileSync('ffprobe', ['-v', 'error', ...entries, file], { encoding: 'utf8' }).trim()
  const small = ['-vf', 'scale=32:18:flags=area', '-pix_fmt', 'gray', '-f', 'rawvideo', '-']
  return { told, grey: execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, ...small]) }
}

async function fetchStill(studio: Studio, url: string) {
  const response = await fetch(studio.node.url + url)
  expect(response.status, url).toBe(200)
  expect(response.headers.get('content-type')).toBe('image/jpeg')
  return Buffer.from(await response.arrayBuffer())
}

const card = (size: string) => [
  ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-f', 'lavfi', '-i', 'sine=sample_rate=48000'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-b:v', '1500k', '-c:a', 'aac'],
]

const inSize = (url: string, size: number) => url.replace('640.jpg', `${size}.jpg`)

/** The still there is now, and the one that follows it. */
async function twoStills(studio: Studio) {
  const first = await firstStill(studio)
  const before = look(await fetchStill(studio, first))
  const second = await eventually(async () => {
    const url = (await studio.session())?.thumbnailUrl ?? null
    return url === first ? null : url
  })
  return { first, second, before, after: look(await fetchStill(studio, second)) }
}

const firstStill = (studio: Studio) => eventually(async () => (await studio.session())?.thumbnailUrl ?? null)

// Each waits for its ten seconds, so all wait at once.
describe.concurrent('of a show on air', () => {
  test.for([
    ['beside a ladder, from the encoder', { LADDER: '240p' }, '1280x720', ['320,180', '640,360', '1280,720']],
    ['without one, from a keyframe', { LADDER: 'source' }, '1280x720', ['320,180', '640,360', '1280,720']],
    ['upright and of an odd size', { LADDER: 'source' }, '406x722', ['180,320', '360,640', '406,722']],
  ] as const)('a still every ten seconds: %s', async ([, env, size, sizes], { onTestFinished }) => {
    const studio = await openStudio(env)
    onTestFinished(studio.close)
    studio.push(...card(size))
    await studio.untilSession(({ state }) => state === 'live')
    const { first, second, before, after } = await twoStills(studio)
    expect(before.told).toBe(`mjpeg,${sizes[1]}`)
    expect(after.grey.equals(before.grey)).toBe(false)
    expect(look(await fetchStill(studio, inSize(second, 320))).told).toBe(`mjpeg,${sizes[0]}`)
    expect(look(await fetchStill(studio, inSize(second, 1280))).told).toBe(`mjpeg,${sizes[2]}`)
    // A still of colours, not the grey of a picture nobody decoded.
    expect(new Set(after.grey).size).toBeGreaterThan(20)
    expect(first.split('?')[0]).toBe(second.split('?')[0])
    expect(studio.node.said()).not.toContain('no thumbnail')
  })

  test('stills outlive the publisher and a restart of the node', async ({ onTestFinished }) => {
    const studio = await openStudio({ LADDER: 'source' })
    onTestFinished(studio.close)
    const push = studio.push(...card('640x360'))
    const url = await firstStill(studio)
    await push.stop()
    await studio.untilSession(({ state }) => state === 'paused')
    await fetchStill(studio, url)
    await studio.node.kill()
    await studio.node.startAgain()
    const again = await firstStill(studio)
    expect(look(await fetchStill(studio, again)).told).toBe('mjpeg,640,360')
  })
})

/** Encodes a clip to its end; what came out of it, and the stills beside it. */
async function encode(ffmpegPath: string, seconds: number, withStills: boolean) {
  const transcode = createTranscode({ logger: pino({ level: 'silent' }), ffmpegPath })
  await using player = await playFlv(testCard({ seconds }), { pace: 'fast' })
  const stills: Thumbnails[] = []
  let ladder: Buffer[] = []
  let launches = 0
  const supervisor = transcode.supervise(
    () => ({
      input: player.path,
      video: [{ id: '240p', width: 426, height: 240, frameRate: 30, videoBitrate: 400_000 }],
      audio: null,
      keyframes: { at: 'source' },
      preset: 'ultrafast',
      sourceFrameRate: 30,
      ...(withStills ? { thumbnails: thumbnailFrames({ width: 640, height: 360 }) } : {}),
    }),
    {
      onEncoder(encoder) {
        launches++
        ladder = []
        encoder.outputs.get('240p')!.on('data', (chunk: Buffer) => ladder.push(chunk))
        encoder.onThumbnails((made) => stills.push(made))
      },
      onState: () => {},
    },
  )
  expect(await supervisor.ended).toEqual({ name: 'stopped' })
  return { stills, ladder: Buffer.concat(ladder), launches }
}

test('the encoder makes one at its first frame and one after each ten seconds; the ladder is the same to the byte', async () => {
  const alone = await encode('ffmpeg', 21, false)
  const beside = await encode('ffmpeg', 21, true)
  expect(beside.stills.map((made) => [...made.keys()].toSorted((a, b) => a - b))).toEqual(
    Array.from({ length: 3 }, () => [320, 640, 1280]),
  )
  const seen = beside.stills.map((made) => look(made.get(640)!))
  expect(seen.map(({ told }) => told)).toEqual(Array.from({ length: 3 }, () => 'mjpeg,640,360'))
  expect(new Set(seen.map(({ grey }) => grey.toString('hex'))).size).toBe(3)
  expect(alone.ladder.length).toBeGreaterThan(100_000)
  expect(beside.ladder.equals(alone.ladder)).toBe(true)
})

test('an FFmpeg that cannot make stills goes on with the ladder alone', async () => {
  const wrapper = join(folder, 'ffmpeg-without-stills')
  writeFileSync(
    wrapper,
    '#!/bin/sh\ncase "$*" in *mjpeg*) echo "Unknown encoder" >&2; exit 1;; esac\nexec ffmpeg "$@"\n',
  )
  chmodSync(wrapper, 0o755)
  const { stills, ladder, launches } = await encode(wrapper, 4, true)
  expect([launches, stills.length]).toEqual([2, 0])
  expect(ladder.length).toBeGreaterThan(10_000)
})
