/** The plain way, for comparison: FFmpeg's own hls muxer into a folder, a page with hls.js as it comes, one server. */
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const HLS_JS = join(import.meta.dirname, '../../../node_modules/hls.js/dist/hls.min.js')
const TYPES: Record<string, string> = { m3u8: 'application/vnd.apple.mpegurl', ts: 'video/mp2t', js: 'text/javascript' }
const PAGE = `<!doctype html><button id="play">Play</button><div></div><script src="/hls.js"></script><script>
  document.querySelector('#play').onclick = () => {
    const video = document.createElement('video')
    document.querySelector('div').append(video)
    const hls = new Hls()
    hls.loadSource('/live.m3u8')
    hls.attachMedia(video)
    video.play()
  }
</script>`

/** FFmpeg's arguments after its input. */
export function muxerArguments(folder: string, segmentSeconds: number): string[] {
  return [
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_list_size', '6', '-hls_flags', 'delete_segments'],
    join(folder, 'live.m3u8'),
  ]
}

export async function serveMuxer(folder: string) {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://bench').pathname
    if (path === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
    const file = path === '/hls.js' ? HLS_JS : join(folder, path.replaceAll('..', ''))
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': TYPES[file.split('.').pop()!] ?? 'application/octet-stream',
      'cache-control': 'no-store',
    })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => void server.close(),
  }
}
