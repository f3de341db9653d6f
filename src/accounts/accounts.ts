/**
 * People: who they are, what they may do here (role) and whether they may be here at all (status). Owns their rows and
 * everything that proves who somebody is; the auth library works on them through auth.ts. No password is ever made up:
 * the first start offers a link that lets one person become the owner.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Db } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { Announcer } from '../platform/announcer.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Mailer } from '../platform/mailer.ts'
import { createRateLimit } from '../platform/rate-limit.ts'
import type { Secret } from '../platform/secret.ts'
import type { User } from '../platform/user.ts'
import { createApiKeys, isApiKey } from './api-keys.ts'
import { type Begun, createAuth, type Elsewhere, hashPassword, type SignInWay } from './auth.ts'
import { createCreators } from './creators.ts'
import { createInvitations } from './invitations.ts'
import { createLeaving } from './leaving.ts'
import { createLetters } from './letters.ts'
import { createLinked } from './linked.ts'
import { createMailedLinks } from './mailed-links.ts'
import { createNewAddress } from './new-address.ts'
import { createPasskeys } from './passkeys.ts'
import { requireUncommon } from './passwords.ts'
import { createPeople, type PersonChange } from './people.ts'
import { asUser, type Person } from './person.ts'
import { createProof, type Proof } from './proof.ts'
import { createRegistration, type NewPerson } from './registration.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSignIns } from './sign-ins.ts'
import { hasPassword } from './ways-in.ts'

export { PASSWORD } from './passwords.ts'
export { type Person, STATUSES, type Status } from './person.ts'

/** What this room announces. */
export interface AccountFacts {
  'person.status_changed': { userId: string }
  'person.deleted': { userId: string }
}

export interface AccountSettings extends Elsewhere {
  signUp: 'open' | 'invitation' | 'closed'
  creators: 'open' | 'approval' | 'invitation'
  keepAddresses: boolean
}

interface AccountsOptions {
  db: Db
  authDb: Kysely<unknown>
  clock: Clock
  logger: Logger
  secret: Secret
  publicUrl: string
  settings: AccountSettings
  mailer: Mailer
  announcer: Announcer<AccountFacts>
  recordAct: RecordAct
  viewings: Viewings
  /** What other rooms hold of a person, and how they drop it when the person leaves. */
  held: Record<string, (user: User) => Promise<unknown>>
  onLeaving(user: User, tx: Db): Promise<void>
}

/** What people watch: it ends with their sign-ins, and follows what they are here. */
export interface Viewings {
  /** Part of the transaction that ends somebody's sign-ins. */
  end(userId: string, tx: Db): Promise<void>
  /** After any commit that changes what somebody may watch; resolves when whoever lost it is out. */
  recheck(userId: string): Promise<void>
}

