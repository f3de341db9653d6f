import { type Db, isTaken } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import { type Article, articleOf, type OrderTable, type Wish } from './article.ts'
import { inWords } from './money.ts'
import { type FindTarget, lockOffer, type Offer, type Offers } from './offers.ts'
import type { Payouts } from './payouts.ts'
import { discountOf, requireOnSale } from './pricing.ts'
import type { Promotions } from './promotions.ts'
import type { NewOrder, Provider } from './provider.ts'
import { returnAddress } from './return-address.ts'
import type { Scope } from './rights.ts'
import type { Settle } from './settle.ts'

/** `url` is null where nothing has to be paid. */
export interface Started {
  orderId: string
  url: string | null
}

interface CheckoutOptions {
  db: Db
  clock: Clock
  logger: Logger
  jobs: Jobs
  provider: Provider
  offers: Offers
  promotions: Promotions
  settle: Settle
  payouts: Payouts
  publicUrl: string
  feeBps: number
  findTarget: FindTarget
  channelIsOpen(channelId: string): Promise<boolean>
}

/** Stripe closes a checkout after half an hour at the earliest. */
const CHECKOUT_MS = 31 * 60_000
/** A checkout that is left open is only handed out again while there is time to pay it. */
const MIN_LEFT_MS = 2 * 60_000
/** So long the provider may take to answer; an order it was not told of after that is given up. */
const SENDING_MS = 2 * 60_000

interface Order {
  id: string
  article: Article
  amount: number
  discount: { promotionId: string; amount: number } | null
  trialDays: number
}

/** The columns a purchase and a membership have in common, as they begin. */
interface Common {
  id: string
  userId: string
  channelId: string
  offerId: string
  name: string
  currency: string
  provider: string
  state: string
  claim: string
  promotionId: string | null
  feeBps: number
  checkoutRef: null
  checkoutUrl: null
  checkoutExpiresAt: number
  version: number
  createdAt: number
  updatedAt: number
}

export type Checkout = ReturnType<typeof createCheckout>

/**
 * From a wish to the page where it is paid. The order is written first, with its claim and its seat, and only then is the
 * provider asked; so whoever pays is known, and nobody pays for what is gone or what they have.
 */
