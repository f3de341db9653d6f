/** The one page that says which announcement wakes whom. */
import type { AccountFacts } from './accounts/accounts.ts'
import type { Chat } from './chat/chat.ts'
import type { MoneyFacts } from './commerce/commerce.ts'
import type { LiveFacts, SessionView } from './live/live.ts'
import type { Announcer } from './platform/announcer.ts'

interface Deps {
  announcer: Announcer<LiveFacts & AccountFacts & MoneyFacts>
  commerce: { onSessionEnded(sessionId: string): Promise<unknown> }
  /** The pages that follow a channel. */
  pages: { tellSession(channelId: string, session: SessionView | null): Promise<void> }
  /** What a report shows beside its curve. */
  marks: {
    add(sessionId: string, kind: 'away' | 'back'): Promise<void>
    noteVisibility(session: SessionView): Promise<void>
  }
  /** Whoever follows a channel's chat, may they still? */
  recheckChat(concerned: { channelId: string }): Promise<void>
  chat: {
    house: Pick<Chat['house'], 'tellShow'>
    paid: Pick<Chat['paid'], 'settled'>
    overlays: Pick<Chat['overlays'], 'greet'>
  }
  /** Whoever may not be here does not stay on air either. */
  endShowsOfInactive(userId: string): Promise<void>
}

export function react({ announcer, pages, commerce, marks, recheckChat, chat, endShowsOfInactive }: Deps): void {
  const changes = ['session.started', 'session.paused', 'session.resumed', 'session.updated', 'session.ended'] as const
  for (const change of changes) announcer.on(change, ({ session }) => pages.tellSession(session.channelId, session))
  for (const change of changes) announcer.on(change, ({ session }) => recheckChat({ channelId: session.channelId }))
  for (const change of changes) announcer.on(change, ({ session }) => chat.house.tellShow(CHANGES[change], session))
  announcer.on('session.paused', ({ session }) => marks.add(session.id, 'away'))
  announcer.on('session.resumed', ({ session }) => marks.add(session.id, 'back'))
  for (const change of ['session.started', 'session.updated'] as const) {
    announcer.on(change, ({ session }) => marks.noteVisibility(session))
  }
  announcer.on('session.ended', ({ session }) => commerce.onSessionEnded(session.id))
  for (const fact of ['person.status_changed', 'person.deleted'] as const) {
    announcer.on(fact, ({ userId }) => endShowsOfInactive(userId))
  }
  announcer.on('purchase.settled', ({ purchaseId, state }) => chat.paid.settled(`purchase:${purchaseId}`, state))
  announcer.on('membership.started', ({ userId, channelId }) => chat.overlays.greet(channelId, userId, 'member'))
}

const CHANGES = {
  'session.started': 'started',
  'session.paused': 'paused',
  'session.resumed': 'resumed',
  'session.updated': 'updated',
  'session.ended': 'ended',
} as const
