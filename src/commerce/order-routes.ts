import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  conflict,
  createRouter,
  json,
  limitRate,
  notFound,
  paymentRequired,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import { GIFT_MONTHS } from './article.ts'
import type { Commerce } from './commerce.ts'
import {
  ChannelName,
  MembershipView,
  Money,
  membershipView,
  PaymentView,
  PurchaseView,
  paymentView,
  purchaseView,
  Tier,
  tierName,
} from './views.ts'

const id = z.string().min(1).max(64)
const Billing = z.enum(['month', 'year'])
const OrderPath = z.strictObject({ orderId: z.string().min(1).max(80) })
const MembershipPath = z.strictObject({ id })

const Wish = z.strictObject({
  offerId: id,
  billing: Billing.default('month').openapi({ description: 'For memberships.' }),
  giftMonths: z
    .literal([...GIFT_MONTHS])
    .optional()
    .openapi({
      description:
        'A membership for somebody else, paid once for so many months; `/purchases` has the link to hand on.',
    }),
  promotionCode: z.string().min(1).max(40).optional(),
  expectedAmount: Money.optional().openapi({ description: 'What was shown; 409 when it costs something else by now.' }),
  returnTo: z.string().max(500).optional().openapi({ description: 'A path of this site to come back to.' }),
})
const OrderView = z
  .object({
    orderId: z.string(),
    state: z.string(),
    isSettled: z.boolean().openapi({ description: 'Paid and booked: what was bought can be opened.' }),
  })
  .openapi('Order')
const MyMembership = MembershipView.extend({ channel: ChannelName, payments: z.array(PaymentView) })
const Change = z.strictObject({ offerId: id, billing: Billing })

const common = { tags: ['buying'], security: signedIn }
const answers = { ...unauthenticated, ...refusals }

const startRoute = createRoute({
  ...common,
  method: 'post',
  path: '/checkouts',
  summary: 'Begin to buy: the address of the page where it is paid, or null where it is free',
  request: { body: json(Wish) },
  responses: {
    201: answer('Begun', z.object({ orderId: z.string(), url: z.string().nullable() })),
    ...paymentRequired,
    ...conflict,
    ...notFound,
    ...answers,
  },
})

const orderRoute = createRoute({
  ...common,
  method: 'get',
  path: '/orders/{orderId}',
  summary: 'How my order stands',
  request: { params: OrderPath },
  responses: { 200: answer('As it stands', OrderView), ...notFound, ...answers },
})

const lookRoute = createRoute({
  ...common,
  method: 'post',
  path: '/orders/{orderId}/look',
  summary: 'The same, asking the payment provider where its word is late',
  request: { params: OrderPath },
  responses: { 200: answer('As it stands', OrderView), ...notFound, ...answers },
})

const purchasesRoute = createRoute({
  ...common,
  method: 'get',
  path: '/purchases',
  summary: 'What I bought, newest first, with receipts',
  request: { query: PageQuery },
  responses: {
    200: answer('A page', z.object({ purchases: z.array(PurchaseView), nextCursor: z.string().nullable() })),
    ...answers,
  },
})

const membershipsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/memberships',
  summary: 'My memberships, newest first, with receipts',
  request: { query: PageQuery },
  responses: {
    200: answer('A page', z.object({ memberships: z.array(MyMembership), nextCursor: z.string().nullable() })),
    ...answers,
  },
})

const ofMembership = { 200: answer('As it is now', MembershipView), ...notFound, ...conflict, ...answers }

const cancelRoute = createRoute({
  ...common,
  method: 'post',
  path: '/memberships/{id}/cancel',
  summary: 'End my membership when the paid period is over; at once where it was not paid',
  request: { params: MembershipPath },
  responses: ofMembership,
})

const resumeRoute = createRoute({
  ...common,
  method: 'post',
  path: '/memberships/{id}/resume',
  summary: 'Let my cancelled membership go on after all',
  request: { params: MembershipPath },
  responses: ofMembership,
})

const changeRoute = createRoute({
  ...common,
  method: 'post',
  path: '/memberships/{id}/change',
  summary: 'Change my tier: up at once for the difference, down when the paid period is over',
  request: { params: MembershipPath, body: json(Change) },
  responses: ofMembership,
})

