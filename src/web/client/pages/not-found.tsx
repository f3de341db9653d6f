import { Link } from '../router.tsx'
import { usePageTitle } from '../ui/layout.tsx'

export function NotFound() {
  usePageTitle('Not found')
  return (
    <div class="empty">
      <h1>There is nothing here</h1>
      <p class="soft">The address may be old, or mistyped.</p>
      <Link class="button" href="/">
        See who is live
      </Link>
    </div>
  )
}
