import { useEffect, useState } from 'preact/hooks'
import { openSocket } from '../api/socket.ts'
import { PaidSum } from '../chat/cards.tsx'
import { Author } from '../chat/message-row.tsx'
import { RichText } from '../chat/rich-text.tsx'
import { takePacket } from '../chat/timeline.ts'
import type { ChatMessage, ChatPacket, ChatPoll, Emote, Goal, OverlayNews } from '../chat/views.ts'
import { inMoney, kindOf } from '../money/amounts.ts'
import { place } from '../router.ts'

const SHOWN = 12
const ALERT_MS = 8_000
const ALERTS_SHOWN = 3

interface Alert {
  id: string
  words: string
}

/**
 * What is laid over a picture, for a browser source: nothing to press, nothing behind the words. `?chat=0`, `?alerts=0`,
 * `?poll=0` and `?goal=0` leave a part out.
 */
export function Overlay({ secret }: { secret: string }) {
  const shows = (part: string) => place.value.search.get(part) !== '0'
  const { isOpen, messages, poll, goal, alerts, emotes } = useOverlay(secret)
  return (
    <div class="overlay" data-overlay={isOpen ? 'open' : 'void'}>
      {shows('alerts') && (
        <ul class="overlay-alerts">
          {alerts.slice(-ALERTS_SHOWN).map(({ id, words }) => (
            <li class="chat-row" key={id}>
              {words}
            </li>
          ))}
        </ul>
      )}
      {shows('goal') && goal && <GoalBar goal={goal} />}
      {shows('poll') && poll && <PollBox poll={poll} />}
      {shows('chat') && (
        <ol>
          {messages.slice(-SHOWN).map(({ id, author, text, card, kind }) => (
            <li class={`chat-row is-${kind}`} key={id}>
              {card?.is === 'paid' && <PaidSum card={card} />}
              {author && <Author author={author} />}
              <RichText text={text} own={null} emotes={emotes} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

function useOverlay(secret: string) {
  const [isOpen, setOpen] = useState(false)
  const [messages, setMessages] = useState<ChatMessage[]>([])
  const [poll, setPoll] = useState<ChatPoll | null>(null)
  const [goal, setGoal] = useState<Goal | null>(null)
  const [alerts, setAlerts] = useState<Alert[]>([])
  const [emotes, setEmotes] = useState<Emote[]>([])
  useEffect(() => {
    const timers = new Set<number>()
    function alert(one: Alert) {
      setAlerts((before) => [...before, one])
      timers.add(window.setTimeout(() => setAlerts((now) => now.filter(({ id }) => id !== one.id)), ALERT_MS))
    }
    const line = openSocket()
    let stop = line.release
    let isStopped = false
    line.socket.then((socket) => {
      if (isStopped) return
      async function enter() {
        const seen = await socket.emitWithAck('chat.overlay', { secret })
        // An address that is void shows nothing any more.
        setOpen(!('error' in seen))
        setMessages('error' in seen ? [] : seen.messages)
        setPoll('error' in seen ? null : seen.poll)
        setGoal('error' in seen ? null : seen.goal)
        setEmotes('error' in seen ? [] : seen.settings.emotes)
      }
      function onPacket(packet: ChatPacket) {
        setMessages((held) => takePacket(held, packet).slice(-SHOWN))
        if (packet.poll) setPoll(packet.poll.isOpen ? packet.poll : null)
        if (packet.settings) setEmotes(packet.settings.emotes)
        for (const { id, author, card } of packet.messages ?? []) {
          if (card?.is === 'paid') alert({ id, words: `${author?.name} paid ${inMoney(card.amount, card)}` })
        }
      }
      function onNews(news: OverlayNews) {
        if (news.type === 'goal') return setGoal(news.goal)
        const { kind, name } = news.alert
        alert({ id: `${kind} ${name}`, words: kind === 'member' ? `${name} is a member now` : `${name} follows now` })
      }
      socket.on('connect', enter).on('chat.again', enter).on('chat', onPacket).on('chat.overlay', onNews)
      if (socket.connected) void enter()
      stop = () => {
        socket.off('connect', enter).off('chat.again', enter).off('chat', onPacket).off('chat.overlay', onNews)
        line.release()
      }
    })
    return () => {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      stop()
    }
  }, [secret])
  return { isOpen, messages, poll, goal, alerts, emotes }
}

function GoalBar({ goal }: { goal: Goal }) {
  const { title, reached, target, currency } = goal
  const money = currency === null ? null : kindOf(currency)
  const inWords = (count: number) => (money ? inMoney(count, money) : `${count}`)
  return (
    <div class="chat-row overlay-goal">
      <b>{title}</b> {inWords(reached)} of {inWords(target)}
      <progress max={target} value={Math.min(reached, target)} aria-label={title} />
    </div>
  )
}

function PollBox({ poll }: { poll: ChatPoll }) {
  return (
    <div class="chat-row">
      <b>{poll.question}</b>
      {poll.choices.map(({ text, votes }) => (
        <p key={text}>
          {text}: {votes}
        </p>
      ))}
    </div>
  )
}
