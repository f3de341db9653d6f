/** The one page that says which announcement wakes whom. */
import type { audienceSocket } from './audience/socket.ts'
import type { LiveFacts } from './live/live.ts'
import type { Announcer } from './platform/announcer.ts'

interface Deps {
  announcer: Announcer<LiveFacts>
  pages: Pick<ReturnType<typeof audienceSocket>, 'tellSession'>
}

export function react({ announcer, pages }: Deps): void {
  const changes = ['session.started', 'session.paused', 'session.resumed', 'session.updated', 'session.ended'] as const
  for (const change of changes) announcer.on(change, ({ session }) => pages.tellSession(session.channelId, session))
}
