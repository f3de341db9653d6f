/**
 * Makes segments, parts and playlists of what a session sends, and answers players. Owns no table; keeps what may be rewound
 * to in the media library. Knows nothing of channels or rights: who may watch is asked of whoever built it.
 */
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Storage } from '../storage/storage.ts'
import { createArchive } from './archive.ts'
import { createPlaylists } from './playlists.ts'
import { createStream, type Stream } from './stream.ts'

export type { AudioConfig } from '../containers/containers.ts'
export type { SourceVideoConfig } from './flv-source.ts'
export { OFFSET_SECONDS, openFlvSource } from './flv-source.ts'
export type { Frame as SourceFrame } from './leader.ts'
export type { RenditionAttributes, Stream, Stretch } from './stream.ts'

export interface HlsConfig {
  partMs: number
  dvrWindowMs: number
  memoryBytes: number
}

interface HlsOptions {
  config: HlsConfig
  storage: Storage
  clock: Clock
  logger: Logger
}

export type Hls = ReturnType<typeof createHls>

/** How long an ended broadcast can still be fetched, so that those behind the live edge see its end. */
const LINGER_MS = 5 * 60_000

export function createHls({ config, storage, clock, logger }: HlsOptions) {
  const streams = new Map<string, { stream: Stream; playlists: ReturnType<typeof createPlaylists> }>()
  const departures = new Map<string, NodeJS.Timeout>()
  const lost = new Set<string>()

  /** The session's stream: the one there is, the one an earlier run of the node left on disk, or a new one. */
  async function open(sessionId: string, onPlayable: () => void): Promise<Stream> {
    const known = streams.get(sessionId)
    if (known) return known.stream
    const archive = createArchive({ storage, sessionId })
    const stream = createStream({ ...config, sessionId, archive, clock, logger, onPlayable })
    const left = await archive.restore().catch((error: unknown) => {
      logger.warn({ err: error, sessionId }, 'what is on disk of this session cannot be read; it begins anew')
      return null
    })
    if (left) stream.restore(left.parameters, left.renditions)
    streams.set(sessionId, { stream, playlists: createPlaylists(stream) })
    return stream
  }

  /** Closes the playlists with an end tag; a while later the stream and its files are gone. */
  function end(sessionId: string): void {
    streams.get(sessionId)?.stream.end()
    departures.set(sessionId, setTimeout(() => void remove(sessionId), LINGER_MS).unref())
  }

  async function remove(sessionId: string): Promise<void> {
    departures.delete(sessionId)
    streams.get(sessionId)?.stream.close()
    streams.delete(sessionId)
    await createArchive({ storage, sessionId })
      .remove()
      .catch((error: unknown) => {
        logger.warn({ err: error, sessionId }, 'the files of an ended session cannot be removed')
      })
  }

  /** Clears away what earlier runs left of sessions that are over. */
  async function sweep(kept: ReadonlySet<string>): Promise<void> {
    for (const sessionId of await storage.list('live')) {
      if (!kept.has(sessionId) && !streams.has(sessionId)) await remove(sessionId)
    }
  }

  /** Rights to this session were withdrawn: whoever lost theirs waits no longer. However many are told of, one look. */
  function dismissLost(sessionId: string): void {
    if (lost.size === 0) setImmediate(dismissNow)
    lost.add(sessionId)
  }

  function dismissNow(): void {
    for (const sessionId of lost) {
      for (const window of streams.get(sessionId)?.stream.windows.values() ?? []) window.waiters.dismissLost()
    }
    lost.clear()
  }

  /** Stops serving; what is on disk stays for the next start. */
  function stop(): void {
    for (const timer of departures.values()) clearTimeout(timer)
    for (const { stream } of streams.values()) stream.close()
    streams.clear()
  }

  return {
    open,
    end,
    sweep,
    stop,
    dismissLost,
    find: (sessionId: string) => streams.get(sessionId) ?? null,
  }
}
