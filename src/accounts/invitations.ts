import { createHash, randomBytes } from 'node:crypto'
import type { Db } from '../db/db.ts'
import type { RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Role, User } from '../platform/user.ts'
import { requireAdmin } from '../platform/user.ts'

export interface Invitation {
  id: string
  role: string
  note: string
  expiresAt: number
  createdAt: number
}

export type InvitedRole = Extract<Role, 'viewer' | 'creator'>

const DAY_MS = 24 * 3_600_000
/** Open ones at a time: a page of them, and no more to lose. */
const MOST = 100

export type Invitations = ReturnType<typeof createInvitations>

/** Words an admin hands out: good once, for an account or for becoming a creator. Only their hashes are kept. */
export function createInvitations({ db, clock, recordAct }: { db: Db; clock: Clock; recordAct: RecordAct }) {
  const open = () => db.selectFrom('invitation').where('usedAt', 'is', null).where('expiresAt', '>', clock.now())

  async function list(actor: User): Promise<Invitation[]> {
    requireAdmin(actor)
    return open().select(['id', 'role', 'note', 'expiresAt', 'createdAt']).orderBy('id', 'desc').limit(MOST).execute()
  }

  async function create(actor: User, wanted: { role: InvitedRole; note: string; days: number }) {
    requireAdmin(actor)
    if ((await list(actor)).length >= MOST) {
      throw new DomainError('conflict', 'too_many_invitations', `There may be ${MOST} open invitations.`)
    }
    const word = randomBytes(18).toString('base64url')
    const { role, note, days } = wanted
    const now = clock.now()
    const row = { id: newId(), role, note, expiresAt: now + days * DAY_MS, createdAt: now }
    const nobody = { usedAt: null, usedBy: null }
    await db
      .insertInto('invitation')
      .values({ ...row, ...nobody, wordHash: hashOf(word), createdBy: actor.id })
      .execute()
    const by = { actorId: actor.id, actorRole: actor.role }
    await recordAct({ ...by, action: 'invitation.created', target: `invitation:${row.id}`, after: { role, note } })
    return { ...row, word }
  }

  async function withdraw(actor: User, id: string): Promise<void> {
    requireAdmin(actor)
    const { numDeletedRows } = await db
      .deleteFrom('invitation')
      .where('id', '=', id)
      .where('usedAt', 'is', null)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new DomainError('not_found', 'no_such_invitation', 'There is no such invitation.')
    const by = { actorId: actor.id, actorRole: actor.role }
    await recordAct({ ...by, action: 'invitation.withdrawn', target: `invitation:${id}` })
  }

  /** Throws when the word opens nothing (any more). */
  async function check(word: string): Promise<void> {
    if (!(await open().select('id').where('wordHash', '=', hashOf(word)).executeTakeFirst())) throw voidWord()
  }

  /** The role it gives. Of two who use it at the same moment one gets it. */
  async function use(word: string, userId: string, tx: Db): Promise<InvitedRole> {
    const row = await tx
      .updateTable('invitation')
      .set({ usedAt: clock.now(), usedBy: userId })
      .where('wordHash', '=', hashOf(word))
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', clock.now())
      .returning('role')
      .executeTakeFirst()
    if (!row) throw voidWord()
    return row.role === 'creator' ? 'creator' : 'viewer'
  }

  return { list, create, withdraw, check, use }
}

function voidWord(): DomainError {
  return new DomainError('forbidden', 'invitation_void', 'This invitation is used up, withdrawn or too old.')
}

function hashOf(word: string): string {
  return createHash('sha256').update(word).digest('hex')
}
