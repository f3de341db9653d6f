import { request } from '../api/client.ts'

interface Sum {
  currency: string
  digits: number
  amount: number
}

export interface EarningsView {
  currency: string
  digits: number
  gross: number
  refunded: number
  disputed: number
  platformFee: number
  processingFee: number
  net: number
  paidOut: number
  inAccount: number
  kept: number
}

export interface PayoutAccountView {
  state: 'incomplete' | 'active' | 'restricted'
  missing: string[]
}

export type PayoutState = 'pending' | 'in_transit' | 'paid' | 'failed'

export interface PayoutView extends Sum {
  id: string
  state: PayoutState
  sentAt: string
  arrivesAt: string | null
  failure: string | null
}

interface PayoutsPage {
  account: PayoutAccountView | null
  payouts: PayoutView[]
  nextCursor: string | null
  provider: string
}

export interface TestAccountView {
  name: string
  state: PayoutAccountView['state']
  missing: string[]
  balances: Sum[]
  payouts: (Sum & { state: PayoutState })[]
  acts: string[]
  returnUrl: string
}

const enc = encodeURIComponent

export const payoutsApi = {
  earnings: (channelId: string) =>
    request<{ earnings: EarningsView[] }>('GET', `/api/channels/${enc(channelId)}/earnings`),
  payouts: (channelId: string, cursor: string | null) =>
    request<PayoutsPage>('GET', `/api/channels/${enc(channelId)}/payouts${cursor ? `?cursor=${enc(cursor)}` : ''}`),
  connect: (channelId: string, country: string | undefined) =>
    request<{ url: string }>('POST', `/api/channels/${enc(channelId)}/payout-account`, country ? { country } : {}),
  look: (channelId: string) =>
    request<PayoutAccountView>('POST', `/api/channels/${enc(channelId)}/payout-account/look`),
  testAccount: (id: string) => request<TestAccountView>('GET', `/api/test-money/accounts/${enc(id)}`),
  act: (id: string, act: string) =>
    request<TestAccountView>('POST', `/api/test-money/accounts/${enc(id)}/acts`, { act }),
}
