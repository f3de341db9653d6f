import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { Mail } from '../platform/mailer.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { Invitations } from './invitations.ts'
import type { Letters } from './letters.ts'
import type { MailedLinks } from './mailed-links.ts'
import { PASSWORD, requireUncommon } from './passwords.ts'
import type { People } from './people.ts'

export interface NewPerson {
  email: string
  password: string
  name: string
}

interface RegistrationOptions {
  db: Db
  people: People
  invitations: Invitations
  links: MailedLinks
  letters: Letters
  /** Mails to one mailbox. */
  mailLimit: RateLimit
  send(mail: Mail): Promise<unknown>
  recordAct: RecordAct
  hashPassword(password: string): Promise<string>
  signUp: 'open' | 'invitation' | 'closed'
  /** After the commit: what their address kept them from is open. */
  onVerified(userId: string): Promise<void>
}

export type Registration = ReturnType<typeof createRegistration>

/**
 * Registering, and what else goes by mail. Every answer is the same whether the address is known or not, and the mail
 * leaves after the answer: only who reads that mailbox learns more.
 */
export function createRegistration(options: RegistrationOptions) {
  const { db, people, invitations, links, letters, send, recordAct, hashPassword, signUp, mailLimit, onVerified } =
    options

  async function register(person: NewPerson, invitation?: string): Promise<void> {
    if (signUp === 'closed') throw new DomainError('forbidden', 'sign_up_closed', 'New accounts are not open here.')
    if (!(await people.hasOwner())) throw new DomainError('unavailable', 'not_set_up', 'This node has no owner yet.')
    if (signUp === 'invitation' && !invitation) {
      throw new DomainError('forbidden', 'invitation_needed', 'New accounts are by invitation here.')
    }
    requireUncommon(person.password, person.email, person.name)
    if (invitation) await invitations.check(invitation)
    const email = person.email.toLowerCase()
    await mailLimit.take(email)
    const passwordHash = await hashPassword(person.password) // also for a known address: it takes as long
    const there = await people.findByEmail(email)
    if (there?.emailVerified) {
      void send(letters.alreadyHere(email))
      return
    }
    if (there) {
      // Nobody has proved this address yet, so whoever came first has no claim: the newest link goes with the newest word.
      await people.setPassword(there.id, passwordHash)
      await people.change(there.id, { name: person.name })
      void send(letters.verify(email, person.name, await links.issue(there.id, 'verify')))
      return
    }
    const row = { email, name: person.name, passwordHash, role: 'viewer' as const, isVerified: false }
    const user = await db.transaction().execute(async (tx) => {
      const made = await people.create(row, tx)
      if (invitation) await people.change(made.id, { role: await invitations.use(invitation, made.id, tx) }, tx)
      await recordAct({ ...by(made), action: 'account.registered', target: `user:${made.id}` }, tx)
      return made
    })
    void send(letters.verify(email, person.name, await links.issue(user.id, 'verify')))
  }

  /** Whoever asks gets the same silence; who is here and not yet verified gets a mail. */
  async function sendVerification(email: string): Promise<void> {
    await mailLimit.take(email.toLowerCase())
    const person = await people.findByEmail(email)
    if (!person || person.emailVerified) return
    void send(letters.verify(person.email, person.name, await links.issue(person.id, 'verify')))
  }

  async function sendSignInLink(email: string): Promise<void> {
    await mailLimit.take(email.toLowerCase())
    const person = await people.findByEmail(email)
    if (person) void send(letters.signIn(person.email, await links.issue(person.id, 'sign_in')))
  }

  async function sendReset(email: string): Promise<void> {
    await mailLimit.take(email.toLowerCase())
    const person = await people.findByEmail(email)
    if (person) void send(letters.reset(person.email, await links.issue(person.id, 'reset')))
  }

  /** Whoever holds the link reads that mailbox: the address is verified, and they may be signed in. */
  async function take(word: string, purpose: 'verify' | 'sign_in'): Promise<string> {
    const { userId } = await links.take(word, purpose)
    const person = await people.get(userId)
    // A password set before the address was proved may be a stranger's.
    if (purpose === 'sign_in' && !person.emailVerified) await people.setPassword(userId, null)
    await verify(userId)
    return userId
  }

  /** A new password by mail. Whoever knew the old one is signed out. */
  async function reset(word: string, password: string): Promise<string> {
    if (password.length < PASSWORD.min) throw new DomainError('invalid', 'password_too_short', 'Too short.')
    requireUncommon(password)
    const passwordHash = await hashPassword(password)
    const { userId } = await links.take(word, 'reset')
    await verify(userId)
    await db.transaction().execute(async (tx) => {
      await people.setPassword(userId, passwordHash, tx)
      await people.endSignIns(userId, tx)
      await recordAct({ actorId: userId, actorRole: 'self', action: 'password.reset', target: `user:${userId}` }, tx)
    })
    return userId
  }

  async function verify(userId: string): Promise<void> {
    const person = await people.get(userId)
    if (person.emailVerified) return
    await db.transaction().execute(async (tx) => {
      await people.change(userId, { emailVerified: 1 }, tx)
      await recordAct({ ...by(person), action: 'account.verified', target: `user:${userId}` }, tx)
    })
    await onVerified(userId)
  }

  return { register, sendVerification, sendSignInLink, sendReset, take, reset }
}
