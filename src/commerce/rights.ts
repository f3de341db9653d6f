import type { Db } from '../db/db.ts'
import { standingOf } from './books.ts'
import type { MembershipTruth, PurchaseTruth } from './provider.ts'

/** What this room asks of `access`. `source` is unique: granted again, the same right is rewritten. */
export interface Rights {
  grant(right: Right, tx: Db): Promise<void>
  revoke(source: string, tx: Db): Promise<void>
  /** After the commit: every open viewing concerned is decided anew. */
  recheck(concerned: { userId?: string; sessionId?: string; channelId?: string }): Promise<void>
}

export type Scope = `channel:${string}` | `session:${string}` | `video:${string}`

export interface Right {
  userId: string
  scope: Scope
  tier: number
  source: string
  expiresAt: number | null
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A renewal is charged a while after the period began, and its event may be late. */
const RENEWAL_SLACK = DAY

export type PurchaseState = PurchaseTruth['state'] | 'refunded' | 'disputed' | 'lost'

/** Money back, or asked back, ends the right; a dispute that is won gives it back. */
export function purchaseState({ state, payment }: PurchaseTruth): PurchaseState {
  if (state !== 'paid' || payment === null) return state
  const { dispute, isGood } = standingOf(payment)
  if (isGood) return 'paid'
  return dispute === 'lost' ? 'lost' : dispute === 'open' ? 'disputed' : 'refunded'
}

const HOLDING: readonly string[] = ['open', 'processing', 'paid', 'disputed']

/** Whether nobody needs to, or may, buy the same thing again; gifts one may buy as many as one likes. */
export function holdsClaim(kind: string, state: string): boolean {
  return kind === 'gift' ? state === 'open' : HOLDING.includes(state)
}

export interface Terms {
  kind: string
  paidAt: number | null
  rentHours: number | null
  rentFrom: string | null
  replayDays: number | null
  firstPlayedAt: number | null
}

/** When a paid right runs out; null: never, or not known yet (a show that goes on, a rent not yet begun). */
export function accessEnd(terms: Terms, endedAt: number | null): number | null {
  if (terms.kind === 'rent') {
    const from = terms.rentFrom === 'first_play' ? terms.firstPlayedAt : terms.paidAt
    return from === null ? null : from + (terms.rentHours ?? 0) * HOUR
  }
  if (terms.kind === 'ticket' && terms.replayDays !== null && endedAt !== null) return endedAt + terms.replayDays * DAY
  return null
}

/** Until when, or null where there is no right now. It depends on the truth alone, never on what was seen before. */
export function membershipEnd(truth: MembershipTruth, graceDays: number): { until: number; isGrace: boolean } | null {
  const { state, period, payments } = truth
  if (period === null) return null
  const latest = payments.toSorted((a, b) => (a.period?.start ?? 0) - (b.period?.start ?? 0)).at(-1)
  if (latest && !standingOf(latest).isGood) return null
  if (state === 'past_due') return { until: period.start + graceDays * DAY, isGrace: true }
  if (state !== 'active' && state !== 'trialing') return null
  return { until: truth.cancelAtPeriodEnd ? period.end : period.end + RENEWAL_SLACK, isGrace: false }
}

/** What counts until the paid period is over, also when less was ordered for the time after it. */
export function offerInForce({ plan, held, period }: MembershipTruth): string {
  return held && period && period.start < held.until ? held.offerId : plan.offerId
}

/** Whose viewings a right to this concerns. */
export function concerned(scope: Scope): { sessionId?: string; channelId?: string } {
  const [kind, id = ''] = scope.split(':')
  return kind === 'session' ? { sessionId: id } : kind === 'channel' ? { channelId: id } : {}
}
