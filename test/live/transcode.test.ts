import { spawnSync } from 'node:child_process'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { rungs } from '../../config/ladders.ts'
import {
  createTranscode,
  type EncodePlan,
  type Encoder,
  type EncoderState,
  OUTPUT_OFFSET_SECONDS,
  planLadder,
  type VideoRendition,
} from '../../src/transcode/transcode.ts'
import { clip, type TestCard, testCard } from '../helpers/flv-clips.ts'
import { type FlvTag, moveTag, playFlv } from '../helpers/flv-player.ts'
import { collectFragments, type Fragment, type FragmentedMp4 } from '../helpers/fragments.ts'

const transcode = createTranscode({ logger: pino({ level: 'silent' }) })

const small: VideoRendition = { id: '240p', width: 426, height: 240, frameRate: 30, videoBitrate: 400_000 }
const smaller: VideoRendition = { id: 'tiny', width: 320, height: 180, frameRate: 30, videoBitrate: 200_000 }

/** Encodes a source from its first tag to its last. */
async function encode(tags: readonly FlvTag[], plan: Partial<EncodePlan>) {
  await using player = await playFlv(tags, { pace: 'fast' })
  const outputs = new Map<string, FragmentedMp4>()
  let encoder: Encoder | undefined
  const supervisor = transcode.supervise(() => planFor(player.path, plan), {
    onEncoder(launched) {
      encoder = launched
      for (const [id, output] of launched.outputs) outputs.set(id, collectFragments(output))
    },
    onState: () => {},
  })
  const state = await supervisor.ended
  expect(state, encoder?.errorTail()).toEqual({ name: 'stopped' })
  return { outputs, of: (id: string) => outputs.get(id)!, errorTail: encoder!.errorTail() }
}

function planFor(input: string, plan: Partial<EncodePlan>): EncodePlan {
  return {
    input,
    video: [small],
    audio: null,
    keyframes: { at: 'source' },
    preset: 'ultrafast',
    sourceFrameRate: 30,
    ...plan,
  }
}

function framesOf(tags: readonly FlvTag[]): FlvTag[] {
  return tags.filter((tag) => tag.kind === 'video' && !tag.isHeader)
}

/** When a fragment's frame is shown, in milliseconds of FLV time. */
function shownAt(mp4: FragmentedMp4, fragment: Fragment): number {
  const sample = fragment.samples[0]!
  return ((fragment.decodeTime + sample.compositionOffset) / mp4.timescale - OUTPUT_OFFSET_SECONDS) * 1000
}

function timesOf(mp4: FragmentedMp4): number[] {
  return mp4.fragments.map((fragment) => Math.round(shownAt(mp4, fragment) * 1000) / 1000)
}

function keyframesOf(mp4: FragmentedMp4): number[] {
  const keyframes = mp4.fragments.filter((fragment) => fragment.samples[0]!.isKeyframe)
  return keyframes.map((fragment) => Math.round(shownAt(mp4, fragment) * 1000) / 1000)
}

function inOrder(times: number[]): number[] {
  return times.toSorted((a, b) => a - b)
}

/** Nothing is missing between the fragments, each holds one frame, and a decoder finds no fault. */
function expectWhole(mp4: FragmentedMp4): void {
  expect(mp4.fragments.length).toBeGreaterThan(0)
  expect(mp4.fragments.filter((fragment) => fragment.samples.length !== 1)).toEqual([])
  const holes = mp4.fragments.filter((fragment, index) => {
    const following = mp4.fragments[index + 1]
    return following && following.decodeTime !== fragment.decodeTime + fragment.samples[0]!.duration
  })
  expect(holes.map((fragment) => shownAt(mp4, fragment))).toEqual([])
  expect(
    ask(
      'ffmpeg',
      ['-v', 'error', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-f', 'null', '-'],
      wholeOf(mp4),
    ).said,
  ).toBe('')
}

function wholeOf(mp4: FragmentedMp4): Buffer {
  return Buffer.concat([mp4.init!, ...mp4.fragments.map((fragment) => fragment.bytes)])
}

function ask(program: string, args: string[], input: Buffer) {
  const { stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 2 ** 26 })
  return { printed: String(stdout), said: String(stderr) }
}

