import { useEffect } from 'preact/hooks'
import { followNotices, unread } from './inbox.ts'

/** How many notices wait, and the way to them. */
export function Bell() {
  useEffect(followNotices, [])
  const count = unread.value
  const words = count === 0 ? 'Notices' : `Notices, ${count} unread`
  return (
    <a class="button quiet small bell" href="/notices" aria-label={words} data-unread={count}>
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round">
        <path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 6H4s2-1 2-6" stroke-width="1.800" stroke-linejoin="round" />
        <path d="M10 20a2.200 2.200 0 0 0 4 0" stroke-width="1.800" />
      </svg>
      {count > 0 && <span class="bell-count">{count > 99 ? '99+' : count}</span>}
    </a>
  )
}
