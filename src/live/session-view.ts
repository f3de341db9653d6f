import { chosenPicture } from '../platform/picture-address.ts'
import type { Session } from './session-row.ts'
import type { Cover, SessionState, SessionVisibility } from './session-states.ts'
import type { ThumbnailAddresses } from './thumbnails.ts'

/** The session as the world may see it; times are ISO 8601. */
export interface SessionView {
  id: string
  code: string
  channelId: string
  state: SessionState
  title: string
  description: string
  category: string | null
  tags: string[]
  /** Planned for; null where it was not planned. */
  scheduledAt: string | null
  durationMinutes: number | null
  timeZone: string | null
  startedAt: string | null
  pausedAt: string | null
  endedAt: string | null
  endReason: string | null
  /** Who it is for. */
  visibility: SessionVisibility
  requiredTier: number | null
  previewMinutes: number
  freeMaxHeight: number | null
  /** What is shown of it to those who may not watch it. */
  cover: Cover
  /** Where the picture is fetched that is chosen for it; null where none is. */
  pictureUrl: string | null
  /** What the broadcaster could mend about their source. */
  note: string | null
  renditions: Session['ladder']
  /** How many renditions are made and why; null for anybody who may not run the channel. */
  ladderReason: string | null
  /** Where its newest still is fetched; null when there is none. */
  thumbnailUrl: string | null
  /** Where its last minute is fetched as a short animation; null when there is none. */
  previewUrl: string | null
  /** Where the index of small pictures for the seek bar is fetched; null when nothing is kept of it. */
  storyboardUrl: string | null
  viewers: number
  peakViewers: number
  version: number
}

export function toView(session: Session, viewers: number, pictures: ThumbnailAddresses): SessionView {
  const { id, code, channelId, state, title, description, category, tags, endReason, note, version } = session
  const { visibility, requiredTier, previewMinutes, freeMaxHeight, cover } = session
  const times = {
    scheduledAt: iso(session.scheduledAt),
    startedAt: iso(session.startedAt),
    pausedAt: iso(session.pausedAt),
    endedAt: iso(session.endedAt),
  }
  const peakViewers = Math.max(session.peakViewers, viewers)
  const what = { id, code, channelId, state, title, description, category, tags, endReason, note, version }
  const media = { renditions: session.ladder, ladderReason: null, ...pictures }
  const pictureUrl = chosenPicture(session)
  const asks = { visibility, requiredTier, previewMinutes, freeMaxHeight, cover, pictureUrl }
  const { durationMinutes, timeZone } = session
  return { ...what, ...asks, ...media, ...times, durationMinutes, timeZone, viewers, peakViewers }
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
