/** The one page that says which announcement wakes whom. */
import type { AccountFacts } from './accounts/accounts.ts'
import type { Chat, ChatFacts } from './chat/chat.ts'
import type { Commerce, MoneyFacts } from './commerce/commerce.ts'
import type { LiveFacts, SessionView } from './live/live.ts'
import type { Notices } from './notices/notices.ts'
import type { Announcer } from './platform/announcer.ts'
import type { Programme } from './programme/programme.ts'

interface Deps {
  announcer: Announcer<LiveFacts & AccountFacts & MoneyFacts & ChatFacts>
  commerce: { onSessionEnded(sessionId: string): Promise<unknown>; calledOff: Pick<Commerce['calledOff'], 'settled'> }
  /** The pages that follow a channel. */
  pages: { tellSession(channelId: string, session: SessionView | null): Promise<void> }
  programme: Pick<Programme, 'announce'>
  notices: Pick<Notices, 'addressed' | 'membershipChanged' | 'membershipEnded'>
  /** The pages that show what somebody was told. */
  bells: { askAgain(userId: string): void }
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

export function react(deps: Deps): void {
  const { announcer, pages, commerce, marks, recheckChat, chat, endShowsOfInactive } = deps
  const changes = ['session.started', 'session.paused', 'session.resumed', 'session.updated', 'session.ended'] as const
  for (const change of changes) {
    announcer.on(change, ({ session }) => {
      // What is still to come is not what a channel's pages show.
      if (session.state === 'scheduled') return
      return pages.tellSession(session.channelId, session)
    })
    announcer.on(change, ({ session }) => recheckChat({ channelId: session.channelId }))
  }
  announcer.on('session.paused', ({ session }) => marks.add(session.id, 'away'))
  announcer.on('session.resumed', ({ session }) => marks.add(session.id, 'back'))
  for (const change of ['session.started', 'session.updated'] as const) {
    announcer.on(change, ({ session }) => marks.noteVisibility(session))
  }
  for (const change of changes) announcer.on(change, ({ session }) => chat.house.tellShow(CHANGES[change], session))
  announcer.on('session.ended', ({ session }) => commerce.onSessionEnded(session.id))
  for (const fact of ['person.status_changed', 'person.deleted'] as const) {
    announcer.on(fact, ({ userId }) => endShowsOfInactive(userId))
  }
  announcer.on('purchase.settled', ({ purchaseId, state }) => chat.paid.settled(`purchase:${purchaseId}`, state))
  announcer.on('membership.started', ({ userId, channelId }) => chat.overlays.greet(channelId, userId, 'member'))
  tellPeople(deps)
}

/** What people are told of, wherever they are. */
function tellPeople({ announcer, programme, notices, bells, commerce }: Deps): void {
  announcer.on('session.started', ({ session }) => programme.announce('live', session.id))
  announcer.on('session.moved', ({ session }) => programme.announce('moved', session.id))
  announcer.on('session.cancelled', ({ session }) => programme.announce('off', session.id))
  announcer.on('session.missed', ({ session }) => programme.announce('missed', session.id))
  announcer.on('purchase.settled', (purchase) => commerce.calledOff.settled(purchase))
  announcer.on('message.shown', ({ channelId, message }) => notices.addressed(channelId, message))
  announcer.on('membership.changed', ({ userId, channelId, state }) =>
    notices.membershipChanged(userId, channelId, state),
  )
  announcer.on('membership.ended', ({ userId, channelId }) => notices.membershipEnded(userId, channelId))
  for (const fact of ['person.status_changed', 'person.deleted'] as const) {
    announcer.on(fact, ({ userId }) => bells.askAgain(userId))
  }
}

const CHANGES = {
  'session.started': 'started',
  'session.paused': 'paused',
  'session.resumed': 'resumed',
  'session.updated': 'updated',
  'session.ended': 'ended',
} as const
