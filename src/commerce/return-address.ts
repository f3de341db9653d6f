import { DomainError } from '../platform/errors.ts'

/** A path of this site, whatever trick it is written with; anything that would lead elsewhere is refused. */
export function returnAddress(wanted: string, publicUrl: string): string {
  const { origin } = new URL(publicUrl)
  const isPath = wanted.startsWith('/') && URL.canParse(wanted, origin)
  const address = isPath ? new URL(wanted, origin) : null
  if (address?.origin !== origin || address.pathname.startsWith('//')) {
    throw new DomainError('invalid', 'foreign_return', 'The address to return to is not on this site.')
  }
  return `${address.pathname}${address.search}`
}