export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts(options: AccountsOptions) {
  const { db, authDb, clock, logger, secret, publicUrl, settings, mailer, announcer, recordAct, viewings } = options
  const people = createPeople({ db, clock, recordAct, endViewings: viewings.end })
  const auth = createAuth({
    authDb,
    secret,
    publicUrl,
    logger,
    elsewhere: settings,
    isSignUpOpen: settings.signUp === 'open',
    admit,
    onLinked,
  })
  const signIns = createSignIns({ db, clock, people, recordAct, onEnded: viewings.recheck })
  const apiKeys = createApiKeys({ db, clock, recordAct })
  const letters = createLetters(publicUrl)
  const links = createMailedLinks({ db, clock })
  /** Mails to one mailbox, whoever asks for them: five in a quarter of an hour. */
  const mailLimit = createRateLimit({ points: 5, seconds: 900 })
  const invitations = createInvitations({ db, clock, letters, send: mailer.send, recordAct })
  const secondFactor = createSecondFactor({ auth, recordAct })
  const passkeys = createPasskeys({ db, auth, recordAct })
  const registration = createRegistration({
    ...{ db, people, invitations, links, letters, mailLimit, recordAct, hashPassword },
    send: mailer.send,
    signUp: settings.signUp,
    onVerified: viewings.recheck,
  })
  const newAddress = createNewAddress({ db, people, links, letters, mailLimit, recordAct, send: mailer.send })
  const linked = createLinked({ db, recordAct })
  const leaving = createLeaving({
    ...{ db, clock, people, signIns, apiKeys, recordAct },
    elsewhere: options.held,
    onLeaving: options.onLeaving,
    async onLeft(userId) {
      await viewings.recheck(userId)
      announcer.announce('person.deleted', { userId })
    },
  })
  /** Wrong passwords for one account, from wherever they come: ten in ten minutes. */
  const guesses = createRateLimit({ points: 10, seconds: 600 })
  const proof = createProof({ db, auth, people, recordAct, guesses, onEnded: viewings.recheck })
  const { askToCreate } = createCreators({ db, clock, people, invitations, recordAct, creators: settings.creators })
  /** Only the hash is kept, and only in memory: a new start makes a new link. */
  let setupTokenHash: Buffer | null = null

  /** Whom these headers (cookie, bearer word or API key) belong to; null as well when the account is not active. */
  async function userOf(headers: Headers): Promise<User | null> {
    const word = /^bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''
    const key = isApiKey(word) ? await apiKeys.read(word) : null
    if (isApiKey(word) && !key) return null
    const id = key ? key.userId : await auth.userIdOf(headers)
    const person = id === null ? null : await people.find(id)
    if (person?.status !== 'active') return null
    return key ? { ...asUser(person), scopes: key.scopes } : asUser(person)
  }

  async function admit(userId: string, way: SignInWay): Promise<void> {
    const person = await people.find(userId)
    if (person?.status !== 'active') throw notActive(person)
    // The same answer as to a wrong password: otherwise it would tell which addresses were registered before.
    if (way === 'password' && !person.emailVerified) throw wrongPassword()
    if (way === 'elsewhere' && person.hasSecondFactor) {
      throw new DomainError('forbidden', 'second_factor_needed', 'Sign in with your password and your second factor.')
    }
  }

  /** Ten wrong passwords close the account's door for a while; mailed links and passkeys still open it. */
  async function signIn({ email, password }: { email: string; password: string }, headers: Headers): Promise<Begun> {
    const account = email.toLowerCase()
    await guesses.take(account)
    try {
      const begun = await auth.signIn({ email: account, password }, headers)
      await guesses.forget(account)
      return begun
    } catch (error) {
      throw error instanceof DomainError && error.kind === 'unauthenticated' ? wrongPassword() : error
    }
  }

  /**
   * The owner, once and in one transaction with whatever must exist beside them (their channel): both or neither.
   */
  async function createOwner<Also>(person: NewPerson, also: (owner: User, tx: Db) => Promise<Also>) {
    // The hash is made before the transaction: it takes 20 ms, and SQLite has one connection.
    const row = { ...person, passwordHash: await hashPassword(person.password), role: 'admin' as const }
    return db.transaction().execute(async (tx) => {
      if (await people.hasOwner(tx))
        throw new DomainError('conflict', 'already_set_up', 'This node has an owner already.')
      const owner = await people.create({ ...row, isVerified: true }, tx)
      await recordAct({ ...by(owner), action: 'account.owner_made', target: `user:${owner.id}` }, tx)
      return { owner, also: await also(owner, tx) }
    })
  }

  /** A new token for the setup page, or null when there is an owner. The one before it is void. */
  async function issueSetupToken(): Promise<string | null> {
    if (await people.hasOwner()) return null
    const token = randomBytes(24).toString('base64url')
    setupTokenHash = sha256(token)
    return token
  }

  /** Works once: the token is taken before anything is awaited, and given back only if nobody came of it. */
  async function setUp<Also>(token: string, person: NewPerson, also: (owner: User, tx: Db) => Promise<Also>) {
    const expected = setupTokenHash
    if (!expected || !timingSafeEqual(expected, sha256(token))) {
      throw new DomainError('forbidden', 'setup_token_void', 'This owner link is used up or not the newest one.')
    }
    requireUncommon(person.password, person.email, person.name)
    setupTokenHash = null
    try {
      return await createOwner(person, also)
    } catch (error) {
      setupTokenHash = expected
      throw error
    }
  }

  async function update(actor: User, id: string, change: PersonChange): Promise<Person> {
    const { before, after } = await people.update(actor, id, change)
    logger.info({ userId: id, by: actor.id, role: after.role, status: after.status }, 'account changed')
    if (before.status !== after.status || before.role !== after.role) {
      await viewings.recheck(id)
      announcer.announce('person.status_changed', { userId: id })
    }
    return after
  }

  async function rename(actor: User, name: string): Promise<User> {
    await people.change(actor.id, { name })
    return { ...actor, name }
  }

  async function reset(word: string, password: string): Promise<void> {
    await viewings.recheck(await registration.reset(word, password))
  }

  async function onLinked(userId: string, provider: string): Promise<void> {
    if (provider === 'credential') return
    const person = await people.get(userId)
    await recordAct({ ...by(person), action: 'elsewhere.linked', target: `user:${userId}`, after: { provider } })
  }

  async function askForNewAddress(user: User, email: string, given: Proof, headers: Headers): Promise<void> {
    await proof.requireProof(user, given, headers)
    await newAddress.ask(user, email)
  }

  const { signInByLink, giveSecondFactor, signOut, signInIdOf, askForPasskey, signInByPasskey } = auth
  return {
    ...{ userOf, signIn, signInByLink, giveSecondFactor, signOut, signInIdOf, askForPasskey, signInByPasskey },
    ...{ goElsewhere: auth.goElsewhere, goLink: auth.goLink, comeBack: auth.comeBack },
    ...{ askForNewAddress, takeNewAddress: newAddress.take, hasPassword: (id: string) => hasPassword(id, db) },
    ...{ createOwner, issueSetupToken, setUp, update, rename, reset, askToCreate },
    ...{ changePassword: proof.changePassword, requirePassword: proof.requirePassword },
    ...{ find: people.find, list: people.list, hasOwner: people.hasOwner },
    ...{
      registration,
      register: registration.register,
      leaving,
      signIns,
      apiKeys,
      invitations,
      secondFactor,
      passkeys,
      linked,
    },
    settings,
  }
}

function notActive(person: Person | null): DomainError {
  const until = person?.statusUntil ? ` until ${new Date(person.statusUntil).toISOString()}` : ''
  const message = `This account is ${person?.status ?? 'gone'}${until}.`
  return new DomainError('forbidden', 'account_not_active', message, { reason: person?.statusReason ?? null })
}

function wrongPassword(): DomainError {
  const message = 'E-mail or password is wrong, or the address is not confirmed yet: look for our mail.'
  return new DomainError('unauthenticated', 'invalid_email_or_password', message)
}

function sha256(word: string): Buffer {
  return createHash('sha256').update(word).digest()
}
