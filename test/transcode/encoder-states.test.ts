import { expect, test } from 'vitest'
import { type Limits, next, type Signal, type State } from '../../src/transcode/encoder-states.ts'

const limits: Limits = { attempts: 3, healthyMs: 30_000, startMs: 10_000, stallMs: 5_000, graceMs: 3_000 }
const broken = new Error('broken')

/** The states an encoder goes through, by name and attempt; each signal comes a second after the one before. */
function life(...signals: (Signal | Signal['type'] | { wait: number })[]): string[] {
  let state: State = { name: 'starting', attempt: 1 }
  let at = 0
  const names: string[] = []
  for (const each of signals) {
    if (typeof each === 'object' && 'wait' in each) {
      at += each.wait
      continue
    }
    const signal: Signal =
      typeof each === 'object' ? each : each === 'exit' ? { type: each, error: broken } : { type: each }
    at += 1_000
    state = next(state, signal, at, limits)
    names.push('attempt' in state ? `${state.name} ${state.attempt}` : state.name)
  }
  return names
}

const finished: Signal = { type: 'exit', error: null }

test.each<[string, Parameters<typeof life>, string[]]>([
  ['plays to the end of its source', ['output', 'output', finished], ['running 1', 'running 1', 'stopped']],
  ['a source that ends at once', [finished], ['stopped']],
  ['is started again', ['output', 'exit', 'retry', 'output'], ['running 1', 'waiting 1', 'starting 2', 'running 2']],
  [
    'is given up after three launches',
    ['exit', 'retry', 'exit', 'retry', 'exit', 'retry'],
    ['waiting 1', 'starting 2', 'waiting 2', 'starting 3', 'failed', 'failed'],
  ],
  [
    'its failures are forgotten once it ran well',
    ['exit', 'retry', 'output', { wait: 60_000 }, 'exit'],
    ['waiting 1', 'starting 2', 'running 2', 'waiting 0'],
  ],
  [
    'falls silent',
    ['output', 'silence', 'output', 'exit', 'retry'],
    ['running 1', 'stalled 1', 'stalled 1', 'waiting 1', 'starting 2'],
  ],
  ['never says a word', ['silence', 'exit'], ['stalled 1', 'waiting 1']],
  [
    'killed for its silence, it exits well: still no end',
    ['output', 'silence', finished],
    ['running 1', 'stalled 1', 'waiting 1'],
  ],
  ['is stopped', ['output', 'stop', 'output', 'exit'], ['running 1', 'stopping', 'stopping', 'stopped']],
  ['is stopped while it waits', ['exit', 'stop', 'retry'], ['waiting 1', 'stopped', 'stopped']],
  ['is stopped while it starts', ['stop', 'silence', 'exit'], ['stopping', 'stopping', 'stopped']],
  [
    'is stopped while it is being killed',
    ['output', 'silence', 'stop', 'exit'],
    ['running 1', 'stalled 1', 'stopping', 'stopped'],
  ],
])('%s', (_name, signals, expected) => {
  expect(life(...signals)).toEqual(expected)
})

test('silence says for how long it lasted, and the reason is kept to the end', () => {
  const stalled = next({ name: 'running', attempt: 3, since: 0 }, { type: 'silence' }, 1_000, limits)
  expect(next(stalled, { type: 'exit', error: broken }, 2_000, limits)).toEqual({
    name: 'failed',
    cause: new Error('the encoder gave nothing for 5 s'),
  })
})