/** The first instant, in seconds, at which silence ends. */
function soundBegins(media: Buffer): number {
  const detect = ['-copyts', '-i', 'pipe:0', '-vn', '-af', 'silencedetect=n=-40dB:d=0.2', '-f', 'null', '-']
  return Number(/silence_end: ([\d.]+)/.exec(ask('ffmpeg', ['-hide_banner', ...detect], media).said)?.[1])
}

async function probeTags(tags: readonly FlvTag[]) {
  await using player = await playFlv(tags, { pace: 'fast' })
  return await transcode.probe(player.path)
}

test('every frame of a source with B-frames is encoded at its own instant, with keyframes where the source has them', async () => {
  const tags = clip('tears-of-steel-battle-720p-50s.mp4', 6, { size: '1280x720', rate: '24', bFrames: 2, gop: 48 })
  const source = await probeTags(tags)
  const video = planLadder(source, rungs, { passthrough: true })
  expect(video.map(({ id }) => id)).toEqual(['480p', '240p'])

  const { of, errorTail } = await encode(tags, { video })
  for (const rendition of video) {
    const mp4 = of(rendition.id)
    expect(mp4).toMatchObject({ timescale: 90_000, width: rendition.width, height: rendition.height })
    expect(timesOf(mp4)).toEqual(inOrder(framesOf(tags).map((tag) => tag.pts)))
    expect(keyframesOf(mp4)).toEqual(inOrder(framesOf(tags).flatMap((tag) => (tag.isKeyframe ? [tag.pts] : []))))
    expect(mp4.fragments[0]!.decodeTime).toBe(framesOf(tags)[0]!.pts * 90 + 900_000)
    expectWhole(mp4)
  }
  expect(errorTail).toBe('')
})

test('60 frames a second become 30, and every keyframe of the source is kept', async () => {
  const tags = testCard({ rate: '60', gop: 61, bFrames: 2 })
  const full = { ...small, id: 'full', frameRate: 60 }
  const { of } = await encode(tags, { video: [full, smaller], sourceFrameRate: 60 })
  const keyframes = framesOf(tags).flatMap((tag) => (tag.isKeyframe ? [tag.pts] : []))
  expect(keyframesOf(of('full'))).toEqual(keyframes)
  expect(keyframesOf(of('tiny'))).toEqual(keyframes)
  expect(timesOf(of('full'))).toHaveLength(240)
  expect(timesOf(of('tiny')).length).toBeGreaterThan(118)
  expect(timesOf(of('tiny')).length).toBeLessThan(126)
  for (const mp4 of [of('full'), of('tiny')]) expectWhole(mp4)
})

test('where the source keeps its keyframes far apart, ours come at an interval, at once in all renditions', async () => {
  const tags = testCard({ rate: '60', seconds: 8, gop: 500 })
  const full = { ...small, id: 'source', frameRate: 60 }
  const { of } = await encode(tags, {
    video: [full, smaller],
    sourceFrameRate: 60,
    keyframes: { at: 'interval', seconds: 2, from: 1 },
  })
  const frames = framesOf(tags).map((tag) => tag.pts)
  const first = frames.find((pts) => pts >= 1_000)!
  const due = [0, 2_000, 4_000, 6_000].map((after) => frames.find((pts) => pts >= first + after)!)
  expect(keyframesOf(of('source'))).toEqual(due)
  expect(keyframesOf(of('tiny'))).toEqual(due)
})

test('the source may change its size and shape in mid-stream: the renditions go on as they are', async () => {
  const shapes: TestCard[] = [{ size: '640x360' }, { size: '360x640' }, { size: '854x480' }, { size: '482x270' }]
  const length = 2_000
  const tags = shapes.flatMap((shape, index) =>
    testCard({ ...shape, rate: '60', seconds: 2 }).map((tag) => moveTag(tag, index * length)),
  )
  const full = { ...small, id: 'full', frameRate: 60 }
  for (const keyframes of [{ at: 'source' }, { at: 'interval', seconds: 1, from: 0 }] as const) {
    const { of } = await encode(tags, { video: [full, smaller], keyframes, sourceFrameRate: 60 })
    expect(timesOf(of('full'))).toEqual(inOrder(framesOf(tags).map((tag) => tag.pts)))
    expect(keyframesOf(of('tiny'))).toEqual(keyframesOf(of('full')))
    expect(keyframesOf(of('full')).length).toBeGreaterThanOrEqual(4)
    for (const mp4 of [of('full'), of('tiny')]) expectWhole(mp4)
  }
})