const portalRoute = createRoute({
  ...common,
  method: 'post',
  path: '/memberships/{id}/portal',
  summary: 'The page of the payment provider where I change my card',
  request: { params: MembershipPath },
  responses: { 200: answer('Its address', z.object({ url: z.string() })), ...notFound, ...answers },
})

const redeemRoute = createRoute({
  ...common,
  method: 'post',
  path: '/gifts/redeem',
  summary: 'Take what a gift link gives',
  request: { body: json(z.strictObject({ code: z.string().min(1).max(64) })) },
  responses: {
    200: answer('What it opened', z.object({ channelId: z.string(), expiresAt: z.iso.datetime().nullable() })),
    ...notFound,
    ...conflict,
    ...answers,
  },
})

const giftRoute = createRoute({
  method: 'get',
  path: '/gifts/{code}',
  tags: ['buying'],
  security: [{}, ...signedIn],
  summary: 'What a gift link gives; for whoever holds it',
  request: { params: z.strictObject({ code: z.string().min(1).max(64) }) },
  responses: {
    200: answer(
      'The gift',
      z.object({
        channelSlug: z.string(),
        channelName: z.string(),
        tier: Tier.nullable(),
        days: z.int().nullable().openapi({ description: 'Null: for ever.' }),
        isGood: z.boolean().openapi({ description: 'It can be taken still.' }),
      }),
    ),
    ...notFound,
    ...refusals,
  },
})

interface Deps {
  commerce: Commerce
  /** For what costs the provider's time, or could be guessed at. */
  tries: RateLimit
  /** For a page that waits: it asks again and again. */
  looks: RateLimit
}

export function orderRoutes({ commerce, tries, looks }: Deps) {
  const { checkout, purchases, memberships, gifts } = commerce
  const router = createRouter()
  router.use('/checkouts', limitRate(tries))
  router.use('/gifts/*', limitRate(tries))
  router.use('/orders/*', limitRate(looks))

  return router
    .openapi(startRoute, async (c) => c.json(await checkout.start(requireUser(c), c.req.valid('json')), 201))

    .openapi(orderRoute, async (c) =>
      c.json(await purchases.stateOf(requireUser(c), c.req.valid('param').orderId), 200),
    )

    .openapi(lookRoute, async (c) => c.json(await purchases.look(requireUser(c), c.req.valid('param').orderId), 200))

    .openapi(purchasesRoute, async (c) => {
      const { items, nextCursor } = await purchases.listOf(requireUser(c), c.req.valid('query'))
      return c.json({ purchases: items.map(purchaseView), nextCursor }, 200)
    })

    .openapi(membershipsRoute, async (c) => {
      const { items, nextCursor } = await purchases.membershipsOf(requireUser(c), c.req.valid('query'))
      const listed = items.map((row) => ({
        ...membershipView(row),
        channel: row.channel,
        payments: row.payments.map(paymentView),
      }))
      return c.json({ memberships: listed, nextCursor }, 200)
    })

    .openapi(cancelRoute, async (c) =>
      c.json(membershipView(await memberships.cancel(requireUser(c), c.req.valid('param').id)), 200),
    )

    .openapi(resumeRoute, async (c) =>
      c.json(membershipView(await memberships.resume(requireUser(c), c.req.valid('param').id)), 200),
    )

    .openapi(changeRoute, async (c) => {
      const row = await memberships.change(requireUser(c), c.req.valid('param').id, c.req.valid('json'))
      return c.json(membershipView(row), 200)
    })

    .openapi(portalRoute, async (c) =>
      c.json({ url: await memberships.portal(requireUser(c), c.req.valid('param').id) }, 200),
    )

    .openapi(giftRoute, async (c) => {
      const { tier, ...gift } = await gifts.look(c.req.valid('param').code)
      return c.json({ ...gift, tier: tierName(tier) }, 200)
    })

    .openapi(redeemRoute, async (c) => {
      const { channelId, expiresAt } = await gifts.redeem(requireUser(c), c.req.valid('json').code)
      return c.json({ channelId, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() }, 200)
    })
}
