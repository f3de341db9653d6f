import type { Selectable } from 'kysely'
import { type Db, isTaken } from '../db/db.ts'
import { by, type RecordAct } from '../db/record-act.ts'
import type { OfferTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { User } from '../platform/user.ts'
import type { Scope } from './rights.ts'

export const OFFER_KINDS = ['ticket', 'rent', 'own', 'membership', 'message'] as const
export type OfferKind = (typeof OFFER_KINDS)[number]
export const TIERS = ['basic', 'premium', 'vip'] as const

export type Offer = Selectable<OfferTable>

/** What a creator says about an offer; what makes no sense for its kind is refused by `checkOffer`. */
export interface OfferTerms {
  name: string
  perks: string
  currency: string
  price: number
  yearlyPrice: number | null
  earlyPrice: number | null
  earlyUntil: number | null
  seats: number | null
  saleFrom: number | null
  saleUntil: number | null
  replayDays: number | null
  rentHours: number | null
  rentFrom: 'purchase' | 'first_play' | null
  trialDays: number
}

export interface NewOffer extends OfferTerms {
  kind: OfferKind
  /** A show or a video; a membership is to the channel. */
  target: { sessionId: string } | { videoId: string } | null
  tier: number
}

/** Whom a show or a video belongs to; null where there is none. */
export type FindTarget = (scope: Scope) => Promise<{
  channelId: string
  title: string
  isOver: boolean
  isCalledOff: boolean
} | null>

interface OffersOptions {
  db: Db
  clock: Clock
  logger: Logger
  ownChannel(actor: User, channelId: string): Promise<string>
  findTarget: FindTarget
  recordAct: RecordAct
}

const MOST_OFFERS = 500

export type Offers = ReturnType<typeof createOffers>

/** What is for sale on a channel. An offer is changed or withdrawn; what was bought keeps the terms it was bought on. */
export function createOffers({ db, clock, logger, ownChannel, findTarget, recordAct }: OffersOptions) {
  async function create(actor: User, channel: string, offer: NewOffer): Promise<Offer> {
    const channelId = await ownChannel(actor, channel)
    const { target, ...terms } = offer
    checkOffer(offer)
    const scope = scopeOf(channelId, target)
    if (target && (await findTarget(scope))?.channelId !== channelId) {
      throw new DomainError('not_found', 'nothing_to_sell', 'There is no such show or video on this channel.')
    }
    const { length } = await listOf(channelId)
    if (length >= MOST_OFFERS) {
      throw new DomainError('conflict', 'too_many_offers', `A channel has at most ${MOST_OFFERS} offers.`)
    }
    const now = clock.now()
    const id = newId()
    const stamps = { createdAt: now, updatedAt: now, createdBy: actor.id, updatedBy: actor.id }
    const row = { id, channelId, scope, ...terms, version: 1, withdrawnAt: null, ...stamps }
    await orTierTaken(() =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('offer').values(row).execute()
        const after = { channelId, scope, ...terms }
        await recordAct({ ...by(actor), action: 'offer.made', target: `offer:${id}`, after }, tx)
      }),
    )
    logger.info({ offerId: id, channelId, userId: actor.id, kind: offer.kind }, 'offer made')
    return get(id)
  }

  async function update(actor: User, id: string, change: Partial<OfferTerms> & { version?: number }): Promise<Offer> {
    const before = await getOwn(actor, id)
    const { version, ...terms } = change
    checkOffer({ ...toTerms(before), ...terms, kind: kindOf(before), tier: before.tier, target: targetOf(before) })
    if (terms.currency !== undefined && terms.currency !== before.currency) {
      throw new DomainError('invalid', 'currency_fixed', 'Make a new offer to sell in another currency.')
    }
    await db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('offer')
        .set({ ...terms, version: before.version + 1, updatedAt: clock.now(), updatedBy: actor.id })
        .where('id', '=', before.id)
        .where('version', '=', version ?? before.version)
        .where('withdrawnAt', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) {
        throw new DomainError('conflict', 'changed_meanwhile', 'Somebody else changed this offer; look again.')
      }
      const was = Object.fromEntries(Object.keys(terms).map((name) => [name, before[name as keyof OfferTerms]]))
      const act = { action: 'offer.changed', target: `offer:${before.id}`, before: was, after: terms }
      await recordAct({ ...by(actor), ...act }, tx)
    })
    return get(before.id)
  }

  /** Nobody can buy it any more; who has it keeps it, and memberships go on. */
  async function withdraw(actor: User, id: string): Promise<void> {
    const offer = await getOwn(actor, id)
    const now = clock.now()
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('offer')
        .set({ withdrawnAt: now, updatedAt: now, updatedBy: actor.id })
        .where('id', '=', offer.id)
        .where('withdrawnAt', 'is', null)
        .execute()
      await recordAct({ ...by(actor), action: 'offer.withdrawn', target: `offer:${offer.id}` }, tx)
    })
    logger.info({ offerId: id, channelId: offer.channelId, userId: actor.id }, 'offer withdrawn')
  }

  async function find(id: string, tx: Db = db): Promise<Offer | null> {
    return (await tx.selectFrom('offer').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
  }

  async function get(id: string, tx: Db = db): Promise<Offer> {
    const offer = await find(id, tx)
    if (!offer) throw new DomainError('not_found', 'no_such_offer', 'There is no such offer.')
    return offer
  }

  async function getOwn(actor: User, id: string): Promise<Offer> {
    const offer = await get(id)
    await ownChannel(actor, offer.channelId)
    return offer
  }

  /** What a channel sells now; `scope` narrows it to one show or video and adds the channel's memberships. */
  async function listOf(channelId: string, scope?: Scope): Promise<Offer[]> {
    let query = db.selectFrom('offer').selectAll().where('channelId', '=', channelId).where('withdrawnAt', 'is', null)
    if (scope) query = query.where('scope', 'in', [scope, `channel:${channelId}`]).where('kind', '!=', 'message')
    return query.orderBy('tier').orderBy('id').limit(MOST_OFFERS).execute()
  }

  /** Everything, for the owner; `listOf` without a scope names shows that only some may know of. */
  async function listAll(actor: User, channel: string): Promise<Offer[]> {
    return listOf(await ownChannel(actor, channel))
  }

  /** Seats that are gone, held ones included. */
  async function seatsTaken(offerId: string, tx: Db = db): Promise<number> {
    const { taken } = await tx
      .selectFrom('purchase')
      .select(({ fn }) => fn.countAll<number>().as('taken'))
      .where('offerId', '=', offerId)
      .where('state', 'in', [...SEATED])
      .executeTakeFirstOrThrow()
    return Number(taken)
  }

  return { create, update, withdraw, find, get, listOf, listAll, seatsTaken }
}

