import type { User } from '../platform/user.ts'
import type { Db } from './db.ts'

/**
 * Writes a line into the audit log, which lies in a room above; app.ts hands it in. Called in the transaction of the act
 * itself: both are kept or neither.
 */
export type RecordAct = (
  act: {
    actorId: string | null
    actorRole: string
    /** `<thing>.<what became of it>`. */
    action: string
    /** `<kind>:<id>`. */
    target: string
    before?: unknown
    after?: unknown
    address?: string | null
  },
  tx?: Db,
) => Promise<void>

/** Who acts, as the audit log names them. */
export function by({ id, role, address }: User) {
  return { actorId: id, actorRole: role, address: address ?? null }
}
