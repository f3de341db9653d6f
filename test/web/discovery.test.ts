import { expect, test } from 'vitest'
import { createDiscovery } from '../../src/web/web.ts'

const pages = [
  { items: [{ slug: 'night' }, { slug: 'day' }], nextCursor: 'more' },
  { items: [{ slug: 'day' }, { slug: 'noon' }], nextCursor: null },
]
const discovery = createDiscovery({
  publicUrl: 'https://tv.example',
  channelOf: async (slug) => (slug === 'night' ? { slug, name: 'Night "radio"', title: '<b>Tonight' } : null),
  listed: async (cursor) => pages[cursor === 'more' ? 1 : 0]!,
})

const ask = (query: Record<string, string>) => discovery.request(`/oembed?${new URLSearchParams(query)}`)

test.each(['https://tv.example/c/night', 'https://tv.example/embed/night', 'http://tv.example/c/Night/?t=1'])(
  'oEmbed tells how to show %s',
  async (url) => {
    const response = await ask({ url, format: 'json' })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toMatchObject({
      type: 'video',
      version: '1.0',
      title: '<b>Tonight',
      author_name: 'Night "radio"',
      author_url: 'https://tv.example/c/night',
      provider_name: 'Footlight',
      provider_url: 'https://tv.example/',
      width: 1280,
      height: 720,
      html:
        '<iframe src="https://tv.example/embed/night" title="&lt;b&gt;Tonight" width="1280" height="720" ' +
        'style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>',
    })
  },
)

test.each([
  [{ maxwidth: '640' }, 640, 360],
  [{ maxheight: '180' }, 320, 180],
  [{ maxwidth: '640', maxheight: '90' }, 160, 90],
  [{ maxwidth: '9999' }, 1280, 720],
  [{ maxwidth: '-1', maxheight: 'tall' }, 1280, 720],
])('oEmbed keeps the shape within %o', async (limits, width, height) => {
  expect(await (await ask({ url: 'https://tv.example/c/night', ...limits })).json()).toMatchObject({ width, height })
})

test.each([
  [{}, 400],
  [{ url: 'https://tv.example/c/nobody' }, 404],
  [{ url: 'https://other.example/c/night' }, 404],
  [{ url: 'https://tv.example/studio/night' }, 404],
  [{ url: 'not an address' }, 404],
  [{ url: 'https://tv.example/c/night', format: 'xml' }, 501],
])('oEmbed refuses %o with %i', async (query, status) => {
  expect((await ask(query)).status).toBe(status)
})

test('the sitemap names every listed channel once', async () => {
  const response = await discovery.request('/sitemap.xml')
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8')
  expect([...(await response.text()).matchAll(/<loc>(.*?)<\/loc>/g)].map(([, address]) => address)).toEqual([
    'https://tv.example/',
    'https://tv.example/c/night',
    'https://tv.example/c/day',
    'https://tv.example/c/noon',
  ])
})

test('robots are told where the sitemap is, and kept out of what is not for them', async () => {
  const lines = (await (await discovery.request('/robots.txt')).text()).split('\n')
  expect(lines).toContain('Sitemap: https://tv.example/sitemap.xml')
  expect(lines).toContain('Disallow: /studio')
  expect(lines).not.toContain('Disallow: /')
})
