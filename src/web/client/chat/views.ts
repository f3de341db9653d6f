/** What the chat's socket and routes speak of; see /api/openapi.json. */
export interface ChatMessage {
  id: string
  position: number | null
  kind: 'chat' | 'announcement' | 'system' | 'product_highlight' | 'paid'
  state: 'shown' | 'held' | 'refused' | 'removed'
  author: { id: string; name: string; badges: ('owner' | 'moderator' | 'admin')[] } | null
  text: string
  reply: { id: string; name: string; text: string } | null
  key: string | null
  at: string
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

export interface ChatSettings extends ChatRules {
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
  settings?: ChatRules
  pinned?: { message: ChatMessage | null }
  poll?: ChatPoll
  reactions?: Record<string, number>
}

export interface Entered {
  channelId: string
  isAddition: boolean
  messages: ChatMessage[]
  removed: string[]
  settings: ChatRules
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
