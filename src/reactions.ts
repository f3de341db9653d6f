/** The one page that says which announcement wakes whom. */
import type { LiveFacts, SessionView } from './live/live.ts'
import type { Announcer } from './platform/announcer.ts'

interface Deps {
  announcer: Announcer<LiveFacts>
  commerce: { onSessionEnded(sessionId: string): Promise<unknown> }
  /** The pages that follow a channel. */
  pages: { tellSession(channelId: string, session: SessionView | null): Promise<void> }
}

export function react({ announcer, pages, commerce }: Deps): void {
  const changes = ['session.started', 'session.paused', 'session.resumed', 'session.updated', 'session.ended'] as const
  for (const change of changes) announcer.on(change, ({ session }) => pages.tellSession(session.channelId, session))
  announcer.on('session.ended', ({ session }) => commerce.onSessionEnded(session.id))
}
