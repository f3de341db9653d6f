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
  paymentRequired,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { minorDigits } from './money.ts'
import type { TestMoney } from './test-money.ts'
import { ACTS, actsOf, type Body } from './test-money-life.ts'
import { Money } from './views.ts'

const CheckoutPath = z.strictObject({ id: z.string().min(1).max(64) })
const CheckoutView = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string(),
    digits: z.int(),
    amount: Money.openapi({ description: 'What is paid today.' }),
    renews: z.object({ amount: Money, billing: z.enum(['month', 'year']) }).nullable(),
    trialDays: z.int(),
    state: z.string(),
    acts: z.array(z.enum(ACTS)).openapi({ description: 'What may be done next.' }),
    returnUrl: z.string(),
    cancelUrl: z.string(),
  })
  .openapi('TestCheckout')

const common = { tags: ['test money'], security: signedIn }
const answers = { ...unauthenticated, ...notFound, ...refusals }

const lookRoute = createRoute({
  ...common,
  method: 'get',
  path: '/test-money/{id}',
  summary: 'A checkout of the built-in test money; for its buyer and admins',
  request: { params: CheckoutPath },
  responses: { 200: answer('As it stands', CheckoutView), ...answers },
})

const actRoute = createRoute({
  ...common,
  method: 'post',
  path: '/test-money/{id}/acts',
  summary: 'Pay it, or whatever else can befall a payment; for its buyer and admins',
  request: { params: CheckoutPath, body: json(z.strictObject({ act: z.enum(ACTS) })) },
  responses: { 200: answer('As it stands now', CheckoutView), ...paymentRequired, ...conflict, ...answers },
})

export function testMoneyRoutes({ testMoney }: { testMoney: TestMoney }) {
  async function own(c: Context<HttpEnv>, id: string): Promise<Body> {
    const user = requireUser(c)
    const body = await testMoney.look(id)
    if (body.order.buyer.id === user.id || user.role === 'admin') return body
    throw new DomainError('not_found', 'no_such_checkout', 'There is no such checkout.')
  }
  return createRouter()
    .openapi(lookRoute, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(view(id, await own(c, id)), 200)
    })

    .openapi(actRoute, async (c) => {
      const { id } = c.req.valid('param')
      await own(c, id)
      return c.json(view(id, await testMoney.act(id, c.req.valid('json').act)), 200)
    })
}

function view(id: string, body: Body) {
  const { order, truth } = body
  const { name, currency, returnUrl, cancelUrl } = order
  const { amount, trialDays } =
    order.kind === 'purchase'
      ? { amount: order.amount, trialDays: 0 }
      : { amount: order.plan.amount - (order.discount?.amount ?? 0), trialDays: order.trialDays }
  return {
    id,
    name,
    currency,
    digits: minorDigits(currency),
    amount: trialDays > 0 ? 0 : amount,
    renews: order.kind === 'purchase' ? null : { amount: order.plan.amount, billing: order.plan.billing },
    trialDays,
    state: truth.state,
    acts: actsOf(body),
    returnUrl,
    cancelUrl,
  }
}
