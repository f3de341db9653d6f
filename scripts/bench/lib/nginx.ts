/** A private nginx in a folder of its own, for comparison: plain defaults and sendfile, as its own documentation has it. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { until } from './places.ts'
import { descendants } from './usage.ts'

interface Site {
  folder: string
  /** Files to serve over HTTP, and over HTTPS with the certificate. */
  root?: string
  httpPort?: number
  https?: { port: number; cert: string; key: string }
  rtmpPort?: number
}

const RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

export async function startNginx(site: Site) {
  const { folder, httpPort, https, rtmpPort } = site
  mkdirSync(join(folder, 'nginx'), { recursive: true })
  const conf = join(folder, 'nginx/nginx.conf')
  writeFileSync(conf, configuration(site))
  const nginx = spawn('/usr/sbin/nginx', ['-p', join(folder, 'nginx'), '-c', conf, '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => nginx.once('exit', () => resolve()))
  const port = httpPort ?? https?.port ?? rtmpPort ?? 0
  await until('nginx', () => isListening(port), 10_000)
  return {
    /** The one worker: what serves. */
    workerPid: descendants(nginx.pid!)[0]!.pid,
    async stop(): Promise<void> {
      nginx.kill('SIGTERM')
      await ended
    },
  }
}

function configuration({ root, httpPort, https, rtmpPort }: Site): string {
  if (rtmpPort && !existsSync(RTMP_MODULE)) throw new Error('libnginx-mod-rtmp is missing')
  const listen = [
    ...(httpPort ? [`listen 127.0.0.1:${httpPort};`] : []),
    ...(https
      ? [`listen 127.0.0.1:${https.port} ssl;`, `ssl_certificate ${https.cert};`, `ssl_certificate_key ${https.key};`]
      : []),
  ].join(' ')
  const http = `http {
  default_type application/octet-stream;
  types { video/mp4 mp4 m4s; application/vnd.apple.mpegurl m3u8; }
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000; ssl_protocols TLSv1.3;
  server { ${listen} root ${root}; }
}`
  const rtmp = `rtmp { server { listen 127.0.0.1:${rtmpPort}; chunk_size 4096; application live { live on; } } }`
  return `${rtmpPort ? `load_module ${RTMP_MODULE};` : ''}
${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; daemon off; pid nginx.pid; error_log stderr warn;
events { worker_connections 20000; }
${httpPort || https ? http : ''}
${rtmpPort ? rtmp : ''}
`
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
