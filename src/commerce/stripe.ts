/**
 * Stripe, and the only file that knows its library. Nothing has to be made by hand in its dashboard: products come with
 * the first checkout, and every object of ours carries the id of this node and of the order, so that one account may
 * serve other shops as well.
 */
import { Stripe } from 'stripe'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { Secret } from '../platform/secret.ts'
import type {
  Doorbell,
  MembershipChange,
  MembershipTruth,
  NewOrder,
  Paid,
  Plan,
  Provider,
  Ref,
  Truth,
} from './provider.ts'
import type { Settings } from './settings.ts'
import { shareOfMembership, shareOfPurchase, stripeAccounts, transfersOf } from './stripe-accounts.ts'
import { toStripe } from './stripe-amounts.ts'
import { stripeEndpoints } from './stripe-endpoints.ts'
import { doorbellOf, EVENTS, thinDoorbellOf } from './stripe-events.ts'
import { idOf, isOurs, type Marks, membershipTruth, paidOf, periodOf, purchaseTruth, unbegun } from './stripe-truth.ts'

export type { Stripe }

interface StripeOptions {
  secretKey: Secret
  /** From the environment, several by commas; else the ones that `setUpWebhook` was given. */
  webhookSecret: Secret | null
  /** Marks what is this node's. */
  nodeId: string
  settings: Settings
  clock: Clock
  publicUrl: string
  /** Where Stripe is, in tests. */
  at?: { host: string; port: number; protocol: 'http' }
}

/** Stripe's own: what was signed longer ago is a replay. */
const TOLERANCE_S = 300
/** A subscription's older payments are booked long since; what still moves on them is rung by name. */
const INVOICES_READ = 12
const TIMEOUT_MS = 20_000

