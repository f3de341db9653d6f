/**
 * The pages. Serves what Vite built: hashed files for ever, and for every page the one index.html with its head and first
 * data written in. Owns no data: what a page shows first is asked for through functions handed in by app.ts.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import type { HttpEnv } from '../platform/http.ts'
import { type Asset, readBuiltPages } from './built-pages.ts'
import { contentSecurityPolicy, type PageHead, renderPage } from './page.ts'
import { plainPages } from './plain-pages.ts'

/** What the player alone needs for its first paint; handed to the browser as it is. */
export interface EmbedPage {
  channel: {
    id: string
    slug: string
    name: string
    description: string
    live: { id: string; title: string; description: string; thumbnailUrl: string | null } | null
  }
  /** The answer of `POST /api/playback` where there is something to watch: saves the player a round trip. */
  playback: { url: string } | null
}

export interface WatchPage extends EmbedPage {
  /** What stands under the picture, so that nothing moves when it comes. */
  offers: object | null
  upcoming: object | null
}

/** What the studio shows first: who asks, and their channel as they may see it. */
export interface StudioPage {
  user: object
  channel: { name: string } | null
  node: object | null
}

/** A planned show, for its waiting room, and what it is sold for. */
export interface ShowPage {
  show: {
    id: string
    title: string
    description: string
    visibility: string
    pictureUrl: string | null
    channel: { id: string; name: string }
  }
  offers: object | null
}

/** The first page of `GET /api/channels`, and the next of `GET /api/shows`. */
export interface HomePage {
  channels: object | null
  upcoming: object | null
}

export interface WebOptions {
  /** Where `vite build` wrote to. */
  distDir: string
  publicUrl: string
  /** The channel of `/c/<slug>`, or null when there is none. */
  watchPage(slug: string, c: Context<HttpEnv>): Promise<WatchPage | null>
  /** The same of `/embed/<slug>`. */
  embedPage(slug: string, c: Context<HttpEnv>): Promise<EmbedPage | null>
  /** The show of `/show/<code>`, or null where there is none for whoever asks. */
  showPage(code: string, c: Context<HttpEnv>): Promise<ShowPage | null>
  homePage(c: Context<HttpEnv>): Promise<HomePage>
  /** For whoever is signed in, otherwise null. */
  studioPage(slug: string | null, c: Context<HttpEnv>): Promise<StudioPage | null>
}

type Draft = Partial<PageHead> & { first?: unknown; status?: 200 | 404; mayBeFramed?: boolean }

const FOR_EVER = 'public, max-age=31536000, immutable'
const ABOUT = 'Live shows, watched where they are made.'
/** Not bundled: a browser wants it at one address, and it is a few lines. */
const PUSH_WORKER = join(import.meta.dirname, 'client/notices/push-worker.js')
const SECRET = new Set(['private', 'unlisted'])
const PLAYER = 'player/create-player.ts'
const STUDIO = 'studio/pages.ts'
const SOCKET = '../../../node_modules/socket.io-client/build/esm/index.js'

