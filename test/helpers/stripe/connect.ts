import type { Form } from './parameters.ts'
import { list, Refusal, type Routes, sumOf, type Thing, type Things } from './things.ts'

type Status = 'active' | 'pending' | 'restricted'

const iso = (seconds: unknown) => new Date(Number(seconds) * 1_000).toISOString()
const DAY_S = 86_400

/** Connect: creators' accounts (v2), transfers to them and back, and what Stripe pays out of them to banks. */
export function createConnect({ now, get, make, all, remove }: Things) {
  const transfersOf = (account: string) => all('tr').filter(({ destination }) => destination === account)
  const reversalsOf = (transfer: Thing) => (transfer.reversals as { data: Thing[] }).data
  const leftOf = (transfer: Thing) => Number(transfer.amount) - sumOf(reversalsOf(transfer))

  function balanceOf(account: string): number {
    const received = transfersOf(account).reduce((sum, transfer) => sum + leftOf(transfer), 0)
    const fees = sumOf(all('fee').filter((fee) => fee.account === account))
    const sent = sumOf(all('po').filter((payout) => payout.account === account && payout.status !== 'failed'))
    return received - fees - sent
  }

  function set(account: Thing, status: Status, resolution: string, missing: string[]): void {
    const transfers = {
      status,
      status_details: status === 'active' ? [] : [{ code: 'requirements_past_due', resolution }],
    }
    account.configuration = {
      recipient: { applied: true, capabilities: { stripe_balance: { stripe_transfers: transfers } } },
    }
    account.requirements = {
      entries: missing.map((description) => ({
        description,
        awaiting_action_from: 'user',
        minimum_deadline: { status: 'currently_due' },
      })),
    }
  }

  function requireTransfers(account: string): void {
    const { recipient } = get(account).configuration as {
      recipient: { capabilities: { stripe_balance: { stripe_transfers: { status: Status } } } }
    }
    if (recipient.capabilities.stripe_balance.stripe_transfers.status === 'active') return
    throw new Refusal(400, 'insufficient_capabilities_for_transfer', 'The destination account takes no transfers')
  }

  function transfer(fields: { amount: number; currency: string; destination: string; [more: string]: unknown }): Thing {
    requireTransfers(fields.destination)
    return make('tr', { object: 'transfer', transfer_group: null, ...fields, reversals: list([]) })
  }

  const routes: Routes = {
    'POST /v2/core/accounts'(_, form) {
      const account = make('acct', { ...form, object: 'v2.core.account', created: iso(now()), closed: false })
      set(account, 'restricted', 'provide_info', ['identity.individual.dob', 'external_account'])
      return account
    },
    'GET /v2/core/accounts/*'(id, form) {
      const { configuration, requirements, ...account } = get(id)
      const included = Object.values((form.include ?? {}) as Form)
      return {
        ...account,
        ...(included.includes('configuration.recipient') ? { configuration } : {}),
        ...(included.includes('requirements') ? { requirements } : {}),
      }
    },
    'POST /v2/core/account_links'(_, form) {
      const { id } = get(String(form.account))
      return { object: 'v2.core.account_link', account: id, url: `https://connect.example/${id}` }
    },
    'GET /transfers'(_, form) {
      const found = all('tr').filter(({ transfer_group: group }) => group === form.transfer_group)
      return list(found.toReversed())
    },
    'POST /transfers'(_, form) {
      const source = String(form.source_transaction)
      const amount = Number(form.amount)
      const before = sumOf(all('tr').filter((made) => made.source_transaction === source))
      if (form.source_transaction && before + amount > Number(get(source).amount)) {
        throw new Refusal(400, 'balance_insufficient', 'More than the source transaction holds')
      }
      return transfer({ ...form, amount, currency: String(form.currency), destination: String(form.destination) })
    },
    'POST /transfers/*/reversals'(id, form) {
      const reversed = get(id)
      const amount = Number(form.amount)
      if (amount > leftOf(reversed)) throw new Refusal(400, 'invalid', 'More than is left of the transfer')
      const made = make('trr', { object: 'transfer_reversal', transfer: id, amount, currency: reversed.currency })
      reversalsOf(reversed).unshift(made)
      return made
    },
    'GET /payouts': (_id, _form, account) =>
      list(
        all('po')
          .filter((payout) => payout.account === account)
          .toReversed(),
      ),
    'GET /v2/core/event_destinations': () => ({ data: all('ed'), next_page_url: null }),
    'POST /v2/core/event_destinations'(_, { webhook_endpoint: endpoint, ...form }) {
      const made = make('ed', { ...form, webhook_endpoint: endpoint })
      return { ...made, webhook_endpoint: { ...(endpoint as Form), signing_secret: `whsec_thin_${made.id}` } }
    },
    'POST /v2/core/event_destinations/*': (id, form) => Object.assign(get(id), form),
    'DELETE /v2/core/event_destinations/*': remove,
  }

  /** What Stripe would send, unsigned: an id and nothing else. */
  function thin(type: string, related: Thing, context?: string): Thing {
    const about = { id: related.id, type: String(related.object), url: `/${related.id}` }
    const event = { object: 'v2.core.event', type, created: iso(now()), livemode: false, related_object: about }
    return make('evt', context ? { ...event, context } : event)
  }

  return {
    routes,
    balanceOf,
    requireTransfers,
    /** Within a destination charge: the whole of it, and the platform's fee taken out again. */
    transferWithin(
      charge: Thing,
      destination: string,
      fee: number,
    ): { transfer: Thing; application_fee: Thing | null } {
      const made = transfer({
        amount: Number(charge.amount),
        currency: String(charge.currency),
        destination,
        source_transaction: charge.id,
        transfer_group: `group_${charge.payment_intent}`,
      })
      const taken = { account: destination, amount: fee, currency: charge.currency, refunds: list([]) }
      return { transfer: made, application_fee: fee > 0 ? make('fee', taken) : null }
    },
    /** What the creator filled in on the hosted page, and what Stripe made of it. */
    onboard(id: string, outcome: 'active' | 'asked_for_more' | 'refused'): Thing {
      const account = get(id)
      if (outcome === 'active') set(account, 'active', '', [])
      if (outcome === 'asked_for_more') set(account, 'restricted', 'provide_info', ['external_account'])
      if (outcome === 'refused') set(account, 'restricted', 'contact_stripe', [])
      return thin('v2.core.account[configuration.recipient].capability_status_updated', account)
    },
    payOut(account: string): Thing {
      const amount = balanceOf(account)
      if (amount <= 0) throw new Error('nothing lies in the account')
      const terms = { account, amount, currency: 'eur', arrival_date: now() + 2 * DAY_S, failure_message: null }
      return thin('v1.payout.created', make('po', { object: 'payout', status: 'pending', ...terms }), account)
    },
    movePayout(id: string, status: 'in_transit' | 'paid' | 'failed'): Thing {
      const payout = Object.assign(get(id), { status })
      if (status === 'failed') payout.failure_message = 'The bank account is closed.'
      return thin(`v1.payout.${status === 'in_transit' ? 'updated' : status}`, payout, String(payout.account))
    },
    reverse(transferId: string, amount: number): Thing {
      routes['POST /transfers/*/reversals']!(transferId, { amount: String(amount) }, null)
      return make('evt', {
        object: 'event',
        type: 'transfer.reversed',
        data: { object: structuredClone(get(transferId)) },
      })
    },
  }
}
