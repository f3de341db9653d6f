/**
 * Words a channel holds or refuses. What people write to slip past is folded away first: accents, look-alike letters,
 * digits for letters, spaces and dots between letters, letters drawn out. Patterns are plain words, with `*` for
 * anything; nothing is compiled to a regular expression, and no match takes a step back. Pure.
 */
const LOOK_ALIKES: Record<string, string> = Object.fromEntries(
  [
    ['a', 'аαɑ4@'],
    ['b', 'вβь8'],
    ['c', 'сϲ¢'],
    ['d', 'ԁ'],
    ['e', 'еεєҽ3€'],
    ['g', 'ɡ9'],
    ['h', 'һн'],
    ['i', 'іιӏɪ1!|ı'],
    ['j', 'ј'],
    ['k', 'кκ'],
    ['l', 'ⅼ'],
    ['m', 'м'],
    ['n', 'пη'],
    ['o', 'оοσ0ø'],
    ['p', 'рρ'],
    ['s', 'ѕ5$'],
    ['t', 'тτ7+'],
    ['u', 'υцµ'],
    ['v', 'ν'],
    ['w', 'ԝω'],
    ['x', 'хχ'],
    ['y', 'уγү'],
  ].flatMap(([plain, others]) => [...others!].map((other) => [other, plain!])),
)

const SIGN = /[^\p{L}\p{N}]/u

/** The longest pattern, letters; also how far words standing apart are joined. */
export const PATTERN_LENGTH = 40

/** Without `signs` a sign parts words, as the one that ends "darn!"; with them it is the letter it looks like. */
function fold(text: string, signs = true): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
  let folded = ''
  for (const letter of plain) folded += signs || !SIGN.test(letter) ? (LOOK_ALIKES[letter] ?? letter) : letter
  return folded
}

const words = (folded: string) => folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')

/** Runs of three and more of one letter become `times` of it. */
function shorten(text: string, times: number): string {
  return text.replace(/(.)\1\1+/gu, (run) => [...run].slice(0, times).join(''))
}

/** Does `word` hold these pieces in this order? The greedy choice is the right one, so nothing is tried twice. */
function fits(word: string, pieces: readonly string[]): boolean {
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (word.length < first.length + last.length || !word.startsWith(first) || !word.endsWith(last)) return false
  let from = first.length
  const end = word.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const at = word.indexOf(piece, from)
    if (at === -1 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}

/** Gives back a function that names the first pattern a text falls under, or null. */
export function createWordFilter(patterns: readonly string[]): (text: string) => string | null {
  const whole = new Map<string, string>()
  const wild: { pieces: string[]; pattern: string }[] = []
  for (const pattern of patterns) {
    const pieces = pattern.split('*').map((piece) => words(fold(piece)).join(''))
    if (pieces.join('') === '') continue
    if (pieces.length === 1) whole.set(pieces[0]!, pattern)
    else wild.push({ pieces, pattern })
  }

  function find(found: string[]): string | null {
    for (let start = 0; start < found.length; start++) {
      // Letters or halves set apart are read as one word too: it must begin and end where a written word does.
      let joined = ''
      for (let end = start; end < found.length && joined.length <= PATTERN_LENGTH; end++) {
        joined += found[end]
        const pattern = whole.get(joined)
        if (pattern) return pattern
      }
    }
    const spelled = joinLetters(found)
    for (const { pieces, pattern } of wild) if (spelled.some((word) => fits(word, pieces))) return pattern
    return null
  }

  return (text) => {
    if (whole.size + wild.length === 0) return null
    const readings = new Set([fold(text), fold(text, false)].flatMap((as) => [as, shorten(as, 1), shorten(as, 2)]))
    for (const reading of readings) {
      const pattern = find(words(reading))
      if (pattern) return pattern
    }
    return null
  }
}

/** "b a d" is one word for a pattern with `*`. */
function joinLetters(found: readonly string[]): string[] {
  const joined: string[] = []
  let run = ''
  for (const word of found) {
    if (word.length === 1) run += word
    else {
      if (run) joined.push(run)
      run = ''
      joined.push(word)
    }
  }
  if (run) joined.push(run)
  return joined
}

const ENDINGS =
  'com|org|net|io|gg|tv|me|co|ru|de|fr|uk|info|biz|xyz|top|site|online|shop|link|live|club|app|dev|ly|to|cc'
const LINK = new RegExp(
  `https?://|\\bwww\\.|[\\p{L}\\p{N}-]{2,63}\\.(?:${ENDINGS})(?![\\p{L}\\p{N}])|\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b`,
  'iu',
)

/** Whether a text holds an address, with or without `https://`. */
export function holdsLink(text: string): boolean {
  return LINK.test(text.normalize('NFKC').replace(/\p{Cf}/gu, ''))
}
