import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { createStripeMoney } from '../../src/commerce/commerce.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { Secret } from '../../src/platform/secret.ts'
import { setUpStripe } from '../../src/stripe-setup.ts'
import { fakeClock } from '../helpers/clock.ts'
import { moneyRoom } from '../helpers/money.ts'
import { fakeStripe } from '../helpers/stripe/fake-stripe.ts'
import type { Thing } from '../helpers/stripe/things.ts'

const [ORDERS, PAYOUTS] = ['whsec_orders_of_these_tests', 'whsec_payouts_of_these_tests']

async function connectRoom() {
  const clock = fakeClock()
  const fake = await fakeStripe(clock)
  const secretKey = new Secret('sk_test_0123456789abcdef')
  const room = await moneyRoom({
    clock,
    provider: async (db) => {
      const webhookSecret = new Secret(`${ORDERS}, ${PAYOUTS}`)
      const options = { db, clock, secret: secretKey, secretKey, webhookSecret, publicUrl: 'http://footlight.test' }
      return (await createStripeMoney({ ...options, at: fake.at })).provider
    },
  })
  const { commerce, creator, channelId, worker, person } = room
  const library = new Stripe(secretKey.reveal(), fake.at)
  async function ring(event: Thing, secret = PAYOUTS) {
    const payload = JSON.stringify(event)
    const timestamp = Math.floor(clock.now() / 1_000)
    const header = library.webhooks.generateTestHeaderString({ payload, secret, timestamp })
    const outcome = await commerce.webhook.receive(payload, new Headers({ 'stripe-signature': header }))
    await worker.runDue()
    return outcome
  }
  /** Somebody buys; gives their payment intent. */
  async function buy(offerId: string, name = 'Anna') {
    const { url } = await commerce.checkout.start(await person(name), { offerId, billing: 'month' })
    const session = url!.split('/').at(-1)!
    for (const event of fake.pay(session)) await ring(event, ORDERS)
    return String(fake.get(session).payment_intent)
  }
  async function connect() {
    const url = await commerce.payouts.connect(creator, channelId, 'DE')
    return url.split('/').at(-1)!
  }
  const standing = async () => {
    const { account, page } = await commerce.payouts.list(creator, channelId, { limit: 10 })
    return { account, payouts: page.items, earned: (await commerce.sales.earnings(creator, channelId))[0] }
  }
  return { ...room, fake, library, ring, buy, connect, standing }
}

test('an account is opened once, and its state is what Stripe says, not what the event says', async () => {
  const { fake, connect, ring, standing } = await connectRoom()
  const account = await connect()
  expect(await connect()).toBe(account)
  const opened = fake.requests.filter(({ path }) => path === '/v2/core/accounts')
  expect(opened.map(({ form }) => form)).toMatchObject([{ identity: { country: 'de' }, dashboard: 'express' }])
  expect((await standing()).account).toMatchObject({ state: 'incomplete', missing: '[]' })

  const early = fake.onboard(account, 'active')
  const late = fake.onboard(account, 'asked_for_more')
  expect(await ring(late)).toBe('settled')
  expect(await ring(early)).toBe('settled')
  expect((await standing()).account).toMatchObject({ state: 'incomplete', missing: '["external_account"]' })
  await ring(fake.onboard(account, 'refused'))
  expect((await standing()).account).toMatchObject({ state: 'restricted' })
  await ring(fake.onboard(account, 'active'))
  expect((await standing()).account).toMatchObject({ state: 'active', missing: '[]' })
})

