/** A broadcaster with a real FFmpeg: a clip, or a test card where there is none, pushed at its own pace over RTMP or RTMPS. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const CLIP = resolve('../shared/clips/bbb-480p-30s.mp4')

export interface BroadcastOptions {
  seconds?: number
  /** Arguments before `-f flv`. */
  output?: string[]
}

export interface Broadcaster {
  pid: number
  /** How it ended, and what FFmpeg said. */
  exited: Promise<{ code: number | null; said: string }>
  stop(): void
}

const testCard = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine=sample_rate=48000']
const encodeTestCard = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-c:a', 'aac']

export function broadcast(url: string, { seconds = 30, output = [] }: BroadcastOptions = {}): Broadcaster {
  const source = existsSync(CLIP) ? ['-re', '-stream_loop', '-1', '-i', CLIP] : ['-re', ...testCard]
  const codecs = existsSync(CLIP) ? ['-c', 'copy'] : encodeTestCard
  const args = ['-v', 'warning', '-nostdin', ...source, '-t', String(seconds), ...codecs, ...output, '-f', 'flv', url]
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const { promise, resolve: exited } = Promise.withResolvers<{ code: number | null; said: string }>()
  let said = ''
  ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  ffmpeg.once('close', (code) => exited({ code, said }))
  return { pid: ffmpeg.pid!, exited: promise, stop: () => void ffmpeg.kill('SIGTERM') }
}

/** A certificate for localhost that nobody else signed. */
export function selfSignedCertificate(): { certFile: string; keyFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cert-'))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-days', '2', '-keyout', keyFile, '-out', certFile], {
    stdio: 'ignore',
  })
  return { certFile, keyFile }
}
