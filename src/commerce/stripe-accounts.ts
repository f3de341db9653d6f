import { shareOf } from './money.ts'
import type { Accounts, AccountTruth, NewOrder, PayoutTruth, Transfer } from './provider.ts'
import type { Stripe } from './stripe.ts'
import { fromStripe, toStripe } from './stripe-amounts.ts'
import { idOf } from './stripe-truth.ts'

interface AccountsOptions {
  stripe: Stripe
  nodeId: string
  /** Turns what Stripe says no to into a refusal. */
  asked<Answer>(ask: () => Promise<Answer>): Promise<Answer>
}

/** Older payouts are booked long since. */
const PAYOUTS_READ = 100

/**
 * Creators' accounts at Stripe Connect (accounts v2): recipients of what the platform sold for them. Who they are and
 * which bank is theirs they tell Stripe on its own pages; nothing of it passes through here.
 */
export function stripeAccounts({ stripe, nodeId, asked }: AccountsOptions): Accounts {
  return {
    async open({ channelId, owner, country }) {
      const account = await asked(() =>
        stripe.v2.core.accounts.create(
          {
            contact_email: owner.email,
            display_name: owner.name,
            dashboard: 'express',
            identity: { country: country.toLowerCase() },
            configuration: {
              recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
            },
            defaults: { responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
            metadata: { footlight: nodeId, channel: channelId },
          },
          { idempotencyKey: `account ${nodeId} ${channelId}` },
        ),
      )
      return account.id
    },

    async onboardingUrl(account, returnUrl) {
      const onboarding = { refresh_url: returnUrl, return_url: returnUrl }
      const link = await asked(() =>
        stripe.v2.core.accountLinks.create({
          account,
          use_case: { type: 'account_onboarding', account_onboarding: onboarding },
        }),
      )
      return link.url
    },

    async fetch(id) {
      const account = await stripe.v2.core.accounts.retrieve(id, {
        include: ['configuration.recipient', 'requirements'],
      })
      if (account.metadata?.footlight !== nodeId) return null
      // What is closed answers for itself alone.
      if (account.closed) return accountTruth(account, [])
      const payouts = await stripe.payouts.list({ limit: PAYOUTS_READ }, { stripeAccount: id })
      return accountTruth(account, payouts.data)
    },

    async transfer({ paymentRef, accountRef, currency, amount, isFromBalance, key }) {
      const charge = isFromBalance ? null : idOf((await stripe.paymentIntents.retrieve(paymentRef)).latest_charge)
      await asked(() =>
        stripe.transfers.create(
          {
            amount: toStripe(amount, currency),
            currency: currency.toLowerCase(),
            destination: accountRef,
            // Out of this very payment, which need not have arrived on the balance yet.
            ...(charge ? { source_transaction: charge } : {}),
            transfer_group: groupOf(paymentRef),
            metadata: { footlight: nodeId },
          },
          { idempotencyKey: key },
        ),
      )
    },

    async reverse({ transferRef, currency, amount, key }) {
      const wish = { amount: toStripe(amount, currency) }
      await asked(() => stripe.transfers.createReversal(transferRef, wish, { idempotencyKey: key }))
    },
  }
}

/** The creator's share leaves with the payment itself, where they have an account. */
export function shareOfPurchase({ payee, amount, currency }: NewOrder & { kind: 'purchase' }) {
  if (!payee) return {}
  const fee = toStripe(shareOf(amount, payee.feeBps), currency)
  return { transfer_data: { destination: payee.accountRef }, ...(fee > 0 ? { application_fee_amount: fee } : {}) }
}

export function shareOfMembership({ payee }: NewOrder) {
  if (!payee) return {}
  const fee = payee.feeBps > 0 ? { application_fee_percent: payee.feeBps / 100 } : {}
  return { transfer_data: { destination: payee.accountRef }, ...fee }
}

/** What the transfers of a payment have in common; those that Stripe makes by itself are called `group_pi_…`. */
const groupOf = (paymentRef: string) => `footlight_${paymentRef}`

/** The payment a transfer belongs to, out of its group. */
export const paymentOfGroup = (group: string | null) => /pi_\w+$/.exec(group ?? '')?.[0] ?? null

/** What was passed on of a payment: with the payment itself, and afterwards. */
export async function transfersOf(stripe: Stripe, paymentRef: string, charge: Stripe.Charge): Promise<Transfer[]> {
  const after = await stripe.transfers.list({ transfer_group: groupOf(paymentRef), limit: 100 })
  const within = typeof charge.transfer === 'object' ? charge.transfer : null
  const fee = typeof charge.application_fee === 'object' ? charge.application_fee : null
  const all = after.data.toReversed().map((transfer) => transferOf(transfer, null))
  return within ? [transferOf(within, fee), ...all] : all
}

/** The whole charge is transferred and the fee taken out of it again, so what was passed on is the difference. */
function transferOf(transfer: Stripe.Transfer, fee: Stripe.ApplicationFee | null): Transfer {
  const currency = transfer.currency.toUpperCase()
  const part = (sign: 1 | -1) => (one: { id: string; amount: number; created: number }) => ({
    ref: one.id,
    amount: sign * fromStripe(one.amount, currency),
    at: one.created * 1_000,
  })
  return {
    ref: transfer.id,
    amount: fromStripe(transfer.amount - (fee?.amount ?? 0), currency),
    at: transfer.created * 1_000,
    reversals: [...transfer.reversals.data.map(part(1)), ...(fee?.refunds.data ?? []).map(part(-1))],
  }
}

function accountTruth(account: Stripe.V2.Core.Account, payouts: Stripe.Payout[]): AccountTruth {
  const entries = account.requirements?.entries ?? []
  const missing = entries
    .filter(({ awaiting_action_from, minimum_deadline }) => {
      return awaiting_action_from === 'user' && minimum_deadline.status !== 'eventually_due'
    })
    .map(({ description }) => description)
  return { channelId: account.metadata!.channel!, state: stateOf(account), missing, payouts: payouts.map(payoutOf) }
}

function stateOf({ closed, configuration }: Stripe.V2.Core.Account): AccountTruth['state'] {
  const transfers = configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers
  if (closed || !transfers || transfers.status === 'unsupported') return 'restricted'
  if (transfers.status === 'active') return 'active'
  // What the creator can still put right themselves is not a refusal.
  const isRefused = transfers.status_details.some(({ resolution }) => resolution !== 'provide_info')
  return transfers.status === 'restricted' && isRefused ? 'restricted' : 'incomplete'
}

function payoutOf(payout: Stripe.Payout): PayoutTruth {
  const currency = payout.currency.toUpperCase()
  const isKnown = payout.status === 'pending' || payout.status === 'in_transit' || payout.status === 'paid'
  return {
    ref: payout.id,
    currency,
    amount: fromStripe(payout.amount, currency),
    state: isKnown ? (payout.status as PayoutTruth['state']) : 'failed', // failed or canceled: it came back
    at: payout.created * 1_000,
    arrivesAt: payout.arrival_date * 1_000,
    failure: payout.failure_message,
  }
}
