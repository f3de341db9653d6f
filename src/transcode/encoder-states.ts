/** The life of one encoder, as a pure function: the rules, and nothing that runs. */
export type State =
  | { name: 'starting'; attempt: number }
  | { name: 'running'; attempt: number; since: number }
  | { name: 'stalled'; attempt: number; cause: Error }
  | { name: 'waiting'; attempt: number; cause: Error }
  | { name: 'replacing' }
  | { name: 'stopping' }
  | { name: 'stopped' }
  | { name: 'failed'; cause: Error }

export type Signal =
  | { type: 'output' }
  /** Nothing came out for too long, though something went in. */
  | { type: 'silence' }
  /** No error: the input came to its end. */
  | { type: 'exit'; error: Error | null }
  | { type: 'retry' }
  /** The plan has changed: another encoder at once. */
  | { type: 'replace' }
  | { type: 'stop' }

export interface Limits {
  /** launches in a row that did not become healthy before we give up */
  attempts: number
  /** how long an encoder runs before its earlier failures are forgotten */
  healthyMs: number
  /** how long an encoder may take to its first output */
  startMs: number
  /** how long a running encoder may be silent */
  stallMs: number
  /** how long an encoder may take to finish when it is told to stop */
  graceMs: number
}

export function next(state: State, signal: Signal, at: number, limits: Limits): State {
  switch (state.name) {
    case 'stopped':
    case 'failed':
      return state
    case 'stopping':
      return signal.type === 'exit' ? { name: 'stopped' } : state
    case 'replacing':
      if (signal.type === 'stop') return { name: 'stopping' }
      return signal.type === 'exit' ? { name: 'starting', attempt: 1 } : state
    case 'waiting':
      if (signal.type === 'stop') return { name: 'stopped' }
      return signal.type === 'retry' ? { name: 'starting', attempt: state.attempt + 1 } : state
    case 'stalled':
      if (signal.type === 'stop') return { name: 'stopping' }
      return signal.type === 'exit' ? afterFailure(state.cause, state.attempt, limits) : state
    case 'starting':
      if (signal.type === 'replace') return { name: 'replacing' }
      if (signal.type === 'stop') return { name: 'stopping' }
      if (signal.type === 'silence') return stalled(state.attempt, limits.startMs)
      if (signal.type === 'exit') return afterExit(signal.error, state.attempt, limits)
      return signal.type === 'output' ? { name: 'running', attempt: state.attempt, since: at } : state
    case 'running': {
      const attempt = at - state.since >= limits.healthyMs ? 0 : state.attempt
      if (signal.type === 'stop') return { name: 'stopping' }
      if (signal.type === 'replace') return { name: 'replacing' }
      if (signal.type === 'silence') return stalled(attempt, limits.stallMs)
      return signal.type === 'exit' ? afterExit(signal.error, attempt, limits) : state
    }
  }
}

function stalled(attempt: number, silentMs: number): State {
  return { name: 'stalled', attempt, cause: new Error(`the encoder gave nothing for ${silentMs / 1000} s`) }
}

// No error means the source came to its end, which is no reason to start again.
function afterExit(error: Error | null, attempt: number, limits: Limits): State {
  return error === null ? { name: 'stopped' } : afterFailure(error, attempt, limits)
}

function afterFailure(cause: Error, attempt: number, limits: Limits): State {
  return attempt < limits.attempts ? { name: 'waiting', attempt, cause } : { name: 'failed', cause }
}