test('what was sold before is transferred out of its payments; what is sold after shares itself out', async () => {
  const { fake, connect, ring, buy, offer, plan, standing, balances, channelId } = await connectRoom()
  const { id: ticket } = await offer()
  const first = await buy(ticket)
  const account = await connect()
  expect((await standing()).earned).toMatchObject({ net: 900, kept: 900 })
  await ring(fake.onboard(account, 'active'))
  const transfer = { path: '/transfers', form: { amount: '900', destination: account } }
  expect(fake.requests.filter(({ path }) => path === '/transfers')).toMatchObject([transfer])
  expect((await standing()).earned).toMatchObject({ kept: 0, inAccount: 900 })

  await buy(ticket, 'Ben')
  await buy((await plan(2, 2_000)).id, 'Cleo')
  const checkouts = fake.requests.filter(({ path }) => path === '/checkout/sessions').slice(1)
  expect(checkouts.map(({ form }) => form)).toMatchObject([
    { payment_intent_data: { transfer_data: { destination: account }, application_fee_amount: '100' } },
    { subscription_data: { transfer_data: { destination: account }, application_fee_percent: '10' } },
  ])
  expect(fake.requests.filter(({ path }) => path === '/transfers')).toHaveLength(1)
  expect((await standing()).earned).toMatchObject({ net: 3_600, kept: 0, inAccount: 3_600, platformFee: 400 })
  expect(fake.balanceOf(account)).toBe(3_600)
  expect(await balances()).toMatchObject({ [`account:${channelId} EUR`]: 3_600 })

  await ring(fake.refund(first, 500), ORDERS)
  expect((await standing()).earned).toMatchObject({ net: 3_150, kept: 0, inAccount: 3_150 })
  expect(fake.balanceOf(account)).toBe(3_150)
})

test('nobody is turned away because the creator’s account is refused by now: the share is kept', async () => {
  const { fake, connect, ring, buy, offer, standing } = await connectRoom()
  const { id: ticket } = await offer()
  const account = await connect()
  await ring(fake.onboard(account, 'active'))
  const news = fake.onboard(account, 'refused')
  await buy(ticket)
  expect((await standing()).earned).toMatchObject({ kept: 900, inAccount: 0 })
  await ring(news)
  expect((await standing()).account).toMatchObject({ state: 'restricted' })
  await ring(fake.onboard(account, 'active'))
  expect((await standing()).earned).toMatchObject({ kept: 0, inAccount: 900 })
})

test('a lost dispute takes the share back; what an operator reverses in the dashboard is booked as well', async () => {
  const { fake, connect, ring, buy, offer, standing } = await connectRoom()
  const { id: ticket } = await offer()
  const account = await connect()
  await ring(fake.onboard(account, 'active'))
  const [disputed, other] = [await buy(ticket), await buy(ticket, 'Ben')]
  const opened = fake.dispute(disputed)
  await ring(opened, ORDERS)
  expect((await standing()).earned).toMatchObject({ inAccount: 1_800 })
  await ring(fake.endDispute((opened.data as { object: Thing }).object.id, 'lost'), ORDERS)
  expect((await standing()).earned).toMatchObject({ net: 900, inAccount: 900, kept: 0 })

  const charge = fake.get(other).latest_charge as { transfer: Thing }
  await ring(fake.reverse(charge.transfer.id, 200), ORDERS)
  // The creator's claim is what it was, so what was reversed by hand goes back to them.
  expect((await standing()).earned).toMatchObject({ net: 900, inAccount: 900, kept: 0 })
  expect(fake.balanceOf(account)).toBe(900)
})

test('payouts are booked with their states, whichever way the news comes', async () => {
  const { fake, connect, ring, buy, offer, standing, commerce } = await connectRoom()
  const account = await connect()
  await ring(fake.onboard(account, 'active'))
  await buy((await offer()).id)
  const created = fake.payOut(account)
  expect(await ring(created)).toBe('settled')
  expect(await standing()).toMatchObject({ payouts: [{ state: 'pending', amount: 900 }], earned: { paidOut: 900 } })
  const payout = (created.related_object as Thing).id
  const left = fake.movePayout(payout, 'in_transit')
  await ring(fake.movePayout(payout, 'failed'))
  await ring(left)
  expect(await standing()).toMatchObject({
    payouts: [{ state: 'failed', failure: 'The bank account is closed.' }],
    earned: { paidOut: 0, inAccount: 900 },
  })
  fake.movePayout((fake.payOut(account).related_object as Thing).id, 'paid') // and its events are lost
  expect(await commerce.reconcile.run()).toMatchObject({ repaired: [expect.stringContaining('payout:po_')] })
  expect((await standing()).payouts.map(({ state }) => state)).toEqual(['paid', 'failed'])
  expect(await commerce.ledger.imbalances()).toEqual([])
})

