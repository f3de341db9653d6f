/** What a container gets and is told stays true to the program; building one takes a container engine and is done by hand. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Env } from '../config/config.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
const dockerfile = read('Dockerfile')
const compose = read('config/compose/compose.yaml')

test('the image runs Node as scripts/lib.sh does', () => {
  const [, option] = /NODE_OPTIONS="(\S+) /.exec(read('scripts/lib.sh'))!
  expect(dockerfile).toContain(`NODE_OPTIONS=${option}`)
  const major = /NODE_VERSION=(\d+)/.exec(read('scripts/lib.sh'))![1]
  expect([...dockerfile.matchAll(/FROM node:(\d+)/g)].map((match) => match[1])).toEqual([major, major])
})

test('what the image copies is there and is not kept out of it', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) => match[1]!.split(' '))
  const keptOut = read('.dockerignore').trim().split('\n')
  expect(copied).toEqual(expect.arrayContaining(['config', 'migrations', 'src']))
  expect(copied.filter((path) => !existsSync(join(import.meta.dirname, '..', path)))).toEqual([])
  expect(copied.filter((path) => keptOut.includes(path))).toEqual([])
  expect(keptOut).toEqual(expect.arrayContaining(['.git', 'data', 'media', 'node_modules', '.env']))
})

test('what image and compose file set is a setting', () => {
  const settings = new Set(Object.keys(Env.shape))
  const image = [...dockerfile.matchAll(/^(?:ENV)?\s+([A-Z_]+)=/gm)].map((match) => match[1]!)
  const composed = [...compose.matchAll(/^ {6}([A-Z_]+): /gm)].map((match) => match[1]!)
  expect(composed).toContain('TRUSTED_PROXIES')
  expect([...image.filter((name) => !name.startsWith('NODE_')), ...composed].filter((n) => !settings.has(n))).toEqual(
    [],
  )
})

test('the compose file mounts what is there', () => {
  const mounted = [...compose.matchAll(/- (\.\.?\/[^:\n]+):/g)].map((match) => match[1]!)
  expect(mounted).toEqual(['../nginx/footlight.conf'])
  for (const path of mounted) expect(existsSync(join(import.meta.dirname, '../config/compose', path)), path).toBe(true)
})

test('in the compose file nginx finds the node, and the node believes nginx alone', () => {
  const [node, nginx] = [...compose.matchAll(/ipv4_address: (\S+)/g)].map((match) => match[1]!)
  const [, here, there] = /sed s\/([^/]+)\/([^/]+)\/ /.exec(compose)!
  expect(read('config/nginx/footlight.conf')).toContain(`server ${here};`)
  expect(there).toBe(`${node}:${Env.shape.HTTP_PORT.parse(undefined)}`)
  expect(compose).toContain(`TRUSTED_PROXIES: ${nginx}\n`)
})
