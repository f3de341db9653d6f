/**
 * A still of each session, every ten seconds, in a few sizes. It comes from the session's encoder where one runs; otherwise the
 * keyframe of a finished segment is decoded. Kept in the session's folder of the media library and gone with it. What fails
 * here costs the still and nothing else.
 */
import { createHash } from 'node:crypto'
import type { Stream } from '../hls/hls.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Storage } from '../storage/storage.ts'
import { THUMBNAIL_SECONDS, THUMBNAIL_SIZES, type Thumbnails, type Transcode } from '../transcode/transcode.ts'
import { blur } from './pictures.ts'
import { createStoryboard, type Storyboard } from './storyboard.ts'

interface ThumbnailsOptions {
  storage: Storage
  transcode: Pick<Transcode, 'grabThumbnails' | 'makeSheet' | 'makePreview'>
  /** How far back a storyboard reaches. */
  windowMs: number
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
  storyboard: Storyboard
  hasStoryboardFailed: boolean
  /** Of the version it was made from; made when somebody asks. */
  blurred: { version: string; bytes: Promise<Buffer> } | null
}

/** Each null when there is none. */
export interface ThumbnailAddresses {
  thumbnailUrl: string | null
  previewUrl: string | null
  storyboardUrl: string | null
}

export const NO_PICTURES: ThumbnailAddresses = { thumbnailUrl: null, previewUrl: null, storyboardUrl: null }

/** A file as it is served. */
export interface ThumbnailFile {
  bytes: Buffer
  type: string
  etag: string
  /** Its address names this very picture. */
  isLasting: boolean
}

const EVERY_MS = THUMBNAIL_SECONDS * 1_000
/** How long an encoder's next still is waited for. */
const PATIENCE_MS = EVERY_MS * 2.5
const USUAL_SIZE = 640
const BLURRED = 'blurred-'
const TILE_FROM = 320

export type LiveThumbnails = ReturnType<typeof createThumbnails>

