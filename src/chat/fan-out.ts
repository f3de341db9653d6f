/**
 * One packet per tick: what happens in a room is gathered and told together. The first after a pause goes out at
 * once, so a quiet chat has no delay; a busy one pays one packet for everybody and tick instead of one per message. What
 * moderators take away does not wait, and takes what is gathered along, so that the order holds.
 */
import type { Message } from './message-view.ts'
import type { News } from './news.ts'
import type { Poll } from './polls.ts'
import type { PublicRules } from './rules.ts'

/** All of it is optional; `messages` in order. */
export interface Packet {
  channelId: string
  messages?: Message[]
  /** Shown again; each belongs where its position says. */
  restored?: Message[]
  removed?: string[]
  /** Everything up to this position is gone. */
  clearedUpTo?: number
  settings?: PublicRules
  pinned?: { message: Message | null }
  poll?: Poll
  /** How many of each floated up. */
  reactions?: Record<string, number>
}

interface Waiting {
  room: string
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
const ROOMS_KEPT = 1_000

const URGENT = new Set<News['type']>(['removed', 'cleared', 'restored'])

export type FanOut = ReturnType<typeof createFanOut>

export function createFanOut({ tickMs, send }: { tickMs: number; send(room: string, packet: Packet): void }) {
  const rooms = new Map<string, Waiting>()

  function waiting(room: string, channelId: string): Waiting {
    const found = rooms.get(room)
    if (found) return found
    const nothing = { packet: { channelId }, timer: null, isEmpty: true, countedFrom: 0, count: 0, isBusy: false }
    const made: Waiting = { room, ...nothing }
    rooms.set(room, made)
    return made
  }

  function flush(waiting: Waiting): void {
    if (waiting.timer) clearTimeout(waiting.timer)
    waiting.timer = null
    if (waiting.isEmpty) {
      if (rooms.size > ROOMS_KEPT) rooms.delete(waiting.room)
      return
    }
    const { packet } = waiting
    waiting.packet = { channelId: packet.channelId }
    waiting.isEmpty = true
    send(waiting.room, packet)
    // Whoever comes within it waits for its end.
    waiting.timer = setTimeout(flush, waiting.isBusy ? tickMs : tickMs * QUIET_SHARE, waiting)
  }

  function schedule(waiting: Waiting, isUrgent: boolean): void {
    waiting.isEmpty = false
    const now = performance.now()
    if (now - waiting.countedFrom > 1_000) {
      waiting.isBusy = waiting.count > BUSY
      waiting.countedFrom = now
      waiting.count = 0
    }
    if (++waiting.count > BUSY) waiting.isBusy = true
    if (isUrgent || waiting.timer === null) flush(waiting)
  }

  function tell(room: string, channelId: string, news: News): void {
    const gathered = waiting(room, channelId)
    const { packet } = gathered
    if (news.type === 'shown') packet.messages = append(packet.messages, news.message)
    else if (news.type === 'restored') packet.restored = append(packet.restored, ...news.messages)
    else if (news.type === 'removed') packet.removed = append(packet.removed, ...news.ids)
    else if (news.type === 'cleared') packet.clearedUpTo = news.upTo
    else if (news.type === 'settings') packet.settings = news.settings
    else if (news.type === 'pinned') packet.pinned = { message: news.message }
    else if (news.type === 'poll') packet.poll = news.poll
    else return
    schedule(gathered, URGENT.has(news.type))
  }

  function react(room: string, channelId: string, reaction: string): void {
    const gathered = waiting(room, channelId)
    const counts = gathered.packet.reactions ?? {}
    counts[reaction] = (counts[reaction] ?? 0) + 1
    gathered.packet.reactions = counts
    schedule(gathered, false)
  }

  function stop(): void {
    for (const { timer } of rooms.values()) if (timer) clearTimeout(timer)
    rooms.clear()
  }

  return { tell, react, stop }
}

function append<One>(list: One[] | undefined, ...more: One[]): One[] {
  if (!list) return more
  for (const one of more) list.push(one)
  return list
}
