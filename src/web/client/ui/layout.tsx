import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { api } from '../api/client.ts'
import { me } from '../api/me.ts'
import { Link, navigate, place } from '../router.tsx'
import { Lamp, Toasts, toast } from './parts.tsx'

export function Layout({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip button" href="#main">
        Skip to content
      </a>
      <header class="top">
        <Link class="brand" href="/">
          <Lamp />
          Footlight
        </Link>
        <nav aria-label="Account">
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
      <Link class="button quiet small" href="/sign-in">
        Sign in
      </Link>
    )
  }
  return (
    <>
      <Link class="button quiet small" href="/studio">
        Studio
      </Link>
      <button type="button" class="button quiet small" onClick={signOut}>
        Sign out
      </button>
    </>
  )
}

async function signOut() {
  try {
    await api.signOut()
    me.value = null
    navigate('/')
  } catch {
    toast('Signing out failed. Try again.')
  }
}

/** The page's name in the tab, and the focus for a screen reader when the page changed without a reload. */
export function usePageTitle(title: string): void {
  const { askedAt } = place.value
  const isFirst = useRef(askedAt === 0)
  useEffect(() => {
    document.title = title === '' ? 'Footlight' : `${title} · Footlight`
  }, [title])
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page asked for.
  useEffect(() => {
    if (!isFirst.current) document.getElementById('main')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [askedAt])
}
