/**
 * What is shown of a show to those who may not watch it: its stills blurred, a picture its creator chose, or nothing. A show
 * begins with what its channel has, and may be given its own.
 */
import type { Db } from '../db/db.ts'
import { DomainError } from '../platform/errors.ts'
import { chosenPicture, pictureAddress } from '../platform/picture-address.ts'
import type { User } from '../platform/user.ts'
import type { Pictures } from './pictures.ts'
import type { Session } from './session-row.ts'
import type { Sessions } from './sessions.ts'
import { type LiveThumbnails, NO_PICTURES, type ThumbnailAddresses } from './thumbnails.ts'

const OPEN: ReadonlySet<string> = new Set(['public', 'unlisted'])

interface CoversOptions {
  sessions: Pick<Sessions, 'find' | 'getOwn' | 'update' | 'isShown'>
  thumbnails: LiveThumbnails
  pictures: Pictures
}

export type Covers = ReturnType<typeof createCovers>

export function createCovers({ sessions, thumbnails, pictures }: CoversOptions) {
  /** Stills are shown of what anybody may watch; of the rest its cover, and of what is private no blurred one. */
  function picturesOf(session: Session): ThumbnailAddresses {
    const { id, visibility, cover } = session
    const own = chosenPicture(session)
    if (OPEN.has(visibility)) {
      const stills = thumbnails.addressesOf(id)
      return { ...stills, thumbnailUrl: stills.thumbnailUrl ?? own }
    }
    const blurred = visibility !== 'private' && cover === 'blurred' ? thumbnails.blurredAddressOf(id) : null
    return { ...NO_PICTURES, thumbnailUrl: own ?? blurred }
  }

  /** Whether whoever asks may be shown the blurred still: never of a show that wants something else, or that is private. */
  async function showsBlurred(sessionId: string): Promise<boolean> {
    const session = await sessions.find(sessionId)
    return session?.cover === 'blurred' && session.visibility !== 'private'
  }

  /**
   * One picture for these shows, chosen with the same; without bytes the one they have is taken from them. What else goes
   * with it is done in `also`, before what they had is forgotten.
   */
  async function setOf(
    actor: User,
    ids: string[],
    bytes: Uint8Array | null,
    also: (picture: string | null) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const shows = await Promise.all(ids.map((id) => sessions.getOwn(actor, id)))
    const picture = bytes && (await pictures.save(bytes))
    const cover = picture ? 'picture' : 'blurred'
    for (const { id } of shows) await sessions.update(actor, id, { cover, picture })
    await also(picture)
    for (const before of new Set(shows.map((show) => show.picture))) await forget(before)
  }

  /** A picture for the shows of a channel to come; `keep` writes it to the channel, or throws. */
  async function setOfChannel(bytes: Uint8Array, keep: (picture: string) => Promise<string | null>): Promise<string> {
    const picture = await pictures.save(bytes)
    try {
      await forget(await keep(picture))
    } catch (error) {
      await pictures.remove(picture)
      throw error
    }
    return pictureAddress(picture)
  }

  /** Gone, unless something else shows it. */
  async function forget(picture: string | null): Promise<void> {
    if (picture !== null && !(await sessions.isShown(picture))) await pictures.remove(picture)
  }

  /** A session's picture in its largest size, for link previews. */
  async function largestOf(thumbnailUrl: string | null): Promise<{ url: string; bytes: Buffer } | null> {
    const url = thumbnailUrl?.replace('640.jpg', '1280.jpg') ?? ''
    const [, kind, id = '', file = ''] = /^\/media\/(thumbnails|pictures)\/([^/]+)\/([^/?]+)/.exec(url) ?? []
    const bytes = kind === 'pictures' ? await pictures.read(id, file) : (await thumbnails.read(id, file))?.bytes
    return bytes ? { url, bytes } : null
  }

  return { picturesOf, showsBlurred, setOf, setOfChannel, largestOf, picture: pictures.read }
}

/** What a channel gives its new shows. */
export async function coverOfChannel(db: Db, channelId: string) {
  const found = await db
    .selectFrom('channel')
    .select(['cover', 'picture'])
    .where('id', '=', channelId)
    .executeTakeFirst()
  return found ?? { cover: null, picture: null }
}

export function requirePicture(cover: string | undefined, picture: string | null): void {
  if (cover !== 'picture' || picture !== null) return
  throw new DomainError('conflict', 'no_picture', 'Upload a picture first.')
}
