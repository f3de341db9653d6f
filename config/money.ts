import { isIP } from 'node:net'
import type { Secret } from '../src/platform/secret.ts'

interface MoneySettings {
  NODE_ENV?: string | undefined
  MONEY: 'auto' | 'stripe' | 'test' | 'off'
  TEST_MONEY_IN_PRODUCTION: '0' | '1'
  STRIPE_SECRET_KEY?: Secret | undefined
  STRIPE_WEBHOOK_SECRET?: Secret | undefined
  PLATFORM_FEE_PERCENT: number
  MEMBERSHIP_GRACE_DAYS: number
}

/** Which money this node takes. Throws a complaint where that would be play money in front of people who pay for real. */
export function moneyOf(e: MoneySettings, publicUrl: string, unusable: (complaints: string[]) => Error) {
  const provider = e.MONEY === 'auto' ? (e.STRIPE_SECRET_KEY ? 'stripe' : 'test') : e.MONEY
  if (provider === 'stripe' && !e.STRIPE_SECRET_KEY)
    throw unusable(['MONEY is stripe, but STRIPE_SECRET_KEY is missing'])
  const isSaidTwice = e.MONEY === 'test' && e.TEST_MONEY_IN_PRODUCTION === '1'
  if (provider === 'test' && e.NODE_ENV === 'production' && isPublic(publicUrl) && !isSaidTwice) {
    throw unusable([
      `test money at ${publicUrl} would give everything away: set STRIPE_SECRET_KEY to sell, or MONEY=off to sell nothing`,
      'whoever wants play money there all the same sets both MONEY=test and TEST_MONEY_IN_PRODUCTION=1',
    ])
  }
  return {
    provider,
    stripe: e.STRIPE_SECRET_KEY
      ? { secretKey: e.STRIPE_SECRET_KEY, webhookSecret: e.STRIPE_WEBHOOK_SECRET ?? null }
      : null,
    feeBps: Math.round(e.PLATFORM_FEE_PERCENT * 100),
    graceDays: e.MEMBERSHIP_GRACE_DAYS,
  }
}

/** Whether strangers can come to this address: not on this machine and not in a private network. */
export function isPublic(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(host) === 4) return !/^(127|10|0|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(host)
  if (isIP(host) === 6) return !/^(::1?$|f[cd]|fe[89ab])/.test(host)
  return !/^localhost$|\.(localhost|local|lan|internal|home\.arpa|test)$/.test(host) && host.includes('.')
}
