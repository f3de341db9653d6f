import { expect, test } from 'vitest'
import { createFreshToken } from '../../src/web/client/player/fresh-token.ts'
import { refusalIn } from '../../src/web/client/player/refusal.ts'

test('after a renewal every address is asked for with the new token, whichever it was written with', () => {
  const token = createFreshToken('/hls/one/show/main.m3u8')
  const asked = 'https://tv.example/hls/one/show/source.m3u8?_HLS_msn=3'
  expect(token.fresh(asked)).toBe(asked)
  token.renew('/hls/two_-2/show/main.m3u8')
  expect(token.fresh(asked)).toBe('https://tv.example/hls/two_-2/show/source.m3u8?_HLS_msn=3')
  token.renew('something else')
  expect(token.fresh('/hls/one/show/source/p1.m4s')).toBe('/hls/two_-2/show/source/p1.m4s')
})

test('a refusal is an offer, a failure is none', () => {
  const error = (code: string, details?: unknown) => ({ code, details })
  expect(refusalIn(error('sign_in', { reason: 'sign_in', next: 'buy' }), null)).toEqual({
    code: 'sign_in',
    next: 'buy',
  })
  expect(refusalIn(error('join'), null)).toEqual({ code: 'join', next: null })
  expect(refusalIn(error('nothing_to_watch'), 'invite_only')).toEqual({ code: 'invite_only', next: null })
  for (const code of ['nothing_to_watch', 'internal', 'unreachable', 'rate_limited']) {
    expect(refusalIn(error(code), null)).toBeNull()
  }
})
