import type { ChatLine } from './chat-line.ts'

/** Reactions rising over the picture. */
export function Floating({ chat }: { chat: ChatLine }) {
  return (
    <div class="floating" aria-hidden="true">
      {chat.floating.value.map(({ id, reaction }) => (
        <span class={`lane-${id % 8}`} key={id} onAnimationEnd={() => chat.landed(id)}>
          {reaction}
        </span>
      ))}
    </div>
  )
}
