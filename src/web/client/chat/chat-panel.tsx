import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { me } from '../api/me.ts'
import { asApiError } from '../api/use-loaded.ts'
import { toast } from '../ui/parts.tsx'
import { chatApi } from './api.ts'
import { type ChatLine, createChatLine } from './chat-line.ts'
import { Composer } from './composer.tsx'
import { MessageRow, type RowActions } from './message-row.tsx'
import { PollCard } from './poll-card.tsx'
import { RichText } from './rich-text.tsx'
import type { ChatMessage } from './views.ts'

/** This channel's chat for as long as the page shows it; the line is opened anew when one signs in or out. */
export function useChat(channelId: string | null): ChatLine | null {
  const [chat, setChat] = useState<ChatLine | null>(null)
  useEffect(() => {
    if (channelId === null) return
    const made = createChatLine(channelId)
    setChat(made)
    return made.stop
  }, [channelId])
  const userId = me.value === undefined ? undefined : (me.value?.id ?? null)
  const before = useRef(userId)
  useEffect(() => {
    if (before.current !== undefined && before.current !== userId) chat?.reopen()
    before.current = userId
  }, [userId, chat])
  return chat
}

const REACTIONS = ['❤️', '👏', '😂', '🔥', '😮', '🎉']
const TIMEOUT_SECONDS = 600
/** This near the end still counts as being there, pixels. */
const NEAR = 60

