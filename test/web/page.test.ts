import { expect, test } from 'vitest'
import { contentSecurityPolicy, type PageHead, renderPage } from '../../src/web/page.ts'

const template = '<head><!--head--></head><body><!--first-data--></body>'
const head: PageHead = {
  title: 'Night radio',
  description: 'Songs until two.',
  url: 'https://tv.example/c/night',
  kind: 'video.other',
  isPrivate: false,
  preload: ['assets/player-1.js'],
}

test('a public page names itself for people, searchers and link previews', () => {
  expect(renderPage(template, head, null, 'n0nce')).toBe(`<head><title>Night radio · Footlight</title>
    <meta name="description" content="Songs until two." />
    <meta name="style-nonce" content="n0nce" />
    <link rel="canonical" href="https://tv.example/c/night" />
    <meta property="og:site_name" content="Footlight" />
    <meta property="og:type" content="video.other" />
    <meta property="og:title" content="Night radio" />
    <meta property="og:description" content="Songs until two." />
    <meta property="og:url" content="https://tv.example/c/night" />
    <meta name="twitter:card" content="summary" />
    <link rel="modulepreload" crossorigin href="/assets/player-1.js" /></head><body></body>`)
})

test('a picture is what a link preview shows large', () => {
  const html = renderPage(template, { ...head, image: 'https://tv.example/1280.jpg?v=1&x="' }, null, 'n')
  expect(html).toContain('<meta property="og:image" content="https://tv.example/1280.jpg?v=1&amp;x=&quot;" />')
  expect(html).toContain('<meta name="twitter:card" content="summary_large_image" />')
  expect(
    renderPage(template, { ...head, isPrivate: true, image: 'https://tv.example/1.jpg' }, null, 'n'),
  ).not.toContain('og:image')
})

test('a page for one person is kept out of search engines', () => {
  const html = renderPage(template, { ...head, isPrivate: true }, null, 'n')
  expect(html).toContain('<meta name="robots" content="noindex" />')
  expect(html).not.toContain('og:')
  expect(html).not.toContain('canonical')
})

test('what a broadcaster wrote stays text, in the head and in the first data', () => {
  const evil = `</title></script><script>alert('1')</script>"<!--head--> $& $1`
  const html = renderPage(
    template,
    { ...head, title: evil, description: evil, url: 'https://tv.example/c/"><script>' },
    { path: '/c/"><b>', value: { title: evil } },
    'n',
  )
  expect(html).not.toContain('<script>')
  expect(html).not.toContain('<b>')
  expect(html.match(/<title>/g)).toHaveLength(1)
  const json = /<script type="application\/json"[^>]*>(.*?)<\/script>/.exec(html)?.[1] ?? ''
  expect(JSON.parse(json)).toEqual({ title: evil })
})

test('a long description is cut at a word', () => {
  const html = renderPage(template, { ...head, description: 'word '.repeat(100) }, null, 'n')
  const description = /name="description" content="([^"]*)"/.exec(html)?.[1] ?? ''
  expect(description.length).toBeLessThanOrEqual(200)
  expect(description).toMatch(/word…$/)
})

test('the policy lets nothing inline run', () => {
  const policy = contentSecurityPolicy('abc')
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("style-src 'self' 'nonce-abc'")
  expect(policy).not.toContain('unsafe')
})
