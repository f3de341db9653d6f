import type { Db } from '../db/db.ts'

/** Writes a line into the audit log, which lies in a room above; app.ts hands it in. */
export type RecordAct = (
  act: {
    actorId: string | null
    actorRole: string
    action: string
    target: string
    before?: unknown
    after?: unknown
    address?: string | null
  },
  tx?: Db,
) => Promise<void>
