import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import { type Auth, hashPassword } from './auth.ts'
import { requireUncommon } from './passwords.ts'
import type { People } from './people.ts'
import { hasPassword } from './ways-in.ts'

interface ProofOptions {
  db: Db
  auth: Auth
  people: People
  recordAct: RecordAct
  /** Wrong passwords and codes for one account. */
  guesses: RateLimit
  /** After the commit that ended sign-ins. */
  onEnded(userId: string): Promise<void>
}

interface PasswordChange {
  currentPassword: string
  newPassword: string
}

export interface Proof {
  password: string
  code?: string | undefined
}

/** What somebody who is signed in shows once more before something that matters. */
export function createProof({ db, auth, people, recordAct, guesses, onEnded }: ProofOptions) {
  /** For what cannot be undone: the password once more, and no key or stolen cookie alone. */
  async function requirePassword(user: User, password: string, headers: Headers): Promise<void> {
    if (!(await hasPassword(user.id, db))) {
      throw new DomainError('conflict', 'no_password', 'Your account has no password yet: choose one first.')
    }
    await guesses.take(user.email)
    if (!(await auth.isPassword(password, headers))) {
      throw new DomainError('invalid', 'wrong_password', 'This is not your password.')
    }
    await guesses.forget(user.email)
  }

  /** The password, and a code where the account has a second factor. */
  async function requireProof(user: User, { password, code }: Proof, headers: Headers): Promise<void> {
    await requirePassword(user, password, headers)
    if (!(await people.get(user.id)).hasSecondFactor) return
    await guesses.take(user.email)
    if (code === undefined || !(await auth.isCode(code, headers))) {
      throw new DomainError(
        'invalid',
        'wrong_code',
        'Give the code your authenticator app shows now, or a backup code.',
      )
    }
    await guesses.forget(user.email)
  }

  /** Every other sign-in of this person ends with the old password. */
  async function changePassword(user: User, change: PasswordChange, headers: Headers): Promise<void> {
    requireUncommon(change.newPassword, user.email, user.name)
    await requirePassword(user, change.currentPassword, headers)
    const passwordHash = await hashPassword(change.newPassword)
    const but = await auth.signInIdOf(headers)
    await db.transaction().execute(async (tx) => {
      await people.setPassword(user.id, passwordHash, tx)
      await people.endSignIns(user.id, tx, { but })
      await recordAct({ ...by(user), action: 'password.changed', target: `user:${user.id}` }, tx)
    })
    await onEnded(user.id)
  }

  return { requirePassword, requireProof, changePassword }
}
