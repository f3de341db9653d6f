/** Whatever comes in whatever order: what is told to be written adds up to what a slow and simple count says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAudience } from '../../src/audience/audience.ts'

const SILENCE_MS = 12_000

type Step = { kind: 'fetch'; who: number } | { kind: 'pass'; ms: number } | { kind: 'write' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('fetch' as const), who: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
)

/** Two tabs of each of three people. */
const person = (who: number) => `person-${who % 3}`

test('watched time and viewers are those of a simple count, however it is swept and written', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let now = 1_000_000
      const audience = createAudience({ clock: { now: () => now } })
      const written = new Map<string, number>()
      const write = () => {
        for (const { viewing, since, leftAt } of audience.takeChanges()) {
          const stretch = leftAt === null ? 0 : leftAt - since
          written.set(viewing.viewingId, (written.get(viewing.viewingId) ?? 0) + stretch)
        }
      }
      const watched = new Map<string, number>()
      const seen = new Map<string, { from: number; last: number }>()
      const lapse = () => {
        for (const [id, { from, last }] of seen) {
          if (last >= now - SILENCE_MS) continue
          watched.set(id, (watched.get(id) ?? 0) + last - from)
          seen.delete(id)
        }
      }
      for (const taken of steps) {
        if (taken.kind === 'write') write()
        else if (taken.kind === 'pass') {
          now += taken.ms
          audience.sweep()
          lapse()
        } else {
          const id = `viewing-${taken.who}`
          // Another object each time, as when its token was forgotten and verified anew.
          audience.touch({ viewingId: id, sessionId: 'show', userId: person(taken.who), deviceId: null, mark: -1 })
          seen.set(id, { from: seen.get(id)?.from ?? now, last: now })
        }
        const present = new Set([...seen.keys()].map((id) => person(Number(id.split('-')[1]))))
        expect([audience.count('show'), audience.total()]).toEqual([present.size, seen.size])
      }
      audience.end()
      write()
      for (const [id, { from, last }] of seen) watched.set(id, (watched.get(id) ?? 0) + last - from)
      expect(written).toEqual(watched)
    }),
    { numRuns: 200 },
  )
})
