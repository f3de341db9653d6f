import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { mayBroadcast, me } from '../api/me.ts'
import { Bell } from '../notices/bell.tsx'
import { place } from '../router.ts'
import { Lamp, Toasts } from './parts.tsx'

export function Layout({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip button" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="Footlight">
          <Lamp />
          <span>Footlight</span>
        </a>
        <nav aria-label="Your places">
          <AccountLinks />
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Toasts />
    </>
  )
}

function AccountLinks() {
  if (me.value === undefined) return null
  if (me.value === null) {
    return (
      <a class="button quiet small" href="/sign-in">
        Sign in
      </a>
    )
  }
  return (
    <>
      <Bell />
      {me.value.role === 'admin' && (
        <a class="button quiet small" href="/operator">
          Node
        </a>
      )}
      {mayBroadcast(me.value) && (
        <a class="button quiet small" href="/studio">
          Studio
        </a>
      )}
      <a class="button quiet small" href="/account">
        Account
      </a>
    </>
  )
}

/** The page's name in the tab, and the focus for a screen reader when the page changed without a reload. */
export function usePageTitle(title: string): void {
  const { askedAt } = place.value
  const isFirst = useRef(askedAt === 0)
  useEffect(() => {
    document.title = title === '' ? 'Footlight' : `${title} · Footlight`
  }, [title])
  // Once for each page asked for.
  useEffect(() => {
    if (!isFirst.current) document.getElementById('main')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [askedAt])
}
