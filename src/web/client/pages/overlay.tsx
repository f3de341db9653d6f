import { useEffect, useState } from 'preact/hooks'
import { openSocket } from '../api/socket.ts'
import { Author } from '../chat/message-row.tsx'
import { RichText } from '../chat/rich-text.tsx'
import { takePacket } from '../chat/timeline.ts'
import type { ChatMessage, ChatPacket, ChatPoll } from '../chat/views.ts'

const SHOWN = 12

/** The chat over a picture, for a browser source: nothing to press, nothing behind the words. */
export function Overlay({ secret }: { secret: string }) {
  const [messages, setMessages] = useState<ChatMessage[]>([])
  const [poll, setPoll] = useState<ChatPoll | null>(null)
  useEffect(() => {
    const line = openSocket()
    let stop = line.release
    let isStopped = false
    line.socket.then((socket) => {
      if (isStopped) return
      const enter = async () => {
        const seen = await socket.emitWithAck('chat.overlay', { secret })
        if ('error' in seen) return
        setMessages(seen.messages)
        setPoll(seen.poll)
      }
      const onPacket = (packet: ChatPacket) => {
        setMessages((held) => takePacket(held, packet).slice(-SHOWN))
        if (packet.poll) setPoll(packet.poll.isOpen ? packet.poll : null)
      }
      socket.on('connect', enter).on('chat', onPacket)
      if (socket.connected) void enter()
      stop = () => {
        socket.off('connect', enter).off('chat', onPacket)
        line.release()
      }
    })
    return () => {
      isStopped = true
      stop()
    }
  }, [secret])
  return (
    <div class="overlay">
      {poll && (
        <div class="chat-row">
          <b>{poll.question}</b>
          {poll.choices.map(({ text, votes }) => (
            <p key={text}>
              {text}: {votes}
            </p>
          ))}
        </div>
      )}
      <ol>
        {messages.slice(-SHOWN).map(({ id, author, text }) => (
          <li class="chat-row" key={id}>
            {author && <Author author={author} />}
            <RichText text={text} own={null} />
          </li>
        ))}
      </ol>
    </div>
  )
}
