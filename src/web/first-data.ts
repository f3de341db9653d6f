/**
 * What a page shows first, asked of the API as the page itself would ask: the same views, the same rights, one round trip
 * less for the viewer.
 */
import type { Context } from 'hono'
import type { HttpEnv } from '../platform/http.ts'
import type { EmbedPage, HomePage, ShowPage, StudioPage, WatchPage } from './shell.ts'

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

  const channelOf = (slug: string, c: Context<HttpEnv>) =>
    ask<EmbedPage['channel']>(c, `/api/channels/${encodeURIComponent(slug)}`)
  const playbackOf = async ({ slug, live }: EmbedPage['channel'], c: Context<HttpEnv>) =>
    live && (await ask<{ url: string }>(c, '/api/playback', { channelId: slug }))

  return {
    async embedPage(slug: string, c: Context<HttpEnv>): Promise<EmbedPage | null> {
      const channel = await channelOf(slug, c)
      return channel && { channel, playback: await playbackOf(channel, c) }
    },
    async watchPage(slug: string, c: Context<HttpEnv>): Promise<WatchPage | null> {
      const channel = await channelOf(slug, c)
      if (!channel) return null
      const { id, live } = channel
      const [playback, offers, upcoming] = await Promise.all([
        playbackOf(channel, c),
        ask<object>(c, `/api/channels/${id}/offers${live ? `?sessionId=${live.id}` : ''}`),
        ask<object>(c, `/api/shows?limit=4&channelId=${id}`),
      ])
      return { channel, playback, offers, upcoming }
    },
    async showPage(code: string, c: Context<HttpEnv>): Promise<ShowPage | null> {
      const show = await ask<ShowPage['show']>(c, `/api/shows/${encodeURIComponent(code)}`)
      if (!show) return null
      return { show, offers: await ask<object>(c, `/api/channels/${show.channel.id}/offers?sessionId=${show.id}`) }
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
    async homePage(c: Context<HttpEnv>): Promise<HomePage> {
      const [channels, upcoming] = await Promise.all([
        ask<object>(c, '/api/channels'),
        ask<object>(c, '/api/shows?limit=8'),
      ])
      return { channels, upcoming }
    },
  }
}
