import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import type { Mail } from '../platform/mailer.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import type { Letters } from './letters.ts'
import type { MailedLinks } from './mailed-links.ts'
import type { People } from './people.ts'

interface NewAddressOptions {
  db: Db
  people: People
  links: MailedLinks
  letters: Letters
  /** Mails to one mailbox. */
  mailLimit: RateLimit
  send(mail: Mail): Promise<unknown>
  recordAct: RecordAct
}

/**
 * Another e-mail address for an account: proved by a link to the new one, told to the old one. Whether there is an account
 * with it already is told to that mailbox alone.
 */
export function createNewAddress({ db, people, links, letters, mailLimit, send, recordAct }: NewAddressOptions) {
  async function ask(user: User, wanted: string): Promise<void> {
    const email = wanted.toLowerCase()
    if (email === user.email) throw new DomainError('invalid', 'same_address', 'This is your address already.')
    await mailLimit.take(email)
    if (await people.findByEmail(email)) {
      void send(letters.addressInUse(email))
      return
    }
    void send(letters.newAddress(email, user.name, await links.issue(user.id, 'new_address', email)))
    await recordAct({
      ...by(user),
      action: 'email.change_asked',
      target: `user:${user.id}`,
      after: { email: hint(email) },
    })
  }

  /** With the word of that mail. What was mailed to the old address opens nothing any more. */
  async function take(word: string): Promise<void> {
    const { userId, email } = await links.take(word, 'new_address')
    const before = await people.get(userId)
    if (email === null) throw new Error('a link for a new address without one')
    try {
      await db.transaction().execute(async (tx) => {
        await people.change(userId, { email, emailVerified: 1 }, tx)
        await links.dropAll(userId, tx)
        const act = { action: 'email.changed', before: { email: hint(before.email) }, after: { email: hint(email) } }
        await recordAct({ ...by(before), ...act, target: `user:${userId}` }, tx)
      })
    } catch (error) {
      if (!isTaken(error)) throw error
      throw new DomainError('conflict', 'email_taken', 'There is an account with this address by now.')
    }
    void send(letters.addressChanged(before.email, before.name, email))
  }

  return { ask, take }
}

/** The audit log outlives the account, so it holds no address: enough to know one's own again. */
function hint(email: string): string {
  const [name = '', host = ''] = email.split('@')
  return `${name.slice(0, 1)}…@${host}`
}
