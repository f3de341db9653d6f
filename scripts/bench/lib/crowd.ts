/**
 * Viewers without a screen: each follows the video and the audio playlist with blocking reloads and fetches every part,
 * as a player does. Runs as a process of its own:
 *
 *   node crowd.ts '{"origin":"http://…","channelId":"…","viewers":300,"seconds":30}'
 */
import { spawn } from 'node:child_process'
import { Agent, get } from 'node:http'
import { createApi } from '../../node-client.ts'
import { readPlaylist, readRenditions } from './media.ts'
import { sleep } from './places.ts'

export interface Crowd {
  origin: string
  channelId: string
  viewers: number
  seconds: number
}

export interface Attended {
  requests: number
  bytes: number
  failed: number
  seconds: number
}

/** `onArrived` runs while they all watch; the answer comes when they have gone. */
export async function attend(crowd: Crowd, onArrived: () => Promise<void>): Promise<Attended> {
  const apart = spawn(process.execPath, [import.meta.filename, JSON.stringify(crowd)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const arrived = Promise.withResolvers<void>()
  apart.stdout.on('data', (text: Buffer) => {
    said += text
    if (said.includes('arrived\n')) arrived.resolve()
  })
  const ended = new Promise((resolve) => apart.once('close', resolve))
  await Promise.race([arrived.promise, ended])
  await onArrived()
  await ended
  return JSON.parse(said.slice(said.indexOf('\n') + 1)) as Attended
}

async function run({ origin, channelId, viewers, seconds }: Crowd): Promise<void> {
  const attended: Attended = { requests: 0, bytes: 0, failed: 0, seconds }
  let isOver = false
  const api = createApi(origin)
  const everyone: Promise<void>[] = []
  for (let viewer = 0; viewer < viewers; viewer++) {
    const { url } = await api.play(channelId)
    // A browser's six connections to one origin, shared by both tracks.
    const agent = new Agent({ keepAlive: true, maxSockets: 6 })
    const { video, audio } = await readRenditions(origin + url)
    everyone.push(follow(video, agent))
    if (audio) everyone.push(follow(audio, agent))
  }
  await sleep(3_000)
  console.log('arrived')
  const before = { ...attended }
  await sleep(seconds * 1000)
  const counted = {
    requests: attended.requests - before.requests,
    bytes: attended.bytes - before.bytes,
    failed: attended.failed - before.failed,
    seconds,
  }
  isOver = true
  console.log(JSON.stringify(counted))
  process.exit(0)

  async function follow(playlist: string, agent: Agent): Promise<void> {
    let listed = readPlaylist((await fetchText(playlist, agent)) ?? '', playlist)
    const seen = new Set(listed.parts)
    while (!isOver) {
      const text = await fetchText(`${playlist}?_HLS_msn=${listed.next.msn}&_HLS_part=${listed.next.part}`, agent)
      if (text === null) {
        await sleep(100)
        continue
      }
      listed = readPlaylist(text, playlist)
      const fresh = listed.parts.filter((part) => !seen.has(part))
      for (const part of fresh) seen.add(part)
      if (seen.size > 500) for (const part of [...seen].slice(0, 250)) seen.delete(part)
      // The reload and the parts go out side by side, as in a player.
      for (const part of fresh) void fetchText(part, agent)
    }
  }

  function fetchText(address: string, agent: Agent): Promise<string | null> {
    return new Promise((resolve) => {
      const request = get(address, { agent }, (response) => {
        const isText = address.includes('.m3u8')
        let text = ''
        response.on('data', (chunk: Buffer) => {
          attended.bytes += chunk.length
          if (isText) text += chunk.toString('latin1')
        })
        response.on('end', () => {
          attended.requests++
          if (response.statusCode !== 200) attended.failed++
          resolve(response.statusCode === 200 ? text : null)
        })
        response.on('error', () => resolve(null))
      })
      request.on('error', () => {
        attended.failed++
        resolve(null)
      })
    })
  }
}

if (import.meta.main) await run(JSON.parse(process.argv[2]!) as Crowd)
