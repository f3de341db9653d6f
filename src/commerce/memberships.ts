import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { MembershipTable } from '../db/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { Offer, Offers } from './offers.ts'
import { requireOnSale } from './pricing.ts'
import type { Billing, MembershipChange, Provider } from './provider.ts'
import type { Settle } from './settle.ts'

export type Membership = Selectable<MembershipTable>

interface MembershipsOptions {
  db: Db
  clock: Clock
  provider: Provider
  offers: Offers
  settle: Settle
  publicUrl: string
}

export type Memberships = ReturnType<typeof createMemberships>

/** What a member changes about a membership that is under way. Each change is made at the provider, then settled. */
export function createMemberships({ db, clock, provider, offers, settle, publicUrl }: MembershipsOptions) {
  async function find(id: string): Promise<Membership | null> {
    return (await db.selectFrom('membership').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
  }

  async function getOwn(member: User, id: string): Promise<Membership> {
    const membership = await find(id)
    if (membership?.userId === member.id) return membership
    throw new DomainError('not_found', 'no_such_membership', 'You have no such membership.')
  }

  /** Up at once, with the rest of the period reckoned up; down when the period that is paid for is over. */
  async function change(member: User, id: string, wish: { offerId: string; billing: Billing }): Promise<Membership> {
    const membership = await getOwn(member, id)
    requireGoing(membership)
    if (membership.cancelAtPeriodEnd) {
      throw new DomainError('conflict', 'cancelled', 'This membership is cancelled; resume it first.')
    }
    const [current, offer] = await Promise.all([offers.get(membership.offerId), offers.get(wish.offerId)])
    if (offer.kind !== 'membership' || offer.channelId !== membership.channelId) {
      throw new DomainError('not_found', 'no_such_offer', 'There is no such membership on this channel.')
    }
    if (offer.id !== current.id) requireOnSale(offer, clock.now())
    if (offer.currency !== membership.currency) {
      throw new DomainError('conflict', 'other_currency', 'This tier is sold in another currency; join anew later.')
    }
    return apply(membership, toSwitch(membership, current, offer, wish.billing), `${offer.id} ${wish.billing}`)
  }

  async function cancel(member: User, id: string): Promise<Membership> {
    const membership = await getOwn(member, id)
    // The period was not paid for, so there is no end of it to wait for.
    if (membership.state === 'past_due') return endNow(membership)
    requireGoing(membership)
    if (membership.cancelAtPeriodEnd) return membership
    return apply(membership, { kind: 'cancel_at_period_end' }, 'cancel')
  }

  async function resume(member: User, id: string): Promise<Membership> {
    const membership = await getOwn(member, id)
    requireGoing(membership)
    if (!membership.cancelAtPeriodEnd) return membership
    return apply(membership, { kind: 'resume' }, 'resume')
  }

  async function portal(member: User, id: string): Promise<string> {
    const { subscriptionRef } = await getOwn(member, id)
    const url = subscriptionRef && (await provider.portalUrl(subscriptionRef, `${publicUrl}/purchases`))
    if (!url) throw new DomainError('not_found', 'no_portal', 'There is nothing to change at the payment provider.')
    return url
  }

  /** At once, for good: a creator gave the money back. */
  const endNow = (membership: Membership) => apply(membership, { kind: 'end_now' }, 'end')

  async function apply(membership: Membership, change: MembershipChange, word: string): Promise<Membership> {
    const { id, version, subscriptionRef } = membership
    if (subscriptionRef === null) throw notGoing()
    // The version makes a second click the same request, and the same wish next month another one.
    await provider.changeMembership(subscriptionRef, change, `membership ${id} ${version} ${word}`)
    await settle.look({ kind: 'subscription', id: subscriptionRef }, `membership:${id}`)
    return (await find(id))!
  }

  return { find, getOwn, change, cancel, resume, portal, endNow }
}

function toSwitch(membership: Membership, current: Offer, offer: Offer, billing: Billing): MembershipChange {
  const plan = {
    offerId: offer.id,
    name: offer.name,
    currency: offer.currency,
    amount: billing === 'year' ? (offer.yearlyPrice ?? -1) : offer.price,
    billing,
  }
  const cannot = (message: string) => new DomainError('conflict', 'no_such_change', message)
  if (plan.amount < 0) throw cannot('This is not sold by the year.')
  if (membership.billing === 'year' && billing === 'month') {
    throw cannot('A yearly membership runs to its end; then you can join by the month.')
  }
  const isLonger = billing !== membership.billing
  if (offer.tier === current.tier && !isLonger) {
    // Back to what is paid for: a downgrade that was ordered is undone.
    if (membership.nextOfferId !== null) return { kind: 'switch', plan, isProrated: false, held: null }
    throw cannot('This is what you have.')
  }
  if (offer.tier < current.tier) {
    if (isLonger) throw cannot('Change the tier first, then the time.')
    return { kind: 'switch', plan, isProrated: false, held: { offerId: current.id, until: membership.periodEnd ?? 0 } }
  }
  if (membership.nextOfferId !== null) throw cannot('Undo the change you ordered first.')
  return { kind: 'switch', plan, isProrated: true, held: null }
}

function requireGoing({ state }: Membership): void {
  if (state === 'past_due') {
    throw new DomainError('conflict', 'past_due', 'A payment is missing; bring your card up to date first.')
  }
  if (state !== 'active' && state !== 'trialing') throw notGoing()
}

function notGoing(): DomainError {
  return new DomainError('conflict', 'membership_over', 'This membership is not under way.')
}
