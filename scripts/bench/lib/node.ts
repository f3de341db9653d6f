/** A real node for a bench: its own process, folder and ports, one channel, and an owner made for the occasion. */
import { join } from 'node:path'
import { createApi, startNode } from '../../node-client.ts'
import { freePort, temporaryFolder, until } from './places.ts'
import { descendants } from './usage.ts'

const owner = { email: 'bench@footlight.example', password: 'only for this bench' }

export type BenchNode = Awaited<ReturnType<typeof openNode>>

export async function openNode(env: Record<string, string> = {}) {
  const folder = temporaryFolder('bench')
  const [httpPort, httpsPort, rtmpPort, rtmpsPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const node = await startNode({
    httpPort,
    output: 'ignore',
    env: {
      HTTP_HOST: '127.0.0.1',
      HTTPS_PORT: String(httpsPort),
      PUBLIC_URL: `http://127.0.0.1:${httpPort}`,
      RTMP_HOST: '127.0.0.1',
      RTMP_PORT: String(rtmpPort),
      RTMPS_PORT: String(rtmpsPort),
      DATA_DIR: join(folder.path, 'data'),
      MEDIA_ROOT: join(folder.path, 'media'),
      OWNER_EMAIL: owner.email,
      OWNER_PASSWORD: owner.password,
      REQUESTS_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  const api = createApi(node.url)
  await api.signIn(owner.email, owner.password)
  const channel = await api.ownChannel()

  return {
    url: node.url,
    pid: node.pid,
    httpPort,
    httpsPort,
    folder: folder.path,
    api,
    channel,
    /** The address a broadcaster publishes to, with a key of its own. */
    rtmpUrl: async (channelId = channel.id) =>
      `rtmp://127.0.0.1:${rtmpPort}/live/${await api.createStreamKey(channelId)}`,
    ingestPid: () => descendants(node.pid).find(({ command }) => /ingest\/child\.ts/.test(command))?.pid ?? null,
    encoderPids: () =>
      descendants(node.pid)
        .filter(({ command }) => /^\S*ffmpeg /.test(command))
        .map(({ pid }) => pid),
    /** Waits until the channel can be watched, and gives the address of its playlist. */
    async playable(channelId = channel.id, withinMs = 30_000): Promise<string> {
      return until(
        'a playable playlist',
        async () => {
          const answer = await api.play(channelId).catch(() => null)
          if (!answer) return null
          const playlist = await fetch(node.url + answer.url)
          return playlist.ok && (await playlist.text()).includes('#EXT-X-STREAM-INF') ? node.url + answer.url : null
        },
        withinMs,
      )
    },
    async close(): Promise<void> {
      await node.stop()
      folder[Symbol.dispose]()
    },
  }
}
