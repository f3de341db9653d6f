/** What is laid over a picture by OBS: an address with a secret, alerts as they happen, and a goal. */
import { z } from 'zod'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './house.ts'
import type { Keepers } from './keepers.ts'
import type { Tell } from './news.ts'
import type { ChatSettings } from './settings.ts'

export interface Alert {
  kind: 'member' | 'follower'
  name: string
}

export const GoalView = z.object({
  title: z.string(),
  reached: z.int(),
  target: z.int(),
  /** Where it is a sum. */
  currency: z.string().nullable(),
})
export type Goal = z.infer<typeof GoalView>

interface OverlaysDeps extends ChatDeps {
  keepers: Keepers
  settings: ChatSettings
  entrance: Entrance
  house: Pick<House, 'tellMember'>
  tell: Tell
}

type Owner = Pick<User, 'id' | 'name' | 'role'> | null

/** Who follows and unfollows is announced once in a while. */
const GREETED_KEPT = 5_000

export type Overlays = ReturnType<typeof createOverlays>

export function createOverlays({
  db,
  facts,
  channelOf,
  personOf,
  keepers,
  settings,
  entrance,
  house,
  tell,
}: OverlaysDeps) {
  const greeted = new Set<string>()

  /** Whose eyes an overlay has: its channel's owner's. */
  async function ownerOf(secret: string) {
    const { id, ownerId } = await channelOf(await settings.channelOfOverlay(secret))
    return { channelId: id, owner: await personOf(ownerId) }
  }

  async function enter(secret: string, onPlace: (owner: Owner, channelId: string, within: string | null) => void) {
    const { channelId, owner } = await ownerOf(secret)
    const seen = await entrance.enter(channelId, owner, null, undefined, (id, within) => onPlace(owner, id, within))
    return { ...seen, goal: await goalOf(channelId) }
  }

  /** A new secret; whoever looks through the old one is shut out. */
  async function renew(actor: User, idOrSlug: string): Promise<string> {
    const { channel } = await keepers.requireOwner(actor, idOrSlug)
    const secret = await settings.renewOverlay(channel.id, actor.id)
    tell(channel.id, { type: 'renewed' })
    return secret
  }

  async function goalOf(channelId: string): Promise<Goal | null> {
    const { goal } = (await settings.of(channelId)).settings
    if (!goal) return null
    const { title, target, what, currency } = goal
    if (what === 'followers') {
      return { title, target, currency: null, reached: (await facts.followersOf?.(channelId)) ?? 0 }
    }
    const { reached } = await db
      .selectFrom('chatPaid')
      .select((eb) => eb.fn.sum<number | null>('amount').as('reached'))
      .where('channelId', '=', channelId)
      .where('state', '=', 'paid')
      .where('currency', '=', currency)
      .where('createdAt', '>=', Date.parse(goal.since))
      .executeTakeFirstOrThrow()
    return { title, target, currency, reached: Number(reached ?? 0) }
  }

  const tellGoal = async (channelId: string) => tell(channelId, { type: 'goal', goal: await goalOf(channelId) })

  async function greet(channelId: string, userId: string, kind: Alert['kind']): Promise<void> {
    const who = `${kind} ${channelId} ${userId}`
    if (greeted.has(who)) return
    greeted.add(who)
    if (greeted.size > GREETED_KEPT) greeted.delete(greeted.values().next().value!)
    const person = await personOf(userId)
    if (!person) return
    tell(channelId, { type: 'alert', alert: { kind, name: person.name } })
    if (kind === 'member') await house.tellMember(channelId, person)
    await tellGoal(channelId)
  }

  return { enter, renew, greet, tellGoal }
}