test('odd sizes, a portrait picture and few frames a second keep their shape', async () => {
  const cards: TestCard[] = [
    { size: '854x480', rate: '25' },
    { size: '406x720', rate: '30000/1001' },
    { size: '640x480', rate: '24' },
    { size: '1080x1080', rate: '50' },
    { size: '638x362', rate: '10' },
  ]
  for (const card of cards) {
    const tags = testCard({ ...card, seconds: 2 })
    const source = await probeTags(tags)
    const [width, height] = card.size!.split('x').map(Number)
    expect(source.video).toMatchObject({ codec: 'h264', width, height })
    const video = planLadder(source, rungs, { passthrough: false })
    const { of } = await encode(tags, { video, sourceFrameRate: source.video!.frameRate })
    for (const rendition of video) {
      expect(of(rendition.id)).toMatchObject({ width: rendition.width, height: rendition.height })
      expect(Math.abs((rendition.width * height!) / (rendition.height * width!) - 1)).toBeLessThan(0.02)
    }
    expect(timesOf(of('source'))).toEqual(inOrder(framesOf(tags).map((tag) => tag.pts)))
  }
})

test('a phone that holds its picture askew and its frames uneven is followed frame by frame', async () => {
  const uneven = { size: '1280x720', videoFilter: "select='not(mod(n,3))+between(n,20,40)'" }
  const phone = clip('phone-rotated-720p-2s.mp4', 2, uneven)
  for (const tags of [phone, testCard({ ...uneven, size: '640x360' })]) {
    const { of } = await encode(tags, {})
    expect(timesOf(of('240p'))).toEqual(inOrder(framesOf(tags).map((tag) => tag.pts)))
    expectWhole(of('240p'))
  }
})

test('a source that begins between two keyframes is shown from the first one on', async () => {
  const tags = testCard({ gop: 30, bFrames: 2 })
  const begin = framesOf(tags)[7]!
  const late = tags.filter((tag) => tag.isHeader || tag.dts >= begin.dts)
  const { of } = await encode(late, {})
  const keyframes = framesOf(late).flatMap((tag) => (tag.isKeyframe ? [tag.pts] : []))
  expect(keyframesOf(of('240p'))).toEqual(expect.arrayContaining(keyframes))
  expect(timesOf(of('240p')).filter((at) => at >= keyframes[0]!)).toEqual(
    inOrder(framesOf(late).flatMap((tag) => (tag.pts >= keyframes[0]! ? [tag.pts] : []))),
  )
})

test('sound is heard at the instant at which the source has it, at both sample rates and any number of channels', async () => {
  const silentAtFirst = "volume=enable='lt(t,2)':volume=0"
  for (const [rate, channels, sampleRate] of [
    [44_100, 1, 44_100],
    [48_000, 2, 48_000],
    [48_000, 6, 48_000],
    [22_050, 2, 44_100],
  ] as const) {
    const tags = testCard({ audio: { rate, channels }, audioFilter: silentAtFirst })
    const { of } = await encode(tags, { audio: { bitrate: 128_000, sampleRate } })
    const audio = of('audio')
    expectWhole(audio)
    expect(audio.timescale).toBe(sampleRate)
    const flv = Buffer.concat([Buffer.from('464c5601050000000900000000', 'hex'), ...tags.map((tag) => tag.bytes)])
    const late = soundBegins(wholeOf(audio)) - soundBegins(flv) - OUTPUT_OFFSET_SECONDS
    expect(Math.abs(late)).toBeLessThan(0.012)
    const shown = ['-v', 'error', '-show_entries', 'stream=channels,profile', '-of', 'csv=p=0', 'pipe:0']
    expect(ask('ffprobe', shown, wholeOf(audio)).printed.trim()).toBe('LC,2')
  }
})

