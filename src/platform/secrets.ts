import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Secret } from './secret.ts'

const NAMES = ['auth', 'playback', 'money', 'notices', 'push'] as const
type Secrets = Record<(typeof NAMES)[number], Secret>

const File = z.record(z.string(), z.string().min(32))

/**
 * What nobody gave is made at first start and kept in `secrets.json`, readable by the node's user alone. Without a
 * folder (a demo) it lasts as long as the process.
 */
export async function loadSecrets(dataDir: string | null): Promise<Secrets> {
  const path = dataDir && join(dataDir, 'secrets.json')
  const kept = path ? await readKept(path) : {}
  const all = Object.fromEntries(NAMES.map((name) => [name, kept[name] ?? randomBytes(32).toString('base64url')]))
  if (dataDir && path && NAMES.some((name) => kept[name] === undefined)) {
    await mkdir(dataDir, { recursive: true })
    await writeFile(`${path}.new`, `${JSON.stringify({ ...kept, ...all }, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  if (path) await chmod(path, 0o600)
  const secret = (name: keyof Secrets) => new Secret(all[name]!)
  return {
    auth: secret('auth'),
    playback: secret('playback'),
    money: secret('money'),
    notices: secret('notices'),
    push: secret('push'),
  }
}

async function readKept(path: string): Promise<Record<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return File.parse(JSON.parse(text))
  } catch {
    // The parser's own message would quote the file.
    throw new Error(`${path} cannot be read; put it back from a backup, or remove it and everybody signs in anew`)
  }
}
