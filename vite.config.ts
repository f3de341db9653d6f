import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/**
 * media-chrome writes `<style>` into shadow roots by innerHTML, which a policy without 'unsafe-inline' refuses. Each gets
 * the nonce the server wrote into the page's head (see src/web/page.ts).
 */
function styleNonces(): Plugin {
  const nonce = `\${document.querySelector('meta[name=style-nonce]')?.content}`
  return {
    name: 'style-nonces',
    transform(code, id) {
      if (!/node_modules\/(?:media-chrome|custom-media-element)\//.test(id) || !code.includes('<style')) return null
      return { code: code.replaceAll(/<style(?=[ >])/g, `<style nonce="${nonce}"`), map: null }
    },
  }
}

/** Every text asset also as .br and .gz, so the server compresses nothing while it runs. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    // Vite itself still writes into the chunks at this stage: only writeBundle sees them as they are served.
    writeBundle(options, bundle) {
      for (const file of Object.values(bundle)) {
        if (!/\.(?:js|css|svg)$/.test(file.fileName)) continue
        const path = join(options.dir ?? '', file.fileName)
        const bytes = readFileSync(path)
        writeFileSync(`${path}.br`, brotliCompressSync(bytes))
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  root: 'src/web/client',
  publicDir: false,
  plugins: [styleNonces(), compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
})
