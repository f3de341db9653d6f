/** What the chat's socket and routes speak of; see /api/openapi.json. */
export interface ChatMessage {
  id: string
  position: number | null
  kind: 'chat' | 'announcement' | 'system' | 'product_highlight' | 'paid'
  state: 'shown' | 'held' | 'refused' | 'removed'
  author: { id: string; name: string; badges: Badge[] } | null
  text: string
  reply: { id: string; name: string; text: string } | null
  card: Card | null
  key: string | null
  at: string
}

export type Badge = 'owner' | 'moderator' | 'admin' | 'basic' | 'premium' | 'vip' | 'gift'

interface Sum {
  amount: number
  currency: string
  digits: number
}
export type PaidCard = { is: 'paid'; until: string } & Sum
export type OfferCard = { is: 'offer'; offerId: string; name: string } & Sum
export type Card = PaidCard | OfferCard

export interface Emote {
  name: string
  url: string
}

/** What a message that stands out costs at least. */
export interface PaidTerms {
  offerId: string
  least: number
  currency: string
  digits: number
  isTest: boolean
}

export interface PaidMessage {
  orderId: string
  by: string
  text: string
  amount: number
  currency: string
  state: string
  createdAt: string
}

export interface ModeratedMessage extends ChatMessage {
  heldReason: string | null
  flags: number
}

export interface ChatPoll {
  id: string
  question: string
  choices: { text: string; votes: number }[]
  endsAt: string
  isOpen: boolean
}

export interface ChatRules {
  isOpen: boolean
  writers: 'everyone' | 'verified' | 'followers' | 'members'
  followedMinutes: number
  memberTier: number
  slowSeconds: number
  areLinksAllowed: boolean
}

/** The rules as everybody is told them, with the pictures and prices that belong to them. */
export interface PublicRules extends ChatRules {
  emotes: Emote[]
  paid: PaidTerms | null
}

export interface ChatGoal {
  what: 'followers' | 'paid'
  title: string
  target: number
  currency: string
  since: string
}

export interface Goal {
  title: string
  reached: number
  target: number
  currency: string | null
}

export type OverlayNews =
  | { type: 'alert'; alert: { kind: 'member' | 'follower'; name: string } }
  | { type: 'goal'; goal: Goal | null }

export interface ChatSettings extends ChatRules {
  tellsShows: boolean
  tellsPolls: boolean
  tellsMembers: boolean
  goal: ChatGoal | null
  holdsAll: boolean
  holdsFirst: boolean
  heldWords: string[]
  refusedWords: string[]
}

export interface ChatAct {
  id: string
  actorName: string
  action: string
  messageId: string | null
  userId: string | null
  reason: string
  undoneAt: string | null
  createdAt: string
}

export interface ChatPacket {
  channelId: string
  messages?: ChatMessage[]
  restored?: ChatMessage[]
  removed?: string[]
  clearedUpTo?: number
  settings?: PublicRules
  pinned?: { message: ChatMessage | null }
  poll?: ChatPoll
  reactions?: Record<string, number>
}

export interface Entered {
  channelId: string
  isAddition: boolean
  /** Where it is no addition, `chat.history` brought them just before. */
  messages?: ChatMessage[]
  removed: string[]
  settings: PublicRules
  pinned: ChatMessage | null
  poll: ChatPoll | null
  ownVote: number | null
  role: 'owner' | 'moderator' | 'admin' | null
  user: { id: string; name: string } | null
}

export type DeskNews =
  | { type: 'held'; message: ModeratedMessage }
  | { type: 'flagged'; message: ModeratedMessage }
  | { type: 'decided'; id: string }
