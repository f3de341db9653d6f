import { expect, test } from 'vitest'
import { createAccess } from '../../src/access/access.ts'

test('what is open may be watched by guests and members alike', async () => {
  const { decide } = createAccess()
  expect(await decide(null, { kind: 'open' })).toEqual({ allowed: true })
  expect(await decide('u1', { kind: 'open' })).toEqual({ allowed: true })
})
