import type { Logger } from './logger.ts'

/**
 * Facts, in past tense, for whoever cares: `session.started`, `session.ended` … The one who announces never learns who
 * listened, and a listener that fails is logged and harms nobody. What must happen is called, not announced.
 */
export interface Announcer<Facts extends object> {
  on<Name extends keyof Facts & string>(name: Name, listener: (fact: Facts[Name]) => unknown): void
  announce<Name extends keyof Facts & string>(name: Name, fact: Facts[Name]): void
}

export function createAnnouncer<Facts extends object>(logger: Logger): Announcer<Facts> {
  const listeners = new Map<string, ((fact: never) => unknown)[]>()
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    },
    announce(name, fact) {
      for (const listener of listeners.get(name) ?? []) {
        Promise.try(listener, fact as never).catch((error: unknown) =>
          logger.error({ err: error, fact: name }, 'a reaction failed'),
        )
      }
    },
  }
}
