import { createHmac, timingSafeEqual } from 'node:crypto'
import { DomainError } from '../platform/errors.ts'
import type { Secret } from '../platform/secret.ts'

/** Stripe's own: what was signed longer ago is a replay. */
const TOLERANCE_S = 300

/** `t=<seconds>,v1=<hmac>` over time and body, the scheme Stripe signs with. */
export function sign(body: string, secret: Secret, now: number): string {
  const seconds = Math.floor(now / 1_000)
  return `t=${seconds},v1=${hmac(`${seconds}.${body}`, secret)}`
}

export function requireSigned(body: string, header: string | null, secret: Secret, now: number): void {
  const [, seconds, given] = /^t=(\d{1,12}),v1=([\da-f]{64})$/.exec(header ?? '') ?? []
  const wrong = new DomainError('bad_request', 'bad_signature', 'This is not signed, or not by us, or too long ago.')
  if (seconds === undefined || given === undefined) throw wrong
  const expected = hmac(`${seconds}.${body}`, secret)
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) throw wrong
  if (Math.abs(now / 1_000 - Number(seconds)) > TOLERANCE_S) throw wrong
}

function hmac(text: string, secret: Secret): string {
  return createHmac('sha256', secret.reveal()).update(text).digest('hex')
}
