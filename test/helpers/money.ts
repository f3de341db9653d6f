import { onTestFinished } from 'vitest'
import { createAccess } from '../../src/access/access.ts'
import { createAuditLog } from '../../src/admin/admin.ts'
import type { Wish } from '../../src/commerce/article.ts'
import { createCommerce, createTestMoney, type MoneyFacts } from '../../src/commerce/commerce.ts'
import type { Provider } from '../../src/commerce/provider.ts'
import type { Rights } from '../../src/commerce/rights.ts'
import type { Db } from '../../src/db/db.ts'
import { createJobs, createWorker, type Doer } from '../../src/jobs/jobs.ts'
import { newCode, newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import type { Mail } from '../../src/platform/mailer.ts'
import { Secret } from '../../src/platform/secret.ts'
import type { User } from '../../src/platform/user.ts'
import { type FakeClock, fakeClock } from './clock.ts'
import { testDatabase } from './database.ts'

export const DAY = 86_400_000
const publicUrl = 'http://footlight.test'

interface Options {
  /** Instead of test money. */
  provider?(db: Db): Promise<Provider>
  clock?: FakeClock
  feeBps?: number
}

/** The commerce room on a real database, with a creator's channel, a planned show, and people who want to buy. */
export async function moneyRoom({ provider, clock = fakeClock(), feeBps = 1_000 }: Options = {}) {
  const { db } = await testDatabase()
  const logger = createLogger('silent')
  const auditLog = createAuditLog({ db, clock, keepAddresses: false })
  const { recordAct } = auditLog
  const jobs = createJobs({ db, clock, recordAct })
  const told: [string, unknown][] = []
  const rechecked: unknown[] = []
  const mails: Mail[] = []
  const secret = new Secret('a secret of these tests, long enough to sign with')
  const testMoney = createTestMoney({ db, clock, jobs, secret, publicUrl })
  const access = createAccess({ db, clock, logger, secret, config: { devices: 2, onDeviceLimit: 'refuse' } })
  onTestFinished(() => access.stop())
  const rights: Rights = {
    ...access,
    async recheck(concerned) {
      rechecked.push(concerned)
      await access.recheck(concerned)
    },
  }
  const commerce = createCommerce({
    db,
    clock,
    logger,
    jobs,
    mailer: {
      async send(mail) {
        mails.push(mail)
        return 'sent'
      },
    },
    provider: (await provider?.(db)) ?? testMoney.provider,
    rights,
    publicUrl,
    config: { feeBps, graceDays: 7 },
    announce: (name: keyof MoneyFacts, fact: MoneyFacts[keyof MoneyFacts]) => void told.push([name, fact]),
    ownChannel: async (actor, id) => {
      if (actor.id !== creator.id && actor.role !== 'admin') throw new Error(`${id} is not theirs`)
      return id
    },
    findTarget: async (scope) => {
      if (scope === 'video:film') return { channelId, title: 'The film', isOver: false, isCalledOff: false }
      const row = await db
        .selectFrom('session')
        .select(['channelId', 'title', 'endedAt', 'state'])
        .where('id', '=', scope.slice('session:'.length))
        .executeTakeFirst()
      if (!row) return null
      const isCalledOff = row.state === 'cancelled'
      return { channelId: row.channelId, title: row.title, isOver: row.endedAt !== null, isCalledOff }
    },
    channelIsOpen: async () => true,
    recordAct,
  })
  const doers: Record<string, Doer> = { ...commerce.doers, ...testMoney.doers(commerce.webhook.receive) }
  const worker = createWorker({ jobs, doers, clock, logger })

  async function person(name: string): Promise<User> {
    const id = newId()
    const email = `${name.toLowerCase()}-${id}@example.org`
    const nothing = {
      image: null,
      statusReason: null,
      statusUntil: null,
      metadata: null,
      updatedBy: null,
      deletedAt: null,
    }
    const at = { createdAt: clock.now(), updatedAt: clock.now() }
    await db
      .insertInto('user')
      .values({ id, name, email, emailVerified: 1, role: 'viewer', status: 'active', ...nothing, ...at })
      .execute()
    return { id, name, email, role: 'viewer', emailVerified: true }
  }

  const creator = await person('Carla')
  const channelId = newId()
  const stamps = { createdAt: clock.now(), updatedAt: clock.now(), createdBy: creator.id, updatedBy: creator.id }
  await db
    .insertInto('channel')
    .values({
      id: channelId,
      slug: 'cooking',
      name: 'Cooking',
      description: '',
      ownerId: creator.id,
      suspendedAt: null,
      suspendedReason: null,
      ladder: null,
      visibility: 'public',
      version: 1,
      metadata: null,
      deletedAt: null,
      ...stamps,
    })
    .execute()
  const sessionId = newId()
  await db
    .insertInto('session')
    .values({
      id: sessionId,
      code: newCode(),
      channelId,
      state: 'live',
      title: 'Bread',
      tags: '[]',
      ...blank,
      ...stamps,
    })
    .execute()

  const offer = (terms: Partial<Parameters<typeof commerce.offers.create>[2]> = {}) =>
    commerce.offers.create(creator, channelId, { ...ticket, target: { sessionId }, ...terms })
  const plan = (tier: number, price: number, terms: Partial<Parameters<typeof commerce.offers.create>[2]> = {}) =>
    offer({ kind: 'membership', target: null, tier, price, name: ['', 'Basic', 'Premium', 'VIP'][tier]!, ...terms })

  /** The checkout's own id, out of its address. */
  const checkoutOf = (url: string | null) => url!.split('/').at(-1)!

  /** Buys and pays with test money, and lets the events arrive. */
  async function buy(buyer: User, offerId: string, wish: Partial<Wish> = {}) {
    const { orderId, url } = await commerce.checkout.start(buyer, { offerId, billing: 'month', ...wish })
    const checkoutId = checkoutOf(url)
    await testMoney.act(checkoutId, 'pay')
    await worker.runDue()
    return { orderId, checkoutId, id: orderId.split(':')[1]! }
  }

  return {
    db,
    clock,
    auditLog,
    jobs,
    worker,
    doers,
    commerce,
    access,
    testMoney,
    rights,
    told,
    rechecked,
    mails,
    creator,
    channelId,
    sessionId,
    person,
    offer,
    plan,
    buy,
    checkoutOf,
    rightsOf: (user: User) => readRights(db, user.id, clock.now()),
    async balances(): Promise<Record<string, number>> {
      const rows = await commerce.ledger.balances()
      return Object.fromEntries(rows.map(({ account, currency, balance }) => [`${account} ${currency}`, balance]))
    },
  }
}

export const ticket = {
  kind: 'ticket',
  tier: 0,
  name: 'Bread live',
  perks: '',
  currency: 'EUR',
  price: 1_000,
  yearlyPrice: null,
  earlyPrice: null,
  earlyUntil: null,
  seats: null,
  saleFrom: null,
  saleUntil: null,
  replayDays: null,
  rentHours: null,
  rentFrom: null,
  trialDays: 0,
} as const

const blank = {
  streamKeyId: null,
  description: '',
  category: null,
  visibility: 'public',
  maxViewers: null,
  isRecorded: 0,
  isChatOpen: 1,
  source: null,
  ladder: null,
  note: null,
  startedAt: null,
  pausedAt: null,
  endedAt: null,
  endReason: null,
  peakViewers: 0,
  scheduledAt: null,
  requiredTier: null,
  previewMinutes: 0,
  freeMaxHeight: null,
  version: 1,
  metadata: null,
  deletedAt: null,
}

async function readRights(db: Db, userId: string, now: number) {
  return db
    .selectFrom('entitlement')
    .select(['scope', 'tier', 'expiresAt'])
    .where('userId', '=', userId)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .orderBy('scope')
    .execute()
}
