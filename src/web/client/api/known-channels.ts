import type { ChannelView } from './views.ts'

/** How long a list just seen may stand in for an answer; the socket brings what has changed since. */
const FRESH_MS = 30_000
const known = new Map<string, { channel: ChannelView; seenAt: number }>()

export function remember(channels: readonly ChannelView[]): void {
  for (const channel of channels) known.set(channel.slug, { channel, seenAt: performance.now() })
}

/** The channel as the list showed it: saves a round trip between the click and the first picture. */
export function recall(slug: string): ChannelView | null {
  const found = known.get(slug)
  return found && performance.now() - found.seenAt < FRESH_MS ? found.channel : null
}
