import { me } from '../api/me.ts'
import { asApiError } from '../api/use-loaded.ts'
import { toast } from '../ui/parts.tsx'
import { chatApi } from './api.ts'
import type { ChatLine } from './chat-line.ts'

export function PollCard({ chat }: { chat: ChatLine }) {
  const poll = chat.poll.value
  if (!poll) return null
  const total = poll.choices.reduce((sum, { votes }) => sum + votes, 0)
  const mayVote = poll.isOpen && chat.ownVote.value === null && Boolean(me.value)

  async function act(doing: () => Promise<unknown>) {
    try {
      await doing()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  const vote = (choice: number) =>
    act(async () => {
      await chatApi.vote(chat.channelId(), poll.id, choice)
      chat.ownVote.value = choice
    })

  return (
    <section class="chat-poll" aria-label="Poll">
      <h3>{poll.question}</h3>
      {poll.choices.map(({ text, votes }, i) => (
        <button
          type="button"
          key={text}
          class="chat-choice"
          disabled={!mayVote}
          aria-pressed={chat.ownVote.value === i}
          onClick={() => vote(i)}
        >
          <span>{text}</span>
          <span>{total === 0 ? 0 : Math.round((votes / total) * 100)} %</span>
          <progress max={Math.max(1, total)} value={votes} aria-hidden="true" />
        </button>
      ))}
      <p class="fine row apart">
        <span>
          {total === 1 ? '1 vote' : `${total} votes`}
          {poll.isOpen ? '' : ', ended'}
        </span>
        {poll.isOpen && chat.role.value !== null && (
          <button
            type="button"
            class="button small"
            onClick={() => act(() => chatApi.endPoll(chat.channelId(), poll.id))}
          >
            End the poll
          </button>
        )}
        {!poll.isOpen && (
          <button
            type="button"
            class="button small quiet"
            onClick={() => {
              chat.poll.value = null
            }}
          >
            Close
          </button>
        )}
      </p>
    </section>
  )
}
