/** Who may write here, what everybody is told of the rules, and which marks stand before a name. */
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps } from './chat.ts'
import type { Emote, Emotes } from './emotes.ts'
import type { Keepers, Role } from './keepers.ts'
import type { Badge } from './message-view.ts'
import type { Tell } from './news.ts'
import type { Paid, Terms } from './paid.ts'
import type { Records } from './records.ts'
import { type ChatSettings, type PublicSettings, publicSettings, type Settings, type Writers } from './settings.ts'

/** What is known of people elsewhere. A setting that needs a fact nobody handed in is not on offer. */
export interface Facts {
  isVerified?(userId: string): Promise<boolean>
  /** Since when they follow, or null. */
  followsSince?(userId: string, channelId: string): Promise<number | null>
  /** Their membership, or null. */
  membershipOf?(userId: string, channelId: string): Promise<{ tier: number; isGift: boolean } | null>
  followersOf?(channelId: string): Promise<number>
}

/** What the page of everybody is told. */
export interface PublicRules extends PublicSettings {
  emotes: Emote[]
  /** What a message that stands out costs at least; null where there are none. */
  paid: Terms | null
}

interface RulesDeps extends ChatDeps {
  keepers: Keepers
  records: Records
  settings: ChatSettings
  emotes: Emotes
  paid: Pick<Paid, 'termsOf'>
  tell: Tell
  /** Overlays are told the way to it. */
  onGoal(channelId: string): Promise<void>
}

export type Rules = ReturnType<typeof createRules>

const TIER_BADGES: (Badge | undefined)[] = [undefined, 'basic', 'premium', 'vip']

export function createRules({ clock, facts, keepers, records, settings, emotes, paid, tell, onGoal }: RulesDeps) {
  async function requireWriter(channelId: string, userId: string, wanted: Settings): Promise<void> {
    const { writers, followedMinutes, memberTier } = wanted
    if (writers === 'verified' && !(await facts.isVerified?.(userId))) {
      throw new DomainError('forbidden', 'verified_only', 'Confirm your e-mail address to write here.')
    }
    if (writers === 'followers') {
      const since = (await facts.followsSince?.(userId, channelId)) ?? null
      if (since === null || clock.now() - since < followedMinutes * 60_000) {
        const message = followedMinutes
          ? `Followers of ${followedMinutes} minutes write here.`
          : 'Followers write here.'
        throw new DomainError('forbidden', 'followers_only', message)
      }
    }
    if (writers === 'members' && ((await facts.membershipOf?.(userId, channelId))?.tier ?? -1) < memberTier) {
      throw new DomainError('forbidden', 'members_only', 'Members of this channel write here.')
    }
  }

  async function badgesOf(channelId: string, userId: string, role: Role | null): Promise<Badge[]> {
    const membership = (await facts.membershipOf?.(userId, channelId)) ?? null
    const tier = membership && TIER_BADGES[membership.tier]
    return [...(role ? [role] : []), ...(tier ? [tier] : []), ...(membership?.isGift ? (['gift'] as const) : [])]
  }

  /** The choices of `writers` this node can keep. */
  function writersOnOffer(): Writers[] {
    return [
      'everyone',
      ...(facts.isVerified ? (['verified'] as const) : []),
      ...(facts.followsSince ? (['followers'] as const) : []),
      ...(facts.membershipOf ? (['members'] as const) : []),
    ]
  }

  async function publicRules(channelId: string): Promise<PublicRules> {
    const [kept, own, terms] = await Promise.all([
      settings.of(channelId),
      emotes.of(channelId),
      paid.termsOf(channelId),
    ])
    return { ...publicSettings(kept), emotes: own, paid: terms }
  }

  async function tellRules(channelId: string): Promise<void> {
    tell(channelId, { type: 'settings', settings: await publicRules(channelId) })
  }

  async function read(actor: User, idOrSlug: string) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    return { settings: (await settings.of(channel.id)).settings, writersOnOffer: writersOnOffer() }
  }

  async function change(actor: User, idOrSlug: string, wanted: Partial<Settings>) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    if (wanted.writers && !writersOnOffer().includes(wanted.writers)) {
      throw new DomainError('invalid', 'not_on_offer', 'This node does not know who that would be.')
    }
    await settings.update(channel.id, actor.id, wanted)
    await records.add(actor, channel.id, 'settings', { reason: Object.keys(wanted).join(', ') })
    await tellRules(channel.id)
    if ('goal' in wanted) await onGoal(channel.id)
    return read(actor, channel.id)
  }

  return { requireWriter, badgesOf, publicRules, tellRules, read, change }
}
