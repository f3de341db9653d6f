import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { letterOf, type Mailer } from '../platform/mailer.ts'

interface NoticesOptions {
  db: Db
  jobs: Jobs
  mailer: Pick<Mailer, 'send'>
  publicUrl: string
}

const PastDue = z.object({ membershipId: z.string() })
const onDay = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' })

export type Notices = ReturnType<typeof createNotices>

/** What a member must hear of by mail. Ordered with the books, written when the job comes: what is mended by then is not told. */
export function createNotices({ db, jobs, mailer, publicUrl }: NoticesOptions) {
  async function pastDue(membershipId: string, tx: Db): Promise<void> {
    const key = `commerce.past-due ${membershipId}`
    await jobs.enqueue({ kind: 'commerce.past-due', payload: { membershipId }, key }, tx)
  }

  async function sendPastDue(payload: unknown): Promise<void> {
    const { membershipId } = PastDue.parse(payload)
    const found = await db
      .selectFrom('membership')
      .innerJoin('user', 'user.id', 'membership.userId')
      .innerJoin('channel', 'channel.id', 'membership.channelId')
      .select(['membership.name', 'membership.graceUntil', 'user.email', 'channel.name as channel'])
      .where('membership.id', '=', membershipId)
      .where('membership.state', '=', 'past_due')
      .where('user.deletedAt', 'is', null)
      .executeTakeFirst()
    if (!found) return
    const { name, graceUntil, email, channel } = found
    const until = graceUntil ? ` It stays open until ${onDay.format(graceUntil)}; after that it closes.` : ''
    await mailer.send(
      letterOf(
        publicUrl,
        email,
        `A payment for ${channel} is missing`,
        `The payment for your membership “${name}” of ${channel} did not go through.${until}`,
        `Bring your card up to date here:\n${publicUrl}/purchases`,
        'If you do not want the membership any more, you can cancel it there too.',
      ),
    )
  }

  return { pastDue, sendPastDue }
}
