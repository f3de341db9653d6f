import { createRoute, z } from '@hono/zod-openapi'
import { by, type RecordAct } from '../db/record-act.ts'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  conflict,
  createRouter,
  limitBody,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { requireAdmin } from '../platform/user.ts'
import type { Commerce } from './commerce.ts'
import { Money, when } from './views.ts'

export { offerRoutes } from './offer-routes.ts'
export { orderRoutes } from './order-routes.ts'
export { payoutRoutes } from './payout-routes.ts'
export { salesRoutes } from './sales-routes.ts'
export { testAccountRoutes } from './test-account-routes.ts'
export { testMoneyRoutes } from './test-money-routes.ts'

const ReportView = z
  .object({
    at: when,
    compared: z.int(),
    repaired: z
      .array(z.string())
      .openapi({ description: 'Orders, accounts and payouts whose news had been lost, and that are right now.' }),
    differences: z.array(z.object({ subject: z.string(), what: z.string() })),
    imbalances: z.array(z.object({ postingId: z.string(), currency: z.string(), sum: Money })),
  })
  .openapi('Reconciliation')
const MoneyView = z
  .object({
    provider: z.string(),
    isTestMoney: z.boolean(),
    isBalanced: z.boolean().openapi({ description: 'The ledger sums to zero, posting by posting.' }),
    accounts: z.array(z.object({ account: z.string(), currency: z.string(), balance: Money })),
    events: z.record(z.string(), z.int()).openapi({ description: 'How many events of the provider came to what.' }),
    lastReconciliation: ReportView.nullable(),
  })
  .openapi('Money')

const SetUpView = z
  .object({
    url: z.string(),
    endpoints: z.array(
      z.object({
        kind: z.enum(['orders', 'payouts']).openapi({ description: "What rings: orders, or creators' accounts." }),
        did: z.enum(['made', 'moved', 'refused']),
        why: z.string().nullable().openapi({ description: 'Why Stripe refused.' }),
      }),
    ),
  })
  .openapi('WebhookSetUp')

const common = { tags: ['money'], security: signedIn }
const answers = { ...unauthenticated, ...refusals }

const moneyRoute = createRoute({
  ...common,
  method: 'get',
  path: '/operator/money',
  summary: 'The books at a glance; for admins. Events that failed too often are parked jobs: `/jobs`',
  responses: { 200: answer('The books', MoneyView), ...answers },
})

const reconcileRoute = createRoute({
  ...common,
  method: 'post',
  path: '/operator/money/reconcile',
  summary: "Compare our books with the payment provider's now; for admins",
  responses: { 200: answer('What was found', ReportView), ...answers },
})

const webhookRoute = createRoute({
  ...common,
  method: 'post',
  path: '/operator/money/webhook',
  summary: 'Make Stripe ring at this node; again after its address changed; for admins',
  responses: {
    200: answer('Where it rings', SetUpView),
    ...conflict,
    ...answers,
  },
})

interface MoneyDeps {
  commerce: Commerce
  /** Null where the provider rings without being told where. */
  setUpWebhook: (() => Promise<z.infer<typeof SetUpView>>) | null
  recordAct: RecordAct
}

export function moneyRoutes({ commerce, setUpWebhook, recordAct }: MoneyDeps) {
  const { ledger, webhook, reconcile, provider } = commerce
  return createRouter()
    .openapi(moneyRoute, async (c) => {
      requireAdmin(requireUser(c))
      const last = await reconcile.lastReport()
      const books = {
        provider: provider.name,
        isTestMoney: provider.isTest,
        isBalanced: (await ledger.imbalances()).length === 0,
        accounts: await ledger.balances(),
        events: await webhook.counts(),
        lastReconciliation: last && { ...last, at: new Date(last.at).toISOString() },
      }
      return c.json(books, 200)
    })

    .openapi(reconcileRoute, async (c) => {
      const user = requireUser(c)
      requireAdmin(user)
      await recordAct({ ...by(user), action: 'money.compared', target: `provider:${provider.name}` })
      const report = await reconcile.run()
      return c.json({ ...report, at: new Date(report.at).toISOString() }, 200)
    })

    .openapi(webhookRoute, async (c) => {
      const user = requireUser(c)
      requireAdmin(user)
      if (!setUpWebhook) throw new DomainError('conflict', 'no_webhook', 'This node is not paid through Stripe.')
      const after = await setUpWebhook()
      await recordAct({ ...by(user), action: 'money.webhook_set', target: `provider:${provider.name}`, after })
      return c.json(after, 200)
    })
}

/** An event with a long list inside is longer than any request of the API. */
const MAX_EVENT = 1024 * 1024

/** Where the money provider rings: the body is read as it came, because that is what was signed. */
export function webhookRoutes({ commerce }: { commerce: Commerce }) {
  const router = createRouter()
  router.post(`/webhooks/${commerce.provider.name}`, limitBody(MAX_EVENT), async (c) => {
    const outcome = await commerce.webhook.receive(await c.req.text(), c.req.raw.headers)
    return c.json({ outcome }, 200)
  })
  return router
}
