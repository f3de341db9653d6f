/** `:name:` in a message. */
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

export type Piece = { kind: 'text' | 'link' | 'mention' | 'emote'; text: string }

/** Cut into plain text, links, mentions and emotes. Pure; nothing of it is ever read as HTML. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  const found = /https?:\/\/[^\s<>"]{1,400}|@[\p{L}\p{N}_.-]{1,40}|:[a-z]{2,10}:/gu
  let from = 0
  for (const match of text.matchAll(found)) {
    const piece = pieceOf(match[0])
    if (!piece) continue
    if (match.index > from) pieces.push({ kind: 'text', text: text.slice(from, match.index) })
    pieces.push(piece)
    from = match.index + piece.length
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) })
  return pieces.map(({ kind, text: of }) => ({ kind, text: of }))
}

function pieceOf(word: string): (Piece & { length: number }) | null {
  if (word.startsWith('@')) return { kind: 'mention', text: word, length: word.length }
  if (word.startsWith(':')) {
    const emote = EMOTES[word.slice(1, -1)]
    return emote ? { kind: 'emote', text: emote, length: word.length } : null
  }
  // What ends a sentence does not belong to the address.
  const address = word.replace(/[).,;:!?'\]]+$/, '')
  return URL.canParse(address) ? { kind: 'link', text: address, length: address.length } : null
}

export function RichText({ text, own }: { text: string; own: string | null }) {
  return (
    <>
      {piecesOf(text).map((piece, i) => {
        const key = `${i}`
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
