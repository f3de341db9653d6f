import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { place } from '../router.ts'
import type { ChatLine } from './chat-line.ts'
import { EMOTES, mentionOf } from './rich-text.tsx'
import type { ChatMessage, ChatRules } from './views.ts'

const LENGTH = 500

/** Where one writes; with completion of `@name` and `:emote:`. */
export function Composer({
  chat,
  replyTo,
  onReplyDone,
}: {
  chat: ChatLine
  replyTo: ChatMessage | null
  onReplyDone(): void
}) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => {
    if (replyTo) field.current?.focus()
  }, [replyTo])

  const rules = chat.rules.value
  if (me.value === null) {
    return (
      <p class="chat-foot">
        <a class="button" href={`/sign-in?next=${encodeURIComponent(place.value.path)}`}>
          Sign in to write
        </a>
      </p>
    )
  }
  if (!me.value || !rules) return null
  if (!rules.isOpen && chat.role.value === null) return <p class="chat-foot soft">The chat is closed just now.</p>

  const offers = completions(text, chat.messages.value)
  function complete(offer: Offer) {
    setText(text.replace(/[@:][^\s@:]*$/u, `${offer.insert} `))
    setChosen(0)
    field.current?.focus()
  }
  function send(event: Event) {
    event.preventDefault()
    const words = text.trim()
    if (words === '') return
    chat.write(words, replyTo)
    setText('')
    onReplyDone()
  }
  function onKeyDown(event: KeyboardEvent) {
    const offer = offers[Math.min(chosen, offers.length - 1)]
    if (offer && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : offers.length - 1)) % offers.length)
    } else if (offer && (event.key === 'Tab' || event.key === 'Enter')) {
      event.preventDefault()
      complete(offer)
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event)
    else if (event.key === 'Escape' && replyTo) onReplyDone()
  }

  return (
    <form class="chat-foot" onSubmit={send}>
      {replyTo && (
        <p class="chat-replying">
          <span>
            To <b>{replyTo.author?.name}</b>: {replyTo.text}
          </span>
          <button type="button" class="button small quiet" onClick={onReplyDone}>
            Do not reply
          </button>
        </p>
      )}
      {offers.length > 0 && (
        <div class="chat-offers" role="listbox" id={`${id}-offers`} aria-label="Completions">
          {offers.map((offer, i) => (
            <button
              type="button"
              role="option"
              id={`${id}-offer-${i}`}
              key={offer.insert}
              aria-selected={i === chosen}
              tabIndex={-1}
              onClick={() => complete(offer)}
            >
              {offer.words}
            </button>
          ))}
        </div>
      )}
      <div class="chat-write">
        <label class="visually-hidden" for={id}>
          Message
        </label>
        <textarea
          ref={field}
          id={id}
          class="input"
          rows={1}
          maxLength={LENGTH}
          placeholder={hintOf(rules)}
          value={text}
          aria-autocomplete="list"
          aria-controls={offers.length > 0 ? `${id}-offers` : undefined}
          aria-activedescendant={offers.length > 0 ? `${id}-offer-${chosen}` : undefined}
          onInput={(event) => {
            setText(event.currentTarget.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="button primary" disabled={text.trim() === ''}>
          Send
        </button>
      </div>
      {text.length > LENGTH - 60 && <p class="fine">{LENGTH - text.length} left</p>}
    </form>
  )
}

interface Offer {
  words: string
  insert: string
}

/** What the word being written may become: names of those who wrote lately, or emotes. */
function completions(text: string, messages: readonly ChatMessage[]): Offer[] {
  const [, sign = '', begun = ''] = /(?:^|\s)([@:])([\p{L}\p{N}_.-]*)$/u.exec(text) ?? []
  if (sign === '@') {
    const names = new Set(messages.toReversed().flatMap(({ author }) => (author ? [mentionOf(author.name)] : [])))
    return [...names]
      .filter((name) => name.toLowerCase().startsWith(begun.toLowerCase()))
      .slice(0, 5)
      .map((name) => ({ words: `@${name}`, insert: `@${name}` }))
  }
  if (sign !== ':' || begun === '') return []
  return Object.entries(EMOTES)
    .filter(([name]) => name.startsWith(begun))
    .slice(0, 5)
    .map(([name, picture]) => ({ words: `${picture} ${name}`, insert: `:${name}:` }))
}

function hintOf({ writers, slowSeconds }: ChatRules): string {
  const who = {
    everyone: 'Say something',
    verified: 'For confirmed accounts',
    followers: 'For followers',
    members: 'For members',
  }
  return slowSeconds > 0 ? `${who[writers]} (one message in ${slowSeconds} s)` : who[writers]
}
