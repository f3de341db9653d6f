/**
 * Playback tokens: the short-lived proof that a viewing was allowed. A token is a path segment of every media address,
 * bound to one session, and is checked without the database: by HMAC the first time, then from a bounded Map.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Secret } from '../platform/secret.ts'
import { packIds, unpackIds } from './token-ids.ts'

/** One allowed viewing. `mark` is the slot the audience gave it at its first fetch, -1 before. */
export interface Viewing {
  readonly viewingId: string
  readonly sessionId: string
  readonly userId: string | null
  readonly expiresAt: number
  mark: number
}

export type Invalid = 'unknown' | 'expired' | 'withdrawn'

export type Playback = ReturnType<typeof createPlayback>

interface Options {
  secret: Secret
  clock: Clock
  /** How long a token is good, milliseconds. */
  ttlMs?: number
  /** How many verified tokens are remembered; the oldest is forgotten, and verified anew when it comes again. */
  capacity?: number
}

/** 128 bits: what RFC 2104 section 5 asks of a truncated HMAC-SHA256 at the least. */
const MAC_BYTES = 16
const EXPIRY_BYTES = 4
const LONGEST_TOKEN = 600
const DAY_MS = 86_400_000

export function createPlayback({ secret, clock, ttlMs = DAY_MS, capacity = 100_000 }: Options) {
  const verified = new Map<string, Viewing>()
  const withdrawn = new Map<string, number>()

  // The session is under the seal but not in the token: it stands beside it in the address.
  function seal(body: Buffer, sessionId: string): Buffer {
    const mac = createHmac('sha256', secret.reveal()).update('playback 1\0').update(sessionId).update('\0').update(body)
    return mac.digest().subarray(0, MAC_BYTES)
  }

  function remember(token: string, viewing: Viewing): void {
    if (verified.size >= capacity) {
      for (const oldest of verified.keys()) {
        verified.delete(oldest)
        break
      }
    }
    verified.set(token, viewing)
  }

  function issue(viewing: { sessionId: string; userId: string | null; viewingId: string }) {
    const expiresAt = (Math.floor(clock.now() / 1000) + Math.floor(ttlMs / 1000)) * 1000
    const expiry = Buffer.alloc(EXPIRY_BYTES)
    expiry.writeUInt32BE(expiresAt / 1000)
    const body = Buffer.concat([expiry, packIds([viewing.viewingId, viewing.userId])])
    const token = Buffer.concat([body, seal(body, viewing.sessionId)]).toString('base64url')
    remember(token, { ...viewing, expiresAt, mark: -1 })
    return { token, expiresAt }
  }

  /** Asked at every media request: well under a microsecond once the token is known. */
  function verify(token: string, sessionId: string): Viewing | Invalid {
    const viewing = verified.get(token) ?? open(token, sessionId)
    if (viewing === null || viewing.sessionId !== sessionId) return 'unknown'
    if (viewing.expiresAt <= clock.now()) {
      verified.delete(token)
      return 'expired'
    }
    return withdrawn.size > 0 && withdrawn.has(viewing.viewingId) ? 'withdrawn' : viewing
  }

  function open(token: string, sessionId: string): Viewing | null {
    if (token.length > LONGEST_TOKEN) return null
    const bytes = Buffer.from(token, 'base64url')
    // One viewing, one spelling: base64url also reads padding, strays and unused last bits. And a string of its own:
    // the one that came is a slice that would keep its whole address in memory.
    const spelling = bytes.toString('base64url')
    if (bytes.length <= EXPIRY_BYTES + MAC_BYTES || spelling !== token) return null
    const body = bytes.subarray(0, -MAC_BYTES)
    if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), seal(body, sessionId))) return null
    const [viewingId, userId] = unpackIds(body.subarray(EXPIRY_BYTES))
    if (!viewingId) return null
    const viewing = { viewingId, sessionId, userId: userId ?? null, expiresAt: body.readUInt32BE() * 1000, mark: -1 }
    if (viewing.expiresAt > clock.now()) remember(spelling, viewing)
    return viewing
  }

  /** From this moment the viewing's token is refused. Kept in memory for as long as any token could still be good. */
  function withdraw(viewingId: string): void {
    const now = clock.now()
    for (const [id, until] of withdrawn) {
      if (until > now) break
      withdrawn.delete(id)
    }
    withdrawn.set(viewingId, now + ttlMs)
  }

  return { issue, verify, withdraw }
}
