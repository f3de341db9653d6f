import { dictionary } from '@zxcvbn-ts/language-common'
import { DomainError } from '../platform/errors.ts'

export const PASSWORD = { min: 8, max: 128 }

/** Of the 49 000 most common ones in the list, those long enough to be accepted otherwise: about 18 000, in memory. */
const common = new Set(dictionary['passwords-common'].filter(({ length }) => length >= PASSWORD.min))

/** Refused: what is tried first by everybody who guesses, and the owner's own address or name. */
export function requireUncommon(password: string, ...known: string[]): void {
  const small = password.toLowerCase()
  const isKnown = known.some((word) => word.toLowerCase() === small)
  if (!isKnown && !common.has(small) && new Set(small).size >= 4) return
  throw new DomainError(
    'invalid',
    'common_password',
    'This password is among the first anybody would try; choose another.',
    [{ field: 'password', message: 'too common' }],
  )
}