/** A seat is held from the start of a checkout until it is closed, so nobody pays for a seat that is gone. */
const SEATED = ['open', 'processing', 'paid', 'disputed']

/** Locks the offer for the rest of the transaction on either database: whoever else counts its seats waits. */
export async function lockOffer(tx: Db, id: string, now: number): Promise<void> {
  await tx.updateTable('offer').set({ updatedAt: now }).where('id', '=', id).execute()
}

export function scopeOf(channelId: string, target: NewOffer['target']): Scope {
  if (target === null) return `channel:${channelId}`
  return 'sessionId' in target ? `session:${target.sessionId}` : `video:${target.videoId}`
}

function targetOf({ scope }: Offer): NewOffer['target'] {
  const [kind, id = ''] = scope.split(':')
  if (kind === 'channel') return null
  return kind === 'session' ? { sessionId: id } : { videoId: id }
}

export function kindOf({ kind }: { kind: string }): OfferKind {
  return OFFER_KINDS.find((known) => known === kind)!
}

function toTerms(offer: Offer): OfferTerms {
  return { ...offer, rentFrom: offer.rentFrom as OfferTerms['rentFrom'] } // written by this room alone
}

function checkOffer(offer: NewOffer): void {
  const isMembership = offer.kind === 'membership'
  const isOfChannel = isMembership || offer.kind === 'message'
  const wrong = (message: string) => new DomainError('invalid', 'offer_makes_no_sense', message)
  if (isOfChannel !== (offer.target === null)) {
    throw wrong('A membership and paid messages are of a channel, the rest of a show or video.')
  }
  if (offer.kind === 'message' && (offer.price === 0 || offer.seats !== null || offer.earlyPrice !== null)) {
    throw wrong('Paid messages have a least price and nothing else.')
  }
  if (isMembership !== offer.tier > 0) throw wrong('A membership has a tier, and nothing else has one.')
  if (offer.kind === 'rent' && (offer.rentHours === null || offer.rentFrom === null)) {
    throw wrong('A rent says for how many hours, and from when.')
  }
  if (offer.kind !== 'rent' && (offer.rentHours !== null || offer.rentFrom !== null)) {
    throw wrong('Only a rent has hours.')
  }
  if (offer.kind !== 'ticket' && offer.replayDays !== null) throw wrong('Only a ticket has days of replay.')
  if (!isMembership && (offer.yearlyPrice !== null || offer.trialDays > 0)) {
    throw wrong('Only a membership has a yearly price or a trial.')
  }
  if (isMembership && (offer.seats !== null || offer.earlyPrice !== null)) {
    throw wrong('A membership has neither seats nor an early price.')
  }
  if (isMembership && (offer.price === 0 || offer.yearlyPrice === 0)) throw wrong('A membership has a price.')
  if ((offer.earlyPrice === null) !== (offer.earlyUntil === null)) throw wrong('An early price has an end.')
  if (offer.earlyPrice !== null && offer.earlyPrice > offer.price) throw wrong('An early price is below the price.')
  if (offer.saleFrom !== null && offer.saleUntil !== null && offer.saleFrom >= offer.saleUntil) {
    throw wrong('A sale ends after it begins.')
  }
}

async function orTierTaken<Answer>(write: () => Promise<Answer>): Promise<Answer> {
  try {
    return await write()
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new DomainError(
      'conflict',
      'tier_taken',
      'This channel has a membership of this tier already; change that one.',
    )
  }
}
