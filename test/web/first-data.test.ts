import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { HttpEnv } from '../../src/platform/http.ts'
import { firstData } from '../../src/web/first-data.ts'

test('the device a first page was played on is named to the browser, so that its next tab is the same viewer', async () => {
  const api = {
    async request(url: string) {
      const { pathname } = new URL(url)
      if (pathname === '/api/channels/night') return Response.json({ id: 'c', slug: 'night', live: { id: 's' } })
      if (pathname !== '/api/playback') return Response.json({ asked: pathname })
      return Response.json({ url: '/hls/t/s/main.m3u8' }, { headers: { 'set-cookie': 'footlight_device=abc; Path=/' } })
    },
  }
  const site = new Hono<HttpEnv>().get('/c/night', async (c) => c.json(await firstData(api).watchPage('night', c)))
  const page = await site.request('http://tv.example/c/night')
  expect(page.headers.getSetCookie()).toEqual(['footlight_device=abc; Path=/'])
  expect(await page.json()).toMatchObject({
    playback: { url: '/hls/t/s/main.m3u8' },
    offers: { asked: '/api/channels/c/offers' },
    upcoming: { asked: '/api/shows' },
  })
})
