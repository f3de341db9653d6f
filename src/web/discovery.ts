/**
 * What other sites and search engines ask of a node: oEmbed (https://oembed.com), robots.txt and the sitemap. Open to all,
 * told of public channels only.
 */
import { type Context, Hono } from 'hono'
import type { HttpEnv } from '../platform/http.ts'
import { escapeHtml, SITE } from './page.ts'

interface DiscoveryOptions {
  publicUrl: string
  /** A channel whoever has its address may see, or null. `title` is that of its show, if one is on. */
  channelOf(slug: string): Promise<{
    slug: string
    name: string
    title: string | null
    /** The show's newest still, as large as there is one, and its size. */
    thumbnail: { url: string; width: number; height: number } | null
  } | null>
  /** One page of the channels everybody may be told of. */
  listed(cursor: string | undefined): Promise<{ items: readonly { slug: string }[]; nextCursor: string | null }>
}

const WIDE = { width: 1280, height: 720 }
/** The sitemap protocol allows this many addresses in one file. */
const MOST_ADDRESSES = 50_000
const AN_HOUR = 3_600
const SHOWN = /^\/(?:c|embed)\/([^/]+)\/?$/

export function createDiscovery({ publicUrl, channelOf, listed }: DiscoveryOptions) {
  const absolute = (path: string) => new URL(path, publicUrl).href

  async function oembed(c: Context<HttpEnv>) {
    c.header('Access-Control-Allow-Origin', '*')
    const { url, format = 'json', maxwidth, maxheight } = c.req.query()
    if (format !== 'json') return c.text('Only format=json is spoken here.', 501)
    const slug = url === undefined ? null : slugOf(url)
    if (slug === null)
      return c.text('Give the address of a channel of this node as url=…', url === undefined ? 400 : 404)
    const channel = await channelOf(slug)
    if (!channel) return c.text('There is no such channel.', 404)
    const size = within(WIDE, toPixels(maxwidth), toPixels(maxheight))
    const title = channel.title || channel.name
    const { thumbnail } = channel
    return c.json({
      type: 'video',
      version: '1.0',
      title,
      author_name: channel.name,
      author_url: absolute(`/c/${channel.slug}`),
      provider_name: SITE,
      provider_url: absolute('/'),
      cache_age: AN_HOUR,
      ...size,
      ...(thumbnail && {
        thumbnail_url: absolute(thumbnail.url),
        thumbnail_width: thumbnail.width,
        thumbnail_height: thumbnail.height,
      }),
      html: iframe(absolute(`/embed/${channel.slug}`), title, size),
    })
  }

  /** The channel a page of ours is about; null for anybody else's address. */
  function slugOf(url: string): string | null {
    const found = URL.parse(url)
    if (found?.host !== new URL(publicUrl).host) return null
    const slug = SHOWN.exec(found.pathname)?.[1]
    return slug === undefined ? null : slug.toLowerCase()
  }

  async function sitemap(c: Context<HttpEnv>) {
    const addresses = [absolute('/')]
    let cursor: string | undefined
    do {
      const page = await listed(cursor)
      addresses.push(...page.items.map(({ slug }) => absolute(`/c/${slug}`)))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined && addresses.length < MOST_ADDRESSES)
    const entries = [...new Set(addresses)]
      .slice(0, MOST_ADDRESSES)
      .map((one) => `<url><loc>${escapeHtml(one)}</loc></url>`)
    const xml = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
      ...entries,
      '</urlset>',
    ]
    return c.body(`${xml.join('\n')}\n`, 200, {
      'Content-Type': 'application/xml; charset=utf-8',
      'Cache-Control': `public, max-age=${AN_HOUR}`,
    })
  }

  const robots = [
    'User-agent: *',
    ...[
      '/api/',
      '/hls/',
      '/studio',
      '/setup',
      '/sign-in',
      '/register',
      '/verify',
      '/reset',
      '/operator',
      '/notices',
      '/unsubscribe',
    ].map((path) => `Disallow: ${path}`),
    `Sitemap: ${absolute('/sitemap.xml')}`,
  ]

  return new Hono<HttpEnv>()
    .get('/oembed', oembed)
    .get('/sitemap.xml', sitemap)
    .get('/robots.txt', (c) => c.text(`${robots.join('\n')}\n`, 200, { 'Cache-Control': `public, max-age=${AN_HOUR}` }))
}

function iframe(src: string, title: string, { width, height }: typeof WIDE): string {
  return (
    `<iframe src="${escapeHtml(src)}" title="${escapeHtml(title)}" width="${width}" height="${height}" ` +
    'style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>'
  )
}

function toPixels(text: string | undefined): number {
  const pixels = Number(text)
  return text !== undefined && Number.isInteger(pixels) && pixels > 0 ? pixels : Number.POSITIVE_INFINITY
}

/** As large as it may be, in the same shape. */
function within(size: typeof WIDE, maxWidth: number, maxHeight: number): typeof WIDE {
  const scale = Math.min(1, maxWidth / size.width, maxHeight / size.height)
  const shrink = (length: number) => Math.max(1, Math.floor(length * scale))
  return { width: shrink(size.width), height: shrink(size.height) }
}
