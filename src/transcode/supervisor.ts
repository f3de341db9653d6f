/**
 * Keeps one encoder alive for one session. What should happen is decided in encoder-states.ts; here it is only carried
 * out: launch, watch, wait, interrupt, kill.
 */
import { type Limits, next, type Signal, type State } from './encoder-states.ts'

/** What the supervisor needs of an encoder; ffmpeg.ts launches a real one. */
export interface Supervised {
  onOutput(listener: () => void): void
  onExit(listener: (error: Error | null) => void): void
  interrupt(): void
  kill(): void
}

/** What the encoder reads: media arrives, nothing arrives for the moment, or there will never be more. */
export type SourceFlow = 'flowing' | 'silent' | 'ended'

export interface Supervision<E extends Supervised> {
  launch(): E
  limits: Limits
  onState(state: State): void
  /** Asked when the encoder is silent or has come to the end of its input: is that the source's doing, or its own? */
  sourceFlow?(): SourceFlow
  /** How long to wait after a failure; later each time unless this says otherwise. */
  retryMs?(attempt: number, cause: Error): number
}

export type Supervisor = ReturnType<typeof supervise>

// Silence is counted in ticks, not read from a clock: when our own process was held up, that is not the encoder's fault.
const TICKS = 5

export const laterEachTime = (attempt: number) => Math.min(500 * 2 ** attempt, 10_000)

export function supervise<E extends Supervised>({
  launch,
  limits,
  onState,
  sourceFlow,
  retryMs = laterEachTime,
}: Supervision<E>) {
  const ended = Promise.withResolvers<State>()
  let state: State = { name: 'starting', attempt: 1 }
  let encoder: E | undefined
  let timer: NodeJS.Timeout | undefined
  let silentTicks = 0

  function receive(signal: Signal): void {
    const before = state
    state = next(before, signal, performance.now(), limits)
    if (state !== before) enter()
  }

  function enter(): void {
    clearInterval(timer)
    switch (state.name) {
      case 'starting':
        begin()
        watch(limits.startMs)
        break
      case 'running':
        watch(limits.stallMs)
        break
      case 'stalled':
      case 'replacing':
        encoder?.kill()
        break
      case 'waiting':
        timer = setTimeout(() => receive({ type: 'retry' }), retryMs(state.attempt, state.cause))
        break
      case 'stopping':
        encoder?.interrupt()
        timer = setTimeout(() => encoder?.kill(), limits.graceMs)
        break
      case 'stopped':
      case 'failed':
        ended.resolve(state)
    }
    onState(state)
  }

  function begin(): void {
    const launched = launch()
    encoder = launched
    launched.onOutput(() => {
      silentTicks = 0
      if (launched === encoder) receive({ type: 'output' })
    })
    launched.onExit((error) => {
      if (launched === encoder) receive({ type: 'exit', error: error ?? lostInput() })
    })
  }

  function watch(ms: number): void {
    silentTicks = 0
    timer = setInterval(() => {
      silentTicks = sourceFlow?.() === 'silent' ? 0 : silentTicks + 1
      if (silentTicks > TICKS) receive({ type: 'silence' })
    }, ms / TICKS)
  }

  // An end of input while the source goes on: the encoder was cut off, most likely because it fell too far behind.
  function lostInput(): Error | null {
    const goesOn = sourceFlow !== undefined && sourceFlow() !== 'ended'
    return goesOn ? new Error('the encoder lost its input while the source went on') : null
  }

  enter()
  return {
    ended: ended.promise,
    stop: () => receive({ type: 'stop' }),
    replace: () => receive({ type: 'replace' }),
    state: () => state,
  }
}
