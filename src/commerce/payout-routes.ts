import { createRoute, z } from '@hono/zod-openapi'
import {
  answer,
  conflict,
  createRouter,
  json,
  limitRate,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { Commerce } from './commerce.ts'
import { minorDigits } from './money.ts'
import type { Payout, PayoutAccount } from './payouts.ts'
import { ACCOUNT_STATES, PAYOUT_STATES } from './provider.ts'
import { iso, Money, when } from './views.ts'

const ChannelPath = z.strictObject({ id: z.string().min(1).max(64) })
const Where = z.strictObject({
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .openapi({
      example: 'DE',
      description: 'Where the creator lives or the business is, to open the account: ISO 3166-1, two letters.',
    }),
})

const AccountView = z
  .object({
    state: z.enum(ACCOUNT_STATES).openapi({
      description: '`incomplete`: something is asked of the creator, or being looked at; `restricted`: refused.',
    }),
    missing: z.array(z.string()).openapi({ description: "What is asked of the creator, in the provider's words." }),
    updatedAt: when,
  })
  .openapi('PayoutAccount')
const PayoutView = z
  .object({
    id: z.string(),
    currency: z.string(),
    digits: z.int(),
    amount: Money,
    state: z.enum(PAYOUT_STATES),
    sentAt: when,
    arrivesAt: when.nullable(),
    failure: z.string().nullable().openapi({ description: 'Why it came back.' }),
  })
  .openapi('Payout')

const common = { tags: ['selling'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }

const payoutsRoute = createRoute({
  ...common,
  method: 'get',
  path: '/channels/{id}/payouts',
  summary: 'Where a channel is paid out to, and what was sent there; for its owner',
  request: { params: ChannelPath, query: PageQuery },
  responses: {
    200: answer(
      'A page, newest first',
      z.object({
        account: AccountView.nullable(),
        payouts: z.array(PayoutView),
        nextCursor: z.string().nullable(),
        provider: z.string(),
      }),
    ),
    ...answers,
  },
})

const connectRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/payout-account',
  summary: "The provider's page where the owner says who they are and where the money goes; opens the account first",
  request: { params: ChannelPath, body: json(Where) },
  responses: { 200: answer('Its address, good once', z.object({ url: z.string() })), ...conflict, ...answers },
})

const lookRoute = createRoute({
  ...common,
  method: 'post',
  path: '/channels/{id}/payout-account/look',
  summary: 'Ask the provider how the payout account stands; for the owner of the channel',
  request: { params: ChannelPath },
  responses: { 200: answer('As it stands', AccountView), ...answers },
})

interface Deps {
  commerce: Commerce
  /** For what costs the provider's time. */
  tries: RateLimit
}

export function payoutRoutes({ commerce, tries }: Deps) {
  const { payouts, provider } = commerce
  const router = createRouter()
  router.use('/channels/:id/payout-account', limitRate(tries))
  router.use('/channels/:id/payout-account/look', limitRate(tries))

  return router
    .openapi(payoutsRoute, async (c) => {
      const { account, page } = await payouts.list(requireUser(c), c.req.valid('param').id, c.req.valid('query'))
      const { items, nextCursor } = page
      const listed = { account: account && accountView(account), payouts: items.map(payoutView), nextCursor }
      return c.json({ ...listed, provider: provider.name }, 200)
    })

    .openapi(connectRoute, async (c) => {
      const url = await payouts.connect(requireUser(c), c.req.valid('param').id, c.req.valid('json').country)
      return c.json({ url }, 200)
    })

    .openapi(lookRoute, async (c) =>
      c.json(accountView(await payouts.refresh(requireUser(c), c.req.valid('param').id)), 200),
    )
}

function accountView({ state, missing, updatedAt }: PayoutAccount): z.infer<typeof AccountView> {
  return {
    state: ACCOUNT_STATES.find((one) => one === state)!,
    missing: z.array(z.string()).parse(JSON.parse(missing)),
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

function payoutView({ id, currency, amount, state, sentAt, arrivesAt, failure }: Payout): z.infer<typeof PayoutView> {
  return {
    id,
    currency,
    digits: minorDigits(currency),
    amount,
    state: PAYOUT_STATES.find((one) => one === state)!,
    sentAt: new Date(sentAt).toISOString(),
    arrivesAt: iso(arrivesAt),
    failure,
  }
}
