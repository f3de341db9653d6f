import { expect, test } from 'vitest'
import { createPlayback } from '../../src/access/playback.ts'
import { newId } from '../../src/platform/ids.ts'
import { Secret } from '../../src/platform/secret.ts'

const secret = new Secret('a secret of this test, long enough')
const start = Date.UTC(2026, 0, 15)

function room(options: { capacity?: number; ttlMs?: number } = {}) {
  let now = start
  const clock = { now: () => now }
  return { playback: createPlayback({ secret, clock, ...options }), clock, pass: (ms: number) => (now += ms) }
}

/** A second node with the same secret: it has never seen the token. */
const elsewhere = () => createPlayback({ secret, clock: { now: () => start } })

const viewing = () => ({ sessionId: newId(), userId: newId(), viewingId: newId() })

test('a token opens its own session, here and on another node with the same secret', () => {
  const { playback } = room()
  const asked = viewing()
  const { token, expiresAt } = playback.issue(asked)

  expect(expiresAt).toBe(start + 86_400_000)
  expect(playback.verify(token, asked.sessionId)).toMatchObject(asked)
  expect(elsewhere().verify(token, asked.sessionId)).toEqual({ ...asked, expiresAt, mark: -1 })
})

test('a token is short and fit for a path', () => {
  const { token } = room().playback.issue(viewing())
  expect(token).toMatch(/^[\w-]{1,80}$/)
})

test('a guest and ids of any alphabet come back as they were', () => {
  const asked = { sessionId: 's 1', userId: null, viewingId: 'Zuschauerin-ä' }
  expect(elsewhere().verify(room().playback.issue(asked).token, 's 1')).toMatchObject(asked)
})

test('a token opens no other session, known or not', () => {
  const { playback } = room()
  const { token } = playback.issue(viewing())
  expect(playback.verify(token, newId())).toBe('unknown')
  expect(elsewhere().verify(token, newId())).toBe('unknown')
})

test('one changed bit anywhere, another spelling or another secret opens nothing', () => {
  const asked = viewing()
  const { token } = room().playback.issue(asked)
  const bytes = Buffer.from(token, 'base64url')
  const other = elsewhere()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(other.verify(changed.toString('base64url'), asked.sessionId)).toBe('unknown')
  }
  const spellings = ['', 'x', `${token}=`, `${token}A`, ` ${token}`, token.slice(1), 'A'.repeat(10_000)]
  for (const spelling of spellings) expect(other.verify(spelling, asked.sessionId)).toBe('unknown')
  const stranger = createPlayback({ secret: new Secret('another secret altogether'), clock: { now: () => start } })
  expect(stranger.verify(token, asked.sessionId)).toBe('unknown')
})

test('a token ends with its time', () => {
  const { playback, pass } = room({ ttlMs: 10_000 })
  const asked = viewing()
  const { token } = playback.issue(asked)
  pass(9_999)
  expect(playback.verify(token, asked.sessionId)).toMatchObject(asked)
  pass(1)
  expect(playback.verify(token, asked.sessionId)).toBe('expired')
  expect(playback.verify(token, asked.sessionId)).toBe('expired')
})

test('a withdrawn viewing is refused at once, also when its token was forgotten meanwhile', () => {
  const { playback } = room({ capacity: 1 })
  const asked = viewing()
  const { token } = playback.issue(asked)
  const untouched = viewing()
  playback.withdraw(asked.viewingId)
  expect(playback.verify(token, asked.sessionId)).toBe('withdrawn')

  const later = playback.issue(untouched)
  expect(playback.verify(token, asked.sessionId)).toBe('withdrawn')
  expect(playback.verify(later.token, untouched.sessionId)).toMatchObject(untouched)
})

test('withdrawals are forgotten when no token could be good any more', () => {
  const { playback, pass } = room({ ttlMs: 10_000 })
  const first = viewing()
  playback.withdraw(first.viewingId)
  pass(10_000)
  playback.withdraw(newId())
  const { token } = playback.issue(first)
  expect(playback.verify(token, first.sessionId)).toMatchObject(first)
})

test('a known token gives the same viewing each time, so its mark stays with it', () => {
  const { playback } = room()
  const asked = viewing()
  const { token } = playback.issue(asked)
  expect(playback.verify(token, asked.sessionId)).toBe(playback.verify(token, asked.sessionId))
})

test('tokens beyond the capacity still open, by their seal', () => {
  const { playback } = room({ capacity: 10 })
  const issued = Array.from({ length: 100 }, () => {
    const asked = viewing()
    return { asked, token: playback.issue(asked).token }
  })
  for (const { asked, token } of issued) expect(playback.verify(token, asked.sessionId)).toMatchObject(asked)
})