export function createStripe({ secretKey, webhookSecret, nodeId, settings, clock, publicUrl, at }: StripeOptions) {
  const stripe = new Stripe(secretKey.reveal(), { ...at, timeout: TIMEOUT_MS, maxNetworkRetries: 1, telemetry: false })
  const endpoints = stripeEndpoints({ stripe, given: webhookSecret, nodeId, settings, publicUrl, asked })

  async function createCheckout(order: NewOrder) {
    const session = await asked(() => openSession(order, order.id)).catch((error: unknown) => {
      // No buyer is turned away because the creator's account is refused by now: the share is kept then.
      if (order.payee === null || !(error instanceof DomainError)) throw error
      return asked(() => openSession({ ...order, payee: null }, `${order.id} kept`))
    })
    if (!session.url) throw new Error(`Stripe gave no address for ${order.id}`)
    return { ref: session.id, url: session.url, expiresAt: session.expires_at * 1_000 }
  }

  async function openSession(order: NewOrder, idempotencyKey: string): Promise<Stripe.Checkout.Session> {
    const { id, buyer, currency, name } = order
    const marks: Marks = { footlight: nodeId, order: id }
    const common = {
      client_reference_id: id,
      customer_email: buyer.email,
      success_url: order.returnUrl,
      cancel_url: order.cancelUrl,
      // Half an hour is the least Stripe takes, and its clock may be ahead of ours.
      expires_at: Math.ceil(order.expiresAt / 1_000),
    }
    if (order.kind === 'purchase') {
      const price = { currency, unit_amount: toStripe(order.amount, currency), product_data: { name } }
      return stripe.checkout.sessions.create(
        {
          ...common,
          mode: 'payment',
          metadata: { ...marks },
          payment_intent_data: { metadata: { ...marks }, ...shareOfPurchase(order) },
          line_items: [{ quantity: 1, price_data: price }],
        },
        { idempotencyKey },
      )
    }
    const { plan, trialDays, discount } = order
    const metadata = { ...marks, offer: plan.offerId, billing: plan.billing }
    return stripe.checkout.sessions.create(
      {
        ...common,
        mode: 'subscription',
        metadata,
        subscription_data: {
          metadata,
          ...(trialDays > 0 ? { trial_period_days: trialDays } : {}),
          ...shareOfMembership(order),
        },
        line_items: [{ quantity: 1, price_data: await priceOf(plan) }],
        ...(discount ? { discounts: [{ coupon: await couponOf(discount, currency) }] } : {}),
      },
      { idempotencyKey },
    )
  }

  async function priceOf({ offerId, name, amount, currency, billing }: Plan) {
    const product = `footlight_${offerId}`
    await unlessThere(stripe.products.create({ id: product, name, metadata: { footlight: nodeId } }))
    return { currency, product, unit_amount: toStripe(amount, currency), recurring: { interval: billing } }
  }

  async function couponOf({ promotionId, amount }: { promotionId: string; amount: number }, currency: string) {
    const id = `footlight_${promotionId}_${amount}`
    const terms = { amount_off: toStripe(amount, currency), currency, duration: 'once' } as const
    await unlessThere(stripe.coupons.create({ id, ...terms, metadata: { footlight: nodeId } }))
    return id
  }

  async function closeCheckout(ref: string): Promise<void> {
    try {
      await stripe.checkout.sessions.expire(ref)
    } catch (error) {
      // Paid or closed already: what is true is fetched next.
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error
    }
  }

  async function fetch({ kind, id }: Ref): Promise<Truth | null> {
    if (kind === 'checkout') return ofCheckout(id)
    if (kind === 'subscription') return ofSubscription(id)
    return ofPayment(id)
  }

  async function ofCheckout(id: string): Promise<Truth | null> {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
    if (!isOurs(session.metadata, nodeId)) return null
    if (session.mode === 'subscription') {
      const subscription = idOf(session.subscription)
      return subscription ? ofSubscription(subscription) : unbegun(session)
    }
    const intent = idOf(session.payment_intent)
    return purchaseTruth(session, intent ? await payment(intent, null) : null)
  }

  async function ofSubscription(id: string): Promise<MembershipTruth | null> {
    const subscription = await stripe.subscriptions.retrieve(id)
    if (!isOurs(subscription.metadata, nodeId)) return null
    const invoices = await stripe.invoices.list({
      subscription: id,
      status: 'paid',
      limit: INVOICES_READ,
      expand: ['data.payments'],
    })
    const payments: Paid[] = []
    for (const invoice of invoices.data) {
      const period = periodOf(invoice)
      for (const { payment: by } of invoice.payments?.data ?? []) {
        const intent = idOf(by.payment_intent)
        const paid = intent ? await payment(intent, period) : null
        if (paid) payments.push(paid)
      }
    }
    return membershipTruth(subscription, payments.reverse())
  }

  /** A refund and a dispute name only the payment; whose it is says its checkout or its invoice. */
  async function ofPayment(id: string): Promise<Truth | null> {
    const sessions = await stripe.checkout.sessions.list({ payment_intent: id, limit: 1 })
    if (sessions.data[0]) return ofCheckout(sessions.data[0].id)
    const by = await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: id },
      limit: 1,
      expand: ['data.invoice'],
    })
    const invoice = by.data[0]?.invoice
    if (typeof invoice !== 'object' || !('parent' in invoice)) return null
    const subscription = idOf(invoice.parent?.subscription_details?.subscription)
    const truth = subscription && (await ofSubscription(subscription))
    if (!truth || truth.payments.some(({ ref }) => ref === id)) return truth || null
    // Older than those that are read with their subscription.
    const paid = await payment(id, periodOf(invoice))
    return { ...truth, payments: paid ? [paid, ...truth.payments] : truth.payments }
  }

  async function payment(id: string, period: Paid['period']): Promise<Paid | null> {
    const expand = ['balance_transaction', 'transfer', 'application_fee'].map((part) => `latest_charge.${part}`)
    const intent = await stripe.paymentIntents.retrieve(id, { expand })
    const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
    if (!charge) return null
    const [refunds, disputes, transfers] = await Promise.all([
      stripe.refunds.list({ payment_intent: id, limit: 100 }),
      charge.disputed ? stripe.disputes.list({ payment_intent: id, limit: 100 }) : { data: [] },
      transfersOf(stripe, id, charge),
    ])
    return paidOf({ intent, refunds: refunds.data, disputes: disputes.data, transfers, period })
  }

  async function refund({ paymentRef, amount, key }: { paymentRef: string; amount: number; key: string }) {
    const { currency } = await stripe.paymentIntents.retrieve(paymentRef)
    const wish = { payment_intent: paymentRef, amount: toStripe(amount, currency.toUpperCase()) }
    await asked(() => stripe.refunds.create(wish, { idempotencyKey: key }))
  }

  async function changeMembership(id: string, change: MembershipChange, key: string): Promise<void> {
    const once = { idempotencyKey: key }
    await asked(async () => {
      switch (change.kind) {
        case 'cancel_at_period_end':
          return stripe.subscriptions.update(id, { cancel_at_period_end: true }, once)
        case 'resume':
          return stripe.subscriptions.update(id, { cancel_at_period_end: false }, once)
        case 'end_now':
          return stripe.subscriptions.cancel(id, {}, once)
        case 'switch': {
          const { items } = await stripe.subscriptions.retrieve(id)
          const { plan, held } = change
          const marks = { offer: plan.offerId, billing: plan.billing }
          const holding = { held_offer: held?.offerId ?? '', held_until: held ? String(held.until) : '' }
          return stripe.subscriptions.update(
            id,
            {
              items: [{ id: items.data[0]!.id, price_data: await priceOf(plan) }],
              metadata: { ...marks, ...holding },
              proration_behavior: change.isProrated ? 'always_invoice' : 'none',
              // An upgrade that is not paid does not happen.
              ...(change.isProrated ? { payment_behavior: 'error_if_incomplete' } : {}),
            },
            once,
          )
        }
      }
    })
  }

  async function portalUrl(id: string, returnUrl: string): Promise<string | null> {
    const customer = idOf((await stripe.subscriptions.retrieve(id)).customer)
    return customer && (await stripe.billingPortal.sessions.create({ customer, return_url: returnUrl })).url
  }

  async function readEvent(body: string, headers: Headers): Promise<Doorbell> {
    const signature = headers.get('stripe-signature') ?? ''
    const secrets = await endpoints.secrets()
    if (secrets.length === 0) {
      throw new DomainError('unavailable', 'no_webhook_secret', 'The webhook of Stripe is not set up here.')
    }
    if (!secrets.some((secret) => isSignedWith(secret, body, signature))) {
      throw new DomainError('bad_request', 'bad_signature', 'This is not signed, or not by Stripe, or too long ago.')
    }
    const event: unknown = JSON.parse(body)
    const isThin = typeof event === 'object' && event !== null && 'object' in event && event.object === 'v2.core.event'
    if (isThin) return thinDoorbellOf(stripe.parseEventNotificationWithoutVerification(body))
    return doorbellOf(event as Stripe.Event, nodeId) // signed by Stripe
  }

  function isSignedWith(secret: Secret, body: string, signature: string): boolean {
    try {
      return stripe.webhooks.signature!.verifyHeader(
        body,
        signature,
        secret.reveal(),
        TOLERANCE_S,
        undefined,
        clock.now(),
      )
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
      throw error
    }
  }

  async function* list(since: number): AsyncIterable<Ref> {
    const seen = new Set<string>()
    const created = { gte: Math.floor(since / 1_000) }
    for await (const event of stripe.events.list({ created, types: [...EVENTS].slice(0, 20), limit: 100 })) {
      const { ref } = doorbellOf(event, nodeId)
      if (!ref || ref.kind === 'account' || seen.has(ref.id)) continue
      seen.add(ref.id)
      yield ref
    }
  }

  const provider: Provider = {
    name: 'stripe',
    isTest: false,
    createCheckout,
    closeCheckout,
    fetch,
    refund,
    changeMembership,
    portalUrl,
    readEvent,
    list,
    accounts: stripeAccounts({ stripe, nodeId, asked }),
  }
  return { provider, setUpWebhook: endpoints.setUp }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    const isThere = error instanceof Stripe.errors.StripeError && error.code === 'resource_already_exists'
    if (!isThere) throw error
  }
}

/** What Stripe says no to becomes a refusal a person can read; everything else stays a fault. */
async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError)
      throw new DomainError('payment_required', 'card_declined', error.message)
    if (error instanceof Stripe.errors.StripeInvalidRequestError) {
      throw new DomainError('conflict', 'provider_refused', `The payment provider says: ${error.message}`)
    }
    throw error
  }
}
