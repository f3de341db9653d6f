import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Lockfile {
  packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }>
}

// `npm ci` refuses a lockfile in which a binary of another platform was left out, as some registries do.
test('the lockfile names every optional dependency, also those of other platforms', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile
  const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
  const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))

  expect(optional.length).toBeGreaterThan(0)
  expect(optional.filter((name) => !names.has(name))).toEqual([])
})
