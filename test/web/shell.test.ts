import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createWeb, type WatchPage } from '../../src/web/shell.ts'

const distDir = mkdtempSync(join(tmpdir(), 'footlight-web-'))
afterAll(() => rmSync(distDir, { recursive: true }))
mkdirSync(join(distDir, 'assets'))
writeFileSync(join(distDir, 'index.html'), '<head><!--head--></head><div id="page"></div><!--first-data-->')
writeFileSync(join(distDir, 'assets/index-abc.js'), 'plain')
writeFileSync(join(distDir, 'assets/index-abc.js.br'), 'brotli')
writeFileSync(join(distDir, 'assets/index-abc.js.gz'), 'gzip')
writeFileSync(join(distDir, 'assets/notes.txt'), 'not for the world')
writeFileSync(
  join(distDir, 'manifest.json'),
  JSON.stringify({
    'index.html': { file: 'assets/index-abc.js' },
    'player/create-player.ts': { file: 'assets/player-def.js', imports: ['_shared.js'] },
    '_shared.js': { file: 'assets/shared-ghi.js' },
  }),
)

const night: WatchPage = {
  channel: {
    id: 'c',
    slug: 'night',
    name: 'Night radio',
    description: 'Songs.',
    live: { id: 's', title: 'Tonight', description: '', thumbnailUrl: '/media/thumbnails/s/640.jpg?v=m1' },
  },
  playback: { url: '/hls/t/s/main.m3u8' },
  offers: { offers: [{ name: 'Friends' }] },
  upcoming: null,
}

const channel = { id: 'c', name: 'Night radio' }
const bread = {
  id: 's',
  title: 'Bread',
  description: 'Rye.',
  visibility: 'ticket',
  pictureUrl: '/media/pictures/p/640.jpg',
  channel,
}
const shows: Record<string, typeof bread> = { BREAD: bread, HIDDEN: { ...bread, visibility: 'unlisted' } }

function web(dir = distDir) {
  const { routes, notFound } = createWeb({
    distDir: dir,
    publicUrl: 'https://tv.example',
    watchPage: async (slug) => (slug === 'night' ? night : null),
    embedPage: async (slug) => (slug === 'night' ? night : null),
    showPage: async (code) => (shows[code] ? { show: shows[code], offers: null } : null),
    homePage: async () => ({ channels: { channels: [{ name: 'Night radio' }] }, upcoming: null }),
    studioPage: async (slug, c) =>
      c.req.header('cookie')
        ? { user: { name: 'Anna' }, channel: slug ? { name: 'Night radio' } : null, node: null }
        : null,
  })
  routes.notFound((c) => notFound(c))
  return routes
}

test('the watch page comes with its head, its first data and the player already asked for', async () => {
  const response = await web().request('/c/night')
  const html = await response.text()
  expect(response.status).toBe(200)
  expect(html).toContain('<title>Tonight · Footlight</title>')
  expect(html).toContain('<link rel="canonical" href="https://tv.example/c/night" />')
  expect(html).toContain('<meta property="og:image" content="https://tv.example/media/thumbnails/s/1280.jpg?v=m1" />')
  expect(html).toContain('data-path="/c/night">{"channel":')
  expect(html).toContain('<link rel="modulepreload" crossorigin href="/assets/player-def.js" />')
  expect(html).toContain('<link rel="modulepreload" crossorigin href="/assets/shared-ghi.js" />')
})

test('every page carries a policy with a nonce of its own, and is never stored', async () => {
  const [one, two] = await Promise.all([web().request('/'), web().request('/')])
  const policies = [one, two].map((response) => response.headers.get('content-security-policy') ?? '')
  expect(policies[0]).toMatch(/style-src 'self' 'nonce-[\w-]{22}'/)
  expect(policies[0]).not.toBe(policies[1])
  const nonce = /nonce-([\w-]+)/.exec(policies[0] ?? '')?.[1]
  expect(await one.text()).toContain(`<meta name="style-nonce" content="${nonce}" />`)
  expect(one.headers.get('cache-control')).toBe('no-store')
})