export function createCheckout(options: CheckoutOptions) {
  const { db, clock, logger, jobs, provider, offers, promotions, settle, publicUrl, feeBps, findTarget } = options

  async function start(buyer: User, wish: Wish): Promise<Started> {
    const offer = await offers.get(wish.offerId)
    const returnTo = returnAddress(wish.returnTo ?? '/purchases', publicUrl)
    await requireSellable(offer)
    const article = articleOf(buyer.id, offer, wish, clock.now())
    for (let attempt = 1; ; attempt++) {
      const open = await takeUp(article, wish)
      if (open) return open
      try {
        const order = await db.transaction().execute((tx) => place(buyer, article, wish, tx))
        return await send(buyer, order, returnTo)
      } catch (error) {
        // Two clicks at once: the second finds what the first one began.
        if (!isTaken(error) || attempt === 3) throw error
      }
    }
  }

  async function requireSellable(offer: Offer): Promise<void> {
    requireOnSale(offer, clock.now())
    if (!(await options.channelIsOpen(offer.channelId))) {
      throw new DomainError('not_found', 'no_such_offer', 'This is not sold any more.')
    }
    if (offer.kind === 'membership') return
    const target = await findTarget(offer.scope as Scope)
    if (!target || (target.isOver && offer.kind === 'ticket' && offer.replayDays === 0)) {
      throw new DomainError('conflict', 'over', 'This is over.')
    }
  }

  /** What this person has, or has begun to buy: a refusal, the checkout that is still open, or null. */
  async function takeUp(article: Article, wish: Wish): Promise<Started | null> {
    const { table, offer, price, billing, giftMonths } = article
    const held = await findClaim(article)
    if (!held) return null
    if (held.state !== 'open') {
      if (table === 'purchase' && held.accessEnd !== null && held.accessEnd <= clock.now()) {
        await db.updateTable('purchase').set({ claim: null }).where('id', '=', held.id).execute()
        return null
      }
      throw alreadyHeld(table, held.state)
    }
    const isSame =
      held.offerId === offer.id && held.amount === price && held.billing === billing && held.giftMonths === giftMonths
    const hasTime = held.checkoutExpiresAt > clock.now() + MIN_LEFT_MS
    if (held.checkoutUrl && isSame && hasTime && !wish.promotionCode && held.promotionId === null) {
      return { orderId: `${table}:${held.id}`, url: held.checkoutUrl }
    }
    if (held.checkoutRef === null && held.createdAt > clock.now() - SENDING_MS) {
      throw new DomainError('conflict', 'checkout_under_way', 'Your checkout is being prepared; try again in a moment.')
    }
    // Begun on other terms: that one is closed first, so that not both can be paid.
    await abandon(`${table}:${held.id}`)
    const after = await findClaim(article)
    if (after?.id === held.id) throw alreadyHeld(table, after.state)
    return null
  }

  async function findClaim({ table, claim }: Article) {
    if (table === 'membership') {
      const row = await db.selectFrom('membership').selectAll().where('claim', '=', claim).executeTakeFirst()
      return row && { ...row, amount: await planAmount(row), giftMonths: null, accessEnd: null }
    }
    const row = await db.selectFrom('purchase').selectAll().where('claim', '=', claim).executeTakeFirst()
    return row && { ...row, billing: 'month', accessEnd: row.accessExpiresAt }
  }

  async function planAmount({ offerId, billing }: { offerId: string; billing: string }): Promise<number | null> {
    const offer = await offers.find(offerId)
    return offer && (billing === 'year' ? offer.yearlyPrice : offer.price)
  }

  /** One transaction: the offer is locked, seats and uses are counted, the order is written with its claim. */
  async function place(buyer: User, article: Article, wish: Wish, tx: Db): Promise<Order> {
    const now = clock.now()
    const { table, offer, price } = article
    await lockOffer(tx, offer.id, now)
    if (table === 'purchase') await requireNothingBetter(buyer.id, offer, tx)
    if (offer.seats !== null && (await offers.seatsTaken(offer.id, tx)) >= offer.seats) {
      throw new DomainError('conflict', 'sold_out', 'All seats are taken.')
    }
    const promotion = wish.promotionCode ? await promotions.take(wish.promotionCode, offer, buyer.id, tx) : null
    const off = promotion ? discountOf(promotion, price) : 0
    if (wish.expectedAmount !== undefined && wish.expectedAmount !== price - off) {
      const words = inWords(price - off, offer.currency)
      throw new DomainError('conflict', 'price_changed', `The price is ${words} now.`, { amount: price - off })
    }
    const id = newId()
    const common: Common = {
      id,
      userId: buyer.id,
      channelId: offer.channelId,
      offerId: offer.id,
      name: article.name,
      currency: offer.currency,
      provider: provider.name,
      state: 'open',
      claim: article.claim,
      promotionId: promotion?.id ?? null,
      feeBps,
      checkoutRef: null,
      checkoutUrl: null,
      checkoutExpiresAt: now + CHECKOUT_MS,
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    if (table === 'membership') await insertMembership(common, article, tx)
    else await insertPurchase(common, article, price - off, tx)
    const orderId = `${table}:${id}`
    await jobs.enqueue({ kind: 'commerce.close', payload: { orderId }, runAt: now + CHECKOUT_MS + 60_000 }, tx)
    return {
      id,
      article,
      amount: table === 'membership' ? price : price - off,
      discount: promotion && off > 0 ? { promotionId: promotion.id, amount: off } : null,
      trialDays: table === 'membership' && !(await wasMember(buyer.id, offer.channelId, tx)) ? offer.trialDays : 0,
    }
  }

  async function insertPurchase(
    common: Common,
    { kind, giftMonths, offer }: Article,
    amount: number,
    tx: Db,
  ): Promise<void> {
    const { scope, rentHours, rentFrom, replayDays } = offer
    const terms = { kind, scope, rentHours, rentFrom, replayDays, giftMonths, amount }
    const nothingYet = { paidAt: null, firstPlayedAt: null, accessExpiresAt: null }
    await tx
      .insertInto('purchase')
      .values({ ...common, ...terms, ...nothingYet })
      .execute()
  }

  async function insertMembership(common: Common, { offer, billing }: Article, tx: Db): Promise<void> {
    const nothingYet = {
      subscriptionRef: null,
      nextOfferId: null,
      periodStart: null,
      periodEnd: null,
      trialEnd: null,
      cancelAtPeriodEnd: 0,
      canceledAt: null,
      endedAt: null,
      graceUntil: null,
    }
    await tx
      .insertInto('membership')
      .values({ ...common, tier: offer.tier, billing, ...nothingYet })
      .execute()
  }

  /** A ticket or ownership makes any other right to the same thing pointless. */
  async function requireNothingBetter(userId: string, { scope }: Offer, tx: Db): Promise<void> {
    const better = await tx
      .selectFrom('purchase')
      .select('id')
      .where('userId', '=', userId)
      .where('scope', '=', scope)
      .where('kind', 'in', ['ticket', 'own'])
      .where('state', 'in', ['processing', 'paid', 'disputed'])
      .where((eb) => eb.or([eb('accessExpiresAt', 'is', null), eb('accessExpiresAt', '>', clock.now())]))
      .limit(1)
      .executeTakeFirst()
    if (better) throw alreadyHeld('purchase', 'paid')
  }

  /** A trial is for who was never a member here. */
  async function wasMember(userId: string, channelId: string, tx: Db): Promise<boolean> {
    const before = await tx
      .selectFrom('membership')
      .select('id')
      .where('userId', '=', userId)
      .where('channelId', '=', channelId)
      .where('state', 'not in', ['open', 'processing', 'expired'])
      .limit(1)
      .executeTakeFirst()
    return before !== undefined
  }

  async function send(buyer: User, order: Order, returnTo: string): Promise<Started> {
    const { table, offer } = order.article
    const orderId = `${table}:${order.id}`
    if (table === 'purchase' && order.amount === 0) {
      await settle.free(order.id)
      return { orderId, url: null }
    }
    const checkout = await provider.createCheckout(await toNewOrder(buyer, order, returnTo))
    const { numUpdatedRows } = await db
      .updateTable(table)
      .set({ checkoutRef: checkout.ref, checkoutUrl: checkout.url, checkoutExpiresAt: checkout.expiresAt })
      .where('id', '=', order.id)
      .where('state', '=', 'open')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) {
      await provider.closeCheckout(checkout.ref)
      throw new DomainError('conflict', 'checkout_closed', 'This took too long; please begin again.')
    }
    logger.info({ orderId, userId: buyer.id, channelId: offer.channelId }, 'checkout begun')
    return { orderId, url: checkout.url }
  }

  async function toNewOrder(buyer: User, order: Order, returnTo: string): Promise<NewOrder> {
    const { article, amount, discount, trialDays } = order
    const { table, offer, name, billing } = article
    const orderId = `${table}:${order.id}`
    const back = (state: string) => {
      const page = new URL('/checkout/return', publicUrl)
      page.search = new URLSearchParams({ order: orderId, to: returnTo, state }).toString()
      return page.href
    }
    const account = await options.payouts.payeeOf(offer.channelId)
    const common = {
      id: orderId,
      channelId: offer.channelId,
      buyer: { id: buyer.id, email: buyer.email },
      name,
      currency: offer.currency,
      expiresAt: clock.now() + CHECKOUT_MS,
      returnUrl: back('done'),
      cancelUrl: back('left'),
      payee: account && { ...account, feeBps },
    }
    if (table === 'purchase') return { ...common, kind: 'purchase', amount }
    const plan = { offerId: offer.id, name, currency: offer.currency, amount, billing }
    return { ...common, kind: 'membership', plan, trialDays, discount }
  }

  /** Nobody pays it any more; what was paid meanwhile is settled. Also the end of a checkout nobody came back to. */
  async function abandon(orderId: string): Promise<void> {
    const { table, id } = partsOf(orderId)
    const order = await db.selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst()
    if (order?.state !== 'open') return
    if (order.checkoutRef === null) {
      // The provider was never heard of it, or its answer was lost; either way nobody was given its address.
      await settle.neverSent(orderId)
      return
    }
    await provider.closeCheckout(order.checkoutRef)
    await settle.look({ kind: 'checkout', id: order.checkoutRef }, orderId)
  }

  return { start, abandon }
}

export function partsOf(orderId: string): { table: OrderTable; id: string } {
  const [table, id = ''] = orderId.split(':')
  if (table !== 'purchase' && table !== 'membership') throw new Error(`${orderId} is no order of ours`)
  return { table, id }
}

function alreadyHeld(table: OrderTable, state: string): DomainError {
  if (state === 'processing') {
    return new DomainError('conflict', 'payment_under_way', 'Your payment is on its way; your bank takes its time.')
  }
  if (table === 'membership') {
    return new DomainError('conflict', 'already_member', 'You are a member already; you can change your tier.')
  }
  return new DomainError('conflict', 'already_bought', 'You have this already.')
}
