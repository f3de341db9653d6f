/** What a message is: as everybody sees it, as moderators do, and as its row says it. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { ChatMessageTable } from '../db/schema.ts'

export const KINDS = ['chat', 'announcement', 'system', 'product_highlight', 'paid'] as const
export const STATES = ['shown', 'held', 'refused', 'removed'] as const
export const BADGES = ['owner', 'moderator', 'admin', 'basic', 'premium', 'vip', 'gift'] as const
export type Badge = (typeof BADGES)[number]

/** The longest message, characters as JavaScript counts them. */
export const TEXT_LENGTH = 500

export const Reply = z.object({ id: z.string(), name: z.string(), text: z.string() })

const sum = { amount: z.int().describe('In minor units.'), currency: z.string(), digits: z.int() }
/** What stands beside the words. */
export const CardView = z.discriminatedUnion('is', [
  z.object({ is: z.literal('paid'), ...sum, until: z.iso.datetime().describe('Highlighted until then.') }),
  z.object({ is: z.literal('offer'), offerId: z.string(), name: z.string(), ...sum }),
])
export type Card = z.infer<typeof CardView>

/** What was paid for stands out for as long as was paid, also when it had to wait before it was shown. */
export function laterBy(card: Card, ms: number): Card {
  if (card.is !== 'paid') return card
  return { ...card, until: new Date(Date.parse(card.until) + ms).toISOString() }
}

export const MessageView = z.object({
  id: z.string(),
  /** Its place in the channel's order; null while it waits. */
  position: z.number().int().nullable(),
  kind: z.enum(KINDS),
  state: z.enum(STATES),
  author: z.object({ id: z.string(), name: z.string(), badges: z.array(z.enum(BADGES)) }).nullable(),
  text: z.string(),
  /** What was on when it was said. */
  sessionId: z.string().nullable(),
  reply: Reply.nullable(),
  card: CardView.nullable(),
  /** What the sender called it; their page tells its own by this. */
  key: z.string().nullable(),
  at: z.iso.datetime(),
})
export type Message = z.infer<typeof MessageView>

export const ModeratedView = MessageView.extend({ heldReason: z.string().nullable(), flags: z.number().int() })
export type Moderated = z.infer<typeof ModeratedView>

const Badges = z.array(z.enum(BADGES))

export function toMessage(row: Selectable<ChatMessageTable>): Message {
  return plainOf(toModerated(row))
}

/** What anybody may know of it. */
export function plainOf({ heldReason: _reason, flags: _flags, ...message }: Moderated): Message {
  return message
}

export function toModerated(row: Selectable<ChatMessageTable>): Moderated {
  const { id, position, text, authorId, authorName } = row
  return {
    id,
    position,
    kind: z.enum(KINDS).parse(row.kind),
    state: z.enum(STATES).parse(row.state),
    author:
      authorId === null ? null : { id: authorId, name: authorName ?? '', badges: Badges.parse(JSON.parse(row.badges)) },
    text,
    sessionId: row.sessionId,
    reply: row.reply === null ? null : Reply.parse(JSON.parse(row.reply)),
    card: row.card === null ? null : CardView.parse(JSON.parse(row.card)),
    key: row.sentKey,
    at: new Date(row.createdAt).toISOString(),
    heldReason: row.heldReason,
    flags: row.flags,
  }
}
