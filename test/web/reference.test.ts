import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { neverStored } from '../../src/platform/http.ts'
import { referenceRoutes } from '../../src/web/web.ts'

const app = new Hono().use('/api/*', neverStored).route('/', referenceRoutes())

test('every file of the page comes from this origin', async () => {
  const page = await app.request('/api/docs')
  const html = await page.text()
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!)
  expect(files).toHaveLength(3)
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style=|\/\//)
  expect(page.headers.get('content-security-policy')).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  )
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  for (const file of files) expect((await app.request(file)).status, file).toBe(200)
})

test('the library is kept by browsers and packed for those who take it; nothing else of it is shown', async () => {
  const html = await (await app.request('/api/docs')).text()
  const style = /href="([^"]+\.css)"/.exec(html)![1]!
  const packed = await app.request(style, { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(packed.headers.get('cache-control')).toContain('immutable')
  const plain = await app.request(style)
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(Number(plain.headers.get('content-length'))).toBeGreaterThan(Number(packed.headers.get('content-length')))
  for (const other of ['package.json', '..%2Fpackage.json', 'index.html']) {
    expect((await app.request(style.replace('swagger-ui.css', other))).status, other).toBe(404)
  }
  expect((await app.request(style.replace(/docs\/[^/]+/, 'docs/0.0.0'))).status).toBe(404)
})
