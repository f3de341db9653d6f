import { createRoute, z } from '@hono/zod-openapi'
import type { Clock } from '../platform/clock.ts'
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
import type { Commerce } from './commerce.ts'
import { Currency, MOST } from './money.ts'
import { OFFER_KINDS, type Offer, TIERS } from './offers.ts'
import { fromIso, iso, Money, OfferView, offerView, Tier, when } from './views.ts'

const id = z.string().min(1).max(64)
const ChannelPath = z.strictObject({ id })
const OfferPath = z.strictObject({ id })
const PartPath = z.strictObject({ id, partId: id })

const price = Money.min(0).max(MOST)
const days = z.int().min(0).max(3_650)
const terms = {
  name: z.string().trim().min(1).max(120),
  perks: z.string().trim().max(2_000),
  price,
  yearlyPrice: price.nullable(),
  earlyPrice: price.nullable(),
  earlyUntil: when.nullable(),
  seats: z.int().min(1).max(1_000_000).nullable(),
  saleFrom: when.nullable(),
  saleUntil: when.nullable(),
  replayDays: days.nullable(),
  rentHours: z.int().min(1).max(8_760).nullable(),
  rentFrom: z.enum(['purchase', 'first_play']).nullable(),
  trialDays: z.int().min(0).max(90),
}
const NewOffer = z.strictObject({
  ...terms,
  kind: z.enum(OFFER_KINDS),
  sessionId: id.optional(),
  tier: Tier.optional().openapi({ description: 'For a membership; one offer per tier.' }),
  currency: Currency,
  perks: terms.perks.default(''),
  yearlyPrice: terms.yearlyPrice.default(null),
  earlyPrice: terms.earlyPrice.default(null),
  earlyUntil: terms.earlyUntil.default(null),
  seats: terms.seats.default(null),
  saleFrom: terms.saleFrom.default(null),
  saleUntil: terms.saleUntil.default(null),
  replayDays: terms.replayDays.default(null),
  rentHours: terms.rentHours.default(null),
  rentFrom: terms.rentFrom.default(null),
  trialDays: terms.trialDays.default(0),
})
const OfferPatch = z.strictObject({ ...terms, version: z.int() }).partial()

const PromotionView = z
  .object({
    id: z.string(),
    code: z.string(),
    percentOff: z.int().nullable(),
    amountOff: Money.nullable(),
    currency: z.string().nullable(),
    offerId: z.string().nullable(),
    maxUses: z.int().nullable(),
    uses: z.int(),
    expiresAt: when.nullable(),
  })
  .openapi('Promotion')
const NewPromotion = z
  .strictObject({
    code: z.string().regex(/^[A-Za-z0-9-]{3,40}$/),
    percentOff: z.int().min(1).max(100).nullable().default(null),
    amountOff: price.min(1).nullable().default(null),
    currency: Currency.nullable().default(null),
    offerId: id.nullable().default(null),
    maxUses: z.int().min(1).max(1_000_000).nullable().default(null),
    expiresAt: when.nullable().default(null),
  })
  .refine((p) => (p.percentOff === null) !== (p.amountOff === null), 'is either a percentage or an amount')
  .refine((p) => (p.amountOff === null) === (p.currency === null), 'an amount has a currency')

const common = { tags: ['selling'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }
const offersAnswer = answer(
  'What is sold',
  z.object({
    offers: z.array(OfferView),
    isTestMoney: z.boolean().openapi({ description: 'Nothing here costs real money: say so beside every price.' }),
  }),
)

const listRoute = createRoute({
  method: 'get',
  path: '/channels/{id}/offers',
  tags: ['selling'],
  security: [{}, ...signedIn],
  summary: 'The memberships of a channel and, with `sessionId`, what is sold for that show; for everybody',
  request: { params: ChannelPath, query: z.strictObject({ sessionId: id.optional() }) },
  responses: { 200: offersAnswer, ...notFound, ...refusals },
})

const allRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/all-offers',
  summary: 'Everything a channel sells; for its owner',
  request: { params: ChannelPath },
  responses: { 200: offersAnswer, ...answers },
})

const createOfferRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/offers',
  summary: 'Sell a ticket, a rent, a thing for ever or a membership; for the owner of the channel',
  request: { params: ChannelPath, body: json(NewOffer) },
  responses: { 201: answer('The offer', OfferView), ...conflict, ...answers },
})

const patchRoute = createRoute({
  ...common,
  method: 'patch',
  path: '/offers/{id}',
  summary: 'Change an offer; what was bought keeps its terms; for the owner of the channel',
  request: { params: OfferPath, body: json(OfferPatch) },
  responses: { 200: answer('The offer', OfferView), ...conflict, ...answers },
})

const withdrawRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/offers/{id}',
  summary: 'Sell it no more; who has it keeps it; for the owner of the channel',
  request: { params: OfferPath },
  responses: { 204: { description: 'Withdrawn' }, ...answers },
})

const promotionsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/promotions',
  summary: 'The promotion codes of a channel; for its owner',
  request: { params: ChannelPath },
  responses: { 200: answer('The codes', z.object({ promotions: z.array(PromotionView) })), ...answers },
})

const promoteRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/promotions',
  summary: 'A new promotion code; for the owner of the channel',
  request: { params: ChannelPath, body: json(NewPromotion) },
  responses: { 201: answer('The code', PromotionView), ...conflict, ...answers },
})

const unpromoteRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/channels/{id}/promotions/{partId}',
  summary: 'A code is good no more; for the owner of the channel',
  request: { params: PartPath },
  responses: { 204: { description: 'Withdrawn' }, ...answers },
})

interface Deps {
  commerce: Commerce
  clock: Clock
  channelIdOf(idOrSlug: string): Promise<string>
}

export function offerRoutes({ commerce, clock, channelIdOf }: Deps) {
  const { offers, promotions } = commerce
  const isTestMoney = commerce.provider.isTest
  const show = async (offer: Offer) =>
    offerView(offer, offer.seats === null ? 0 : await offers.seatsTaken(offer.id), clock.now())
  const promotionView = async (row: Awaited<ReturnType<typeof promotions.list>>[number]) => {
    const { id, code, percentOff, amountOff, currency, offerId, maxUses } = row
    const uses = await promotions.uses(id)
    return { id, code, percentOff, amountOff, currency, offerId, maxUses, uses, expiresAt: iso(row.expiresAt) }
  }

  return createRouter()
    .openapi(listRoute, async (c) => {
      const channelId = await channelIdOf(c.req.valid('param').id)
      const { sessionId } = c.req.valid('query')
      const scope = sessionId ? (`session:${sessionId}` as const) : (`channel:${channelId}` as const)
      const listed = await offers.listOf(channelId, scope)
      return c.json({ offers: await Promise.all(listed.map(show)), isTestMoney }, 200)
    })

    .openapi(allRoute, async (c) => {
      const listed = await offers.listAll(requireUser(c), c.req.valid('param').id)
      return c.json({ offers: await Promise.all(listed.map(show)), isTestMoney }, 200)
    })

    .openapi(createOfferRoute, async (c) => {
      const { sessionId, tier, earlyUntil, saleFrom, saleUntil, ...offer } = c.req.valid('json')
      const made = await offers.create(requireUser(c), c.req.valid('param').id, {
        ...offer,
        earlyUntil: fromIso(earlyUntil),
        saleFrom: fromIso(saleFrom),
        saleUntil: fromIso(saleUntil),
        target: sessionId ? { sessionId } : null,
        tier: tier ? TIERS.indexOf(tier) + 1 : 0,
      })
      return c.json(await show(made), 201)
    })

    .openapi(patchRoute, async (c) => {
      const { version, ...patch } = c.req.valid('json')
      const times = ['earlyUntil', 'saleFrom', 'saleUntil'] as const
      const named = times.filter((name) => patch[name] !== undefined)
      const change = { ...patch, ...Object.fromEntries(named.map((name) => [name, fromIso(patch[name])])) }
      const offer = await offers.update(requireUser(c), c.req.valid('param').id, toChange(change, version))
      return c.json(await show(offer), 200)
    })

    .openapi(withdrawRoute, async (c) => {
      await offers.withdraw(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })

    .openapi(promotionsRoute, async (c) => {
      const rows = await promotions.list(requireUser(c), c.req.valid('param').id)
      return c.json({ promotions: await Promise.all(rows.map(promotionView)) }, 200)
    })

    .openapi(promoteRoute, async (c) => {
      const { expiresAt, ...promotion } = c.req.valid('json')
      const given = { ...promotion, expiresAt: fromIso(expiresAt) }
      const row = await promotions.create(requireUser(c), c.req.valid('param').id, given)
      return c.json(await promotionView(row), 201)
    })

    .openapi(unpromoteRoute, async (c) => {
      const { id: channelId, partId } = c.req.valid('param')
      await promotions.withdraw(requireUser(c), channelId, partId)
      return c.body(null, 204)
    })
}

type Change = Parameters<Commerce['offers']['update']>[2]

/** Only what was given is changed. */
function toChange(change: Record<string, unknown>, version: number | undefined): Change {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return { ...given, ...(version === undefined ? {} : { version }) } as Change // checked by OfferPatch above
}
