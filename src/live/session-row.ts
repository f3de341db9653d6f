/** A session's row as it is before anything is known, and as the room reads it. */
import { z } from 'zod'
import type { SessionTable } from '../db/schema.ts'
import {
  COVERS,
  type Cover,
  SESSION_STATES,
  SESSION_VISIBILITIES,
  type SessionState,
  type SessionVisibility,
} from './session-states.ts'

const Renditions = z.array(
  z.object({ id: z.string(), width: z.number(), height: z.number(), frameRate: z.number(), bitrate: z.number() }),
)
const Tags = z.array(z.string())
const Seen = z.object({ refusal: z.string().nullable() })

export interface Session extends Omit<SessionTable, 'state' | 'tags' | 'ladder' | 'visibility' | 'cover'> {
  state: SessionState
  visibility: SessionVisibility
  cover: Cover
  tags: string[]
  ladder: z.infer<typeof Renditions>
  /** Why the picture cannot be shown as it comes; null where it can. */
  refusal: string | null
}

export const BLANK = {
  state: 'starting',
  description: '',
  category: null,
  tags: '[]',
  visibility: 'public',
  maxViewers: null,
  isRecorded: 0,
  isChatOpen: 0,
  source: null,
  ladder: null,
  note: null,
  startedAt: null,
  pausedAt: null,
  endedAt: null,
  endReason: null,
  peakViewers: 0,
  scheduledAt: null,
  requiredTier: null,
  previewMinutes: 0,
  freeMaxHeight: null,
  durationMinutes: null,
  timeZone: null,
  chosenAt: null,
  cover: null,
  picture: null,
  version: 1,
  metadata: null,
  createdBy: null,
  updatedBy: null,
  deletedAt: null,
}

export function toSession(row: SessionTable): Session {
  return {
    ...row,
    state: z.enum(SESSION_STATES).parse(row.state),
    visibility: z.enum(SESSION_VISIBILITIES).parse(row.visibility),
    cover: z.enum(COVERS).parse(row.cover ?? 'blurred'),
    tags: Tags.parse(JSON.parse(row.tags)),
    ladder: row.ladder === null ? [] : Renditions.parse(JSON.parse(row.ladder)),
    refusal: row.source === null ? null : (Seen.safeParse(JSON.parse(row.source)).data?.refusal ?? null),
  }
}
