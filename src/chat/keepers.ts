/** Who keeps a chat: its owner, its moderators, and the node's. Nobody acts on somebody who stands beside or above them. */
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatChannel, ChatDeps } from './chat.ts'
import type { Records } from './records.ts'

const RANK = { moderator: 1, owner: 2, admin: 3 } as const
export type Role = keyof typeof RANK

export type Keepers = ReturnType<typeof createKeepers>

export function createKeepers({ channelOf, personOf, people, records }: ChatDeps & { records: Records }) {
  async function roleOf(channel: ChatChannel, user: Pick<User, 'id' | 'role'>): Promise<Role | null> {
    if (channel.ownerId === user.id) return 'owner'
    if (user.role === 'admin') return 'admin'
    if (user.role === 'moderator') return 'moderator'
    return (await people.isModerator(channel.id, user.id)) ? 'moderator' : null
  }

  async function requireModerator(actor: User, idOrSlug: string) {
    const channel = await channelOf(idOrSlug)
    const role = await roleOf(channel, actor)
    if (role === null) {
      throw new DomainError('forbidden', 'moderators_only', 'Only moderators of this chat may do this.')
    }
    return { channel, role }
  }

  async function requireOwner(actor: User, idOrSlug: string) {
    const found = await requireModerator(actor, idOrSlug)
    if (found.role !== 'moderator') return found
    throw new DomainError('forbidden', 'not_your_channel', 'Only the owner of this channel may do this.')
  }

  /** Throws unless the actor stands above the person acted upon. */
  async function requireBelow(channel: ChatChannel, actorRole: Role, userId: string): Promise<void> {
    const person = await personOf(userId)
    if (!person) throw new DomainError('not_found', 'no_such_user', 'There is no such account.')
    const role = await roleOf(channel, person)
    if (role !== null && RANK[role] >= RANK[actorRole]) {
      throw new DomainError('forbidden', 'not_below_you', 'You cannot do this to somebody who keeps this chat.')
    }
  }

  async function appoint(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { channel } = await requireOwner(actor, idOrSlug)
    await people.addModerator(actor, channel.id, userId)
    await records.add(actor, channel.id, 'moderator added', { userId, reason: '' })
  }

  async function dismiss(actor: User, idOrSlug: string, userId: string): Promise<void> {
    const { channel } = await requireOwner(actor, idOrSlug)
    await people.removeModerator(actor, channel.id, userId)
    await records.add(actor, channel.id, 'moderator removed', { userId, reason: '' })
  }

  async function list(actor: User, idOrSlug: string): Promise<{ id: string; name: string }[]> {
    const { channel } = await requireModerator(actor, idOrSlug)
    return (await people.moderators(actor, channel.id)).map(({ userId, name }) => ({ id: userId, name }))
  }

  return { roleOf, requireModerator, requireOwner, requireBelow, appoint, dismiss, list }
}
