import { expect, test } from 'vitest'
import { createPlayback, type Outcome, type PlaybackOptions, type Viewing } from '../../src/access/playback.ts'
import { newId } from '../../src/platform/ids.ts'
import { Secret } from '../../src/platform/secret.ts'

const secret = new Secret('a secret of this test, long enough')
const start = Date.UTC(2026, 0, 15)
const DAY_MS = 86_400_000
const yes: Outcome & { allowed: true } = { allowed: true, maxHeight: null, until: null, devices: null }

function room(options: Partial<PlaybackOptions> = {}) {
  let now = start
  const asked: string[] = []
  let answer: Outcome = yes
  const playback = createPlayback({
    secret,
    clock: { now: () => now },
    decide: async ({ viewingId }) => {
      asked.push(viewingId)
      return answer
    },
    ...options,
  })
  const issue = (claims = viewing(), outcome = yes, ttlMs = DAY_MS) => playback.issue(claims, outcome, ttlMs)
  const say = (outcome: Outcome) => {
    answer = outcome
  }
  return { playback, issue, asked, say, pass: (ms: number) => (now += ms) }
}

const viewing = () => ({
  sessionId: newId(),
  userId: newId(),
  viewingId: newId(),
  deviceId: 'abcdefghijkl',
  beganAt: start,
})

test('a token opens its own session, here and, once it was decided anew, on another run with the same secret', async () => {
  const { playback, issue, asked } = room()
  const claims = viewing()
  const { token, expiresAt } = issue(claims)
  expect(expiresAt).toBe(start + DAY_MS)
  expect(playback.verify(token, claims.sessionId)).toMatchObject(claims)
  expect(asked).toEqual([])

  const other = room()
  const [one, two] = await Promise.all([0, 1].map(() => other.playback.verify(token, claims.sessionId)))
  expect(one).toMatchObject({ ...claims, expiresAt, mark: -1, closed: null })
  expect(two).toBe(one)
  expect(other.playback.verify(token, claims.sessionId)).toBe(one)
  expect(other.asked).toEqual([claims.viewingId])
})

test('a right that is gone after a restart does not come back with its token, and is asked of once', async () => {
  const claims = viewing()
  const { token } = room().issue(claims)
  const { playback, say, asked } = room()
  say({ allowed: false, reason: 'buy' })
  expect(await playback.verify(token, claims.sessionId)).toBe('withdrawn')
  expect(playback.verify(token, claims.sessionId)).toBe('withdrawn')
  expect(asked).toHaveLength(1)
})

test('a token is short and fit for a path', () => {
  expect(room().issue().token).toMatch(/^[\w-]{1,110}$/)
})

test('a guest and ids of any alphabet come back as they were', async () => {
  const claims = { sessionId: 's 1', userId: null, viewingId: 'Zuschauerin-ä', deviceId: null, beganAt: 1 }
  const { token } = room().playback.issue(claims, yes, DAY_MS)
  expect(await room().playback.verify(token, 's 1')).toMatchObject(claims)
})

test('a token opens no other session, known or not', () => {
  const { playback, issue } = room()
  const { token } = issue()
  expect(playback.verify(token, newId())).toBe('unknown')
  expect(room().playback.verify(token, newId())).toBe('unknown')
})

test('one changed bit anywhere, another spelling or another secret opens nothing', () => {
  const claims = viewing()
  const { token } = room().issue(claims)
  const bytes = Buffer.from(token, 'base64url')
  const other = room().playback
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(other.verify(changed.toString('base64url'), claims.sessionId)).toBe('unknown')
  }
  const spellings = ['', 'x', `${token}=`, `${token}A`, ` ${token}`, token.slice(1), 'A'.repeat(10_000)]
  for (const spelling of spellings) expect(other.verify(spelling, claims.sessionId)).toBe('unknown')
  const stranger = room({ secret: new Secret('another secret altogether') }).playback
  expect(stranger.verify(token, claims.sessionId)).toBe('unknown')
})

