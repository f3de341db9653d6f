import { useState } from 'preact/hooks'
import { OfferTile, PaidSum } from './cards.tsx'
import { mentionOf, RichText } from './rich-text.tsx'
import type { Badge, ChatMessage, Emote } from './views.ts'

export interface RowActions {
  onReply(message: ChatMessage): void
  onFlag(message: ChatMessage): void
  /** For moderators only. */
  onRemove?(message: ChatMessage): void
  onTimeout?(message: ChatMessage): void
  onBan?(message: ChatMessage): void
  onPin?(message: ChatMessage): void
}

const WORDS: Record<Badge, string> = {
  owner: 'Host',
  moderator: 'Mod',
  admin: 'Admin',
  basic: 'Member',
  premium: 'Premium',
  vip: 'VIP',
  gift: '🎁',
}

export function MessageRow({
  message,
  own,
  emotes,
  actions,
}: {
  message: ChatMessage
  emotes: readonly Emote[]
  own: { id: string; name: string } | null
  actions: RowActions | null
}) {
  const [isOpen, setOpen] = useState(false)
  const { author, text, reply, kind, card } = message
  const mentions = own !== null && text.toLowerCase().includes(`@${mentionOf(own.name).toLowerCase()}`)
  return (
    <li class={`chat-row is-${kind}${mentions ? ' mentions' : ''}`} data-message={message.id}>
      {reply && (
        <p class="chat-reply">
          To {reply.name}: {reply.text}
        </p>
      )}
      <p class="chat-said">
        {card?.is === 'paid' && <PaidSum card={card} />}
        {author && <Author author={author} />}
        {card?.is === 'offer' ? (
          <OfferTile card={card} />
        ) : (
          <span class="chat-text">
            <RichText text={text} own={own?.name ?? null} emotes={emotes} />
          </span>
        )}
      </p>
      {actions && (
        <button
          type="button"
          class="chat-more"
          aria-expanded={isOpen}
          aria-label={`What to do with the message of ${author?.name ?? 'the house'}`}
          onClick={() => setOpen(!isOpen)}
        >
          ⋯
        </button>
      )}
      {actions && isOpen && (
        <div class="chat-actions">
          <Act words="Reply" act={actions.onReply} message={message} done={() => setOpen(false)} />
          {author?.id !== own?.id && (
            <Act words="Report" act={actions.onFlag} message={message} done={() => setOpen(false)} />
          )}
          <Act words="Delete" act={actions.onRemove} message={message} done={() => setOpen(false)} />
          {author && author.id !== own?.id && (
            <>
              <Act words="Time out" act={actions.onTimeout} message={message} done={() => setOpen(false)} />
              <Act words="Ban" act={actions.onBan} message={message} done={() => setOpen(false)} />
            </>
          )}
          <Act words="Pin" act={actions.onPin} message={message} done={() => setOpen(false)} />
        </div>
      )}
    </li>
  )
}

function Act(props: {
  words: string
  act: ((message: ChatMessage) => void) | undefined
  message: ChatMessage
  done(): void
}) {
  const { act } = props
  if (!act) return null
  return (
    <button
      type="button"
      class="button small"
      onClick={() => {
        act(props.message)
        props.done()
      }}
    >
      {props.words}
    </button>
  )
}

export function Author({ author }: { author: NonNullable<ChatMessage['author']> }) {
  return (
    <>
      {author.badges.map((badge) => (
        <span class="chat-badge" key={badge}>
          {WORDS[badge]}
        </span>
      ))}
      <b class={`chat-name hue-${hueOf(author.id)}`}>{author.name}</b>
      <span class="visually-hidden">: </span>
    </>
  )
}

/** The same person always has the same of eight colours. */
function hueOf(id: string): number {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) | 0
  return Math.abs(sum) % 8
}
