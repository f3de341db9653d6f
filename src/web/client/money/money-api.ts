import { request } from '../api/client.ts'

export type Tier = 'basic' | 'premium' | 'vip'
export type Billing = 'month' | 'year'

export interface OfferView {
  id: string
  sessionId: string | null
  kind: 'ticket' | 'rent' | 'own' | 'membership' | 'message'
  tier: Tier | null
  name: string
  perks: string
  currency: string
  digits: number
  price: number
  regularPrice: number
  yearlyPrice: number | null
  earlyPrice: number | null
  earlyUntil: string | null
  seats: number | null
  saleFrom: string | null
  saleUntil: string | null
  seatsLeft: number | null
  isOnSale: boolean
  replayDays: number | null
  rentHours: number | null
  rentFrom: 'purchase' | 'first_play' | null
  trialDays: number
  version: number
}

export interface OffersView {
  offers: OfferView[]
  isTestMoney: boolean
}

export interface PaymentView {
  id: string
  currency: string
  digits: number
  amount: number
  refunded: number
  dispute: string | null
  paidAt: string
  periodStart: string | null
  periodEnd: string | null
  receiptUrl: string | null
}

export interface ChannelName {
  slug: string
  name: string
}

export interface PurchaseView {
  id: string
  channel: ChannelName
  name: string
  state: string
  accessExpiresAt: string | null
  gift: { code: string; months: number; state: 'waiting' | 'taken' | 'void' } | null
  payments: PaymentView[]
}

export interface MembershipView {
  id: string
  channelId: string
  offerId: string
  nextOfferId: string | null
  tier: Tier | null
  name: string
  state: string
  billing: 'month' | 'year'
  currentPeriodEnd: string | null
  cancelAtPeriodEnd: boolean
  graceUntil: string | null
}

export interface MyMembershipView extends MembershipView {
  channel: ChannelName
  payments: PaymentView[]
}

export interface MemberView extends MembershipView {
  userId: string
  member: string
}

export interface PromotionView {
  id: string
  code: string
  percentOff: number | null
  amountOff: number | null
  currency: string | null
  offerId: string | null
  maxUses: number | null
  uses: number
  expiresAt: string | null
}

export interface GiftLinkView {
  id: string
  code: string
  tier: Tier | null
  days: number | null
  maxUses: number
  uses: number
  expiresAt: string | null
}

export interface CompView {
  id: string
  userId: string
  scope: string
  tier: Tier | null
  note: string
  expiresAt: string | null
}

export interface GiftView {
  channelSlug: string
  channelName: string
  tier: Tier | null
  days: number | null
  isGood: boolean
}

export interface WhyView {
  decision: { allowed: boolean; reason: string | null; previewEndsAt: string | null; until: string | null }
  asked: { visibility: string; requiredTier: number | null }
  person: {
    isModerator: boolean
    isBanned: boolean
    isFollower: boolean
    rights: { scope: string; tier: number; expiresAt: string | null; isOver: boolean }[]
  } | null
  watching: { since: string }[]
}

export interface SaleView extends PaymentView {
  userId: string
  isMembership: boolean
  buyer: string
  item: string
  platformFee: number
}

export interface EarningsView {
  currency: string
  digits: number
  gross: number
  refunded: number
  platformFee: number
  net: number
}

export interface TestCheckoutView {
  name: string
  currency: string
  digits: number
  amount: number
  renews: { amount: number; billing: 'month' | 'year' } | null
  trialDays: number
  state: string
  acts: string[]
  returnUrl: string
  cancelUrl: string
}

export interface Wish {
  offerId: string
  billing: Billing
  /** A membership for somebody else. */
  giftMonths?: number
  expectedAmount?: number
  promotionCode?: string
  returnTo: string
}

export interface OrderView {
  state: string
  isSettled: boolean
}

const enc = encodeURIComponent
const of = (channelId: string) => `/api/channels/${enc(channelId)}`
const from = (cursor: string | undefined) => (cursor ? `?cursor=${enc(cursor)}` : '')

