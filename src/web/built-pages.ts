import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { z } from 'zod'

export interface Asset {
  type: string
  plain: Uint8Array<ArrayBuffer>
  gz: Uint8Array<ArrayBuffer> | null
  br: Uint8Array<ArrayBuffer> | null
}

export type BuiltPages = NonNullable<ReturnType<typeof readBuiltPages>>

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

const Manifest = z.record(z.string(), z.object({ file: z.string(), imports: z.array(z.string()).optional() }))

/** What Vite made: the page's template, its hashed files, and which of them a page will need. Null before a build. */
export function readBuiltPages(distDir: string) {
  if (!existsSync(join(distDir, 'index.html'))) return null
  const template = readFileSync(join(distDir, 'index.html'), 'utf8')
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(distDir, 'manifest.json'), 'utf8')))
  const names = new Set(readdirSync(join(distDir, 'assets')))
  const kept = new Map<string, Asset>()

  function read(name: string): Uint8Array<ArrayBuffer> | null {
    return names.has(name) ? new Uint8Array(readFileSync(join(distDir, 'assets', name))) : null
  }

  /** Read once, when first asked for. Only names that are there are ever looked at, so no path can lead elsewhere. */
  function asset(name: string): Asset | null {
    const known = kept.get(name)
    if (known) return known
    const type = types[extname(name)]
    const plain = type === undefined ? null : read(name)
    if (type === undefined || plain === null) return null
    const found = { type, plain, gz: read(`${name}.gz`), br: read(`${name}.br`) }
    kept.set(name, found)
    return found
  }

  /** The built files of a module that is loaded on its own, with those it stands on. */
  function filesOf(module: string): string[] {
    const entry = manifest[module]
    return entry ? [entry.file, ...(entry.imports ?? []).flatMap(filesOf)] : []
  }

  return { template, asset, filesOf }
}
