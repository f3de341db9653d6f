import { api } from '../api/client.ts'
import { me } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { navigate, place } from '../router.ts'
import { toast } from '../ui/parts.tsx'
import { programmeApi } from './programme-api.ts'

/** To be told when a channel goes live; a stranger signs in first and comes back. */
export function Follow({ channelId }: { channelId: string }) {
  const { value, reload } = useLoaded(`follow ${channelId} ${me.value?.id}`, () => programmeApi.following(channelId))
  const isFollowing = value?.following ?? false
  async function press() {
    if (!me.value) return navigate(`/sign-in?next=${encodeURIComponent(place.value.path)}`)
    try {
      if (isFollowing) await programmeApi.unfollow(channelId)
      else {
        await api.follow(channelId)
        toast('You are told when this channel goes live.')
      }
      reload()
    } catch (error) {
      toast(asApiError(error).message)
    }
  }
  return (
    <button type="button" class="button small" aria-pressed={isFollowing} onClick={press}>
      {isFollowing ? 'Following' : 'Follow'}
    </button>
  )
}
