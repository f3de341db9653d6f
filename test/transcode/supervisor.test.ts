import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Limits } from '../../src/transcode/encoder-states.ts'
import { type SourceFlow, supervise } from '../../src/transcode/supervisor.ts'
import { fakeEncoder } from '../helpers/fake-encoder.ts'

const limits: Limits = { attempts: 3, healthyMs: 30_000, startMs: 10_000, stallMs: 5_000, graceMs: 3_000 }
const broken = new Error('broken')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function supervised(sourceFlow?: () => SourceFlow) {
  const encoders: ReturnType<typeof fakeEncoder>[] = []
  const names: string[] = []
  const supervisor = supervise({
    limits,
    launch() {
      encoders.push(fakeEncoder())
      return encoders.at(-1)!
    },
    onState: (state) => names.push(state.name),
    ...(sourceFlow ? { sourceFlow } : {}),
  })
  return { encoders, names, supervisor, newest: () => encoders.at(-1)! }
}

test('an encoder that dies is started again, later each time', () => {
  const { encoders, newest } = supervised()
  newest().exit(broken)
  vi.advanceTimersByTime(999)
  expect(encoders).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(encoders).toHaveLength(2)
  newest().exit(broken)
  vi.advanceTimersByTime(1_999)
  expect(encoders).toHaveLength(2)
  vi.advanceTimersByTime(1)
  expect(encoders).toHaveLength(3)
})

test('an encoder that fails three times in a row is given up, and the reason is told', async () => {
  const { names, newest, supervisor } = supervised()
  for (let launch = 1; launch <= 3; launch++) {
    newest().exit(broken)
    vi.advanceTimersByTime(10_000)
  }
  expect(await supervisor.ended).toEqual({ name: 'failed', cause: broken })
  expect(names).toEqual(['starting', 'waiting', 'starting', 'waiting', 'starting', 'failed'])
})

test('an encoder that falls silent is killed, one that speaks is not', () => {
  const { names, newest } = supervised()
  for (let second = 0; second < 60; second++) {
    newest().giveOutput()
    vi.advanceTimersByTime(1_000)
  }
  expect(newest().told).toEqual([])
  vi.advanceTimersByTime(6_000)
  expect(newest().told).toEqual(['kill'])
  expect(names).toEqual(['starting', 'running', 'stalled'])
})

test('an encoder that never begins is killed', () => {
  const { newest } = supervised()
  vi.advanceTimersByTime(9_999)
  expect(newest().told).toEqual([])
  vi.advanceTimersByTime(3_000)
  expect(newest().told).toEqual(['kill'])
})

test('silence of the source is not held against the encoder', () => {
  let flow: SourceFlow = 'silent'
  const { names, newest } = supervised(() => flow)
  newest().giveOutput()
  vi.advanceTimersByTime(60_000)
  expect(newest().told).toEqual([])
  flow = 'flowing'
  vi.advanceTimersByTime(7_000)
  expect(names).toEqual(['starting', 'running', 'stalled'])
})

test('a pause of our own process is not held against the encoder', () => {
  const { newest } = supervised()
  newest().giveOutput()
  vi.advanceTimersByTime(1_000)
  vi.setSystemTime(Date.now() + 60_000)
  vi.advanceTimersByTime(1_000)
  expect(newest().told).toEqual([])
})

test('the end of the source is the end of the encoder', async () => {
  const { supervisor, newest } = supervised(() => 'ended')
  newest().giveOutput()
  newest().exit(null)
  expect(await supervisor.ended).toEqual({ name: 'stopped' })
})

test('an encoder cut off from a source that goes on is started again', () => {
  const { encoders, names, newest } = supervised(() => 'flowing')
  newest().giveOutput()
  newest().exit(null)
  vi.advanceTimersByTime(1_000)
  expect(names).toEqual(['starting', 'running', 'waiting', 'starting'])
  expect(encoders).toHaveLength(2)
})

test('stopping asks first, and kills when nothing comes of it', async () => {
  const { supervisor, newest } = supervised(() => 'flowing')
  newest().giveOutput()
  supervisor.stop()
  expect(newest().told).toEqual(['interrupt'])
  vi.advanceTimersByTime(3_000)
  expect(newest().told).toEqual(['interrupt', 'kill'])
  newest().exit(broken)
  expect(await supervisor.ended).toEqual({ name: 'stopped' })
  expect(vi.getTimerCount()).toBe(0)
})

test('a word from an encoder long replaced changes nothing', () => {
  const { encoders, names, newest } = supervised()
  newest().exit(broken)
  vi.advanceTimersByTime(1_000)
  encoders[0]!.giveOutput()
  encoders[0]!.exit(null)
  expect(names).toEqual(['starting', 'waiting', 'starting'])
})
