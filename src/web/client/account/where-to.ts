import { mayBroadcast, me } from '../api/me.ts'
import { place } from '../router.ts'

/** Only a path of our own may follow a sign-in. */
export function whereTo(): string {
  const next = place.value.search.get('next') ?? ''
  if (/^\/(?![/\\])/.test(next)) return next
  return mayBroadcast(me.value) ? '/studio' : '/'
}
