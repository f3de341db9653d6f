import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { Secret } from './secret.ts'

const CIPHER = 'aes-256-gcm'
const NONCE = 12
const TAG = 16

export type Seal = ReturnType<typeof createSeal>

/** For what must lie in the database and be read back: without the node's secret it is noise, and cannot be altered. */
export function createSeal(secret: Secret) {
  const key = createHash('sha256').update(`seal ${secret.reveal()}`).digest()

  function seal(value: Secret): string {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv(CIPHER, key, nonce)
    const text = Buffer.concat([cipher.update(value.reveal(), 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
  }

  /** Null: not sealed by this node's secret. */
  function open(sealed: string): Secret | null {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < NONCE + TAG) return null
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE))
    decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()])
      return new Secret(text.toString('utf8'))
    } catch {
      return null
    }
  }

  return { seal, open }
}
