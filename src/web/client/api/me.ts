import { signal } from '@preact/signals'
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
