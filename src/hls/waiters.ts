/** Requests held until something is there. Each is answered exactly once: with true when it came, with false when it did not. */
export interface Waiter {
  /** Milliseconds since 1970 after which nobody waits any longer. */
  deadline: number
  isReady(): boolean
  resume(isThere: boolean): void
  /** Whoever waits may not have it any more. */
  isLost(): boolean
}

export type Waiters = ReturnType<typeof createWaiters>

export function createWaiters() {
  const waiting = new Set<Waiter>()

  function answer(isChosen: (waiter: Waiter) => boolean, isThere: boolean): void {
    const chosen: Waiter[] = []
    for (const waiter of waiting) if (isChosen(waiter)) chosen.push(waiter)
    for (const waiter of chosen) waiting.delete(waiter)
    for (const waiter of chosen) waiter.resume(isThere)
  }

  return {
    add: (waiter: Waiter): void => void waiting.add(waiter),
    /** For a viewer who left: never answered. */
    forget: (waiter: Waiter): void => void waiting.delete(waiter),
    release: (): void => answer((waiter) => waiter.isReady(), true),
    expire: (now: number): void => answer((waiter) => waiter.deadline <= now, false),
    dismissLost: (): void => answer((waiter) => waiter.isLost(), false),
    dismiss: (): void => answer(() => true, false),
    get count(): number {
      return waiting.size
    },
  }
}
