import type { Message, Moderated } from './message-view.ts'
import type { Alert, Goal } from './overlays.ts'
import type { Poll } from './polls.ts'
import type { PublicRules } from './rules.ts'

export type News =
  | { type: 'shown'; message: Message }
  | { type: 'removed'; ids: string[] }
  | { type: 'restored'; messages: Message[] }
  | { type: 'cleared'; upTo: number }
  | { type: 'settings'; settings: PublicRules }
  | { type: 'pinned'; message: Message | null }
  | { type: 'poll'; poll: Poll }
  | DeskNews
  | OverlayNews

/** What moderators alone hear. */
export type DeskNews =
  | { type: 'held'; message: Moderated }
  | { type: 'decided'; id: string }
  | { type: 'flagged'; message: Moderated }

/** What overlays alone hear. */
export type OverlayNews = { type: 'alert'; alert: Alert } | { type: 'goal'; goal: Goal | null } | { type: 'renewed' }

/** `within` names the secret show it is about; then it is for those inside alone. */
export type Tell = (channelId: string, news: News, within?: string | null) => void