test('only the embed page may be framed by other sites, and it stays out of search engines', async () => {
  for (const path of ['/embed/night', '/embed/nobody']) {
    const response = await web().request(path)
    expect(response.headers.get('content-security-policy')).toContain('frame-ancestors *')
    expect(response.headers.get('x-frame-options')).toBeNull()
    expect(await response.text()).toContain('noindex')
  }
  for (const path of ['/', '/c/night', '/studio', '/sign-in', '/embed', '/embed/night/more']) {
    const response = await web().request(path, { headers: { cookie: 'signed=in' } })
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  }
})

test('the embed page comes with its first data and the player; the watch page says where to learn of it', async () => {
  const embed = await (await web().request('/embed/night')).text()
  expect(embed).toContain('data-path="/embed/night">{"channel":')
  expect(embed).toContain('<link rel="modulepreload" crossorigin href="/assets/player-def.js" />')
  expect(await (await web().request('/c/night')).text()).toContain(
    '<link rel="alternate" type="application/json+oembed" ' +
      'href="https://tv.example/oembed?url=https%3A%2F%2Ftv.example%2Fc%2Fnight" title="Tonight" />',
  )
})

test('unknown channels and addresses are pages too, with status 404', async () => {
  for (const path of ['/c/nobody', '/no/such/page']) {
    const response = await web().request(path)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('<div id="page">')
  }
})

test.each([
  ['/setup', 'Set up'],
  ['/sign-in', 'Sign in'],
  ['/register', 'Register'],
  ['/account', 'Account'],
  ['/studio', 'Studio'],
  ['/studio/night', 'Night radio, studio'],
])('%s is a private page', async (path, title) => {
  const html = await (await web().request(path, { headers: { cookie: 'signed=in' } })).text()
  expect(html).toContain(`<title>${title} · Footlight</title>`)
  expect(html).toContain('noindex')
})

test('the studio sends a stranger to sign in and back', async () => {
  const response = await web().request('/studio/night')
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('/sign-in?next=%2Fstudio%2Fnight')
})

test.each([
  ['br, gzip', 'br', 'brotli'],
  ['gzip', 'gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
  ['', null, 'plain'],
])('an asset is sent as the browser can take it: %s', async (accepted, encoding, text) => {
  const response = await web().request('/assets/index-abc.js', { headers: { 'accept-encoding': accepted } })
  expect(response.headers.get('content-encoding')).toBe(encoding)
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(await response.text()).toBe(text)
})

test.each(['/assets/nothing.js', '/assets/notes.txt', '/assets/..%2findex.html', '/assets/%2e%2e%2fmanifest.json'])(
  'nothing but built files is served: %s',
  async (path) => {
    expect((await web().request(path)).status).toBe(404)
  },
)

test('before a build the pages say what is missing', async () => {
  const response = await web(join(distDir, 'nowhere')).request('/')
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('npm run build:web')
})

test('a planned show unfolds under its own name; one in no list is in no search engine; none is a 404', async () => {
  const page = await (await web().request('/show/BREAD')).text()
  expect(page).toContain('<meta property="og:title" content="Bread – Night radio" />')
  expect(page).toContain('<meta property="og:description" content="Rye." />')
  expect(page).toContain('data-path="/show/BREAD"')
  expect(page).toContain('<meta property="og:image" content="https://tv.example/media/pictures/p/1280.jpg" />')
  expect(await (await web().request('/show/HIDDEN')).text()).toContain('<meta name="robots" content="noindex" />')
  expect((await web().request('/show/NONE')).status).toBe(404)
})

test('the worker that shows pushes lies at the root, so that its scope is the site', async () => {
  const response = await web().request('/push-worker.js')
  expect(response.headers.get('content-type')).toContain('text/javascript')
  expect(await response.text()).toContain("addEventListener('push'")
})
