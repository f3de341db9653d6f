import type { ChatMessage, ChatPacket } from './views.ts'

/** How many messages a page holds. */
export const KEPT = 200

/** Adds what is new and takes away what is gone: by id, in order of position. Pure. */
export function merge(held: readonly ChatMessage[], added: readonly ChatMessage[], removed: readonly string[] = []) {
  const byId = new Map(held.map((message) => [message.id, message]))
  for (const message of added) byId.set(message.id, message)
  for (const id of removed) byId.delete(id)
  return [...byId.values()].sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
}

/** What a packet makes of the messages a page holds. Pure. */
export function takePacket(held: readonly ChatMessage[], packet: ChatPacket): ChatMessage[] {
  const oldest = held[0]?.position ?? 0
  // Something brought back from before what this page holds is found by scrolling up.
  const restored = (packet.restored ?? []).filter(({ position }) => (position ?? 0) >= oldest)
  const merged = merge(held, [...(packet.messages ?? []), ...restored], packet.removed)
  const { clearedUpTo } = packet
  return clearedUpTo === undefined ? merged : merged.filter(({ position }) => (position ?? 0) > clearedUpTo)
}
