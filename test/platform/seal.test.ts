import { expect, test } from 'vitest'
import { createSeal } from '../../src/platform/seal.ts'
import { Secret } from '../../src/platform/secret.ts'

const ours = createSeal(new Secret('the secret of this node'))
const value = new Secret('whsec_0123456789')

test('what was sealed is noise, each time another, and opens with the same secret alone', () => {
  const sealed = ours.seal(value)
  expect(sealed).not.toContain('whsec')
  expect(ours.seal(value)).not.toBe(sealed)
  expect(ours.open(sealed)?.reveal()).toBe('whsec_0123456789')
  expect(createSeal(new Secret('the secret of another')).open(sealed)).toBeNull()
})

test('what was altered, cut short, or never sealed does not open', () => {
  const bytes = Buffer.from(ours.seal(value), 'base64url')
  bytes[bytes.length - 1]! ^= 1
  expect(ours.open(bytes.toString('base64url'))).toBeNull()
  expect(ours.open(bytes.subarray(0, 20).toString('base64url'))).toBeNull()
  expect(ours.open('whsec_0123456789')).toBeNull()
})
