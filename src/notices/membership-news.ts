import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Fact } from './notices.ts'

interface Options {
  db: Db
  clock: Clock
  tell(fact: Fact, userIds: readonly string[]): Promise<void>
}

const DAY = 86_400_000
/** So long before a cancelled membership is over its member is told. */
const ENDING_MS = 3 * DAY
const PATH = '/purchases'

/** A payment that did not come, a membership that is about to end or has. */
export function createMembershipNews({ db, clock, tell }: Options) {
  const memberships = () =>
    db
      .selectFrom('membership')
      .innerJoin('channel', 'channel.id', 'membership.channelId')
      .select(['membership.id', 'userId', 'periodEnd', 'graceUntil', 'endedAt', 'channel.name'])

  const newest = (userId: string, channelId: string, state: string) =>
    memberships()
      .where('userId', '=', userId)
      .where('channelId', '=', channelId)
      .where('state', '=', state)
      .orderBy('membership.id', 'desc')
      .executeTakeFirst()

  async function changed(userId: string, channelId: string, state: string): Promise<void> {
    const found = state === 'past_due' ? await newest(userId, channelId, state) : null
    if (!found) return
    const { id, periodEnd, graceUntil, name } = found
    const until = graceUntil === null ? '' : ` until ${dayOf(graceUntil)}`
    const text = `Your membership goes on${until}. Bring your card up to date and nothing is lost.`
    const title = `A payment for ${name} did not go through`
    const fact = `past_due ${id} ${periodEnd}`
    // The letter is part of the books: commerce writes it, whatever this person chose.
    await tell({ fact, kind: 'money', title, text, path: PATH, hasLetter: true }, [userId])
  }

  async function ended(userId: string, channelId: string): Promise<void> {
    const found = await newest(userId, channelId, 'ended')
    if (!found) return
    const { id, name } = found
    const text = 'You can join again whenever you like.'
    await tell({ fact: `ended ${id}`, kind: 'money', title: `Your membership of ${name} is over`, text, path: PATH }, [
      userId,
    ])
  }

  async function endingSoon(): Promise<void> {
    const now = clock.now()
    const due = await memberships()
      .where('cancelAtPeriodEnd', '=', 1)
      .where('state', 'in', ['active', 'trialing'])
      .where('periodEnd', '>', now)
      .where('periodEnd', '<=', now + ENDING_MS)
      .execute()
    for (const { id, userId, name, periodEnd } of due) {
      const title = `Your membership of ${name} ends on ${dayOf(periodEnd ?? now)}`
      const text = 'You cancelled it. Until then you can resume it, and it goes on as it was.'
      await tell({ fact: `ending ${id} ${periodEnd}`, kind: 'money', title, text, path: PATH }, [userId])
    }
  }

  return { changed, ended, endingSoon }
}

const dayOf = (at: number) => new Date(at).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
