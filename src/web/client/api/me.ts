import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { navigate, place } from '../router.ts'
import { api } from './client.ts'
import type { UserView } from './views.ts'

/** Who is signed in: undefined while we do not know yet. */
export const me = signal<UserView | null | undefined>(undefined)

export async function refreshMe(): Promise<void> {
  try {
    me.value = (await api.me()).user
  } catch {
    me.value = null
  }
}

/** Whether this person may have channels of their own. */
export function mayBroadcast(user: UserView | null | undefined): boolean {
  return user?.role === 'creator' || user?.role === 'admin'
}

/** Who is signed in; a stranger is sent to sign in and comes back. */
export function useMe(): UserView | null {
  const user = me.value ?? null
  const isStranger = me.value === null
  useEffect(() => {
    if (isStranger) navigate(`/sign-in?next=${encodeURIComponent(place.value.path)}`, { replace: true })
  }, [isStranger])
  return user
}
