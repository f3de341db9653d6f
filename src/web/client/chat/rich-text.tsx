import type { Emote } from './views.ts'

/** `:name:` in a message; a channel's own pictures come before these. */
export const EMOTES: Record<string, string> = {
  heart: '❤️',
  clap: '👏',
  joy: '😂',
  fire: '🔥',
  wow: '😮',
  party: '🎉',
  wave: '👋',
  think: '🤔',
  cry: '😢',
  cool: '😎',
  up: '👍',
  down: '👎',
  star: '⭐',
  music: '🎵',
  eyes: '👀',
  pray: '🙏',
}

export type Piece = { kind: 'text' | 'link' | 'mention' | 'emote'; text: string } | ({ kind: 'picture' } & Emote)
type Found = Piece & { length: number }

/** Cut into plain text, links, mentions and emotes. Pure; nothing of it is ever read as HTML. */
export function piecesOf(text: string, own: readonly Emote[]): Piece[] {
  const pieces: Piece[] = []
  const found = /https?:\/\/[^\s<>"]{1,400}|@[\p{L}\p{N}_.-]{1,40}|:[a-z][a-z0-9]{1,19}:/gu
  let from = 0
  for (const match of text.matchAll(found)) {
    const piece = pieceOf(match[0], own)
    if (!piece) continue
    if (match.index > from) pieces.push({ kind: 'text', text: text.slice(from, match.index) })
    const { length, ...found } = piece
    pieces.push(found)
    from = match.index + length
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) })
  return pieces
}

function pieceOf(word: string, own: readonly Emote[]): Found | null {
  if (word.startsWith('@')) return { kind: 'mention', text: word, length: word.length }
  if (word.startsWith(':')) {
    const picture = own.find(({ name }) => name === word.slice(1, -1))
    if (picture) return { kind: 'picture', ...picture, length: word.length }
    const emote = EMOTES[word.slice(1, -1)]
    return emote ? { kind: 'emote', text: emote, length: word.length } : null
  }
  // What ends a sentence does not belong to the address.
  const address = word.replace(/[).,;:!?'\]]+$/, '')
  return URL.canParse(address) ? { kind: 'link', text: address, length: address.length } : null
}

export function RichText({ text, own, emotes }: { text: string; own: string | null; emotes: readonly Emote[] }) {
  return (
    <>
      {piecesOf(text, emotes).map((piece, i) => {
        const key = `${i}`
        if (piece.kind === 'picture') {
          return <img key={key} class="chat-emote" src={piece.url} alt={`:${piece.name}:`} title={piece.name} />
        }
        if (piece.kind === 'link') {
          return (
            <a key={key} href={piece.text} target="_blank" rel="noopener noreferrer nofollow ugc">
              {piece.text}
            </a>
          )
        }
        if (piece.kind === 'mention') {
          const isOwn = own !== null && piece.text.slice(1).toLowerCase() === mentionOf(own).toLowerCase()
          return (
            <span key={key} class={isOwn ? 'chat-mention own' : 'chat-mention'}>
              {piece.text}
            </span>
          )
        }
        return <span key={key}>{piece.text}</span>
      })}
    </>
  )
}

/** A name as it is written after `@`: without spaces. */
export function mentionOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.-]+/gu, '_')
}
