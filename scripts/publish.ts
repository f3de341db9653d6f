/**
 * A broadcaster made of FFmpeg: a moving test card with a running clock and a tone, or a clip in a loop, pushed over
 * RTMP as OBS would.
 *
 *   node scripts/publish.ts rtmp://localhost/live <stream key> [--size 1280x720] [--fps 30] [--kbps 3000]
 *                           [--tone 440] [--seconds 60] [--clip file.mp4]
 */
import { spawn, spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

export interface Broadcast {
  url: string
  size?: string
  fps?: number
  kbps?: number
  /** Hertz; null broadcasts no sound. */
  tone?: number | null
  seconds?: number
  /** A file to send as it is, in a loop, instead of the test card. */
  clip?: string
  /** Frames between keyframes; two seconds by default, as OBS is told to. */
  gop?: number
  title?: string
}

/** FFmpeg's arguments for one broadcast. */
export function broadcastArguments(broadcast: Broadcast): string[] {
  const { url, size = '1280x720', fps = 30, kbps = 3_000, tone = 440, seconds, clip, gop = fps * 2 } = broadcast
  const end = seconds ? ['-t', String(seconds)] : []
  const out = ['-f', 'flv', '-flvflags', 'no_duration_filesize', url]
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin']
  if (clip) return [...quiet, '-re', '-stream_loop', '-1', '-i', clip, ...end, '-c', 'copy', ...out]

  const picture = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`]
  // A beep each second beside the tone, so that a person hears at once whether picture and sound belong together.
  const sound = ['-re', '-f', 'lavfi', '-i', `sine=frequency=${tone}:beep_factor=2:sample_rate=48000`]
  const filter = canDrawText() ? ['-vf', `${clock(broadcast.title)},format=yuv420p`] : ['-pix_fmt', 'yuv420p']
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-tune',
    'zerolatency',
    '-g',
    String(gop),
    '-b:v',
    `${kbps}k`,
  ]
  const bounds = ['-maxrate', `${kbps}k`, '-bufsize', `${kbps * 2}k`, '-threads', '2']
  const audio = tone === null ? [] : ['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-af', 'volume=0.2']
  return [
    ...quiet,
    ...picture,
    ...(tone === null ? [] : sound),
    ...end,
    ...filter,
    ...video,
    ...bounds,
    ...audio,
    ...out,
  ]
}

function clock(title = ''): string {
  const box = 'fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=12'
  const time = `drawtext=text='%{localtime\\:%H\\\\\\:%M\\\\\\:%S}':fontsize=h/8:x=(w-tw)/2:y=h*0.72:${box}`
  const plain = title.replaceAll(/[^\p{L}\p{N} ]/gu, '')
  return plain ? `${time},drawtext=text='${plain}':fontsize=h/14:x=(w-tw)/2:y=h*0.12:${box}` : time
}

// A machine without any font can still broadcast, with the card's own small counter.
function canDrawText(): boolean {
  const probe = [
    '-loglevel',
    'quiet',
    '-f',
    'lavfi',
    '-i',
    'color=s=16x16:d=0.04',
    '-vf',
    'drawtext=text=x',
    '-f',
    'null',
    '-',
  ]
  return spawnSync('ffmpeg', probe).status === 0
}

/** Starts broadcasting; `ended` resolves with FFmpeg's exit code once it is gone. */
export function startBroadcast(broadcast: Broadcast) {
  const ffmpeg = spawn('ffmpeg', broadcastArguments(broadcast), { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  ffmpeg.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text).slice(-2_000)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('error', reject)
    ffmpeg.once('exit', resolve)
  })
  return {
    pid: ffmpeg.pid,
    ended,
    complaint: () => complaint,
    stop: () => ffmpeg.kill('SIGINT'),
    kill: () => ffmpeg.kill('SIGKILL'),
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      fps: { type: 'string' },
      kbps: { type: 'string' },
      tone: { type: 'string' },
      seconds: { type: 'string' },
      clip: { type: 'string' },
    },
  })
  const [server, key] = positionals
  if (!server) {
    console.error(
      'Usage: node scripts/publish.ts rtmp://localhost/live <stream key> [--size 1280x720] [--fps 30] [--clip file]',
    )
    process.exit(2)
  }
  const number = (value: string | undefined) => (value === undefined ? undefined : Number(value))
  const broadcast = startBroadcast({
    url: key ? `${server}/${key}` : server,
    size: values.size,
    fps: number(values.fps),
    kbps: number(values.kbps),
    tone: number(values.tone),
    seconds: number(values.seconds),
    clip: values.clip,
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, broadcast.stop)
  const code = await broadcast.ended
  if (code && broadcast.complaint()) console.error(broadcast.complaint().trim())
  // FFmpeg ends with 255 when it was asked to stop.
  process.exitCode = code === 255 ? 0 : (code ?? 1)
}