test('a token ends with its time', () => {
  const { playback, issue, pass } = room()
  const claims = viewing()
  const { token } = issue(claims, yes, 10_000)
  pass(9_999)
  expect(playback.verify(token, claims.sessionId)).toMatchObject(claims)
  pass(1)
  expect(playback.verify(token, claims.sessionId)).toBe('expired')
  expect(playback.verify(token, claims.sessionId)).toBe('expired')
  expect(playback.ofUser(claims.userId)).toEqual([])
})

test('a closed viewing is refused with every token it ever had; others notice nothing', () => {
  const { playback, issue, pass } = room()
  const claims = viewing()
  const first = issue(claims)
  pass(1_000)
  const second = issue(claims)
  const other = viewing()
  const untouched = issue(other)
  playback.close(first.viewing, 'buy')
  for (const { token } of [first, second]) expect(playback.verify(token, claims.sessionId)).toBe('withdrawn')
  expect(playback.verify(untouched.token, other.sessionId)).toMatchObject(other)
  expect(playback.ofUser(claims.userId)).toEqual([])
})

test('a renewed token is the same viewing, so it is counted once', () => {
  const { playback, issue, pass } = room()
  const claims = viewing()
  const first = issue(claims, yes, 10_000)
  pass(5_000)
  const second = issue(claims, yes, 10_000)
  expect(second.viewing).toBe(first.viewing)
  pass(5_000)
  expect(playback.verify(first.token, claims.sessionId)).toBe('expired')
  expect(playback.verify(second.token, claims.sessionId)).toBe(first.viewing)
})

test('what ends at a moment is decided anew at that moment, once for all who ask', async () => {
  const { playback, issue, pass, asked, say } = room()
  const claims = viewing()
  const { token } = issue(claims, { ...yes, until: start + 1_000 })
  pass(999)
  expect(playback.verify(token, claims.sessionId)).toMatchObject(claims)
  pass(1)
  say({ ...yes, until: start + 2_000, maxHeight: 480 })
  const answers = await Promise.all([0, 1, 2].map(() => playback.verify(token, claims.sessionId)))
  expect(answers.map((one) => (one as Viewing).permit.maxHeight)).toEqual([480, 480, 480])
  expect(asked).toHaveLength(1)
  pass(1_000)
  say({ allowed: false, reason: 'join' })
  expect(await playback.verify(token, claims.sessionId)).toBe('withdrawn')
})

test('a viewing that was silent for long asks before it goes on', () => {
  const returned: string[] = []
  const { playback, issue, pass } = room({
    idleMs: 10_000,
    onReturn: ({ viewingId }) => {
      returned.push(viewingId)
      return returned.length < 2
    },
  })
  const claims = viewing()
  const { token } = issue(claims)
  for (let n = 0; n < 3; n++) {
    pass(10_000)
    expect(playback.verify(token, claims.sessionId)).toMatchObject(claims)
  }
  expect(returned).toEqual([])
  pass(10_001)
  expect(playback.verify(token, claims.sessionId)).toMatchObject(claims)
  pass(10_001)
  expect(playback.verify(token, claims.sessionId)).toBe('withdrawn')
})

test('tokens beyond the capacity still open, once they were decided anew', async () => {
  const { playback, issue } = room({ capacity: 10 })
  const issued = Array.from({ length: 100 }, () => {
    const claims = viewing()
    return { claims, token: issue(claims).token }
  })
  for (const { claims, token } of issued) expect(await playback.verify(token, claims.sessionId)).toMatchObject(claims)
})

test('what has run out is let go of', () => {
  const { playback, issue, pass } = room()
  issue(viewing(), yes, 1_000)
  const kept = viewing()
  issue(kept, yes, 5_000)
  pass(2_000)
  playback.sweep()
  expect(playback.sessions()).toEqual([kept.sessionId])
})
