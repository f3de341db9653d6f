/**
 * The history for those who come in. Thousands may come within a second, and most are told the very same: those who come
 * within one tick get it in one packet that is made once.
 */
import type { Message } from './message-view.ts'

export interface History {
  channelId: string
  messages: Message[]
}

interface Waiting {
  channelId: string
  ids: string[]
  sent: Promise<void>
}

export function createHistories({ tickMs, send }: { tickMs: number; send(ids: string[], history: History): void }) {
  /** By the list itself: as long as nothing was said, everybody's is the same one. */
  const waiting = new Map<Message[], Waiting>()

  /** Resolves when it was sent, so that what is answered after it finds it there. */
  function tell(id: string, { channelId, messages }: History): Promise<void> {
    const found = waiting.get(messages)
    if (found) {
      found.ids.push(id)
      return found.sent
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const made: Waiting = { channelId, ids: [id], sent: promise }
    waiting.set(messages, made)
    setTimeout(() => {
      waiting.delete(messages)
      send(made.ids, { channelId, messages })
      resolve()
    }, tickMs)
    return promise
  }

  return { tell }
}