export function createWeb(options: WebOptions) {
  const { distDir, publicUrl, watchPage, embedPage, showPage, homePage, studioPage } = options
  const pushWorker = readFileSync(PUSH_WORKER, 'utf8')
  const built = readBuiltPages(distDir)

  function page(c: Context<HttpEnv>, draft: Draft) {
    if (built === null) return c.text('The pages are not built. Run: npm run build:web', 503)
    const styleNonce = randomBytes(16).toString('base64url')
    const head = {
      title: draft.title ?? '',
      description: draft.description || ABOUT,
      url: new URL(c.req.path, publicUrl).href,
      kind: draft.kind ?? 'website',
      isPrivate: draft.isPrivate ?? false,
      preload: draft.preload ?? [],
      oembed: draft.oembed,
      image: draft.image,
    }
    const first = draft.first === undefined ? null : { path: c.req.path, value: draft.first }
    return c.body(renderPage(built.template, head, first, styleNonce), draft.status ?? 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': contentSecurityPolicy(styleNonce, draft.mayBeFramed),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      'X-Content-Type-Options': 'nosniff',
    })
  }

  const toPlay = () => [...(built?.filesOf(PLAYER) ?? []), ...(built?.filesOf(SOCKET) ?? [])]
  /** The largest still there is, for link previews. */
  const previewOf = (thumbnailUrl: string | null | undefined) =>
    thumbnailUrl ? new URL(thumbnailUrl.replace(/\d+\.jpg/, '1280.jpg'), publicUrl).href : undefined

  const web = new Hono<HttpEnv>()

  web.get('/assets/:name', (c) => {
    const asset = built?.asset(c.req.param('name'))
    if (!asset) return c.text('There is no such file.', 404)
    const [bytes, encoding] = encoded(asset, c.req.header('accept-encoding') ?? '')
    return c.body(bytes, 200, {
      'Content-Type': asset.type,
      'Content-Length': String(bytes.byteLength),
      'Cache-Control': FOR_EVER,
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept-Encoding',
      ...(encoding === null ? {} : { 'Content-Encoding': encoding }),
    })
  })

  web.get('/', async (c) => page(c, { first: await homePage(c) }))

  web.get('/c/:slug', async (c) => {
    const found = await watchPage(c.req.param('slug'), c)
    if (!found) return page(c, { title: 'No such channel', isPrivate: true, status: 404 })
    const { channel } = found
    return page(c, {
      title: channel.live?.title || channel.name,
      description: channel.live?.description || channel.description || `${channel.name} on Footlight.`,
      kind: 'video.other',
      image: previewOf(channel.live?.thumbnailUrl),
      oembed: new URL(`/oembed?${new URLSearchParams({ url: new URL(c.req.path, publicUrl).href })}`, publicUrl).href,
      preload: toPlay(),
      first: found,
    })
  })

  /** A show before it begins. What is in no list is in no search engine either. */
  web.get('/show/:code', async (c) => {
    const found = await showPage(c.req.param('code'), c)
    if (!found) return page(c, { title: 'No such show', isPrivate: true, status: 404 })
    const { show } = found
    return page(c, {
      title: `${show.title} – ${show.channel.name}`,
      description: show.description || `${show.channel.name}, live on Footlight.`,
      kind: 'video.other',
      isPrivate: SECRET.has(show.visibility),
      image: previewOf(show.pictureUrl),
      preload: built?.filesOf(SOCKET) ?? [],
      first: found,
    })
  })

  /** Its scope is where it lies: the whole site. */
  web.get('/push-worker.js', (c) =>
    c.body(pushWorker, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' }),
  )

  /** The player alone, the only page other sites may frame. */
  web.get('/embed/:slug', async (c) => {
    const found = await embedPage(c.req.param('slug'), c)
    const common = { isPrivate: true, mayBeFramed: true }
    if (!found) return page(c, { ...common, title: 'No such channel', status: 404 })
    const title = found.channel.live?.title || found.channel.name
    return page(c, { ...common, title, preload: toPlay(), first: found })
  })

  for (const { path, title, bundle } of plainPages) {
    web.get(path, (c) => page(c, { title, isPrivate: true, preload: built?.filesOf(bundle) ?? [] }))
  }

  // What was bought is played next.
  web.get('/checkout/return', (c) => page(c, { isPrivate: true, preload: toPlay() }))

  /** A stranger signs in first and comes back. */
  async function studio(c: Context<HttpEnv>, slug: string | null) {
    const first = await studioPage(slug, c)
    if (!first) return c.redirect(`/sign-in?next=${encodeURIComponent(c.req.path)}`)
    const title = first.channel ? `${first.channel.name}, studio` : 'Studio'
    const preload = [...(built?.filesOf(SOCKET) ?? []), ...(built?.filesOf(STUDIO) ?? [])]
    return page(c, { title, isPrivate: true, preload, first })
  }
  web.get('/studio', (c) => studio(c, null))
  web.get('/studio/:slug', (c) => studio(c, c.req.param('slug')))

  web.get('/overlay/:secret', (c) => page(c, { title: 'Overlay', isPrivate: true }))

  /** For everything nobody else answered; `app.notFound` asks it when the caller is a browser that wants a page. */
  function notFound(c: Context<HttpEnv>) {
    return page(c, { title: 'Not found', isPrivate: true, status: 404 })
  }

  return { routes: web, notFound }
}

function encoded(asset: Asset, accepted: string): [Uint8Array<ArrayBuffer>, string | null] {
  if (asset.br && /\bbr\b(?!;q=0(?![.\d]))/.test(accepted)) return [asset.br, 'br']
  if (asset.gz && /\bgzip\b(?!;q=0(?![.\d]))/.test(accepted)) return [asset.gz, 'gzip']
  return [asset.plain, null]
}
