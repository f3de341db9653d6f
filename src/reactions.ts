/** The one page that says which announcement wakes whom. */
import type { Access } from './access/access.ts'
import type { AccountFacts } from './accounts/accounts.ts'
import type { LiveFacts, SessionView } from './live/live.ts'
import type { Announcer } from './platform/announcer.ts'

interface Deps {
  announcer: Announcer<LiveFacts & AccountFacts>
  commerce: { onSessionEnded(sessionId: string): Promise<unknown> }
  /** The pages that follow a channel. */
  pages: { tellSession(channelId: string, session: SessionView | null): Promise<void> }
  access: Pick<Access, 'endSignIns' | 'recheck'>
  /** What a report shows beside its curve. */
  marks: {
    add(sessionId: string, kind: 'away' | 'back'): Promise<void>
    noteVisibility(session: SessionView): Promise<void>
  }
  /** Somebody who left the platform is no longer named in what is counted. */
  forgetPerson(userId: string): Promise<void>
  /** Whoever follows a channel's chat, may they still? */
  recheckChat(concerned: { channelId: string }): Promise<void>
  /** Whoever may not be here does not stay on air either. */
  endShowsOfInactive(userId: string): Promise<void>
}

export function react(deps: Deps): void {
  const { announcer, pages, access, commerce, marks, recheckChat, endShowsOfInactive } = deps
  const changes = ['session.started', 'session.paused', 'session.resumed', 'session.updated', 'session.ended'] as const
  for (const change of changes) announcer.on(change, ({ session }) => pages.tellSession(session.channelId, session))
  for (const change of changes) announcer.on(change, ({ session }) => recheckChat({ channelId: session.channelId }))
  announcer.on('session.paused', ({ session }) => marks.add(session.id, 'away'))
  announcer.on('session.resumed', ({ session }) => marks.add(session.id, 'back'))
  for (const change of ['session.started', 'session.updated'] as const) {
    announcer.on(change, ({ session }) => marks.noteVisibility(session))
  }
  announcer.on('person.deleted', ({ userId }) => deps.forgetPerson(userId))
  announcer.on('session.ended', ({ session }) => commerce.onSessionEnded(session.id))
  for (const fact of ['person.status_changed', 'person.deleted'] as const) {
    announcer.on(fact, ({ userId }) => endShowsOfInactive(userId))
    announcer.on(fact, ({ userId }) => access.recheck({ userId }))
  }
  announcer.on('sign_ins.ended', async ({ userId }) => {
    await access.endSignIns(userId)
    await access.recheck({ userId })
  })
}
