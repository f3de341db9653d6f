import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Invitations } from './invitations.ts'
import type { People } from './people.ts'

interface CreatorsOptions {
  db: Db
  clock: Clock
  people: People
  invitations: Invitations
  recordAct: RecordAct
  /** Who may become one. */
  creators: 'open' | 'approval' | 'invitation'
}

/** How a viewer becomes a creator. */
export function createCreators({ db, clock, people, invitations, recordAct, creators }: CreatorsOptions) {
  /** Whether they become one at once, have to wait for an admin, or need an invitation: as the node is set. */
  async function askToCreate(user: User, invitation?: string): Promise<'creator' | 'asked'> {
    if (user.role !== 'viewer')
      throw new DomainError('conflict', 'may_create_already', 'You may open a channel already.')
    const act = { ...by(user), target: `user:${user.id}` }
    if (invitation === undefined && creators === 'invitation') {
      throw new DomainError('forbidden', 'invitation_needed', 'Creators are by invitation here.')
    }
    if (invitation === undefined && creators === 'approval') {
      await db.transaction().execute(async (tx) => {
        await people.change(user.id, { creatorWishAt: clock.now() }, tx)
        await recordAct({ ...act, action: 'creator.asked' }, tx)
      })
      return 'asked'
    }
    await db.transaction().execute(async (tx) => {
      const role = invitation === undefined ? 'creator' : await invitations.use(invitation, user.id, tx)
      if (role !== 'creator')
        throw new DomainError('forbidden', 'invitation_void', 'This invitation is for an account.')
      await people.change(user.id, { role, creatorWishAt: null }, tx)
      await recordAct({ ...act, action: 'creator.became' }, tx)
    })
    return 'creator'
  }

  return { askToCreate }
}