export const moneyApi = {
  offers: (channelId: string, sessionId: string | null) =>
    request<OffersView>(
      'GET',
      `/api/channels/${enc(channelId)}/offers${sessionId ? `?sessionId=${enc(sessionId)}` : ''}`,
    ),
  allOffers: (channelId: string) => request<OffersView>('GET', `/api/channels/${enc(channelId)}/all-offers`),
  createOffer: (channelId: string, offer: Record<string, unknown>) =>
    request<OfferView>('POST', `/api/channels/${enc(channelId)}/offers`, offer),
  withdrawOffer: (id: string) => request<null>('DELETE', `/api/offers/${enc(id)}`),
  changeOffer: (id: string, terms: Record<string, unknown>) =>
    request<OfferView>('PATCH', `/api/offers/${enc(id)}`, terms),
  begin: (wish: Wish) => request<{ orderId: string; url: string | null }>('POST', '/api/checkouts', wish),
  order: (orderId: string) => request<OrderView>('GET', `/api/orders/${enc(orderId)}`),
  look: (orderId: string) => request<OrderView>('POST', `/api/orders/${enc(orderId)}/look`),
  purchases: (cursor?: string) =>
    request<{ purchases: PurchaseView[]; nextCursor: string | null }>('GET', `/api/purchases${from(cursor)}`),
  memberships: (cursor?: string) =>
    request<{ memberships: MyMembershipView[]; nextCursor: string | null }>('GET', `/api/memberships${from(cursor)}`),
  changeMembership: (id: string, to: { offerId: string; billing: Billing }) =>
    request<MembershipView>('POST', `/api/memberships/${enc(id)}/change`, to),
  portal: (id: string) => request<{ url: string }>('POST', `/api/memberships/${enc(id)}/portal`),
  gift: (code: string) => request<GiftView>('GET', `/api/gifts/${enc(code)}`),
  cancel: (id: string) => request<unknown>('POST', `/api/memberships/${enc(id)}/cancel`),
  resume: (id: string) => request<unknown>('POST', `/api/memberships/${enc(id)}/resume`),
  redeem: (code: string) => request<{ channelId: string }>('POST', '/api/gifts/redeem', { code }),
  sales: (channelId: string, cursor?: string) =>
    request<{ sales: SaleView[]; nextCursor: string | null }>('GET', `${of(channelId)}/sales${from(cursor)}`),
  members: (channelId: string, cursor?: string) =>
    request<{ members: MemberView[]; nextCursor: string | null }>('GET', `${of(channelId)}/members${from(cursor)}`),
  promotions: (channelId: string) => request<{ promotions: PromotionView[] }>('GET', `${of(channelId)}/promotions`),
  promote: (channelId: string, promotion: Record<string, unknown>) =>
    request<PromotionView>('POST', `${of(channelId)}/promotions`, promotion),
  endPromotion: (channelId: string, id: string) => request<null>('DELETE', `${of(channelId)}/promotions/${enc(id)}`),
  giftLinks: (channelId: string) => request<{ gifts: GiftLinkView[] }>('GET', `${of(channelId)}/gifts`),
  makeGiftLink: (channelId: string, gift: Record<string, unknown>) =>
    request<GiftLinkView>('POST', `${of(channelId)}/gifts`, gift),
  endGiftLink: (channelId: string, id: string) => request<null>('DELETE', `${of(channelId)}/gifts/${enc(id)}`),
  comps: (channelId: string) => request<{ comps: (CompView & { person: string })[] }>('GET', `${of(channelId)}/comps`),
  giveComp: (channelId: string, comp: Record<string, unknown>) =>
    request<CompView>('POST', `${of(channelId)}/comps`, comp),
  endComp: (channelId: string, id: string) => request<null>('DELETE', `${of(channelId)}/comps/${enc(id)}`),
  why: (sessionId: string, userId: string | null) =>
    request<WhyView>('GET', `/api/sessions/${enc(sessionId)}/access${userId ? `?userId=${enc(userId)}` : ''}`),
  earnings: (channelId: string) =>
    request<{ earnings: EarningsView[] }>('GET', `/api/channels/${enc(channelId)}/earnings`),
  refund: (id: string, refund: { amount: number; refundedBefore: number; endMembership: boolean }) =>
    request<unknown>('POST', `/api/payments/${enc(id)}/refund`, refund),
  testCheckout: (id: string) => request<TestCheckoutView>('GET', `/api/test-money/${enc(id)}`),
  act: (id: string, act: string) => request<TestCheckoutView>('POST', `/api/test-money/${enc(id)}/acts`, { act }),
}