test('thin events of others and of our own payouts are none of ours; a stale or foreign signature is refused', async () => {
  const { fake, connect, ring, library } = await connectRoom()
  const account = await connect()
  const foreign = await library.v2.core.accounts.create({ contact_email: 'shoes@example.org' })
  expect(await ring(fake.onboard(foreign.id, 'active'))).toBe('foreign')
  const { context: _, ...own } = { ...fake.onboard(account, 'active'), type: 'v1.payout.paid', context: 'x' }
  expect(await ring(own)).toBe('ignored')
  const refused = { kind: 'bad_request', code: 'bad_signature' }
  await expect(ring(fake.onboard(account, 'active'), 'whsec_somebody_elses')).rejects.toMatchObject(refused)
})

test('what Stripe’s own types do not know is refused, as Stripe would', async () => {
  const { fake } = await connectRoom()
  const call = async (path: string, parameters: Record<string, string>) => {
    const url = `http://${fake.at.host}:${fake.at.port}/v1${path}`
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) })
    const { error } = (await response.json()) as { error: { type: string; code: string } }
    return [response.status, error.type, error.code]
  }
  const refund = (parameters: Record<string, string>) => call('/refunds', parameters)
  const refused = [400, 'invalid_request_error']
  expect(await refund({ payment_intent: 'pi_1', ammount: '100' })).toEqual([...refused, 'parameter_unknown'])
  expect(await refund({ payment_intent: 'pi_1', amount: 'much' })).toEqual([...refused, 'parameter_invalid'])
  expect(await refund({ reason: 'because' })).toEqual([...refused, 'parameter_invalid'])
  expect(await call('/transfers', { currency: 'eur' })).toEqual([...refused, 'parameter_missing'])
  const deep = { 'line_items[0][price_data][recurring][interval]': 'fortnight' }
  expect(await call('/checkout/sessions', deep)).toEqual([...refused, 'parameter_missing'])
})

test('scripts/start --stripe-setup makes the endpoints, moves them, and never makes them twice', async () => {
  const fake = await fakeStripe(fakeClock())
  const dir = mkdtempSync(join(tmpdir(), 'footlight-stripe-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  async function run(publicUrl: string): Promise<string[]> {
    const env = { DATA_DIR: dir, PUBLIC_URL: publicUrl, STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef' }
    const said: string[] = []
    const say = (line: string) => void said.push(line)
    const isWhole = await setUpStripe({ config: loadConfig(env), logger: createLogger('silent'), say, at: fake.at })
    return isWhole ? said : ['refused', ...said]
  }
  const made = expect.stringMatching(/: made$/)
  const moved = expect.stringMatching(/: moved$/)
  expect(await run('https://old.example.org')).toEqual([expect.stringContaining('old.example.org'), made, made])
  expect(await run('https://new.example.org')).toEqual([expect.stringContaining('new.example.org'), moved, moved])
  expect(fake.all('we')).toMatchObject([{ url: 'https://new.example.org/webhooks/stripe' }])
  expect(fake.all('ed')).toMatchObject([{ webhook_endpoint: { url: 'https://new.example.org/webhooks/stripe' } }])
  fake.refuse('POST /v2/core/event_destinations/*', 'Connect is off')
  expect(await run('https://new.example.org')).toEqual([
    'refused',
    expect.anything(),
    moved,
    expect.stringContaining('Connect is off'),
  ])
})
