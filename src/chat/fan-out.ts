/**
 * One packet per tick: what happens in a channel is gathered and told together. The first after a pause goes out at
 * once, so a quiet chat has no delay; a busy one pays one packet for everybody and tick instead of one per message. What
 * moderators take away does not wait, and takes what is gathered along, so that the order holds.
 */
import type { Message, News, Poll, PublicSettings } from './chat.ts'

/** All of it is optional; `messages` in order. */
export interface Packet {
  channelId: string
  messages?: Message[]
  /** Shown again; each belongs where its position says. */
  restored?: Message[]
  removed?: string[]
  /** Everything up to this position is gone. */
  clearedUpTo?: number
  settings?: PublicSettings
  pinned?: { message: Message | null }
  poll?: Poll
  /** How many of each floated up. */
  reactions?: Record<string, number>
}

interface Waiting {
  packet: Packet
  timer: NodeJS.Timeout | null
  isEmpty: boolean
  /** How much was told since when: a room is busy while a second brings more than `BUSY`. */
  countedFrom: number
  count: number
  isBusy: boolean
}

const BUSY = 20
/** A quiet room gathers for this share of a tick only. */
const QUIET_SHARE = 0.2
const CHANNELS_KEPT = 1_000

const URGENT = new Set<News['type']>(['removed', 'cleared', 'restored'])

export function createFanOut({ tickMs, send }: { tickMs: number; send(packet: Packet): void }) {
  const channels = new Map<string, Waiting>()

  function waiting(channelId: string): Waiting {
    const found = channels.get(channelId)
    if (found) return found
    const made: Waiting = { packet: { channelId }, timer: null, isEmpty: true, countedFrom: 0, count: 0, isBusy: false }
    channels.set(channelId, made)
    return made
  }

  function flush(channel: Waiting): void {
    if (channel.timer) clearTimeout(channel.timer)
    channel.timer = null
    if (channel.isEmpty) {
      if (channels.size > CHANNELS_KEPT) channels.delete(channel.packet.channelId)
      return
    }
    const { packet } = channel
    channel.packet = { channelId: packet.channelId }
    channel.isEmpty = true
    send(packet)
    // Whoever comes within it waits for its end.
    channel.timer = setTimeout(flush, channel.isBusy ? tickMs : tickMs * QUIET_SHARE, channel)
  }

  function schedule(channel: Waiting, isUrgent: boolean): void {
    channel.isEmpty = false
    const now = performance.now()
    if (now - channel.countedFrom > 1_000) {
      channel.isBusy = channel.count > BUSY
      channel.countedFrom = now
      channel.count = 0
    }
    if (++channel.count > BUSY) channel.isBusy = true
    if (isUrgent || channel.timer === null) flush(channel)
  }

  function tell(channelId: string, news: News): void {
    const channel = waiting(channelId)
    const { packet } = channel
    if (news.type === 'shown') packet.messages = append(packet.messages, news.message)
    else if (news.type === 'restored') packet.restored = append(packet.restored, ...news.messages)
    else if (news.type === 'removed') packet.removed = append(packet.removed, ...news.ids)
    else if (news.type === 'cleared') packet.clearedUpTo = news.upTo
    else if (news.type === 'settings') packet.settings = news.settings
    else if (news.type === 'pinned') packet.pinned = { message: news.message }
    else if (news.type === 'poll') packet.poll = news.poll
    else return
    schedule(channel, URGENT.has(news.type))
  }

  function react(channelId: string, reaction: string): void {
    const channel = waiting(channelId)
    const counts = channel.packet.reactions ?? {}
    counts[reaction] = (counts[reaction] ?? 0) + 1
    channel.packet.reactions = counts
    schedule(channel, false)
  }

  function stop(): void {
    for (const { timer } of channels.values()) if (timer) clearTimeout(timer)
    channels.clear()
  }

  return { tell, react, stop }
}

function append<One>(list: One[] | undefined, ...more: One[]): One[] {
  if (!list) return more
  for (const one of more) list.push(one)
  return list
}
