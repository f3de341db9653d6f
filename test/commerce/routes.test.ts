import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { createApp } from '../../src/app.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { testDatabaseUrl } from '../helpers/database.ts'
import { eventually } from '../helpers/eventually.ts'
import { mailedLink } from '../helpers/mail.ts'

/** A real node with an owner, their channel, and whoever else registers. */
async function node() {
  const dir = mkdtempSync(join(tmpdir(), 'footlight-money-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const owner = { email: 'olga@example.org', password: 'a long enough one' }
  const config = loadConfig({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    RTMP_HOST: '127.0.0.1',
    RTMP_PORT: '0',
    DATA_DIR: dir,
    MEDIA_ROOT: join(dir, 'media'),
    DATABASE_URL: await testDatabaseUrl(),
    OWNER_EMAIL: owner.email,
    OWNER_PASSWORD: owner.password,
    PLATFORM_FEE_PERCENT: '10',
    PUBLIC_URL: 'http://localhost:8080',
  })
  const app = await createApp({ config, logger: createLogger('silent') })
  onTestFinished(() => app.stop())
  const { ports } = await app.start()

  async function call(method: string, path: string, given: { as?: string; body?: unknown } = {}) {
    const headers = new Headers()
    if (given.body !== undefined) headers.set('content-type', 'application/json')
    if (given.as) headers.set('authorization', `Bearer ${given.as}`)
    const body = given.body === undefined ? null : JSON.stringify(given.body)
    const response = await fetch(`http://127.0.0.1:${ports.http}${path}`, { method, headers, body })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : null }
  }
  async function register(name: string): Promise<string> {
    const person = { email: `${name}@example.org`, password: 'a long enough one', name }
    await call('POST', '/api/auth/sign-up/email', { body: person })
    const link = await mailedLink(
      { call: async (method, path) => (await call(method, `/api${path}`, { as: admin })).body },
      person.email,
    )
    return (await call('POST', '/api/auth/verify', { body: { token: link.split('token=')[1] } })).body.token
  }
  const admin = (await call('POST', '/api/auth/sign-in/email', { body: owner })).body.token
  const { channels } = (await call('GET', '/api/channels')).body
  const channelId: string = channels[0].id
  return { hono: app.hono, call, register, admin, channelId }
}

const vip = { kind: 'membership', tier: 'vip', name: 'VIP', currency: 'EUR', price: 1_000 }

test('a stranger registers, joins with test money, reads the receipt, cancels; the creator sees and refunds it', async () => {
  const { call, register, admin, channelId } = await node()
  const { body: offer } = await call('POST', `/api/channels/${channelId}/offers`, { as: admin, body: vip })
  expect(offer).toMatchObject({ tier: 'vip', price: 1_000, digits: 2, isOnSale: true })
  expect((await call('GET', `/api/channels/${channelId}/offers`)).body).toMatchObject({
    offers: [{ id: offer.id, name: 'VIP' }],
    isTestMoney: true,
  })

  const anna = await register('anna')
  const { body: begun } = await call('POST', '/api/checkouts', { as: anna, body: { offerId: offer.id } })
  const checkout = `/api/test-money/${begun.url.split('/').at(-1)}`
  expect((await call('GET', checkout, { as: anna })).body).toMatchObject({
    amount: 1_000,
    renews: { billing: 'month' },
  })
  expect((await call('POST', `${checkout}/acts`, { as: anna, body: { act: 'pay' } })).body.state).toBe('active')
  const order = `/api/orders/${encodeURIComponent(begun.orderId)}`
  await eventually(async () => (await call('GET', order, { as: anna })).body.isSettled, { everyMs: 10 })

  const mine = async () => (await call('GET', '/api/memberships', { as: anna })).body.memberships[0]
  expect(await mine()).toMatchObject({ tier: 'vip', state: 'active', payments: [{ amount: 1_000, refunded: 0 }] })
  const { id } = await mine()
  expect((await call('POST', `/api/memberships/${id}/cancel`, { as: anna })).body.cancelAtPeriodEnd).toBe(true)
  expect((await call('POST', `/api/memberships/${id}/resume`, { as: anna })).body.cancelAtPeriodEnd).toBe(false)

  const { sales } = (await call('GET', `/api/channels/${channelId}/sales`, { as: admin })).body
  expect(sales).toMatchObject([{ buyer: 'anna', item: 'VIP', amount: 1_000, platformFee: 100 }])
  const refund = { amount: 400 }
  const { body } = await call('POST', `/api/payments/${sales[0].id}/refund`, { as: admin, body: refund })
  expect(body.refunded).toBe(400)
  expect((await call('GET', `/api/channels/${channelId}/earnings`, { as: admin })).body.earnings).toMatchObject([
    { currency: 'EUR', gross: 1_000, refunded: 400, platformFee: 60, net: 540 },
  ])
  expect((await call('GET', `/api/channels/${channelId}/members`, { as: admin })).body.members).toMatchObject([
    { member: 'anna', tier: 'vip' },
  ])
  expect((await call('GET', '/api/operator/money', { as: admin })).body).toMatchObject({
    provider: 'test',
    isTestMoney: true,
    isBalanced: true,
    accounts: expect.arrayContaining([{ account: 'platform', currency: 'EUR', balance: -60 }]),
  })
  expect((await call('POST', '/api/operator/money/reconcile', { as: admin })).body).toMatchObject({ differences: [] })
})

test('nobody reaches what is not theirs, by any road of the money', async () => {
  const { call, register, admin, channelId } = await node()
  const { body: offer } = await call('POST', `/api/channels/${channelId}/offers`, { as: admin, body: vip })
  const [anna, mallory] = [await register('anna'), await register('mallory')]
  const { body: begun } = await call('POST', '/api/checkouts', { as: anna, body: { offerId: offer.id } })
  const checkoutId = begun.url.split('/').at(-1)
  await call('POST', `/api/test-money/${checkoutId}/acts`, { as: anna, body: { act: 'pay' } })
  const order = `/api/orders/${encodeURIComponent(begun.orderId)}`
  await eventually(async () => (await call('GET', order, { as: anna })).body.isSettled, { everyMs: 10 })
  const membership = begun.orderId.split(':')[1]
  const { sales } = (await call('GET', `/api/channels/${channelId}/sales`, { as: admin })).body
  const terms = { offerId: offer.id, billing: 'month' }
  const of = `/api/channels/${channelId}`
  const tries: [string, string, number, unknown?][] = [
    ['GET', order, 404],
    ['POST', `${order}/look`, 404],
    ['GET', `/api/test-money/${checkoutId}`, 404],
    ['POST', `/api/test-money/${checkoutId}/acts`, 404, { act: 'dispute' }],
    ['POST', `/api/memberships/${membership}/cancel`, 404],
    ['POST', `/api/memberships/${membership}/resume`, 404],
    ['POST', `/api/memberships/${membership}/portal`, 404],
    ['POST', `/api/memberships/${membership}/change`, 404, terms],
    ['POST', `/api/payments/${sales[0].id}/refund`, 403, {}],
    ['GET', `${of}/sales`, 403],
    ['GET', `${of}/members`, 403],
    ['GET', `${of}/earnings`, 403],
    ['GET', `${of}/all-offers`, 403],
    ['POST', `${of}/offers`, 403, vip],
    ['PATCH', `/api/offers/${offer.id}`, 403, { price: 1 }],
    ['DELETE', `/api/offers/${offer.id}`, 403],
    ['GET', `${of}/promotions`, 403],
    ['POST', `${of}/promotions`, 403, { code: 'FREE', percentOff: 100 }],
    ['DELETE', `${of}/promotions/x`, 403],
    ['GET', `${of}/gifts`, 403],
    ['POST', `${of}/gifts`, 403, { tier: 'vip' }],
    ['DELETE', `${of}/gifts/x`, 403],
    ['GET', `${of}/comps`, 403],
    ['POST', `${of}/comps`, 403, { userId: 'me', tier: 'vip' }],
    ['DELETE', `${of}/comps/x`, 403],
    ['GET', '/api/operator/money', 403],
    ['POST', '/api/operator/money/reconcile', 403],
    ['POST', '/api/operator/money/webhook', 403],
    ['GET', '/api/jobs', 403],
    ['POST', '/api/jobs/x/retry', 403],
    ['DELETE', '/api/jobs/x', 403],
  ]
  for (const [method, path, status, body] of tries) {
    expect((await call(method, path, { as: mallory, body })).status, `${method} ${path}`).toBe(status)
    expect((await call(method, path, { body })).status, `${method} ${path} by nobody`).toBe(401)
  }
  expect((await call('POST', '/api/checkouts', { body: { offerId: offer.id } })).status).toBe(401)
  expect((await call('GET', '/api/memberships', { as: mallory })).body.memberships).toEqual([])
})

test('a creator connects a payout account; strangers see nothing of it', async () => {
  const { call, register, admin, channelId } = await node()
  const mallory = await register('mallory')
  const [list, account] = [`/api/channels/${channelId}/payouts`, `/api/channels/${channelId}/payout-account`]
  expect((await call('GET', list, { as: admin })).body).toEqual({
    ...{ account: null, payouts: [], nextCursor: null, provider: 'test' },
  })
  expect((await call('POST', account, { as: admin, body: {} })).body.error.code).toBe('country_missing')
  expect((await call('POST', `${account}/look`, { as: admin })).status).toBe(404)
  const { url } = (await call('POST', account, { as: admin, body: { country: 'DE' } })).body
  const page = `/api/test-money/accounts/${url.split('/').at(-1)}`
  expect((await call('GET', page, { as: admin })).body).toMatchObject({ state: 'incomplete', balances: [] })
  const act = (name: string, as: string) => call('POST', `${page}/acts`, { as, body: { act: name } })
  expect((await act('pay_out', admin)).status).toBe(409)
  expect((await act('complete', admin)).body).toMatchObject({ state: 'active', missing: [] })
  expect((await call('POST', `${account}/look`, { as: admin })).body).toMatchObject({ state: 'active', missing: [] })

  const checkout = page.replace('/accounts', '')
  const closed: [string, string, unknown?][] = [
    ['GET', list],
    ['POST', account, { country: 'DE' }],
    ['POST', `${account}/look`],
    ['GET', page],
    ['POST', `${page}/acts`, { act: 'restrict' }],
  ]
  for (const [method, path, body] of closed) {
    expect([path, (await call(method, path, { body })).status]).toEqual([path, 401])
    const { status } = await call(method, path, { as: mallory, body })
    expect([path, [403, 404].includes(status)]).toEqual([path, true])
  }
  expect((await call('GET', checkout, { as: admin })).status).toBe(404)
})

test('the provider’s door hears only what is signed, and takes no price from a page', async () => {
  const { hono, call, register, admin, channelId } = await node()
  const { body: offer } = await call('POST', `/api/channels/${channelId}/offers`, { as: admin, body: vip })
  const anna = await register('anna')
  const { body: begun } = await call('POST', '/api/checkouts', { as: anna, body: { offerId: offer.id } })
  const event = { id: 'evt_1', type: 'pay', orderId: begun.orderId }
  expect((await call('POST', '/webhooks/test', { body: event })).status).toBe(400)
  const long = { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) }
  expect((await hono.request('/webhooks/test', long)).status).toBe(413)
  expect((await call('POST', '/webhooks/stripe', { body: event })).status).toBe(404)
  expect((await call('POST', '/api/checkouts', { as: anna, body: { offerId: offer.id, amount: 1 } })).status).toBe(422)
  const elsewhere = { offerId: offer.id, returnTo: 'https://evil.example/' }
  expect((await call('POST', '/api/checkouts', { as: anna, body: elsewhere })).body.error.code).toBe('foreign_return')
})
