import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import type { ChannelView } from '../api/views.ts'
import { chatApi } from '../chat/api.ts'
import type { ChatLine } from '../chat/chat-line.ts'
import { ChatPanel, useChat } from '../chat/chat-panel.tsx'
import type { ModeratedMessage } from '../chat/views.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Confirm, Field, Notice, toast } from '../ui/parts.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { ago } from '../ui/words.ts'
import { ChatEmotes } from './chat-emotes.tsx'
import { ChatMoney, Highlight } from './chat-money.tsx'
import { ChatOverlay } from './chat-overlay.tsx'
import { ChatSettingsForm } from './chat-settings.tsx'

/** Everything of one channel's chat, what waits for a decision first; small enough for a browser dock in OBS. */
export function ChatDock({ slug }: { slug: string }) {
  const user = useMe()
  const { value: channel, error } = useLoaded(`channel ${slug} ${user?.id}`, () => api.channel(slug))
  usePageTitle(channel ? `${channel.name}, chat` : 'Chat')
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  return channel ? <Dock channel={channel} /> : null
}

function Dock({ channel }: { channel: ChannelView }) {
  const chat = useChat(channel.id)
  if (!chat || (chat.role.value === null && chat.line.value === 'connecting')) return null
  if (chat.role.value === null) return <Notice isBad>Only moderators of this chat may see this page.</Notice>
  return (
    <div class="stack">
      <h1>Chat of {channel.name}</h1>
      <div class="dock">
        <div class="stack">
          <Held chat={chat} />
          <ChatPanel chat={chat} />
        </div>
        <div class="stack">
          <Announce channelId={channel.id} />
          <Highlight channelId={channel.id} />
          <NewPoll channelId={channel.id} />
          <ChatSettingsForm channelId={channel.id} />
          <Log channelId={channel.id} />
          <ChatMoney channelId={channel.id} terms={chat.rules.value?.paid ?? null} />
          <ChatEmotes channelId={channel.id} emotes={chat.rules.value?.emotes ?? []} />
          <ChatOverlay channelId={channel.id} />
        </div>
      </div>
    </div>
  )
}

function Held({ chat }: { chat: ChatLine }) {
  const held = chat.held.value
  const flagged = chat.flagged.value
  async function decide(message: ModeratedMessage, isApproved: boolean) {
    try {
      await chatApi.decide(chat.channelId(), message.id, isApproved)
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  if (held.length + flagged.length === 0) return null
  return (
    <section aria-label="Waiting for you">
      <ul class="dock-held">
        {held.map((message) => (
          <li key={message.id}>
            <p>
              <b>{message.author?.name}</b> {message.text} <span class="fine">({message.heldReason})</span>
            </p>
            <div class="row">
              <button type="button" class="button small primary" onClick={() => decide(message, true)}>
                Show
              </button>
              <button type="button" class="button small danger" onClick={() => decide(message, false)}>
                Refuse
              </button>
            </div>
          </li>
        ))}
        {flagged.map((message) => (
          <li key={message.id}>
            <p>
              <b>{message.author?.name}</b> {message.text}{' '}
              <span class="fine">(reported {message.flags === 1 ? 'once' : `${message.flags} times`})</span>
            </p>
            <div class="row">
              <button
                type="button"
                class="button small"
                onClick={() => {
                  chat.flagged.value = chat.flagged.value.filter(({ id }) => id !== message.id)
                }}
              >
                It is fine
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Announce({ channelId }: { channelId: string }) {
  const [round, setRound] = useState(0)
  const form = useSubmit(async ({ text = '' }) => {
    await chatApi.announce(channelId, text)
    setRound(round + 1)
  })
  return (
    <form class="card padded stack" onSubmit={form.onSubmit} key={round}>
      <Field label="Announcement" name="text" required maxLength={500} wrong={form.wrong} />
      <button type="submit" class="button" disabled={form.isBusy}>
        Announce
      </button>
    </form>
  )
}

function NewPoll({ channelId }: { channelId: string }) {
  const [round, setRound] = useState(0)
  const form = useSubmit(async ({ question = '', choices = '' }) => {
    const each = choices.split(',').map((choice) => choice.trim())
    await chatApi.openPoll(channelId, { question, choices: each.filter((choice) => choice !== '') })
    setRound(round + 1)
  })
  return (
    <form class="card padded stack" onSubmit={form.onSubmit} key={round}>
      <Field label="Poll" name="question" required maxLength={140} wrong={form.wrong} />
      <Field label="Choices" name="choices" required hint="Two to six, with commas between them." />
      <button type="submit" class="button" disabled={form.isBusy}>
        Open the poll
      </button>
    </form>
  )
}

function Log({ channelId }: { channelId: string }) {
  const { value, error, reload } = useLoaded(`chat acts ${channelId}`, () => chatApi.acts(channelId))
  const [isClearing, setClearing] = useState(false)
  async function act(doing: () => Promise<unknown>) {
    try {
      await doing()
    } catch (failure) {
      toast(asApiError(failure).message)
    }
    reload()
  }
  return (
    <section class="card padded stack" aria-labelledby="chat-log">
      <div class="row apart">
        <h2 id="chat-log">Log</h2>
        <div class="row">
          <button type="button" class="button small" onClick={reload}>
            Look again
          </button>
          <button type="button" class="button small danger" onClick={() => setClearing(true)}>
            Clear the chat
          </button>
        </div>
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      <ul class="keys">
        {value?.acts.map(({ id, actorName, action, reason, createdAt, undoneAt }) => (
          <li key={id}>
            <span class="words">
              <b>{actorName}</b> {action} {action === 'undo' ? '' : reason}{' '}
              <span class="fine">
                {ago(createdAt)}
                {undoneAt ? ', undone' : ''}
              </span>
            </span>
            {UNDOABLE.has(action) && !undoneAt && (
              <button type="button" class="button small" onClick={() => act(() => chatApi.undo(channelId, id))}>
                Undo
              </button>
            )}
          </li>
        ))}
      </ul>
      {isClearing && (
        <Confirm
          title="Clear the chat?"
          action="Clear"
          isDangerous
          onConfirm={() => act(() => chatApi.clear(channelId))}
          onClose={() => setClearing(false)}
        >
          Everything is taken from all screens. The log keeps it, and you can undo this.
        </Confirm>
      )}
    </section>
  )
}

const UNDOABLE = new Set(['delete', 'clear', 'refuse', 'timeout', 'ban'])
