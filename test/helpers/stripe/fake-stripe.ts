import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { newId } from '../../../src/platform/ids.ts'
import type { FakeClock } from '../clock.ts'
import { createConnect } from './connect.ts'
import { complaintAbout, type Form, formOf } from './parameters.ts'
import { type Call, createThings, list, Refusal, type Routes, type Thing } from './things.ts'

const MONTH_S = 30 * 86_400

/**
 * Stripe as far as we use it, over HTTP on loopback: it keeps objects and their states (a session completes once, items
 * carry the period, refunds cannot exceed), remembers idempotency keys, and refuses what the library's own types do not
 * know (parameters.ts). Nested objects are always expanded.
 */
export async function fakeStripe(clock: FakeClock) {
  const things = createThings(clock)
  const { now, make, all, get, unique, remove } = things
  const connect = createConnect(things)
  const answered = new Map<string, unknown>()
  const refused = new Map<string, string>()
  const requests: { path: string; form: Form }[] = []

  /** `data`: what the payment intent, or the subscription, was made with. */
  function charge(amount: number, currency: string, data: Form | undefined): Thing {
    const fee = Math.round(amount * 0.015) + 25
    const metadata = data?.metadata ?? {}
    const made = make('ch', { amount, currency, disputed: false, receipt_url: 'https://receipts.example/1', metadata })
    Object.assign(made, { balance_transaction: { id: `txn_${made.id}`, amount, fee, currency } })
    const intent = make('pi', { status: 'succeeded', amount, amount_received: amount, currency, metadata })
    made.payment_intent = intent.id
    const destination = at(data, 'transfer_data', 'destination')
    const percent = Number(data?.application_fee_percent ?? 0)
    const share = Number(data?.application_fee_amount ?? Math.round((amount * percent) / 100))
    if (destination) Object.assign(made, connect.transferWithin(made, String(destination), share))
    return Object.assign(intent, { latest_charge: made })
  }

  function invoice(subscription: Thing, amount: number): Thing {
    const item = itemOf(subscription)
    const intent = charge(amount, String(subscription.currency), subscription.data as Form | undefined)
    const payment = make('inpay', { payment: { type: 'payment_intent', payment_intent: intent.id }, status: 'paid' })
    const made = make('in', {
      status: 'paid',
      subscription: subscription.id,
      parent: { subscription_details: { subscription: subscription.id, metadata: subscription.metadata } },
      lines: list([{ period: { start: item.current_period_start, end: item.current_period_end } }]),
      payments: list([payment]),
    })
    Object.assign(payment, { invoice: made.id, intent: intent.id })
    return made
  }

  const itemOf = (subscription: Thing) => (subscription.items as { data: Record<string, number>[] }).data[0]!
  const amountOf = (form: Form) => Number(at(form, 'unit_amount'))
  const at = (form: Form | string | undefined, ...path: string[]): Form | string | undefined =>
    path.reduce<Form | string | undefined>((value, name) => (typeof value === 'object' ? value[name] : undefined), form)

  const routes: Routes = {
    ...connect.routes,
    'POST /checkout/sessions'(_, form) {
      if (Number(form.expires_at) - now() < 1_800) throw new Refusal(400, 'invalid', 'expires_at is too soon')
      const data = form.mode === 'payment' ? form.payment_intent_data : form.subscription_data
      const destination = at(data, 'transfer_data', 'destination')
      if (destination) connect.requireTransfers(String(destination))
      const session = make('cs', {
        ...form,
        status: 'open',
        payment_status: 'unpaid',
        payment_intent: null,
        subscription: null,
        expires_at: Number(form.expires_at),
        price: at(form, 'line_items', '0', 'price_data'),
        data,
        discount: at(form, 'discounts', '0', 'coupon'),
      })
      return Object.assign(session, { url: `https://checkout.example/${session.id}` })
    },
    'GET /checkout/sessions': (_, form) =>
      list(all('cs').filter((session) => session.payment_intent === form.payment_intent)),
    'GET /checkout/sessions/*'(id) {
      const session = get(id)
      return typeof session.payment_intent === 'string'
        ? { ...session, payment_intent: get(session.payment_intent) }
        : session
    },
    'POST /checkout/sessions/*/expire'(id) {
      const session = get(id)
      if (session.status !== 'open') throw new Refusal(400, 'invalid', 'Only open sessions can be expired')
      return Object.assign(session, { status: 'expired' })
    },
    'POST /products': (_, form) => unique(form),
    'POST /coupons': (_, form) => unique({ ...form }),
    'GET /payment_intents/*': (id) => get(id),
    'GET /refunds': (_, form) => list(all('re').filter((refund) => refund.payment_intent === form.payment_intent)),
    'POST /refunds'(_, form) {
      const intent = get(String(form.payment_intent))
      const before = all('re').filter((refund) => refund.payment_intent === intent.id && refund.status !== 'failed')
      const left = before.reduce((sum, refund) => sum - Number(refund.amount), Number(intent.amount_received))
      if (Number(form.amount) > left) throw new Refusal(400, 'charge_already_refunded', 'More than is left')
      return make('re', { payment_intent: intent.id, amount: Number(form.amount), status: 'succeeded' })
    },
    'GET /disputes': (_, form) => list(all('dp').filter((dispute) => dispute.payment_intent === form.payment_intent)),
    'GET /invoices': (_, form) =>
      list(
        all('in')
          .filter((made) => made.subscription === form.subscription)
          .reverse()
          .slice(0, Number(form.limit)),
      ),
    'GET /invoice_payments'(_, form) {
      const found = all('inpay').filter((payment) => payment.intent === at(form, 'payment', 'payment_intent'))
      return list(found.map((payment) => ({ ...payment, invoice: get(String(payment.invoice)) })))
    },
    'GET /subscriptions/*': (id) => get(id),
    'POST /subscriptions/*'(id, form) {
      const subscription = get(id)
      if (subscription.status === 'canceled')
        throw new Refusal(400, 'invalid', 'A canceled subscription stays as it is')
      const { cancel_at_period_end: cancel, metadata } = form
      if (cancel)
        Object.assign(subscription, {
          cancel_at_period_end: cancel === 'true',
          canceled_at: cancel === 'true' ? now() : null,
        })
      Object.assign(subscription.metadata as object, metadata)
      const price = at(form, 'items', '0', 'price_data') as Form | undefined
      if (price) {
        if (at(form, 'items', '0', 'id') !== String(itemOf(subscription).id))
          throw new Refusal(400, 'invalid', 'No such item')
        get(String(price.product))
        const difference = amountOf(price) - Number(subscription.amount)
        Object.assign(subscription, { amount: amountOf(price) })
        if (form.proration_behavior === 'always_invoice' && difference > 0) invoice(subscription, difference)
      }
      return subscription
    },
    'DELETE /subscriptions/*': (id) =>
      Object.assign(get(id), { status: 'canceled', ended_at: now(), canceled_at: now() }),
    'POST /billing_portal/sessions': (_, form) => make('bps', { url: `https://portal.example/${form.customer}` }),
    'GET /webhook_endpoints': () => list(all('we')),
    'POST /webhook_endpoints': (_, form) => make('we', { ...form, secret: `whsec_${newId()}` }),
    'POST /webhook_endpoints/*': (id, form) => Object.assign(get(id), form),
    'DELETE /webhook_endpoints/*': remove,
    'GET /events': () => list([...all('evt')].reverse()),
  }

  async function answer(request: IncomingMessage): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url!, 'http://stripe.test')
    const path = pathname.replace('/v1', '')
    const words = path.split('/')
    const id = words.find((word) => things.has(word) || /_\d+$/.test(word)) ?? ''
    const call = `${request.method} ${words.map((word) => (word === id && id ? '*' : word)).join('/')}`
    const route = routes[call as Call]
    if (!route) throw new Refusal(404, 'unknown', `there is no ${call}`)
    const why = refused.get(call)
    if (why) throw new Refusal(400, 'invalid', why)
    const isJson = path.startsWith('/v2') && request.method === 'POST'
    const body = await text(request)
    const form = isJson
      ? JSON.parse(body)
      : formOf(request.method === 'POST' ? new URLSearchParams(body) : searchParams)
    const wrong = complaintAbout(call as Call, form, !isJson)
    if (wrong) throw new Refusal(400, wrong.code, `${wrong.code}: ${wrong.param} of ${call}`)
    const key = request.headers['idempotency-key']
    if (request.method === 'POST') requests.push({ path, form })
    if (typeof key === 'string' && answered.has(key) && request.method === 'POST') return answered.get(key)
    const account = request.headers['stripe-account']
    const answer = route(id, form, typeof account === 'string' ? account : null)
    if (typeof key === 'string') answered.set(key, answer)
    return answer
  }

  const server = createServer((request, response) => {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    answer(request).then(
      (body) => send(200, body),
      (error: unknown) =>
        error instanceof Refusal
          ? send(error.status, { error: { type: 'invalid_request_error', code: error.code, message: error.message } })
          : send(400, { error: { type: 'invalid_request_error', message: String(error) } }),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  /** What Stripe would send, unsigned. */
  function event(type: string, object: unknown): Thing {
    return make('evt', { object: 'event', type, data: { object: structuredClone(object) } })
  }

  return {
    at: { host: '127.0.0.1', port, protocol: 'http' as const },
    requests,
    get,
    all,
    /** From now on this call is refused. */
    refuse: (call: string, why: string) => void refused.set(call, why),
    event,
    ...connect,
    /** The buyer pays on the hosted page; a session completes once. */
    pay(sessionId: string): Thing[] {
      const session = get(sessionId)
      if (session.status !== 'open') throw new Error('a session completes once')
      const price = session.price as Form
      const currency = String(price.currency)
      const metadata = (session.data as Form | undefined)?.metadata ?? {}
      Object.assign(session, { status: 'complete', payment_status: 'paid' })
      if (session.mode === 'payment') {
        const intent = charge(amountOf(price), currency, session.data as Form | undefined)
        session.payment_intent = intent.id
        return [event('checkout.session.completed', session)]
      }
      const item = { current_period_start: now(), current_period_end: now() + MONTH_S, id: `si_${newId()}` }
      const subscription = make('sub', {
        data: session.data,
        metadata,
        currency,
        amount: amountOf(price),
        status: 'active',
        customer: 'cus_1',
        items: list([item]),
        trial_end: null,
        cancel_at_period_end: false,
        canceled_at: null,
        ended_at: null,
      })
      session.subscription = subscription.id
      const off = session.discount ? Number(get(String(session.discount)).amount_off) : 0
      const paid = invoice(subscription, amountOf(price) - off)
      return [
        event('checkout.session.completed', session),
        event('customer.subscription.created', subscription),
        event('invoice.paid', paid),
      ]
    },
    renew(subscriptionId: string, isPaid: boolean): Thing[] {
      const subscription = get(subscriptionId)
      const item = itemOf(subscription)
      Object.assign(item, {
        current_period_start: item.current_period_end,
        current_period_end: item.current_period_end! + MONTH_S,
      })
      subscription.status = isPaid ? 'active' : 'past_due'
      const events = isPaid ? [event('invoice.paid', invoice(subscription, Number(subscription.amount)))] : []
      return [event('customer.subscription.updated', subscription), ...events]
    },
    refund: (paymentIntent: string, amount: number) =>
      event('refund.created', make('re', { payment_intent: paymentIntent, amount, status: 'succeeded' })),
    dispute(paymentIntent: string): Thing {
      const intent = get(paymentIntent)
      Object.assign(intent.latest_charge as object, { disputed: true })
      const amount = intent.amount_received
      const dispute = {
        payment_intent: paymentIntent,
        amount,
        status: 'needs_response',
        balance_transactions: [{ fee: 1_500 }],
      }
      return event('charge.dispute.created', make('dp', dispute))
    },
    endDispute(disputeId: string, status: 'won' | 'lost'): Thing {
      return event('charge.dispute.closed', Object.assign(get(disputeId), { status }))
    },
  }
}
