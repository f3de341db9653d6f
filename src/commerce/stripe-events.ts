import type { Doorbell, Subject } from './provider.ts'
import type { Stripe } from './stripe.ts'
import { paymentOfGroup } from './stripe-accounts.ts'
import { idOf } from './stripe-truth.ts'

/** What we ask Stripe to ring for. */
export const EVENTS = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refunded',
  'charge.dispute.created',
  'charge.dispute.closed',
  'transfer.reversed',
] as const

/** The same for creators' accounts: events that carry an id and nothing else. */
export const THIN_EVENTS = [
  'v2.core.account.updated',
  'v2.core.account.closed',
  'v2.core.account[requirements].updated',
  'v2.core.account[configuration.recipient].updated',
  'v2.core.account[configuration.recipient].capability_status_updated',
  'v1.payout.created',
  'v1.payout.updated',
  'v1.payout.paid',
  'v1.payout.failed',
  'v1.payout.canceled',
] as const

/** What an event is about, and nothing of what it says: that is fetched. */
export function doorbellOf(event: Stripe.Event, nodeId: string): Doorbell {
  const [ref, metadata] = subjectOf(event)
  const orderId = metadata?.footlight === nodeId ? (metadata.order ?? null) : null
  return { eventId: event.id, type: event.type, ref, orderId }
}

/** An account rings for itself; a payout rings in the name of the account it leaves. */
export function thinDoorbellOf(event: Stripe.V2.Core.EventNotification): Doorbell {
  const { id: eventId, type, context } = event
  const related = 'related_object' in event ? event.related_object : null
  const relatedId = related && 'id' in related ? String(related.id) : undefined
  const account = type.startsWith('v2.core.account') ? relatedId : context?.toString()
  const isOurs = (THIN_EVENTS as readonly string[]).includes(type)
  return { eventId, type, ref: isOurs && account ? { kind: 'account', id: account } : null, orderId: null }
}

function subjectOf(event: Stripe.Event): [Subject | null, Stripe.Metadata | null] {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return [{ kind: 'checkout', id: event.data.object.id }, event.data.object.metadata]
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
      return [{ kind: 'subscription', id: event.data.object.id }, event.data.object.metadata]
    case 'invoice.paid':
    case 'invoice.payment_failed':
    case 'invoice.payment_action_required': {
      const details = event.data.object.parent?.subscription_details
      const id = idOf(details?.subscription)
      return [id ? { kind: 'subscription', id } : null, details?.metadata ?? null]
    }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refunded':
    case 'charge.dispute.created':
    case 'charge.dispute.closed': {
      const id = idOf(event.data.object.payment_intent)
      return [id ? { kind: 'payment', id } : null, null]
    }
    case 'transfer.reversed': {
      const id = paymentOfGroup(event.data.object.transfer_group)
      return [id ? { kind: 'payment', id } : null, null]
    }
    default:
      return [null, null]
  }
}
