import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  conflict,
  createRouter,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { Commerce } from './commerce.ts'
import { minorDigits } from './money.ts'
import { TIERS } from './offers.ts'
import {
  fromIso,
  iso,
  MembershipView,
  Money,
  membershipView,
  PaymentView,
  paymentView,
  Tier,
  tierName,
  when,
} from './views.ts'

const id = z.string().min(1).max(64)
const ChannelPath = z.strictObject({ id })
const PartPath = z.strictObject({ id, partId: id })

const Sale = PaymentView.extend({
  userId: z.string(),
  isMembership: z.boolean(),
  buyer: z.string(),
  item: z.string(),
  platformFee: Money,
  processingFee: Money.nullable(),
}).openapi('Sale')
const Member = MembershipView.extend({ userId: z.string(), member: z.string() }).openapi('Member')
const EarningsView = z
  .object({
    currency: z.string(),
    digits: z.int(),
    gross: Money,
    refunded: Money,
    disputed: Money,
    platformFee: Money,
    processingFee: Money.openapi({ description: 'What the payment provider kept; the platform bears it.' }),
    net: Money.openapi({ description: "What is the creator's." }),
    paidOut: Money.openapi({ description: 'What of it was sent to their bank.' }),
    inAccount: Money.openapi({ description: 'What of it lies in their payout account.' }),
    kept: Money.openapi({ description: 'What of it is still with the platform; negative: what is owed to it.' }),
  })
  .openapi('Earnings')
const GiftView = z
  .object({
    id: z.string(),
    code: z.string(),
    tier: Tier.nullable(),
    days: z.int().nullable(),
    maxUses: z.int(),
    uses: z.int(),
    expiresAt: when.nullable(),
  })
  .openapi('Gift')
const CompView = z
  .object({
    id: z.string(),
    userId: z.string(),
    scope: z.string(),
    tier: Tier.nullable(),
    note: z.string(),
    expiresAt: when.nullable(),
  })
  .openapi('Comp')

const validDays = z.int().min(1).max(3_650).nullable().default(null).openapi({ description: 'Null: for ever.' })
const NewGift = z.strictObject({
  tier: Tier,
  days: validDays,
  maxUses: z.int().min(1).max(100_000).default(1),
  expiresAt: when.nullable().default(null),
})
const NewComp = z.strictObject({
  userId: id,
  sessionId: id.optional().openapi({ description: 'A ticket to this show; else a membership of `tier`.' }),
  tier: Tier.optional(),
  days: validDays,
  note: z.string().trim().max(200).default(''),
})
const RefundWish = z.strictObject({
  amount: Money.min(1).optional().openapi({ description: 'All that is left, when left out.' }),
  endMembership: z.boolean().default(false),
  refundedBefore: Money.optional().openapi({
    description:
      'What had been given back when this was decided: 409 when it is more by now, so that nothing is given twice.',
  }),
})

const common = { tags: ['selling'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }
const salesRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/sales',
  summary: 'Payments to a channel; for its owner',
  request: { params: ChannelPath, query: PageQuery },
  responses: {
    200: answer('A page', z.object({ sales: z.array(Sale), nextCursor: z.string().nullable() })),
    ...answers,
  },
})

const membersRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/members',
  summary: 'The members of a channel, former ones included; for its owner',
  request: { params: ChannelPath, query: PageQuery },
  responses: {
    200: answer('A page', z.object({ members: z.array(Member), nextCursor: z.string().nullable() })),
    ...answers,
  },
})

const earningsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/earnings',
  summary: 'What a channel earned, per currency, with all fees; for its owner',
  request: { params: ChannelPath },
  responses: { 200: answer('From the ledger', z.object({ earnings: z.array(EarningsView) })), ...answers },
})

const refundRoute = createRoute({
  ...common,
  method: 'post',
  path: '/payments/{id}/refund',
  summary: 'Give money back, within what was paid; for the owner of the channel',
  request: { params: ChannelPath, body: json(RefundWish) },
  responses: { 200: answer('The payment now', PaymentView), ...conflict, ...answers },
})

const giftsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/gifts',
  summary: 'The gift links of a channel; for its owner',
  request: { params: ChannelPath },
  responses: { 200: answer('The links', z.object({ gifts: z.array(GiftView) })), ...answers },
})

const giftRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/gifts',
  summary: 'A link that gives a membership to the first who open it; for the owner of the channel',
  request: { params: ChannelPath, body: json(NewGift) },
  responses: { 201: answer('The link', GiftView), ...conflict, ...answers },
})

const ungiftRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/channels/{id}/gifts/{partId}',
  summary: 'The link gives nothing more; for the owner of the channel',
  request: { params: PartPath },
  responses: { 204: { description: 'Withdrawn' }, ...answers },
})

const compsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/comps',
  summary: 'Who was let in for nothing; for the owner of the channel',
  request: { params: ChannelPath },
  responses: {
    200: answer('The comps', z.object({ comps: z.array(CompView.extend({ person: z.string() })) })),
    ...answers,
  },
})

const compRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/comps',
  summary: 'Let somebody in for nothing; for the owner of the channel',
  request: { params: ChannelPath, body: json(NewComp) },
  responses: { 201: answer('The comp', CompView), ...answers },
})

const uncompRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/channels/{id}/comps/{partId}',
  summary: 'Take a comp back; for the owner of the channel',
  request: { params: PartPath },
  responses: { 204: { description: 'Taken back' }, ...answers },
})

export function salesRoutes({ commerce }: { commerce: Commerce }) {
  const { sales, gifts, comps } = commerce
  return createRouter()
    .openapi(salesRoute, async (c) => {
      const { items, nextCursor } = await sales.payments(requireUser(c), c.req.valid('param').id, c.req.valid('query'))
      const listed = items.map((row) => {
        const { userId, buyer, item, platformFee, fee } = row
        return {
          ...paymentView(row),
          isMembership: row.membershipId !== null,
          userId,
          buyer,
          item,
          platformFee,
          processingFee: fee,
        }
      })
      return c.json({ sales: listed, nextCursor }, 200)
    })

    .openapi(membersRoute, async (c) => {
      const { items, nextCursor } = await sales.members(requireUser(c), c.req.valid('param').id, c.req.valid('query'))
      const members = items.map((row) => ({ ...membershipView(row), userId: row.userId, member: row.member }))
      return c.json({ members, nextCursor }, 200)
    })

    .openapi(earningsRoute, async (c) => {
      const found = await sales.earnings(requireUser(c), c.req.valid('param').id)
      return c.json({ earnings: found.map((sum) => ({ ...sum, digits: minorDigits(sum.currency) })) }, 200)
    })

    .openapi(refundRoute, async (c) => {
      const payment = await sales.refund(requireUser(c), c.req.valid('param').id, c.req.valid('json'))
      return c.json(paymentView(payment), 200)
    })

    .openapi(giftsRoute, async (c) => {
      const links = await gifts.links(requireUser(c), c.req.valid('param').id)
      return c.json({ gifts: links.map(giftView) }, 200)
    })

    .openapi(giftRoute, async (c) => {
      const { tier, expiresAt, ...gift } = c.req.valid('json')
      const given = { ...gift, tier: TIERS.indexOf(tier) + 1, expiresAt: fromIso(expiresAt) }
      return c.json(giftView(await gifts.createLink(requireUser(c), c.req.valid('param').id, given)), 201)
    })

    .openapi(ungiftRoute, async (c) => {
      const { id: channelId, partId } = c.req.valid('param')
      await gifts.withdrawLink(requireUser(c), channelId, partId)
      return c.body(null, 204)
    })

    .openapi(compsRoute, async (c) => {
      const given = await comps.list(requireUser(c), c.req.valid('param').id)
      return c.json({ comps: given.map(({ person, ...row }) => ({ ...compView(row), person })) }, 200)
    })

    .openapi(compRoute, async (c) => {
      const { sessionId, tier, ...comp } = c.req.valid('json')
      const scope = sessionId ? (`session:${sessionId}` as const) : null
      const level = scope === null ? TIERS.indexOf(tier ?? 'basic') + 1 : 0
      const row = await comps.give(requireUser(c), c.req.valid('param').id, { ...comp, scope, tier: level })
      return c.json(compView(row), 201)
    })

    .openapi(uncompRoute, async (c) => {
      const { id: channelId, partId } = c.req.valid('param')
      await comps.revoke(requireUser(c), channelId, partId)
      return c.body(null, 204)
    })
}

function giftView(row: Awaited<ReturnType<Commerce['gifts']['createLink']>>) {
  const { id, code, days, maxUses, uses } = row
  return { id, code, tier: tierName(row.tier), days, maxUses, uses, expiresAt: iso(row.expiresAt) }
}

function compView(row: Awaited<ReturnType<Commerce['comps']['give']>>) {
  const { id, userId, scope, note } = row
  return { id, userId, scope, tier: tierName(row.tier), note, expiresAt: iso(row.expiresAt) }
}
