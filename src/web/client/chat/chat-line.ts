import { signal } from '@preact/signals'
import type { Socket } from 'socket.io-client'
import { openSocket } from '../api/socket.ts'
import { chatApi } from './api.ts'
import { KEPT, merge, takePacket } from './timeline.ts'
import type { ChatMessage, ChatPacket, ChatPoll, DeskNews, Entered, ModeratedMessage, PublicRules } from './views.ts'

/** What this person wrote and is not yet among the messages. */
export interface Outgoing {
  key: string
  text: string
  replyTo: ChatMessage | null
  state: 'sending' | 'held' | 'failed'
  why: string
}

type Answer<Given> = Given | { error: { code: string; message: string } }

const ANSWER_MS = 6_000
const ATTEMPTS = 3

export type ChatLine = ReturnType<typeof createChatLine>

/** One page's chat of one channel: what it holds, what it sends, and how its line is. */
export function createChatLine(channel: string) {
  const messages = signal<ChatMessage[]>([])
  const outgoing = signal<Outgoing[]>([])
  const rules = signal<PublicRules | null>(null)
  const pinned = signal<ChatMessage | null>(null)
  const poll = signal<ChatPoll | null>(null)
  const ownVote = signal<number | null>(null)
  const role = signal<Entered['role']>(null)
  const user = signal<Entered['user']>(null)
  const held = signal<ModeratedMessage[]>([])
  const flagged = signal<ModeratedMessage[]>([])
  const hasOlder = signal(false)
  /** How the line is; `slow` is polling, where the websocket did not pass. */
  const line = signal<'connecting' | 'good' | 'slow' | 'lost'>('connecting')
  const floating = signal<{ id: number; reaction: string }[]>([])
  let lastFloat = 0
  let failures = 0
  let channelId = ''
  /** The newest messages, as they come just before the answer to coming in. */
  let history: ChatMessage[] = []
  /** What is heard between asking and being let in; it comes after the history. */
  let early: ChatPacket[] | null = null
  const opened = openSocket()
  let socket: Socket | null = null
  let isStopped = false

  async function enter(): Promise<void> {
    if (!socket) return
    const after = messages.value.at(-1)?.position ?? null
    early = []
    const seen: Answer<Entered> = await ask('chat.enter', { channel, after })
    if ('error' in seen) throw new Error(seen.error.message)
    channelId = seen.channelId
    messages.value = seen.isAddition ? merge(messages.value, seen.messages ?? [], seen.removed) : history
    if (!seen.isAddition) hasOlder.value = history.length >= 100
    history = []
    rules.value = seen.settings
    pinned.value = seen.pinned
    if (seen.poll || poll.value?.isOpen) poll.value = seen.poll
    ownVote.value = seen.ownVote
    role.value = seen.role
    user.value = seen.user
    const heard = early
    early = null
    for (const packet of heard) onPacket(packet)
    settleOwn()
    failures = 0
    line.value = socket.io.engine.transport.name === 'polling' ? 'slow' : 'good'
    if (seen.role !== null) held.value = (await chatApi.held(channelId)).messages
    for (const one of outgoing.value) if (one.state === 'sending') void attempt(one)
  }

  const ask = (event: string, payload: unknown) =>
    socket ? socket.timeout(ANSWER_MS).emitWithAck(event, payload) : Promise.reject(new Error('not connected'))

  /** Coming in may be refused for a moment, when many come at once: each tries again at a time of its own. */
  function comeIn(): void {
    enter().catch(() => {
      if (!isStopped && socket?.connected) setTimeout(comeIn, 1_000 + Math.random() * 4_000)
    })
  }

  /** What may be read here has changed: what was there is let go, and asked for anew. */
  function comeAgain(): void {
    messages.value = []
    comeIn()
  }

  function onHistory(told: { messages: ChatMessage[] }): void {
    history = told.messages
  }

  function onPacket(packet: ChatPacket): void {
    if (early) early.push(packet)
    if (early || packet.channelId !== channelId) return
    const isRoom = packet.messages || packet.restored || packet.removed || packet.clearedUpTo !== undefined
    if (isRoom) messages.value = bounded(takePacket(messages.value, packet))
    if (packet.settings) rules.value = packet.settings
    if (packet.pinned) pinned.value = packet.pinned.message
    if (packet.removed?.includes(pinned.value?.id ?? '')) pinned.value = null
    if (packet.poll) {
      if (packet.poll.id !== poll.value?.id) ownVote.value = null
      poll.value = packet.poll
    }
    for (const [reaction, count] of Object.entries(packet.reactions ?? {})) float(reaction, count)
    settleOwn()
  }

  let keepsAll = false
  const bounded = (all: ChatMessage[]) => {
    if (keepsAll || all.length <= KEPT) return all
    hasOlder.value = true
    return all.slice(-KEPT)
  }

  /** A message of one's own that came back with the others is no longer on its way. */
  function settleOwn(): void {
    const there = new Set(messages.value.filter(({ author }) => author?.id === user.value?.id).map(({ key }) => key))
    if (outgoing.value.some(({ key }) => there.has(key))) {
      outgoing.value = outgoing.value.filter(({ key }) => !there.has(key))
    }
  }

  function float(reaction: string, count: number): void {
    const more = Array.from({ length: Math.min(count, 8) }, () => ({ id: ++lastFloat, reaction }))
    floating.value = [...floating.value, ...more].slice(-40)
  }

  function onDesk(news: DeskNews): void {
    if (news.type === 'held') held.value = [...held.value.filter(({ id }) => id !== news.message.id), news.message]
    else if (news.type === 'flagged') {
      flagged.value = [...flagged.value.filter(({ id }) => id !== news.message.id), news.message].slice(-50)
    } else held.value = held.value.filter(({ id }) => id !== news.id)
  }

  function onLost(): void {
    line.value = ++failures > 1 ? 'lost' : 'connecting'
  }

  function setOutgoing(key: string, change: Partial<Outgoing>): void {
    outgoing.value = outgoing.value.map((one) => (one.key === key ? { ...one, ...change } : one))
  }

  /** The key stays the same at every attempt, so that what arrived twice is one message. */
  async function attempt({ key, text, replyTo }: Outgoing): Promise<void> {
    for (let n = 1; ; n++) {
      try {
        const about = replyTo ? { replyTo: replyTo.id } : {}
        const said: Answer<{ message: ChatMessage }> = await ask('chat.write', {
          channel: channelId,
          text,
          key,
          ...about,
        })
        if ('error' in said) setOutgoing(key, { state: 'failed', why: said.error.message })
        else if (said.message.state === 'held') setOutgoing(key, { state: 'held' })
        else {
          messages.value = bounded(merge(messages.value, [said.message]))
          settleOwn()
        }
        return
      } catch {
        // Not connected: tried again on coming back in.
        if (!socket?.connected) return
        if (n === ATTEMPTS) return setOutgoing(key, { state: 'failed', why: 'It did not get through.' })
      }
    }
  }

  function write(text: string, replyTo: ChatMessage | null): void {
    const one: Outgoing = { key: newKey(), text, replyTo, state: 'sending', why: '' }
    outgoing.value = [...outgoing.value, one]
    void attempt(one)
  }

  function retry(key: string): void {
    setOutgoing(key, { state: 'sending', why: '' })
    const one = outgoing.value.find((candidate) => candidate.key === key)
    if (one) void attempt(one)
  }

  function discard(key: string): void {
    outgoing.value = outgoing.value.filter((one) => one.key !== key)
  }

  async function loadOlder(): Promise<void> {
    const first = messages.value[0]?.position
    if (!first || !hasOlder.value) return
    keepsAll = true
    const { messages: older } = await chatApi.messages(channelId, first)
    messages.value = merge(messages.value, older)
    hasOlder.value = older.length >= 100
  }

  /** Back at the newest: what lies far behind is let go again. */
  function atEnd(): void {
    if (!keepsAll) return
    keepsAll = false
    messages.value = bounded(messages.value)
  }

  opened.socket.then(
    (given) => {
      if (isStopped) return
      socket = given
      given
        .on('connect', comeIn)
        .on('chat', onPacket)
        .on('chat.history', onHistory)
        .on('chat.desk', onDesk)
        .on('chat.again', comeAgain)
      given.on('disconnect', onLost).on('connect_error', onLost)
      if (given.connected) comeIn()
    },
    () => {
      line.value = 'lost'
    },
  )

  return {
    messages,
    outgoing,
    rules,
    pinned,
    poll,
    ownVote,
    role,
    user,
    held,
    flagged,
    hasOlder,
    line,
    floating,
    channelId: () => channelId,
    write,
    retry,
    discard,
    loadOlder,
    atEnd,
    react: (reaction: string) => void ask('chat.react', { channel: channelId, reaction }).catch(() => undefined),
    landed(id: number) {
      floating.value = floating.value.filter((one) => one.id !== id)
    },
    /** After signing in or out: the line is opened anew, and with it who one is. */
    reopen() {
      socket?.disconnect().connect()
    },
    stop() {
      isStopped = true
      socket?.off('connect', comeIn).off('chat', onPacket).off('chat.history', onHistory).off('chat.desk', onDesk)
      socket?.off('chat.again', comeAgain)
      socket?.off('disconnect', onLost).off('connect_error', onLost)
      opened.release()
    },
  }
}

/** Needs no secure context, unlike crypto.randomUUID. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-')
}