export function ChatPanel({ chat }: { chat: ChatLine }) {
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null)
  const [undo, setUndo] = useState<{ actId: string; words: string } | null>(null)

  async function moderate(words: string, act: () => Promise<{ actId: string } | null>) {
    try {
      const done = await act()
      setUndo(done && { actId: done.actId, words })
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  const channelId = () => chat.channelId()
  const actions: RowActions | null = chat.user.value && {
    onReply: setReplyTo,
    onFlag: ({ id }) =>
      moderate('', async () => {
        await chatApi.flag(channelId(), id)
        toast('The moderators were told.')
        return null
      }),
    ...(chat.role.value !== null && {
      onRemove: ({ id }) => moderate('The message is deleted.', () => chatApi.remove(channelId(), id, '')),
      onTimeout: ({ author }) =>
        moderate(`${author?.name} is timed out for ten minutes.`, () =>
          chatApi.sanction(channelId(), author?.id ?? '', TIMEOUT_SECONDS),
        ),
      onBan: ({ author }) =>
        moderate(`${author?.name} is banned.`, () => chatApi.sanction(channelId(), author?.id ?? '', null)),
      onPin: ({ id }) => moderate('', () => chatApi.pin(channelId(), id)),
    }),
  }

  return (
    <section class="chat card" aria-label="Chat">
      {chat.pinned.value && (
        <div class="chat-pinned">
          <p>
            <b>{chat.pinned.value.author?.name}</b>{' '}
            <RichText text={chat.pinned.value.text} own={chat.user.value?.name ?? null} />
          </p>
          {chat.role.value !== null && (
            <button
              type="button"
              class="button small quiet"
              onClick={() => moderate('', () => chatApi.pin(channelId(), null))}
            >
              Unpin
            </button>
          )}
        </div>
      )}
      <PollCard chat={chat} />
      <Messages chat={chat} actions={actions} />
      {undo && (
        <div class="chat-undo" role="status">
          <span>{undo.words}</span>
          <button
            type="button"
            class="button small"
            onClick={() =>
              moderate('', async () => {
                await chatApi.undo(channelId(), undo.actId)
                return null
              })
            }
          >
            Undo
          </button>
        </div>
      )}
      {me.value && (
        <fieldset class="chat-reactions">
          <legend class="visually-hidden">React</legend>
          {REACTIONS.map((reaction) => (
            <button type="button" key={reaction} onClick={() => chat.react(reaction)}>
              {reaction}
            </button>
          ))}
        </fieldset>
      )}
      <Composer chat={chat} replyTo={replyTo} onReplyDone={() => setReplyTo(null)} />
    </section>
  )
}

/** Lies over the messages, so that coming and going it moves nothing. */
function Line({ chat }: { chat: ChatLine }) {
  const words = {
    connecting: '',
    good: '',
    slow: 'Connected the slow way: something between here and the node lets no websocket through.',
    lost: 'The chat cannot connect just now. Trying again…',
  }[chat.line.value]
  return (
    <p class="chat-line fine" role="status" data-line={chat.line.value}>
      {words}
    </p>
  )
}

function Messages({ chat, actions }: { chat: ChatLine; actions: RowActions | null }) {
  const list = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const [unseen, setUnseen] = useState(0)
  const last = useRef<number>(0)
  const messages = chat.messages.value
  const outgoing = chat.outgoing.value
  const newest = messages.at(-1)?.position ?? 0
  const first = messages[0]?.id
  const heightBefore = useRef(0)

  // After each change of the list, before it is painted.
  useLayoutEffect(() => {
    const element = list.current
    if (!element) return
    if (isAtEnd) element.scrollTop = element.scrollHeight
    else setUnseen((before) => before + messages.filter(({ position }) => (position ?? 0) > last.current).length)
    last.current = newest
  }, [newest, outgoing.length])

  // Older ones came in above: what was being read stays where it is.
  useLayoutEffect(() => {
    const element = list.current
    if (!element) return
    if (!isAtEnd && heightBefore.current > 0) element.scrollTop += element.scrollHeight - heightBefore.current
    heightBefore.current = 0
  }, [first])

  function onScroll() {
    const element = list.current
    if (!element) return
    const isNow = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
    if (isNow !== isAtEnd) setAtEnd(isNow)
    if (isNow) {
      setUnseen(0)
      chat.atEnd()
    } else if (element.scrollTop < NEAR && chat.hasOlder.value && heightBefore.current === 0) {
      heightBefore.current = element.scrollHeight
      chat.loadOlder().catch(() => {
        heightBefore.current = 0
      })
    }
  }
  function toEnd() {
    const element = list.current
    if (element) element.scrollTop = element.scrollHeight
    setUnseen(0)
  }

  return (
    <div class="chat-window">
      <Line chat={chat} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by the keyboard */}
      <div class="chat-messages" ref={list} onScroll={onScroll} role="log" aria-label="Messages" tabIndex={0}>
        <ol>
          {messages.length === 0 && (
            <li class="soft chat-none">
              {chat.line.value === 'connecting' ? 'Connecting…' : 'Nobody has said anything yet.'}
            </li>
          )}
          {messages.map((message) => (
            <MessageRow key={message.id} message={message} own={chat.user.value} actions={actions} />
          ))}
          {outgoing.map(({ key, text, state, why }) => (
            <li class={`chat-row outgoing ${state}`} key={key} data-outgoing={state}>
              <p class="chat-said">
                <b class="chat-name">{me.value?.name}</b> <span class="chat-text">{text}</span>
              </p>
              {state === 'sending' && <p class="fine">Sending…</p>}
              {state === 'held' && (
                <p class="fine">
                  A moderator looks at this first.{' '}
                  <button type="button" class="button small quiet" onClick={() => chat.discard(key)}>
                    Hide
                  </button>
                </p>
              )}
              {state === 'failed' && (
                <p class="fine wrong" role="alert">
                  Not sent. {why}{' '}
                  <button type="button" class="button small" onClick={() => chat.retry(key)}>
                    Try again
                  </button>{' '}
                  <button type="button" class="button small quiet" onClick={() => chat.discard(key)}>
                    Discard
                  </button>
                </p>
              )}
            </li>
          ))}
        </ol>
      </div>
      {unseen > 0 && !isAtEnd && (
        <button type="button" class="button small primary chat-to-end" onClick={toEnd}>
          {unseen === 1 ? '1 new message' : `${unseen} new messages`}
        </button>
      )}
    </div>
  )
}
