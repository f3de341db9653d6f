import { signal } from '@preact/signals'

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

/** Ordinary links of our own change the page without a reload; every other kind of click stays the browser's. */
function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
  if (link.hash !== '' && link.pathname === location.pathname) return
  event.preventDefault()
  navigate(link.pathname + link.search)
}

export function startRouter(): void {
  addEventListener('click', followLinks)
  addEventListener('popstate', () => {
    place.value = placeNow(performance.now())
  })
}