test('no sound, and nothing but sound', async () => {
  const silent = testCard({ audio: null, seconds: 2 })
  expect(await probeTags(silent)).toMatchObject({ video: { width: 640, height: 360 }, audio: null })
  expect((await encode(silent, {})).of('240p').fragments).toHaveLength(60)

  const radio = testCard({ hasVideo: false, seconds: 2 })
  expect(await probeTags(radio)).toMatchObject({
    video: null,
    audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
  })
  const { of } = await encode(radio, { video: [], audio: { bitrate: 128_000, sampleRate: 48_000 } })
  expectWhole(of('audio'))
})

test('a hole in the sound is filled with silence, and the picture does not wait for it', async () => {
  const tags = testCard({ seconds: 6 }).filter((tag) => tag.kind !== 'audio' || tag.dts < 2_000 || tag.dts > 4_000)
  const { of } = await encode(tags, { audio: { bitrate: 128_000, sampleRate: 48_000 } })
  expectWhole(of('audio'))
  expect(of('240p').fragments).toHaveLength(180)
})

test('the sound may change its rate and its channels in mid-stream: the rendition goes on as it is', async () => {
  const sounds = [
    { rate: 48_000, channels: 2 },
    { rate: 44_100, channels: 1 },
    { rate: 48_000, channels: 6 },
  ]
  const tags = sounds.flatMap((audio, index) =>
    testCard({ audio, seconds: 2 }).map((tag) => moveTag(tag, index * 2_000)),
  )
  const { of } = await encode(tags, { audio: { bitrate: 128_000, sampleRate: 48_000 } })
  expectWhole(of('audio'))
  expect(shownAt(of('audio'), of('audio').fragments.at(-1)!)).toBeGreaterThan(5_900)
  expect(timesOf(of('240p'))).toEqual(framesOf(tags).map((tag) => tag.pts))
})

test('an encoder that joins after five days keeps to the same timeline', async () => {
  const late = 5 * 24 * 3_600_000
  const tags = testCard({ rate: '60', bFrames: 2 }).map((tag) => moveTag(tag, late))
  const full = { ...small, id: 'full', frameRate: 60 }
  const frames = inOrder(framesOf(tags).map((tag) => tag.pts))
  for (const keyframes of [{ at: 'source' }, { at: 'interval', seconds: 1, from: late / 1000 }] as const) {
    const { of } = await encode(tags, {
      ...{ video: [full, smaller], sourceFrameRate: 60, keyframes },
      audio: { bitrate: 128_000, sampleRate: 48_000 },
    })
    expect(timesOf(of('full'))).toEqual(frames)
    expect(keyframesOf(of('tiny'))).toEqual(keyframesOf(of('full')))
    expect(keyframesOf(of('full'))).toHaveLength(4)
    expect(Math.abs(shownAt(of('audio'), of('audio').fragments[0]!) - late)).toBeLessThan(50)
    expectWhole(of('audio'))
  }
})

test('an output that nobody reads does not hold up the others', async () => {
  const tags = testCard({ seconds: 8, size: '854x480' })
  await using player = await playFlv(tags, { pace: 'fast' })
  const loud = { ...small, width: 854, height: 480, videoBitrate: 4_000_000 }
  let read: FragmentedMp4 | undefined
  const supervisor = transcode.supervise(() => planFor(player.path, { video: [loud, smaller] }), {
    onEncoder: (encoder) => {
      read = collectFragments(encoder.outputs.get('tiny')!)
    },
    onState: () => {},
  })
  expect(await supervisor.ended).toEqual({ name: 'stopped' })
  expect(read!.fragments).toHaveLength(240)
})

