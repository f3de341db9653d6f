import { expect, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { isPublic } from '../config/money.ts'

const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://live.example.org' }
const key = { STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef' }

test('test money is what there is while nobody gave a key', () => {
  expect(loadConfig({}).commerce).toMatchObject({ provider: 'test', stripe: null, feeBps: 0, graceDays: 7 })
  expect(loadConfig(key).commerce.provider).toBe('stripe')
  expect(loadConfig({ PLATFORM_FEE_PERCENT: '7.25' }).commerce.feeBps).toBe(725)
})

test('in front of strangers test money is refused unless said twice', () => {
  const refused = /would give everything away/
  expect(() => loadConfig(production)).toThrow(refused)
  expect(() => loadConfig({ ...production, MONEY: 'test' })).toThrow(refused)
  expect(() => loadConfig({ ...production, TEST_MONEY_IN_PRODUCTION: '1' })).toThrow(refused)
  expect(loadConfig({ ...production, MONEY: 'test', TEST_MONEY_IN_PRODUCTION: '1' }).commerce.provider).toBe('test')
  expect(loadConfig({ ...production, MONEY: 'off' }).commerce.provider).toBe('off')
  expect(loadConfig({ ...production, ...key }).commerce.provider).toBe('stripe')
  expect(loadConfig({ ...production, PUBLIC_URL: 'http://192.168.1.5:8080' }).commerce.provider).toBe('test')
  expect(() => loadConfig({ MONEY: 'stripe' })).toThrow('STRIPE_SECRET_KEY is missing')
})

test('a key at fault is not shown', () => {
  expect(() => loadConfig({ STRIPE_SECRET_KEY: 'sk_short' })).toThrow(/but is \[secret\]/)
})

test.each([
  ['https://live.example.org', true],
  ['https://203.0.113.9', true],
  ['https://[2001:db8::1]', true],
  ['http://localhost:8080', false],
  ['http://127.0.0.1', false],
  ['http://10.1.2.3', false],
  ['http://172.20.0.2', false],
  ['http://[::1]:8080', false],
  ['http://[fd00::1]', false],
  ['http://studio.local', false],
  ['http://studio:8080', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected)
})
