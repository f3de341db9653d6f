import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  conflict,
  createRouter,
  type HttpEnv,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { minorDigits } from './money.ts'
import { ACCOUNT_STATES, PAYOUT_STATES } from './provider.ts'
import type { TestMoney } from './test-money.ts'
import { ACCOUNT_ACTS, type AccountBody, accountActsOf, balancesOf } from './test-money-accounts.ts'
import { Money } from './views.ts'

const Sum = z.object({ currency: z.string(), digits: z.int(), amount: Money })
const AccountPath = z.strictObject({ id: z.string().min(1).max(64) })
const AccountView = z
  .object({
    name: z.string(),
    state: z.enum(ACCOUNT_STATES),
    missing: z.array(z.string()),
    balances: z.array(Sum),
    payouts: z.array(Sum.extend({ state: z.enum(PAYOUT_STATES) })),
    acts: z.array(z.enum(ACCOUNT_ACTS)).openapi({ description: 'What may be done next.' }),
    returnUrl: z.string(),
  })
  .openapi('TestAccount')

const common = { tags: ['test money'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }

const lookRoute = createRoute({
  ...common,
  method: 'get',
  path: '/test-money/accounts/{id}',
  summary: 'A payout account of the built-in test money; for whoever opened it and admins',
  request: { params: AccountPath },
  responses: { 200: answer('As it stands', AccountView), ...answers },
})

const actRoute = createRoute({
  ...common,
  method: 'post',
  path: '/test-money/accounts/{id}/acts',
  summary: 'Complete it, or whatever else can befall an account and its payouts; for whoever opened it and admins',
  request: { params: AccountPath, body: json(z.strictObject({ act: z.enum(ACCOUNT_ACTS) })) },
  responses: { 200: answer('As it stands now', AccountView), ...conflict, ...answers },
})

export function testAccountRoutes({ testMoney: { accounts } }: { testMoney: TestMoney }) {
  async function own(c: Context<HttpEnv>, id: string): Promise<AccountBody> {
    const user = requireUser(c)
    const body = await accounts.look(id)
    if (body.userId === user.id || user.role === 'admin') return body
    throw new DomainError('not_found', 'no_such_account', 'There is no such payout account.')
  }
  return createRouter()
    .openapi(lookRoute, async (c) => c.json(view(await own(c, c.req.valid('param').id)), 200))

    .openapi(actRoute, async (c) => {
      const { id } = c.req.valid('param')
      await own(c, id)
      return c.json(view(await accounts.act(id, c.req.valid('json').act)), 200)
    })
}

function view(body: AccountBody): z.infer<typeof AccountView> {
  const { name, returnUrl, truth } = body
  const sum = ({ currency, amount }: { currency: string; amount: number }) => ({
    currency,
    digits: minorDigits(currency),
    amount,
  })
  return {
    name,
    state: truth.state,
    missing: truth.missing,
    balances: balancesOf(body).map(sum),
    payouts: truth.payouts.map((payout) => ({ ...sum(payout), state: payout.state })),
    acts: accountActsOf(body),
    returnUrl,
  }
}
