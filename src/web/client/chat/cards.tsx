import { useEffect, useState } from 'preact/hooks'
import { inMoney } from '../money/amounts.ts'
import { RichText } from './rich-text.tsx'
import type { ChatMessage, Emote, OfferCard, PaidCard } from './views.ts'

/** What somebody paid, beside their words. */
export function PaidSum({ card }: { card: PaidCard }) {
  return <b class="chat-sum">{inMoney(card.amount, card)}</b>
}

/** Something for sale, as the creator holds it up: the button leads to where it is bought. */
export function OfferTile({ card }: { card: OfferCard }) {
  return (
    <span class="chat-offer">
      <b>{card.name}</b>
      <a class="button small primary" href={`#offer-${card.offerId}`}>
        {card.amount === 0 ? 'Free: take it' : inMoney(card.amount, card)}
      </a>
    </span>
  )
}

interface Paid {
  message: ChatMessage
  card: PaidCard
}

/** What stands out just now, the dearest first. */
export function paidNow(messages: readonly ChatMessage[], now: number): Paid[] {
  return messages
    .flatMap((message) => (message.card?.is === 'paid' ? [{ message, card: message.card }] : []))
    .filter(({ card }) => Date.parse(card.until) > now)
    .sort((a, b) => b.card.amount - a.card.amount)
}

const LOOK_MS = 5_000
const SHOWN = 3

/** Paid messages above the others, each for its time. */
export function PaidStrip({ messages, emotes }: { messages: readonly ChatMessage[]; emotes: readonly Emote[] }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  const standing = paidNow(messages, now).slice(0, SHOWN)
  if (standing.length === 0) return null
  return (
    <ul class="chat-paid" aria-label="Paid messages">
      {standing.map(({ message, card }) => (
        <li key={message.id} data-paid={message.id}>
          <PaidSum card={card} /> <b>{message.author?.name}</b>{' '}
          <RichText text={message.text} own={null} emotes={emotes} />
        </li>
      ))}
    </ul>
  )
}