/** An encoder on a source that goes on, with limits short enough to wait for. */
async function onAir(sourceFlow?: () => 'flowing' | 'ended') {
  const player = await playFlv(testCard({ seconds: 60 }), { pace: 'real', burstMs: 2_000 })
  const states: EncoderState[] = []
  const encoders: { encoder: Encoder; mp4: FragmentedMp4 }[] = []
  const quick = createTranscode({
    logger: pino({ level: 'silent' }),
    limits: { startMs: 8_000, stallMs: 1_500, graceMs: 1_000 },
  })
  const supervisor = quick.supervise(() => planFor(player.path, {}), {
    onEncoder: (encoder) => {
      encoders.push({ encoder, mp4: collectFragments(encoder.outputs.get('240p')!) })
    },
    onState: (state) => states.push(state),
    ...(sourceFlow ? { sourceFlow } : {}),
  })
  const playing = (count: number) =>
    vi.waitFor(() => expect(encoders[count - 1]!.mp4.fragments.length).toBeGreaterThan(10), 20_000)
  return {
    ...{ player, supervisor, states, encoders, playing },
    names: () => states.map((state) => state.name),
    async [Symbol.asyncDispose]() {
      supervisor.stop()
      await supervisor.ended
      await player[Symbol.asyncDispose]()
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a frozen encoder is killed, a killed one is started again, and one told to stop leaves nothing behind', async () => {
  await using air = await onAir()
  await air.playing(1)
  process.kill(air.encoders[0]!.encoder.pid!, 'SIGSTOP')
  await air.playing(2)
  expect(air.names()).toEqual(['starting', 'running', 'stalled', 'waiting', 'starting', 'running'])
  expect(air.states[3]).toMatchObject({ cause: new Error('the encoder gave nothing for 1.5 s') })

  process.kill(air.encoders[1]!.encoder.pid!, 'SIGKILL')
  await air.playing(3)
  expect(air.states.at(-3)).toMatchObject({ name: 'waiting', cause: { message: /SIGKILL/ } })

  process.kill(air.encoders[2]!.encoder.pid!, 'SIGSTOP')
  air.supervisor.stop()
  expect(await air.supervisor.ended).toEqual({ name: 'stopped' })
  expect(air.encoders.filter(({ encoder }) => isAlive(encoder.pid!))).toEqual([])
})

test('an encoder told to stop gives what it has and ends by itself', async () => {
  await using air = await onAir()
  await air.playing(1)
  air.supervisor.stop()
  expect(await air.supervisor.ended).toEqual({ name: 'stopped' })
  expectWhole(air.encoders[0]!.mp4)
})

test('an end of input is the end only when the source has ended', async () => {
  await using air = await onAir(() => 'flowing')
  await air.playing(1)
  await air.player[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(air.names()).toContain('waiting'), 20_000)
  expect(air.states.find((state) => state.name === 'waiting')).toMatchObject({
    cause: new Error('the encoder lost its input while the source went on'),
  })
})

test('what FFmpeg had to say is kept for the person who must understand it', async () => {
  const states: EncoderState[] = []
  let encoder: Encoder | undefined
  const once = createTranscode({ logger: pino({ level: 'silent' }), limits: { attempts: 1 } })
  const supervisor = once.supervise(() => planFor('/nowhere/at/all', {}), {
    onEncoder: (launched) => {
      encoder = launched
    },
    onState: (state) => states.push(state),
  })
  await supervisor.ended
  expect(states.at(-1)).toMatchObject({ name: 'failed', cause: { message: /No such file or directory/ } })
  expect(encoder!.errorTail()).toMatch(/No such file or directory/)

  const absent = createTranscode({
    logger: pino({ level: 'silent' }),
    ffmpegPath: '/no/ffmpeg',
    limits: { attempts: 1 },
  })
  const failed = await absent.supervise(() => planFor('/x', {}), { onEncoder: () => {}, onState: () => {} }).ended
  expect(failed).toMatchObject({ name: 'failed', cause: { message: /could not be started/ } })
})

test('the FFmpeg at hand says which it is, and a source that says nothing is not waited for', async () => {
  expect(await transcode.version()).toMatchObject({
    text: expect.stringMatching(/\d/),
    readsEnhancedFlv: expect.any(Boolean),
  })
  await using player = await playFlv([], { pace: 'fast', hangs: true })
  await expect(transcode.probe(player.path)).rejects.toThrow('took longer')
})
