/** The reference page of the API at `/api/docs`: Swagger UI from our own origin, reading our own document. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hono } from 'hono'
import type { HttpEnv } from '../platform/http.ts'

const require = createRequire(import.meta.url)

/** Named by the library's version, so that a browser may keep them. */
const { version } = require('swagger-ui-dist/package.json') as { version: string }
const TYPES: Record<string, string> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
}

// It styles through the style object, which a policy without 'unsafe-inline' allows.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>API · Footlight</title>
    <link rel="stylesheet" href="/api/docs/${version}/swagger-ui.css" />
    <script src="/api/docs/${version}/swagger-ui-bundle.js" defer></script>
    <script src="/api/docs/start.js" defer></script>
  </head>
  <body>
    <div id="reference"></div>
  </body>
</html>
`

// Calls go to where the page came from, whatever PUBLIC_URL says: another origin is refused by the policy.
const START = `fetch('/api/openapi.json')
  .then((answer) => answer.json())
  .then((document) => {
    const spec = { ...document, servers: [{ url: location.origin }] }
    SwaggerUIBundle({ spec, dom_id: '#reference', deepLinking: true, validatorUrl: null, docExpansion: 'none' })
  })
`

interface Packed {
  plain: Uint8Array<ArrayBuffer>
  gz: Uint8Array<ArrayBuffer>
}

export function referenceRoutes() {
  const kept = new Map<string, Promise<Packed>>()

  /** Read and packed when first asked for: few ever ask. */
  function fileOf(name: string): Promise<Packed> {
    const known = kept.get(name)
    if (known) return known
    const read = readFile(require.resolve(`swagger-ui-dist/${name}`)).then(async (bytes) => ({
      plain: new Uint8Array(bytes),
      gz: new Uint8Array(await promisify(gzip)(bytes)),
    }))
    kept.set(name, read)
    return read
  }

  return new Hono<HttpEnv>()
    .get('/api/docs', (c) => c.html(PAGE, 200, { 'Content-Security-Policy': POLICY }))

    .get('/api/docs/start.js', (c) => c.body(START, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }))

    .get('/api/docs/:version/:name', async (c) => {
      const { version: wanted, name } = c.req.param()
      const type = TYPES[name]
      if (!type || wanted !== version) return c.notFound()
      const { plain, gz } = await fileOf(name)
      const isPacked = /\bgzip\b(?!;q=0(?![.\d]))/.test(c.req.header('accept-encoding') ?? '')
      return c.body(isPacked ? gz : plain, 200, {
        'Content-Type': type,
        'Content-Length': String((isPacked ? gz : plain).byteLength),
        'Cache-Control': 'public, max-age=31536000, immutable',
        Vary: 'Accept-Encoding',
        ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
      })
    })
}
