import { DomainError } from '../platform/errors.ts'
import {
  type MembershipChange,
  type MembershipTruth,
  type NewOrder,
  type Paid,
  type Plan,
  type PurchaseTruth,
  paymentsOf,
} from './provider.ts'

/** One order at the test-money provider, and what is true of it: pure, as a payment company would keep it. */
export interface Body {
  order: NewOrder
  truth: PurchaseTruth | MembershipTruth
  /** What a change of tier owes or has in store, charged with the next payment. */
  plan: Plan | null
}

export const ACTS = [
  'pay',
  'decline',
  'abandon',
  'pay_later',
  'bank_confirms',
  'bank_refuses',
  'dispute',
  'dispute_won',
  'dispute_lost',
  'renew',
  'renewal_fails',
  'pay_overdue',
] as const
export type Act = (typeof ACTS)[number]

const DAY = 86_400_000

export function begun(order: NewOrder): Body {
  if (order.kind === 'purchase') {
    return { order, plan: null, truth: { kind: 'purchase', orderId: order.id, state: 'open', payment: null } }
  }
  const { plan } = order
  const truth: MembershipTruth = {
    kind: 'membership',
    orderId: order.id,
    ref: null,
    state: 'open',
    plan: { offerId: plan.offerId, billing: plan.billing },
    held: null,
    period: null,
    trialEnd: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    payments: [],
  }
  return { order, plan, truth }
}

/** What makes sense next; anything else is refused. */
export function actsOf({ truth }: Body): Act[] {
  if (truth.state === 'open') return ['pay', 'decline', 'abandon', 'pay_later']
  if (truth.state === 'processing') return ['bank_confirms', 'bank_refuses']
  const disputes = paymentsOf(truth).flatMap((payment) => payment.disputes)
  const acts: Act[] = disputes.some(({ state }) => state === 'open') ? ['dispute_won', 'dispute_lost'] : []
  if (acts.length === 0 && disputable(truth)) acts.push('dispute')
  if (truth.state === 'active' || truth.state === 'trialing') acts.push('renew', 'renewal_fails')
  if (truth.state === 'past_due') acts.push('pay_overdue')
  return acts
}

export function acted(id: string, body: Body, act: Act, now: number): Body {
  if (act === 'renew' && body.truth.state === 'past_due') return body
  if (!actsOf(body).includes(act)) {
    throw new DomainError('conflict', 'makes_no_sense_now', 'This is not possible with this payment now.')
  }
  switch (act) {
    case 'decline':
      throw new DomainError('payment_required', 'card_declined', 'Your card was declined. Try another one.')
    case 'abandon':
      return closed(body)
    case 'pay_later':
      return { ...body, truth: { ...body.truth, state: 'processing' } as Body['truth'] } // both kinds know this state
    case 'bank_refuses':
      return body.truth.kind === 'purchase'
        ? { ...body, truth: { ...body.truth, state: 'failed' } }
        : { ...body, truth: { ...body.truth, state: 'expired' } }
    case 'pay':
    case 'bank_confirms':
      return paid(id, body, now)
    case 'dispute':
    case 'dispute_won':
    case 'dispute_lost':
      return disputed(body, act, now)
    case 'renew':
    case 'renewal_fails':
    case 'pay_overdue':
      return renewed(id, body, act, now)
  }
}

/** Nobody can pay it any more; what was paid stays paid. */
export function closed(body: Body): Body {
  return body.truth.state === 'open' ? { ...body, truth: { ...body.truth, state: 'expired' } as Body['truth'] } : body
}

export function refunded(body: Body, refund: { paymentRef: string; amount: number; key: string }, now: number): Body {
  const payment = paymentsOf(body.truth).find(({ ref }) => ref === refund.paymentRef)
  if (!payment) throw new DomainError('not_found', 'no_such_payment', 'There is no such payment.')
  const ref = `${payment.ref}_r_${refund.key}`
  if (payment.refunds.some((made) => made.ref === ref)) return body
  if (payment.disputes.some(({ state }) => state !== 'won')) {
    throw new DomainError('conflict', 'disputed', 'The bank decides, or has decided, on this payment.')
  }
  const left = payment.refunds.reduce((sum, { amount }) => sum - amount, payment.amount)
  if (refund.amount > left) throw new DomainError('conflict', 'more_than_paid', 'That is more than was paid.')
  payment.refunds.push({ ref, amount: refund.amount, state: 'made', at: now })
  return body
}

