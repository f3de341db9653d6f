/** What somebody is to the channel they watch, at the moment they join. */
import type { Db } from '../db/db.ts'
import type { Watched } from './audience.ts'

export type ViewerType = 'anonymous' | 'viewer' | 'member' | 'creator' | 'moderator'

/** Asked once for many: the strongest that holds. */
export async function viewerTypes(viewings: Watched[], now: number, db: Db): Promise<(viewing: Watched) => ViewerType> {
  const known = viewings.filter(({ userId }) => userId !== null)
  if (known.length === 0) return () => 'anonymous'
  const userIds = [...new Set(known.map(({ userId }) => userId!))]
  const channels = await db
    .selectFrom('session')
    .innerJoin('channel', 'channel.id', 'session.channelId')
    .select(['session.id', 'channel.id as channelId', 'channel.ownerId'])
    .where('session.id', 'in', [...new Set(known.map(({ sessionId }) => sessionId))])
    .execute()
  const channelIds = [...new Set(channels.map(({ channelId }) => channelId))]
  const moderators = await db
    .selectFrom('channelModerator')
    .select(['channelId', 'userId'])
    .where('userId', 'in', userIds)
    .where('channelId', 'in', [...channelIds, ''])
    .execute()
  const members = await db
    .selectFrom('entitlement')
    .select(['scope', 'userId'])
    .where('userId', 'in', userIds)
    .where('scope', 'in', [...channelIds.map((id) => `channel:${id}`), ''])
    .where('tier', '>=', 1)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .execute()
  const channelOf = new Map(channels.map((channel) => [channel.id, channel]))
  const isModerator = new Set(moderators.map(({ channelId, userId }) => `channel:${channelId} ${userId}`))
  const isMember = new Set(members.map(({ scope, userId }) => `${scope} ${userId}`))

  return ({ userId, sessionId }) => {
    if (userId === null) return 'anonymous'
    const channel = channelOf.get(sessionId)
    if (channel?.ownerId === userId) return 'creator'
    const pair = `channel:${channel?.channelId} ${userId}`
    if (isModerator.has(pair)) return 'moderator'
    return isMember.has(pair) ? 'member' : 'viewer'
  }
}
