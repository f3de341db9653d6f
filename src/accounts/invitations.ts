import { createHash, randomBytes } from 'node:crypto'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Mail } from '../platform/mailer.ts'
import type { Role, User } from '../platform/user.ts'
import { requireAdmin } from '../platform/user.ts'
import type { Letters } from './letters.ts'

export interface Invitation {
  id: string
  role: string
  note: string
  /** Whom it was mailed to; null: the link is handed on by hand. */
  email: string | null
  expiresAt: number
  createdAt: number
}

export type InvitedRole = Extract<Role, 'viewer' | 'creator'>

const DAY_MS = 24 * 3_600_000
/** Open ones at a time: a page of them, and no more to lose. */
const MOST = 100

export type Invitations = ReturnType<typeof createInvitations>

/** Words an admin hands out: good once, for an account or for becoming a creator. Only their hashes are kept. */
interface InvitationsOptions {
  db: Db
  clock: Clock
  letters: Letters
  send(mail: Mail): Promise<unknown>
  recordAct: RecordAct
}

export function createInvitations({ db, clock, letters, send, recordAct }: InvitationsOptions) {
  const open = () => db.selectFrom('invitation').where('usedAt', 'is', null).where('expiresAt', '>', clock.now())

  async function list(actor: User): Promise<Invitation[]> {
    requireAdmin(actor)
    return open().select(COLUMNS).orderBy('id', 'desc').limit(MOST).execute()
  }

  async function create(actor: User, wanted: { role: InvitedRole; note: string; email: string | null; days: number }) {
    if ((await list(actor)).length >= MOST) {
      throw new DomainError('conflict', 'too_many_invitations', `There may be ${MOST} open invitations.`)
    }
    const word = newWord()
    const { days, ...asked } = wanted
    const { role, note } = asked
    const now = clock.now()
    const row = { id: newId(), ...asked, expiresAt: now + days * DAY_MS, createdAt: now }
    const nobody = { usedAt: null, usedBy: null }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('invitation')
        .values({ ...row, ...nobody, wordHash: hashOf(word), createdBy: actor.id })
        .execute()
      await recordAct(
        { ...by(actor), action: 'invitation.made', target: `invitation:${row.id}`, after: { role, note } },
        tx,
      )
    })
    if (row.email !== null) void send(letters.invitation(row.email, word))
    return { ...row, word }
  }

  /** With a new word, good for as long as the first was; the one before opens nothing any more. */
  async function resend(actor: User, id: string) {
    const before = (await list(actor)).find((one) => one.id === id)
    if (!before) throw noSuchInvitation()
    const word = newWord()
    const expiresAt = clock.now() + before.expiresAt - before.createdAt
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('invitation')
        .set({ wordHash: hashOf(word), expiresAt, createdAt: clock.now() })
        .where('id', '=', id)
        .where('usedAt', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw noSuchInvitation()
      await recordAct({ ...by(actor), action: 'invitation.sent_again', target: `invitation:${id}` }, tx)
    })
    if (before.email !== null) void send(letters.invitation(before.email, word))
    return { ...before, expiresAt, createdAt: clock.now(), word }
  }

  async function withdraw(actor: User, id: string): Promise<void> {
    requireAdmin(actor)
    await db.transaction().execute(async (tx) => {
      const { numDeletedRows } = await tx
        .deleteFrom('invitation')
        .where('id', '=', id)
        .where('usedAt', 'is', null)
        .executeTakeFirst()
      if (numDeletedRows === 0n) throw noSuchInvitation()
      await recordAct({ ...by(actor), action: 'invitation.withdrawn', target: `invitation:${id}` }, tx)
    })
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

  return { list, create, resend, withdraw, check, use }
}

const COLUMNS = ['id', 'role', 'note', 'email', 'expiresAt', 'createdAt'] as const
const newWord = () => randomBytes(18).toString('base64url')
const noSuchInvitation = () => new DomainError('not_found', 'no_such_invitation', 'There is no such invitation.')

function voidWord(): DomainError {
  return new DomainError('forbidden', 'invitation_void', 'This invitation is used up, withdrawn or too old.')
}

function hashOf(word: string): string {
  return createHash('sha256').update(word).digest('hex')
}
