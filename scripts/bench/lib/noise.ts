import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Eight seconds of noise at a constant bitrate, so that segments and parts have the size a bench asks for. */
export function noiseClip(folder: string, kbps: number): string {
  const path = join(folder, `noise-${kbps}.mp4`)
  if (existsSync(path)) return path
  const rate = `${kbps}k`
  execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=8'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=8', '-vf', 'noise=alls=60:allf=t'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '0', '-g', '60', '-sc_threshold', '0'],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', `${Math.round(kbps / 4)}k`, '-nal-hrd', 'cbr'],
    ...['-c:a', 'aac', '-b:a', '96k', path],
  ])
  return path
}
