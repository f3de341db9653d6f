/**
 * Playback tokens: the short-lived proof that a viewing was allowed. A token is a path segment of every media address,
 * bound to one session and one viewing, and needs no database to be read: expiry, the viewing's beginning and ids under
 * an HMAC.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../platform/secret.ts'
import { packIds, unpackIds } from './token-ids.ts'

export interface Claims {
  viewingId: string
  sessionId: string
  userId: string | null
  deviceId: string | null
  /** When the viewing began, milliseconds since 1970: what was withdrawn later ends it. */
  beganAt: number
  /** Whole seconds, as milliseconds since 1970. */
  expiresAt: number
}

/** 128 bits: what RFC 2104 section 5 asks of a truncated HMAC-SHA256 at the least. */
const MAC_BYTES = 16
const EXPIRY_BYTES = 4
const BEGINNING_BYTES = 6
const HEAD_BYTES = EXPIRY_BYTES + BEGINNING_BYTES
const LONGEST_TOKEN = 600

export type Tokens = ReturnType<typeof createTokens>

export function createTokens(secret: Secret) {
  // The session is under the seal but not in the token: it stands beside it in the address.
  function seal(body: Buffer, sessionId: string): Buffer {
    const mac = createHmac('sha256', secret.reveal()).update('playback 2\0').update(sessionId).update('\0').update(body)
    return mac.digest().subarray(0, MAC_BYTES)
  }

  function write({ viewingId, sessionId, userId, deviceId, beganAt, expiresAt }: Claims): string {
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt32BE(expiresAt / 1000)
    head.writeUIntBE(beganAt, EXPIRY_BYTES, BEGINNING_BYTES)
    const body = Buffer.concat([head, packIds([viewingId, userId, deviceId])])
    return Buffer.concat([body, seal(body, sessionId)]).toString('base64url')
  }

  /** Null when it was not written here, or for another session. `spelling` is a string of its own. */
  function read(token: string, sessionId: string): (Claims & { spelling: string }) | null {
    if (token.length > LONGEST_TOKEN) return null
    const bytes = Buffer.from(token, 'base64url')
    // One viewing, one spelling: base64url also reads padding, strays and unused last bits. And a string of its own:
    // the one that came is a slice that would keep its whole address in memory.
    const spelling = bytes.toString('base64url')
    if (bytes.length <= HEAD_BYTES + MAC_BYTES || spelling !== token) return null
    const body = bytes.subarray(0, -MAC_BYTES)
    if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), seal(body, sessionId))) return null
    const [viewingId, userId = null, deviceId = null] = unpackIds(body.subarray(HEAD_BYTES))
    if (!viewingId) return null
    const beganAt = body.readUIntBE(EXPIRY_BYTES, BEGINNING_BYTES)
    return { viewingId, sessionId, userId, deviceId, beganAt, expiresAt: body.readUInt32BE() * 1000, spelling }
  }

  return { write, read }
}
