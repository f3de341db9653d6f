import { expect, test } from 'vitest'
import { match } from '../../src/web/client/routes.ts'

test.each([
  ['/', '/', {}],
  ['/c/:slug', '/c/night', { slug: 'night' }],
  ['/c/:slug', '/c/night/', { slug: 'night' }],
  ['/c/:slug', '/c/n%C3%A4he', { slug: 'nähe' }],
  ['/c/:slug', '/c/%E0%A4%A', { slug: '%E0%A4%A' }],
  ['/c/:slug', '/c', null],
  ['/c/:slug', '/c/', null],
  ['/c/:slug', '/c/night/more', null],
  ['/studio', '/studio', {}],
  ['/studio', '/c', null],
])('%s against %s', (pattern, path, found) => {
  expect(match(pattern, path)).toEqual(found)
})
