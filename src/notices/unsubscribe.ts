/** The word behind "no more of these" in a mail: it names whom and which kind, and cannot be made by anybody else. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Secret } from '../platform/secret.ts'
import { KINDS, type Kind } from './kinds.ts'

const Named = z.tuple([z.string().min(1).max(64), z.enum(KINDS)])

export function createUnsubscribe(secret: Secret) {
  const seal = (body: string) => createHmac('sha256', secret.reveal()).update(`unsubscribe ${body}`).digest('base64url')

  function wordFor(userId: string, kind: Kind): string {
    const body = Buffer.from(`${userId} ${kind}`).toString('base64url')
    return `${body}.${seal(body)}`
  }

  /** Null for a word that is not ours. */
  function read(word: string): { userId: string; kind: Kind } | null {
    const [body = '', given = ''] = word.split('.')
    const expected = Buffer.from(seal(body))
    const sealed = Buffer.from(given)
    if (sealed.length !== expected.length || !timingSafeEqual(sealed, expected)) return null
    const [userId, kind] = Named.parse(Buffer.from(body, 'base64url').toString().split(' '))
    return { userId, kind }
  }

  return { wordFor, read }
}
