/** What the server itself writes of a page: its head, and the first data the browser side needs. Pure. */
export interface PageHead {
  title: string
  description: string
  /** Absolute, without query. */
  url: string
  kind: 'website' | 'video.other'
  /** What link previews show: absolute. */
  image?: string | undefined
  /** Pages for one person only are kept out of search engines. */
  isPrivate: boolean
  /** Where other sites learn how to embed what this page shows: absolute. */
  oembed?: string | undefined
  /** Scripts the page will surely ask for, begun at once. */
  preload: readonly string[]
}

export interface FirstData {
  /** The path these are for: a page reached later must not take them for its own. */
  path: string
  value: unknown
}

export const SITE = 'Footlight'

const slots = /<!--(head|first-data)-->/g

export function renderPage(template: string, head: PageHead, first: FirstData | null, styleNonce: string): string {
  const filled: Record<string, string> = { head: renderHead(head, styleNonce), 'first-data': renderFirstData(first) }
  return template.replaceAll(slots, (_slot, name: string) => filled[name] ?? '')
}

function renderHead(head: PageHead, styleNonce: string): string {
  const title = escapeHtml(head.title === '' ? SITE : `${head.title} · ${SITE}`)
  const bare = escapeHtml(head.title === '' ? SITE : head.title)
  const description = escapeHtml(shorten(head.description, 200))
  const url = escapeHtml(head.url)
  return [
    `<title>${title}</title>`,
    `<meta name="description" content="${description}" />`,
    `<meta name="style-nonce" content="${escapeHtml(styleNonce)}" />`,
    ...(head.isPrivate
      ? ['<meta name="robots" content="noindex" />']
      : [
          `<link rel="canonical" href="${url}" />`,
          `<meta property="og:site_name" content="${SITE}" />`,
          `<meta property="og:type" content="${head.kind}" />`,
          `<meta property="og:title" content="${bare}" />`,
          `<meta property="og:description" content="${description}" />`,
          `<meta property="og:url" content="${url}" />`,
          ...(head.image === undefined
            ? ['<meta name="twitter:card" content="summary" />']
            : [
                `<meta property="og:image" content="${escapeHtml(head.image)}" />`,
                '<meta name="twitter:card" content="summary_large_image" />',
              ]),
          ...(head.oembed === undefined
            ? []
            : [
                `<link rel="alternate" type="application/json+oembed" href="${escapeHtml(head.oembed)}" title="${bare}" />`,
              ]),
        ]),
    ...head.preload.map((file) => `<link rel="modulepreload" crossorigin href="/${escapeHtml(file)}" />`),
  ].join('\n    ')
}

/** JSON inside a script element: `<` is written as an escape, so that nothing in it can end the element. */
function renderFirstData(first: FirstData | null): string {
  if (first === null) return ''
  const json = JSON.stringify(first.value).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="first-data" data-path="${escapeHtml(first.path)}">${json}</script>`
}

function shorten(text: string, length: number): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  if (flat.length <= length) return flat
  return `${flat.slice(0, length - 1).replace(/[\ud800-\udbff]?\s*\S*$/, '')}…`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}

/**
 * Scripts and styles come from us alone; the one nonce is for the player's shadow roots (see vite.config.ts). No other site
 * may frame a page, but for the one made for it.
 */
export function contentSecurityPolicy(styleNonce: string, mayBeFramed = false): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${styleNonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${mayBeFramed ? '*' : "'none'"}`,
  ].join('; ')
}