export function switched(body: Body, change: MembershipChange, now: number): Body {
  const { truth } = body
  if (truth.kind !== 'membership' || truth.period === null || truth.state === 'ended') {
    throw new DomainError('conflict', 'membership_over', 'This membership is over.')
  }
  switch (change.kind) {
    case 'cancel_at_period_end':
      return { ...body, truth: { ...truth, cancelAtPeriodEnd: true, canceledAt: now } }
    case 'resume':
      return { ...body, truth: { ...truth, cancelAtPeriodEnd: false, canceledAt: null } }
    case 'end_now':
      return { ...body, truth: ended(truth, now) }
    case 'switch': {
      const { plan, held } = change
      const changed = { ...truth, plan: { offerId: plan.offerId, billing: plan.billing }, held }
      if (!change.isProrated || truth.state === 'trialing') return { ...body, plan, truth: changed }
      const { start, end } = truth.period
      const left = Math.max(0, end - now) / (end - start)
      const isLonger = plan.billing === 'year' && truth.plan.billing === 'month'
      const credit = Math.round((body.plan?.amount ?? 0) * left)
      const owed = Math.max(0, isLonger ? plan.amount - credit : Math.round(plan.amount * left) - credit)
      const period = isLonger ? { start: now, end: now + 365 * DAY } : truth.period
      const id = truth.ref!.split('_')[0]!
      const payments =
        owed > 0
          ? [...truth.payments, payment(id, truth.payments.length, body.order, owed, now, period)]
          : truth.payments
      return { ...body, plan, truth: { ...changed, period, payments } }
    }
  }
}

function paid(id: string, body: Body, now: number): Body {
  const { order, truth } = body
  if (order.kind === 'purchase' || truth.kind === 'purchase') {
    const amount = order.kind === 'purchase' ? order.amount : 0
    const made = payment(id, 0, order, amount, now, null)
    return { ...body, truth: { kind: 'purchase', orderId: order.id, state: 'paid', payment: made } }
  }
  const trialEnd = order.trialDays > 0 ? now + order.trialDays * DAY : null
  const period = { start: now, end: trialEnd ?? now + lengthOf(order.plan) }
  const amount = order.plan.amount - (order.discount?.amount ?? 0)
  const payments = trialEnd === null ? [payment(id, 0, order, amount, now, period)] : []
  const state = trialEnd === null ? 'active' : 'trialing'
  return { ...body, truth: { ...truth, ref: `${id}_s`, state, period, trialEnd, payments } }
}

function renewed(id: string, body: Body, act: 'renew' | 'renewal_fails' | 'pay_overdue', now: number): Body {
  const { order, truth, plan } = body
  if (truth.kind !== 'membership' || truth.period === null || plan === null) return body
  if (act === 'pay_overdue') {
    const made = payment(id, truth.payments.length, order, plan.amount, now, truth.period)
    return { ...body, truth: { ...truth, state: 'active', payments: [...truth.payments, made] } }
  }
  if (truth.cancelAtPeriodEnd) return { ...body, truth: ended(truth, now) }
  const start = truth.period.end
  const period = { start, end: start + lengthOf(plan) }
  if (act === 'renewal_fails') return { ...body, truth: { ...truth, state: 'past_due', period } }
  const isFirst = truth.state === 'trialing' && order.kind === 'membership'
  const amount = plan.amount - (isFirst ? (order.discount?.amount ?? 0) : 0)
  const made = payment(id, truth.payments.length, order, amount, now, period)
  return { ...body, truth: { ...truth, state: 'active', period, payments: [...truth.payments, made] } }
}

function disputed(body: Body, act: 'dispute' | 'dispute_won' | 'dispute_lost', now: number): Body {
  const payments = paymentsOf(body.truth)
  if (act === 'dispute') {
    const latest = payments.findLast(isDisputable)!
    const left = latest.refunds.reduce((sum, { amount }) => sum - amount, latest.amount)
    latest.disputes.push({ ref: `${latest.ref}_d`, amount: left, fee: Math.min(left, 1_500), state: 'open', at: now })
    return body
  }
  const open = payments.flatMap(({ disputes }) => disputes).find(({ state }) => state === 'open')!
  open.state = act === 'dispute_won' ? 'won' : 'lost'
  return body
}

function ended(truth: MembershipTruth, now: number): MembershipTruth {
  return { ...truth, state: 'ended', canceledAt: truth.canceledAt ?? now, endedAt: now }
}

function payment(
  id: string,
  index: number,
  order: NewOrder,
  amount: number,
  now: number,
  period: Paid['period'],
): Paid {
  const fee = amount === 0 ? 0 : Math.min(amount, Math.round(amount * 0.015) + 25)
  const ref = `${id}_p${index}`
  return {
    ref,
    currency: order.currency,
    amount,
    fee,
    paidAt: now,
    receiptUrl: null,
    period,
    refunds: [],
    disputes: [],
    transfers: [],
  }
}

function isDisputable({ disputes, refunds, amount }: Paid): boolean {
  return disputes.length === 0 && refunds.reduce((sum, refund) => sum - refund.amount, amount) > 0
}

function disputable(truth: Body['truth']): boolean {
  return paymentsOf(truth).some(isDisputable)
}

const lengthOf = ({ billing }: Plan) => (billing === 'year' ? 365 : 30) * DAY
