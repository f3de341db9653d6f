import { expect, test } from 'vitest'
import { createAudience, type Watched } from '../../src/audience/audience.ts'

function room(silenceMs = 0) {
  let now = Date.UTC(2026, 0, 15)
  const audience = createAudience({ clock: { now: () => now }, silenceOf: () => silenceMs })
  const pass = (ms: number) => {
    now += ms
    audience.sweep()
  }
  return { audience, pass }
}

const viewing = (viewingId: string, sessionId = 'show', who: Partial<Watched> = {}): Watched => ({
  ...{ viewingId, sessionId, userId: null, deviceId: null, mark: -1 },
  ...who,
})

test('a viewing counts from its first fetch and once, however often it fetches', () => {
  const { audience } = room()
  const anna = viewing('anna')
  expect(audience.count('show')).toBe(0)
  audience.touch(anna)
  audience.touch(anna)
  audience.touch(viewing('ben'))
  expect(audience.count('show')).toBe(2)
})

test('one person with three tabs is one viewer and three viewings, two people behind one address are two', () => {
  const { audience, pass } = room()
  for (const tab of ['a', 'b', 'c']) audience.touch(viewing(tab, 'show', { deviceId: 'anna-laptop' }))
  expect([audience.count('show'), audience.total()]).toEqual([1, 3])
  audience.touch(viewing('d', 'show', { deviceId: 'ben-phone' }))
  expect(audience.count('show')).toBe(2)
  // By account, wherever they watch.
  const phone = viewing('e', 'show', { userId: 'carla', deviceId: 'carla-phone' })
  audience.touch(phone)
  audience.touch(viewing('f', 'show', { userId: 'carla', deviceId: 'carla-tv' }))
  expect(audience.count('show')).toBe(3)
  pass(12_000)
  audience.touch(phone)
  pass(1)
  expect([audience.count('show'), audience.total()]).toEqual([1, 1])
})

test('the most at once are told since it was last asked, and an empty house once', () => {
  const { audience, pass } = room()
  audience.touch(viewing('anna'))
  audience.touch(viewing('ben'))
  expect([...audience.takePeaks()]).toEqual([['show', 2]])
  pass(12_001)
  expect([...audience.takePeaks()]).toEqual([['show', 2]])
  expect([...audience.takePeaks()]).toEqual([])
})

test('sessions are counted apart', () => {
  const { audience } = room()
  audience.touch(viewing('anna', 'one'))
  audience.touch(viewing('anna', 'two'))
  audience.touch(viewing('ben', 'two'))
  expect([audience.count('one'), audience.count('two'), audience.total()]).toEqual([1, 2, 3])
})

test('who falls silent for more than twelve seconds lapses, who goes on stays', () => {
  const { audience, pass } = room()
  const anna = viewing('anna')
  const ben = viewing('ben')
  audience.touch(anna)
  audience.touch(ben)
  pass(12_000)
  expect(audience.count('show')).toBe(2)
  audience.touch(ben)
  pass(1)
  expect(audience.count('show')).toBe(1)
  audience.touch(anna)
  expect(audience.count('show')).toBe(2)
})

test('silence is never shorter than twelve seconds, but may be longer', () => {
  const short = room(2_000)
  short.audience.touch(viewing('anna'))
  short.pass(12_000)
  expect(short.audience.count('show')).toBe(1)

  const long = room(24_000)
  long.audience.touch(viewing('anna'))
  long.pass(24_000)
  expect(long.audience.count('show')).toBe(1)
  long.pass(1)
  expect(long.audience.count('show')).toBe(0)
})

test('a viewing whose token was verified anew is the same viewer', () => {
  const { audience, pass } = room()
  audience.touch(viewing('anna'))
  const again = viewing('anna')
  audience.touch(again)
  expect(audience.count('show')).toBe(1)
  pass(12_001)
  expect([audience.count('show'), audience.total()]).toEqual([0, 0])
})

test('a slot given to someone else is not marked by the one who lapsed', () => {
  const { audience, pass } = room()
  const anna = viewing('anna')
  audience.touch(anna)
  pass(12_001)
  const ben = viewing('ben')
  audience.touch(ben)
  pass(6_000)
  audience.touch(anna)
  expect(audience.count('show')).toBe(2)
  pass(6_001)
  expect(audience.count('show')).toBe(1)
})

test('thousands come and go, and nothing of them stays', () => {
  const { audience, pass } = room()
  for (let round = 0; round < 3; round++) {
    const crowd = Array.from({ length: 5_000 }, (_, seat) => viewing(`${round}-${seat}`, `show-${seat % 7}`))
    for (const one of crowd) audience.touch(one)
    expect(audience.total()).toBe(5_000)
    const all = [0, 1, 2, 3, 4, 5, 6].map((show) => audience.count(`show-${show}`))
    expect(all.reduce((sum, each) => sum + each)).toBe(5_000)
    pass(12_001)
    expect(audience.total()).toBe(0)
  }
})
