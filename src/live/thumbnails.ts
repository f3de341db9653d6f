/**
 * A still of each session, every ten seconds, in a few sizes. It comes from the session's encoder where one runs; otherwise the
 * keyframe of a finished segment is decoded. Kept in the session's folder of the media library and gone with it. What fails
 * here costs the still and nothing else.
 */
import type { Stream } from '../hls/hls.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Storage } from '../storage/storage.ts'
import { THUMBNAIL_SECONDS, THUMBNAIL_SIZES, type Thumbnails, type Transcode } from '../transcode/transcode.ts'

interface ThumbnailsOptions {
  storage: Storage
  transcode: Pick<Transcode, 'grabThumbnails'>
  /** The session's media is still there. */
  isKept(sessionId: string): boolean
  clock: Clock
  logger: Logger
}

interface Still {
  /** Changes with the picture; null before the first. */
  version: string | null
  /** When the last one was made, or its making begun. */
  at: number
  isFromEncoder: boolean
  isBusy: boolean
  /** The segment looked at last. */
  msn: number
  hasFailed: boolean
}

const EVERY_MS = THUMBNAIL_SECONDS * 1_000
/** How long an encoder's next still is waited for. */
const PATIENCE_MS = EVERY_MS * 2.5
const USUAL_SIZE = 640

export type LiveThumbnails = ReturnType<typeof createThumbnails>

export function createThumbnails({ storage, transcode, isKept, clock, logger }: ThumbnailsOptions) {
  const stills = new Map<string, Still>()
  let grabs = Promise.resolve()

  function stillOf(sessionId: string): Still {
    const still = stills.get(sessionId) ?? {
      version: null,
      at: 0,
      isFromEncoder: false,
      isBusy: false,
      msn: -1,
      hasFailed: false,
    }
    stills.set(sessionId, still)
    return still
  }

  /** Takes what the session's encoder made. One that comes while another is being written is let go. */
  async function take(sessionId: string, thumbnails: Thumbnails): Promise<void> {
    const still = stillOf(sessionId)
    still.isFromEncoder = true
    still.at = clock.now()
    if (still.isBusy) return
    await busy(sessionId, still, () => write(sessionId, still, thumbnails))
  }

  /** Makes one from the newest finished segment, when it is time and no encoder does. */
  async function keepFresh(sessionId: string, stream: Stream): Promise<void> {
    const still = stillOf(sessionId)
    if (still.isBusy || clock.now() - still.at < (still.isFromEncoder ? PATIENCE_MS : EVERY_MS)) return
    const found = newestKeyframe(stream)
    if (!found || found.msn === still.msn) return
    still.msn = found.msn
    still.at = clock.now()
    still.isFromEncoder = false
    await busy(sessionId, still, async () => {
      // One at a time over all sessions: it is never urgent.
      const grabbed = grabs.then(() => transcode.grabThumbnails(found.media, found))
      grabs = grabbed.then(
        () => undefined,
        () => undefined,
      )
      await write(sessionId, still, await grabbed)
    })
  }

  async function busy(sessionId: string, still: Still, work: () => Promise<void>): Promise<void> {
    still.isBusy = true
    try {
      await work()
      still.hasFailed = false
    } catch (error) {
      if (!still.hasFailed) logger.warn({ err: error, sessionId }, 'no thumbnail of this session can be made or kept')
      still.hasFailed = true
    } finally {
      still.isBusy = false
    }
  }

  async function write(sessionId: string, still: Still, thumbnails: Thumbnails): Promise<void> {
    if (!isKept(sessionId)) return
    await Promise.all([...thumbnails].map(([size, jpeg]) => storage.write(fileOf(sessionId, size), jpeg)))
    still.version = clock.now().toString(36)
  }

  /** Takes up what an earlier run of the node left. */
  async function restore(sessionId: string): Promise<void> {
    const names = await storage.list(folderOf(sessionId)).catch((): string[] => [])
    if (THUMBNAIL_SIZES.every((size) => names.includes(`${size}.jpg`))) {
      stillOf(sessionId).version = clock.now().toString(36)
    }
  }

  function versionOf(sessionId: string): string | null {
    if (!isKept(sessionId)) stills.delete(sessionId)
    return stills.get(sessionId)?.version ?? null
  }

  return {
    take,
    keepFresh,
    restore,
    /** Where the newest is fetched, without the host; null when there is none. */
    urlOf(sessionId: string): string | null {
      const version = versionOf(sessionId)
      return version && `/media/thumbnails/${sessionId}/${USUAL_SIZE}.jpg?v=${version}`
    },
    async read(sessionId: string, size: number): Promise<{ jpeg: Buffer; etag: string } | null> {
      const version = versionOf(sessionId)
      if (!version || !THUMBNAIL_SIZES.some((known) => known === size)) return null
      const jpeg = await storage.read(fileOf(sessionId, size)).catch(() => null)
      return jpeg && { jpeg, etag: `"${version}-${size}"` }
    },
  }
}

const folderOf = (sessionId: string) => `live/${sessionId}/thumbnails`
const fileOf = (sessionId: string, size: number) => `${folderOf(sessionId)}/${size}.jpg`

/** The init section and first part of the newest whole segment: as much as a decoder needs for one picture. */
function newestKeyframe(stream: Stream) {
  const window = [...stream.windows.values()].find(({ kind }) => kind === 'video')
  const { width, height } = stream.attributes.get(window?.id ?? '') ?? {}
  const segment = window?.segments.findLast(({ isComplete, isGap, parts }) => isComplete && !isGap && parts[0]?.bytes)
  const init = segment && window?.inits[segment.init]
  const first = segment?.parts[0]?.bytes
  if (!width || !height || !init || !first) return null
  return { msn: segment.msn, media: Buffer.concat([init, first]), width, height }
}
