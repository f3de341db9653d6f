import type { ComponentChildren } from 'preact'
import { useMe } from '../api/me.ts'
import { Notice } from '../ui/parts.tsx'

/** What is inside is begun for admins alone; a stranger signs in first. */
export function AdminsOnly({ children }: { children: ComponentChildren }) {
  const user = useMe()
  if (!user) return null
  return user.role === 'admin' ? children : <Notice isBad>This page is for admins.</Notice>
}
