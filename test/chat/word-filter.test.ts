import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWordFilter, holdsLink } from '../../src/chat/word-filter.ts'

test.each([
  ['plain', 'what a darn thing'],
  ['in capitals', 'DARN!'],
  ['with accents', 'dârñ it'],
  ['with letters of another alphabet', 'dаrn'],
  ['with digits and signs', 'd4rn and d@rn'],
  ['spelled out', 'd a r n'],
  ['with dots', 'so d.a.r.n it is'],
  ['in two halves', 'da rn'],
  ['drawn out', 'daaaarrrrn'],
  ['with invisible letters', 'da\u200brn'],
  ['in wide letters', 'ｄａｒｎ'],
])('a word is found %s', (_how, text) => {
  expect(createWordFilter(['darn'])(text)).toBe('darn')
})

test.each(['a darning needle', 'hard arnica', 'road arnold', ''])('it is not found in “%s”', (text) => {
  expect(createWordFilter(['darn'])(text)).toBe(null)
})

test.each([
  ['darn*', 'darnation', true],
  ['darn*', 'adarn', false],
  ['*darn', 'goddarn', true],
  ['*darn*', 'undarned', true],
  ['d*n', 'dxxxn', true],
  ['d*n', 'dxxxm', false],
  ['ab*ba', 'aba', false],
  ['*a*b*c*', 'xxaxxbxxcxx', true],
  ['*a*b*c*', 'xxcxxbxxaxx', false],
  ['dar*', 'd a r n', true],
  ['*', 'anything', false],
])('%s finds %s: %s', (pattern, text, isFound) => {
  expect(createWordFilter([pattern])(text) !== null).toBe(isFound)
})

test('whatever is written, a word of the list is found, and time grows with the text alone', () => {
  const filter = createWordFilter(['*a*a*a*a*a*a*b*', 'darn'])
  expect(filter('a'.repeat(100_000))).toBe(null)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      expect(filter(`${before} — darn — ${after}`)).not.toBe(null)
    }),
  )
})

test.each([
  'https://a.example',
  'see www.example',
  'go to example.com now',
  'EXAMPLE.COM/x',
  '10.0.0.1',
  'exa\u200bmple.com',
])('“%s” holds a link', (text) => expect(holdsLink(text)).toBe(true))
test.each(['no links here', 'well...ok', 'v1.2.3', 'I said so.Then left', 'command.common'])(
  '“%s” holds none',
  (text) => expect(holdsLink(text)).toBe(false),
)
