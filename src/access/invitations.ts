/**
 * Invitations: a link its creator hands to people, good for so many of them. Whoever opens it signed in holds the right
 * from then on; taking the invitation back ends the rights that came of it. Only a hash of the link's secret is kept.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { User } from '../platform/user.ts'
import type { Access } from './access.ts'
import type { Scope } from './policy.ts'

export interface Invitation {
  id: string
  channelId: string
  scope: string
  label: string
  maxUses: number
  uses: number
  expiresAt: number | null
  createdAt: number
}

export interface NewInvitation {
  label: string
  maxUses: number
  expiresAt: number | null
}

export type Invitations = ReturnType<typeof createInvitations>

const MOST = 500
const COLUMNS = ['id', 'channelId', 'scope', 'label', 'maxUses', 'uses', 'expiresAt', 'createdAt'] as const

interface InvitationsOptions {
  db: Db
  clock: Clock
  access: Access
  recordAct: RecordAct
}

export function createInvitations({ db, clock, access, recordAct }: InvitationsOptions) {
  /** The secret is told this once. */
  async function create(actor: User, channelId: string, scope: Scope, asked: NewInvitation) {
    const { count } = await db
      .selectFrom('showInvitation')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('scope', '=', scope)
      .executeTakeFirstOrThrow()
    if (Number(count) >= MOST) {
      throw new DomainError(
        'conflict',
        'too_many_invitations',
        `There are ${MOST} invitations already; take some back.`,
      )
    }
    const secret = randomBytes(24).toString('base64url')
    const invitation: Invitation = { id: newId(), channelId, scope, ...asked, uses: 0, createdAt: clock.now() }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('showInvitation')
        .values({ ...invitation, secretHash: hashOf(secret), createdBy: actor.id })
        .execute()
      const target = `show_invitation:${invitation.id}`
      await recordAct({ ...by(actor), action: 'show_invitation.made', target, after: { scope, ...asked } }, tx)
    })
    return { invitation, secret }
  }

  /** The right is the account's from now on. The same person may open the link again without using it up. */
  async function accept(userId: string, secret: string): Promise<Invitation> {
    const accepted = await db.transaction().execute(async (tx) => {
      const found = await tx
        .selectFrom('showInvitation')
        .select(COLUMNS)
        .where('secretHash', '=', hashOf(secret))
        .executeTakeFirst()
      if (!found) throw voidLink()
      const source = sourceOf(found.id, userId)
      const held = await tx.selectFrom('entitlement').select('source').where('source', '=', source).executeTakeFirst()
      if (held) return found
      const { numUpdatedRows } = await tx
        .updateTable('showInvitation')
        .set((eb) => ({ uses: eb('uses', '+', 1) }))
        .where('id', '=', found.id)
        .whereRef('uses', '<', 'maxUses')
        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', clock.now())]))
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw voidLink()
      // The scope was checked when the invitation was made.
      await access.grant({ userId, scope: found.scope as Scope, tier: 0, source, expiresAt: null }, tx)
      return found
    })
    await access.recheck({ userId, channelId: accepted.channelId })
    return accepted
  }

  async function find(id: string): Promise<Invitation | null> {
    return (await db.selectFrom('showInvitation').select(COLUMNS).where('id', '=', id).executeTakeFirst()) ?? null
  }

  async function list(scope: Scope): Promise<Invitation[]> {
    return db.selectFrom('showInvitation').select(COLUMNS).where('scope', '=', scope).orderBy('id', 'desc').execute()
  }

  /** Takes it back, with every right that came of it. */
  async function remove(actor: User, { id, channelId, scope, uses }: Invitation): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('showInvitation').where('id', '=', id).execute()
      // From `invitation:<id>:` up to the character after the colon: all who accepted it.
      await tx
        .deleteFrom('entitlement')
        .where('source', '>=', sourceOf(id, ''))
        .where('source', '<', `invitation:${id};`)
        .execute()
      const act = { action: 'show_invitation.taken_back', target: `show_invitation:${id}`, before: { scope, uses } }
      await recordAct({ ...by(actor), ...act }, tx)
    })
    await access.recheck({ channelId })
  }

  return { create, accept, find, list, remove }
}

const sourceOf = (id: string, userId: string) => `invitation:${id}:${userId}`
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url')
const voidLink = () =>
  new DomainError('not_found', 'invitation_void', 'This invitation is used up, has run out or was taken back.')
