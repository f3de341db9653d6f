import { usePageTitle } from '../ui/layout.tsx'

export function NotFound() {
  usePageTitle('Not found')
  return (
    <div class="empty">
      <h1>There is nothing here</h1>
      <p class="soft">The address may be old, or mistyped.</p>
      <a class="button" href="/">
        See who is live
      </a>
    </div>
  )
}
