/**
 * What a ladder costs: CPU-seconds of FFmpeg per second of video, per rung and for the whole ladder, through our own
 * command and beside the bare FFmpeg command; and what scaling in cascade does to the picture.
 *
 *   node scripts/bench/ladder.ts [--seconds 15] [--height 720,1080] [--clip path]
 */
import { spawnSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { encoderPreset, maxEncodedRenditions, rungs } from '../../config/ladders.ts'
import { createTranscode, planLadder, type Source, type VideoRendition } from '../../src/transcode/transcode.ts'
import { playFlv, readFlvTags } from '../../test/helpers/flv-player.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    height: { type: 'string', default: '720,1080' },
    clip: { type: 'string', default: '../shared/clips/tears-of-steel-battle-720p-50s.mp4' },
  },
})
const seconds = Number(values.seconds)
const dir = mkdtempSync(join(tmpdir(), 'bench-ladder-'))
const transcode = createTranscode({ logger: pino({ level: 'silent' }) })

function ffmpeg(...args: string[]): string {
  const { status, stderr } = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-y', ...args])
  if (status !== 0) throw new Error(String(stderr).slice(-500))
  return String(stderr)
}

/** CPU-seconds of the child processes that have ended (proc(5): cutime and cstime, in ticks of 10 ms). */
function spentByChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

/** A source as OBS sends it: 30 frames a second, keyframes every 2 s, two B-frames, 2.5 or 6 Mbit/s. */
function makeSource(height: number): string {
  const path = join(dir, `source-${height}.flv`)
  const width = (height * 16) / 9
  const picture = existsSync(values.clip)
    ? ['-i', values.clip]
    : ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30']
  const bits = height > 720 ? '6M' : '2500k'
  ffmpeg(
    ...['-t', values.seconds, ...picture, '-an', '-vf', `fps=30,scale=${width}:${height}:flags=lanczos,format=yuv420p`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '60', '-keyint_min', '60', '-sc_threshold', '0'],
    ...['-b:v', bits, '-maxrate', bits, '-bufsize', bits, path],
  )
  return path
}

/** Encodes through our command to one file per rendition; gives the CPU-seconds of FFmpeg and our own. */
async function encodeOurs(sourcePath: string, frameRate: number, video: VideoRendition[], label: string) {
  await using player = await playFlv(readFlvTags(readFileSync(sourcePath)), { pace: 'fast' })
  const written: Promise<void>[] = []
  const before = { children: spentByChildren(), own: process.cpuUsage() }
  const supervisor = transcode.supervise(
    () => ({
      ...{ input: player.path, video, audio: null, keyframes: { at: 'source' as const } },
      ...{ preset: encoderPreset, sourceFrameRate: frameRate },
    }),
    {
      onEncoder(encoder) {
        for (const [id, output] of encoder.outputs) {
          written.push(finished(output.pipe(createWriteStream(join(dir, `${label}-${id}.mp4`)))))
        }
      },
      onState: () => {},
    },
  )
  const end = await supervisor.ended
  if (end.name === 'failed') throw end.cause
  await Promise.all(written)
  const own = process.cpuUsage(before.own)
  return { ffmpeg: (spentByChildren() - before.children) / seconds, node: (own.user + own.system) / 1e6 / seconds }
}

/** The command one would type without us: same size, bitrate and preset, everything else as x264 has it. */
function encodeBare(sourcePath: string, { id, width, height, videoBitrate }: VideoRendition): number {
  const before = spentByChildren()
  const bits = String(videoBitrate)
  ffmpeg(
    ...['-i', sourcePath, '-vf', `scale=${width}:${height}`, '-c:v', 'libx264', '-preset', encoderPreset, '-g', '60'],
    ...['-b:v', bits, '-maxrate', bits, '-bufsize', bits, join(dir, `bare-${id}.mp4`)],
  )
  return (spentByChildren() - before) / seconds
}

/** Likeness to the source scaled in one step, in decibels. */
function psnr(sourcePath: string, encodedPath: string, { width, height }: VideoRendition): number {
  const counted = 'settb=1/30,setpts=N'
  const compare = `[0:v]${counted}[a];[1:v]scale=${width}:${height}:flags=bicubic,setsar=1,${counted}[b];[a][b]psnr`
  const said = ffmpeg('-i', encodedPath, '-i', sourcePath, '-filter_complex', compare, '-f', 'null', '-')
  return Number(/average:([\d.]+)/.exec(said)?.[1])
}

async function measure(height: number): Promise<void> {
  const path = makeSource(height)
  const width = (height * 16) / 9
  const source: Source = { video: { codec: 'h264', width, height, frameRate: 30, bitrate: null }, audio: null }
  const video = planLadder(source, rungs, { passthrough: true, max: maxEncodedRenditions })
  const ladder = await encodeOurs(path, 30, video, 'ladder')
  let alone = 0
  const rows = []
  for (const rendition of video) {
    const ours = await encodeOurs(path, 30, [rendition], 'alone')
    alone += ours.ffmpeg
    const bare = encodeBare(path, rendition)
    const likeness = ['ladder', 'alone', 'bare'].map((how) =>
      psnr(path, join(dir, `${how}-${rendition.id}.mp4`), rendition),
    )
    rows.push({
      rung: `${rendition.id} ${rendition.videoBitrate / 1000}k`,
      'ours alone': ours.ffmpeg.toFixed(3),
      bare: bare.toFixed(3),
      'PSNR in ladder': likeness[0]!.toFixed(2),
      'PSNR alone': likeness[1]!.toFixed(2),
      'PSNR bare': likeness[2]!.toFixed(2),
    })
  }
  console.log(`\n${height}p30 source, CPU-seconds of FFmpeg per second of video:`)
  console.table(rows)
  console.log(`one process for the ladder ${ladder.ffmpeg.toFixed(3)}, one process per rendition ${alone.toFixed(3)}: \
${(ladder.ffmpeg / alone).toFixed(2)} (to reach: 0.80 or less). Node, feeding and reading: ${ladder.node.toFixed(3)}.`)
}

try {
  const { text } = await transcode.version()
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, FFmpeg ${text}, preset ${encoderPreset}`,
  )
  console.log(`node ${process.argv.slice(1).join(' ')}`)
  for (const height of values.height.split(',').map(Number)) await measure(height)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
