/** The audience room behind real delivery: players that fetch by their tokens, on a clock the test moves. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAudience, createGuests, createViewings } from '../../src/audience/audience.ts'
import { createArchive } from '../../src/hls/archive.ts'
import { createDelivery } from '../../src/hls/delivery.ts'
import { createPlaylists } from '../../src/hls/playlists.ts'
import { createStream } from '../../src/hls/stream.ts'
import { createAddressOf } from '../../src/platform/client-address.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createDiskStorage } from '../../src/storage/disk.ts'
import { accessRoom, viewer } from './access-room.ts'

export const AGENTS = {
  chrome: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  ffmpeg: 'Lavf/61.7.100',
  curl: 'curl/8.5.0',
  vlc: 'VLC/3.0.21 LibVLC/3.0.21',
  discord: 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  google: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
}

/** How often a player asks: once a target duration. */
const STEP_MS = 2_000

export async function audienceRoom({ keepAddresses = false } = {}) {
  const room = await accessRoom()
  const { db, clock } = room
  const logger = createLogger('silent')
  const sessionId = await room.session()
  await db.updateTable('session').set({ startedAt: clock.now() }).where('id', '=', sessionId).execute()
  const show = await fiveSeconds(sessionId, clock)

  /** A run of the node. To abandon one without stopping it is to kill it. */
  function start() {
    const access = room.start()
    const countryOf = (address: string) => (address.startsWith('203.0.113.') ? 'AU' : null)
    const audience = createAudience({
      clock,
      renditionOf: (_, name) => show.stream.windows.get(name)?.id ?? null,
      guestOf: createGuests({ addressOf: createAddressOf(['127.0.0.1']), countryOf, keepAddresses }),
    })
    const viewings = createViewings({
      ...{ db, clock, logger, audience, onAir: () => [sessionId], addressDays: 30, everyMs: 3_600_000 },
    })
    onTestFinished(() => viewings.stop())
    return { access, audience, viewings }
  }
  let run = start()

  const deliver = createDelivery({
    clock,
    find: (id) => (id === sessionId ? show : null),
    async authorize(token, id, asked) {
      const viewing = await run.access.verify(token, id)
      if (typeof viewing === 'string') return { isAllowed: false, status: 403 }
      run.audience.touch(viewing, asked)
      return viewing.permit
    },
    onFailed: (error) => {
      throw error
    },
  })
  const server = createServer(deliver)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** A player with a token of its own. `address` is what a proxy says of it. */
  async function player({
    agent = 'chrome' as keyof typeof AGENTS,
    userId = null as string | null,
    deviceId = null as string | null,
    address = '192.0.2.1',
    referer = undefined as string | undefined,
  } = {}) {
    const decision = await run.access.admit({ ...viewer(userId), deviceId, address }, sessionId)
    if (!decision.allowed) throw new Error(decision.reason)
    const headers = { 'user-agent': AGENTS[agent], 'x-forwarded-for': address, ...(referer ? { referer } : {}) }
    const fetchFile = async (file: string) => {
      const answer = await fetch(`${at}/hls/${decision.token}/${sessionId}/${file}`, { headers })
      await answer.arrayBuffer()
      return answer.status
    }
    return { token: decision.token, fetch: fetchFile }
  }

  /** Lets these players fetch, every two seconds, for so long; whoever is not named is silent meanwhile. */
  async function watch(players: { fetch(file: string): Promise<number> }[], seconds: number): Promise<void> {
    for (let passed = 0; passed <= seconds * 1_000; passed += STEP_MS) {
      if (passed > 0) clock.advance(STEP_MS)
      for (const one of players) {
        await one.fetch('main.m3u8')
        await one.fetch('source.m3u8')
        await one.fetch('source/0.m4s')
      }
      run.audience.sweep()
    }
  }

  return {
    ...room,
    sessionId,
    player,
    watch,
    /** One fetches nothing any more, until everybody has lapsed. */
    async silence(): Promise<void> {
      clock.advance(12_001)
      run.audience.sweep()
    },
    now: () => run,
    /** kill -9, and a new start. */
    async killed(): Promise<void> {
      run = start()
      await run.viewings.recover()
    },
    rows: () => db.selectFrom('viewing').selectAll().where('sessionId', '=', sessionId).orderBy('id').execute(),
  }
}

/** A stream of five seconds, made by hand. */
async function fiveSeconds(sessionId: string, clock: { now(): number }) {
  const folder = mkdtempSync(join(tmpdir(), 'audience-'))
  const archive = createArchive({ storage: createDiskStorage(folder), sessionId })
  const settings = { partMs: 333, dvrWindowMs: 60_000, memoryBytes: 1e8, sessionId, archive, clock }
  const stream = createStream({ ...settings, logger: createLogger('silent'), onPlayable: () => undefined })
  onTestFinished(() => {
    stream.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const stretch = stream.begin({
    leader: 'source',
    renditions: [{ id: 'source', kind: 'video', plannedBitrate: 1e6 }],
    wallAtZero: () => clock.now(),
    onOverdue: () => undefined,
  })
  const avcC = Buffer.from([1, 0x64, 0, 0x1f, 0xff])
  const size = { timescale: 90_000, width: 1280, height: 720 }
  stretch.configure('source', { kind: 'video', ...size, codec: 'avc1.64001f', avcC })
  for (let frame = 0; frame < 150; frame++) {
    const data = Buffer.alloc(200, frame)
    stretch.arrive('source', { dts: frame * 3_000, composition: 0, isKey: frame % 60 === 0, data })
  }
  return { stream, playlists: createPlaylists(stream) }
}
