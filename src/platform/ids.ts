import { randomInt } from 'node:crypto'
import { v7 } from 'uuid'

/** A text id that sorts by the time it was made (UUID version 7, RFC 9562 section 5.7). */
export function newId(): string {
  return v7()
}

// Without 0/O, 1/I/L and U: nothing is misread from a screen or spells a word by chance.
const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A short code a person can read aloud, e.g. a session's public code. 30^10 possibilities by default. */
export function newCode(length = 10): string {
  return Array.from({ length }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('')
}
