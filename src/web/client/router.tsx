import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

/** Where the person is, and when they asked to be there: `performance.now()` of the click, 0 for the first page. */
export interface Place {
  path: string
  search: URLSearchParams
  askedAt: number
}

function placeNow(askedAt: number): Place {
  return { path: location.pathname, search: new URLSearchParams(location.search), askedAt }
}

export const place = signal<Place>(placeNow(0))

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const askedAt = performance.now()
  if (options.replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  place.value = placeNow(askedAt)
  scrollTo(0, 0)
}

/** The pattern's parameters when the path fits it (`/c/:slug`), otherwise null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  if (wanted.length !== given.length) return null
  const found: Record<string, string> = {}
  for (const [index, word] of wanted.entries()) {
    const there = given[index] ?? ''
    if (word.startsWith(':') && there !== '') found[word.slice(1)] = decode(there)
    else if (word !== there) return null
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A link that changes the page without a reload, and stays an ordinary link for every other kind of click. */
export function Link(props: { href: string; class?: string; children: ComponentChildren; 'aria-current'?: 'page' }) {
  return (
    <a
      {...props}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigate(props.href)
      }}
    />
  )
}

export function followHistory(): void {
  addEventListener('popstate', () => {
    place.value = placeNow(performance.now())
  })
}
