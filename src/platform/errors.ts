/** Why something was refused; each edge (HTTP, sockets, RTMP) translates the kind to its own status. */
export type RefusalKind =
  | 'bad_request'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'payment_required'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'unavailable'

/** An expected refusal: `code` is stable and for machines, `message` is fit to show a person. */
export class DomainError extends Error {
  readonly kind: RefusalKind
  readonly code: string
  readonly details: unknown

  constructor(kind: RefusalKind, code: string, message: string, details?: unknown) {
    super(message)
    this.name = 'DomainError'
    this.kind = kind
    this.code = code
    this.details = details
  }
}
