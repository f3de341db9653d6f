/**
 * What a page shows first, asked of the API as the page itself would ask: the same views, the same rights, one round trip
 * less for the viewer.
 */
import type { Context } from 'hono'
import type { HttpEnv } from '../platform/http.ts'
import type { StudioPage, WatchPage } from './shell.ts'

interface Api {
  request(path: string, init: RequestInit, env: object): Response | Promise<Response>
}

export function firstData(api: Api) {
  async function ask<T>(c: Context<HttpEnv>, path: string, body?: unknown): Promise<T | null> {
    const cookie = c.req.header('cookie')
    const headers: Record<string, string> = { ...(cookie ? { cookie } : {}), 'content-type': 'application/json' }
    const init =
      body === undefined
        ? { headers }
        : { method: 'POST', headers: { ...headers, origin: new URL(c.req.url).origin }, body: JSON.stringify(body) }
    const answer = await api.request(new URL(path, c.req.url).href, init, c.env)
    // The browser's device is named at its first page, so that its next tab is the same viewer.
    for (const made of answer.headers.getSetCookie()) c.header('Set-Cookie', made, { append: true })
    // Our own API's answer, shaped by the schemas in its document.
    return answer.ok ? ((await answer.json()) as T) : null
  }

  return {
    async watchPage(slug: string, c: Context<HttpEnv>): Promise<WatchPage | null> {
      const channel = await ask<WatchPage['channel']>(c, `/api/channels/${encodeURIComponent(slug)}`)
      if (!channel) return null
      const playback = channel.live ? await ask<{ url: string }>(c, '/api/playback', { channelId: slug }) : null
      return { channel, playback }
    },
    async studioPage(slug: string | null, c: Context<HttpEnv>): Promise<StudioPage | null> {
      const me = await ask<{ user: StudioPage['user'] | null }>(c, '/api/me')
      if (!me?.user) return null
      const [channel, node] = slug
        ? await Promise.all([
            ask<NonNullable<StudioPage['channel']>>(c, `/api/channels/${encodeURIComponent(slug)}`),
            ask<object>(c, '/api/node'),
          ])
        : [null, null]
      return { user: me.user, channel, node }
    },
    async homePage(c: Context<HttpEnv>): Promise<{ channels: readonly unknown[] }> {
      return (await ask<{ channels: readonly unknown[] }>(c, '/api/channels')) ?? { channels: [] }
    },
  }
}
