import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { createRouter, type HttpEnv } from '../platform/http.ts'
import type { User } from '../platform/user.ts'
import type { Programme } from './programme.ts'

interface Deps {
  programme: Pick<Programme, 'feed' | 'calendarOf' | 'get'>
  /** The channel as anybody may see it; throws where there is none, or it is suspended. */
  channelOf(slug: string): Promise<{ id: string; name: string }>
  userOf(headers: Headers): Promise<User | null>
}

/** Calendars fetch a feed every few hours; between two changes it is the same bytes. */
const FEED_SECONDS = 300

/** Fetched by calendars as files of a site, without signing in. A private show's file is for those who may know of it. */
export function calendarRoutes({ programme, channelOf, userOf }: Deps) {
  return createRouter()
    .get('/c/:slug/calendar.ics', async (c) => {
      const channel = await channelOf(c.req.param('slug'))
      return file(c, await programme.feed(channel), `public, max-age=${FEED_SECONDS}`)
    })
    .get('/show/:code/calendar.ics', async (c) => {
      const show = await programme.get(await userOf(c.req.raw.headers), c.req.param('code'))
      return file(c, programme.calendarOf(show), 'no-store', `show-${show.code}.ics`)
    })
}

function file(c: Context<HttpEnv>, text: string, cacheControl: string, name?: string) {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  const headers = { 'Cache-Control': cacheControl, ETag: etag }
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
  return c.body(text, 200, {
    ...headers,
    'Content-Type': 'text/calendar; charset=utf-8',
    ...(name ? { 'Content-Disposition': `attachment; filename="${name}"` } : {}),
  })
}
