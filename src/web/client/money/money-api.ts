import { request } from '../api/client.ts'

export interface OfferView {
  id: string
  sessionId: string | null
  kind: 'ticket' | 'rent' | 'own' | 'membership' | 'message'
  tier: 'basic' | 'premium' | 'vip' | null
  name: string
  perks: string
  currency: string
  digits: number
  price: number
  regularPrice: number
  yearlyPrice: number | null
  earlyUntil: string | null
  seatsLeft: number | null
  isOnSale: boolean
  replayDays: number | null
  rentHours: number | null
  trialDays: number
}

export interface PaymentView {
  id: string
  currency: string
  digits: number
  amount: number
  refunded: number
  paidAt: string
  receiptUrl: string | null
}

export interface PurchaseView {
  id: string
  channelId: string
  name: string
  state: string
  accessExpiresAt: string | null
  payments: PaymentView[]
}

export interface MembershipView {
  id: string
  channelId: string
  name: string
  state: string
  billing: 'month' | 'year'
  currentPeriodEnd: string | null
  cancelAtPeriodEnd: boolean
  graceUntil: string | null
  payments: PaymentView[]
}

export interface SaleView extends PaymentView {
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

export interface OrderView {
  state: string
  isSettled: boolean
}

const enc = encodeURIComponent

export const moneyApi = {
  offers: (channelId: string, sessionId: string | null) =>
    request<{ offers: OfferView[]; isTestMoney: boolean }>(
      'GET',
      `/api/channels/${enc(channelId)}/offers${sessionId ? `?sessionId=${enc(sessionId)}` : ''}`,
    ),
  allOffers: (channelId: string) =>
    request<{ offers: OfferView[]; isTestMoney: boolean }>('GET', `/api/channels/${enc(channelId)}/all-offers`),
  createOffer: (channelId: string, offer: Record<string, unknown>) =>
    request<OfferView>('POST', `/api/channels/${enc(channelId)}/offers`, offer),
  withdrawOffer: (id: string) => request<null>('DELETE', `/api/offers/${enc(id)}`),
  begin: (wish: {
    offerId: string
    billing: 'month' | 'year'
    expectedAmount?: number
    promotionCode?: string
    returnTo: string
  }) => request<{ orderId: string; url: string | null }>('POST', '/api/checkouts', wish),
  look: (orderId: string) => request<OrderView>('POST', `/api/orders/${enc(orderId)}/look`),
  purchases: () => request<{ purchases: PurchaseView[] }>('GET', '/api/purchases'),
  memberships: () => request<{ memberships: MembershipView[] }>('GET', '/api/memberships'),
  cancel: (id: string) => request<unknown>('POST', `/api/memberships/${enc(id)}/cancel`),
  resume: (id: string) => request<unknown>('POST', `/api/memberships/${enc(id)}/resume`),
  redeem: (code: string) => request<{ channelId: string }>('POST', '/api/gifts/redeem', { code }),
  sales: (channelId: string) => request<{ sales: SaleView[] }>('GET', `/api/channels/${enc(channelId)}/sales`),
  earnings: (channelId: string) =>
    request<{ earnings: EarningsView[] }>('GET', `/api/channels/${enc(channelId)}/earnings`),
  refund: (id: string, refundedBefore: number) =>
    request<unknown>('POST', `/api/payments/${enc(id)}/refund`, { refundedBefore }),
  testCheckout: (id: string) => request<TestCheckoutView>('GET', `/api/test-money/${enc(id)}`),
  act: (id: string, act: string) => request<TestCheckoutView>('POST', `/api/test-money/${enc(id)}/acts`, { act }),
}