export function createThumbnails({ storage, transcode, windowMs, isKept, clock, logger }: ThumbnailsOptions) {
  const stills = new Map<string, Still>()
  let turns: Promise<unknown> = Promise.resolve()

  /** One at a time over all sessions: it is never urgent. */
  function inTurn<Made>(work: () => Promise<Made>): Promise<Made> {
    const made = turns.then(work)
    turns = made.catch(() => undefined)
    return made
  }

  function stillOf(sessionId: string): Still {
    const still = stills.get(sessionId) ?? {
      version: null,
      at: 0,
      isFromEncoder: false,
      isBusy: false,
      msn: -1,
      hasFailed: false,
      storyboard: createStoryboard({
        folder: folderOf(sessionId),
        storage,
        transcode: {
          makeSheet: (...given) => inTurn(() => transcode.makeSheet(...given)),
          makePreview: (...given) => inTurn(() => transcode.makePreview(...given)),
        },
        windowMs,
        isKept: () => isKept(sessionId),
      }),
      hasStoryboardFailed: false,
      blurred: null,
    }
    stills.set(sessionId, still)
    return still
  }

  /** Takes what the session's encoder made. One that comes while another is being written is let go. */
  async function take(sessionId: string, stream: Pick<Stream, 'windows'>, thumbnails: Thumbnails): Promise<void> {
    const still = stillOf(sessionId)
    still.isFromEncoder = true
    still.at = clock.now()
    if (still.isBusy) return
    const edge = Math.max(...[...stream.windows.values()].map((window) => window.edge()), 0)
    await busy(sessionId, still, () => write(sessionId, still, thumbnails, edge || clock.now()))
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
      await write(sessionId, still, await inTurn(() => transcode.grabThumbnails(found.media, found)), found.onAirAt)
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

  async function write(sessionId: string, still: Still, thumbnails: Thumbnails, onAirAt: number): Promise<void> {
    if (!isKept(sessionId)) return
    await Promise.all([...thumbnails].map(([size, jpeg]) => storage.write(fileOf(sessionId, size), jpeg)))
    still.version = clock.now().toString(36)
    await still.storyboard.add(Math.round(onAirAt), thumbnails.get(TILE_FROM)!).then(
      () => (still.hasStoryboardFailed = false),
      (error: unknown) => {
        if (!still.hasStoryboardFailed) logger.warn({ err: error, sessionId }, 'the storyboard of a session has a hole')
        still.hasStoryboardFailed = true
      },
    )
  }

  /** Takes up what an earlier run of the node left. */
  async function restore(sessionId: string): Promise<void> {
    const names = await storage.list(folderOf(sessionId)).catch((): string[] => [])
    if (THUMBNAIL_SIZES.every((size) => names.includes(`${size}.jpg`))) {
      stillOf(sessionId).version = clock.now().toString(36)
    }
    await stillOf(sessionId)
      .storyboard.restore()
      .catch((error: unknown) => logger.warn({ err: error, sessionId }, 'a storyboard cannot be read; it begins anew'))
  }

  function versionOf(sessionId: string): string | null {
    if (!isKept(sessionId)) stills.delete(sessionId)
    return stills.get(sessionId)?.version ?? null
  }

  /** Once for each still, however many ask. */
  async function blurredOf(sessionId: string, version: string): Promise<Buffer | null> {
    const still = stillOf(sessionId)
    if (still.blurred?.version !== version) {
      still.blurred = { version, bytes: storage.read(fileOf(sessionId, TILE_FROM)).then(blur) }
    }
    return still.blurred.bytes.catch(() => null)
  }

  return {
    take,
    keepFresh,
    restore,
    /** Where its pictures are fetched, without the host: the newest still, the index for the seek bar, the moving one. */
    addressesOf(sessionId: string): ThumbnailAddresses {
      const version = versionOf(sessionId)
      const preview = stills.get(sessionId)?.storyboard.previewFile() ?? null
      const folder = `/media/thumbnails/${sessionId}`
      return {
        thumbnailUrl: version && `${folder}/${USUAL_SIZE}.jpg?v=${version}`,
        previewUrl: preview && `${folder}/${preview}`,
        storyboardUrl: isKept(sessionId) ? `${folder}/storyboard.json` : null,
      }
    },
    /** The newest still as those see it who may not watch; under every size the same picture. */
    blurredAddressOf(sessionId: string): string | null {
      const version = versionOf(sessionId)
      return version && `/media/thumbnails/${sessionId}/${BLURRED}${USUAL_SIZE}.jpg?v=${version}`
    },
    /** A file of these addresses; `version` is what the address says of it. */
    async read(sessionId: string, file: string, version?: string): Promise<ThumbnailFile | null> {
      const now = versionOf(sessionId)
      const { storyboard } = stills.get(sessionId) ?? {}
      if (file === 'storyboard.json' && isKept(sessionId)) {
        const bytes = Buffer.from(JSON.stringify(storyboard?.index() ?? { sheets: [] }))
        const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`
        return { bytes, type: 'application/json', etag, isLasting: false }
      }
      const size = THUMBNAIL_SIZES.find((known) => file === `${known}.jpg`)
      if (size) {
        const bytes = now && (await storage.read(fileOf(sessionId, size)).catch(() => null))
        return bytes ? { bytes, type: 'image/jpeg', etag: `"${now}-${size}"`, isLasting: version === now } : null
      }
      if (isBlurred(file)) {
        const bytes = now && (await blurredOf(sessionId, now))
        return bytes ? { bytes, type: 'image/jpeg', etag: `"${now}-blurred"`, isLasting: version === now } : null
      }
      const bytes = (await storyboard?.read(file)) ?? null
      const type = file.endsWith('.webp') ? 'image/webp' : 'image/jpeg'
      return bytes && { bytes, type, etag: `"${file}"`, isLasting: true }
    },
  }
}

/** Whether a file of these addresses is the one for those who may not watch. */
export const isBlurred = (file: string) =>
  file.startsWith(BLURRED) && THUMBNAIL_SIZES.some((size) => file === `${BLURRED}${size}.jpg`)

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
  return { msn: segment.msn, onAirAt: segment.programDateTime, media: Buffer.concat([init, first]), width, height }
}
