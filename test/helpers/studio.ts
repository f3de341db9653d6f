/** A real node with an owner, a channel and a stream key, and a broadcaster who pushes what a test asks for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createApi } from '../../scripts/node-client.ts'
import { eventually } from './eventually.ts'
import { startNodeProcess } from './node-process.ts'

export interface SessionSeen {
  id: string
  state: string
  note: string | null
  endReason: string | null
  renditions: { id: string; width: number; height: number; frameRate: number }[]
  ladderReason: string | null
  thumbnailUrl: string | null
}

/** What a media playlist says, read line by line; hls-parser reads the same in playlists.test.ts. */
export interface Listed {
  text: string
  targetDuration: number
  discontinuities: number
  isEnded: boolean
  segments: { msn: number; duration: number; isGap: boolean; uri: string; init: string; startsDiscontinuity: boolean }[]
}

export async function openStudio(env: Record<string, string> = {}) {
  const owner = { OWNER_EMAIL: 'owner@example.org', OWNER_PASSWORD: 'a long enough one' }
  const node = await startNodeProcess({ env: { RECONNECT_GRACE_SECONDS: '60', LOG_LEVEL: 'info', ...owner, ...env } })
  const api = createApi(node.url)
  await api.signIn(owner.OWNER_EMAIL, owner.OWNER_PASSWORD)
  const channel = await api.ownChannel()
  const streamKey = await api.createStreamKey(channel.id)
  const pushers = new Set<ChildProcess>()

  /** Pushes with FFmpeg at its own pace; arguments before `-f flv`. */
  function push(...args: string[]) {
    const to = `${node.rtmpUrl}/${streamKey}`
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-f', 'flv', to], { stdio: 'ignore' })
    pushers.add(ffmpeg)
    const gone = new Promise<void>((resolve) => ffmpeg.once('close', () => resolve()))
    return {
      gone,
      async stop(): Promise<void> {
        ffmpeg.kill('SIGKILL')
        await gone
      },
    }
  }

  const pushClip = (path: string) => push('-re', '-stream_loop', '-1', '-i', path, '-c', 'copy')

  async function session(): Promise<SessionSeen | null> {
    const { sessions } = await api.call<{ sessions: SessionSeen[] }>('GET', `/sessions?channelId=${channel.id}&limit=1`)
    return sessions[0] ?? null
  }

  const untilSession = (isIt: (seen: SessionSeen) => boolean) =>
    eventually(async () => {
      const seen = await session()
      return seen && isIt(seen) ? seen : null
    })

  /** The folder under which everything of the stream lies. */
  async function watch(): Promise<string> {
    const { url } = await api.play(channel.id)
    return node.url + url.slice(0, url.lastIndexOf('/'))
  }

  async function listed(folder: string, rendition: string, query = ''): Promise<Listed> {
    return readPlaylist(await (await fetch(`${folder}/${rendition}.m3u8${query}`)).text())
  }

  return {
    node,
    api,
    channel,
    streamKey,
    push,
    pushClip,
    session,
    untilSession,
    watch,
    listed,
    async close(): Promise<void> {
      for (const ffmpeg of pushers) ffmpeg.kill('SIGKILL')
      await node.stop()
    },
  }
}

export function readPlaylist(text: string): Listed {
  const first = (name: string) => Number(new RegExp(`#EXT-X-${name}:(\\d+)`).exec(text)?.[1] ?? 0)
  const segments: Listed['segments'] = []
  let next = { duration: 0, isGap: false, init: '', startsDiscontinuity: false }
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXTINF:')) next.duration = Number.parseFloat(line.slice(8))
    if (line === '#EXT-X-GAP') next.isGap = true
    if (line === '#EXT-X-DISCONTINUITY') next.startsDiscontinuity = true
    if (line.startsWith('#EXT-X-MAP:')) next.init = /URI="([^"]+)"/.exec(line)?.[1] ?? ''
    if (!line.endsWith('.m4s') || line.startsWith('#')) continue
    segments.push({ ...next, uri: line, msn: first('MEDIA-SEQUENCE') + segments.length })
    next = { duration: 0, isGap: false, init: next.init, startsDiscontinuity: false }
  }
  return {
    text,
    targetDuration: first('TARGETDURATION'),
    discontinuities: first('DISCONTINUITY-SEQUENCE'),
    isEnded: text.includes('#EXT-X-ENDLIST'),
    segments,
  }
}
