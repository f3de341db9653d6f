import { expect, test } from 'vitest'
import { strainedLine } from '../../src/web/client/player/line-strain.ts'

const part = (megabits: number, loading: number) => ({ bits: megabits * 1e6, loading, playing: 1 / 3 })

test('parts that come faster than they play say nothing of a limit', () => {
  expect(strainedLine([part(1, 0.01), part(1, 0.02)])).toBeNull()
  expect(strainedLine([part(1, 0.2), part(1, 0.2)])).toBeNull()
})

test('two parts in a row that come no faster than they play show what the line carries', () => {
  expect(strainedLine([part(1, 0.6), part(1, 0.4)])).toBeCloseTo(1.6e6)
})

test('one late part after a quick one is a hiccup', () => {
  expect(strainedLine([part(1, 0.01), part(1, 0.5)])).toBeNull()
})

test('one part alone shows nothing', () => {
  expect(strainedLine([part(1, 3)])).toBeNull()
})
