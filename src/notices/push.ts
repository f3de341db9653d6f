/**
 * Web push (RFC 8030, 8291, 8292). The addresses are what browsers, or whoever speaks for one, gave us: nothing but public
 * hosts over HTTPS is ever called. The node's key pair is made from its own secret, so it stays while the secret does.
 */
import { createECDH } from 'node:crypto'
import type { Agent } from 'node:https'
import webPush, { WebPushError } from 'web-push'
import type { Secret } from '../platform/secret.ts'

export interface PushAddress {
  endpoint: string
  p256dh: string
  auth: string
}

export interface PushOptions {
  /** 32 bytes as base64url: the private key. */
  secret: Secret
  publicUrl: string
  /** Which addresses may be called is its to say. */
  agent: Agent
}

const PATIENCE_MS = 10_000
/** What is not delivered by then is old news. */
const TTL_SECONDS = 3_600

export type Push = ReturnType<typeof createPush>

export function createPush({ secret, publicUrl, agent }: PushOptions) {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(Buffer.from(secret.reveal(), 'base64url'))
  const publicKey = pair.getPublicKey().toString('base64url')
  // Who answers for these pushes; the standard wants a mailto: or https: address.
  const subject = publicUrl.startsWith('https:') ? publicUrl : `mailto:operator@${new URL(publicUrl).hostname}`
  const vapidDetails = { subject, publicKey, privateKey: secret.reveal() }

  /** `gone`: the browser will not come back to this address. */
  async function send({ endpoint, p256dh, auth }: PushAddress, payload: object): Promise<'sent' | 'gone' | 'failed'> {
    try {
      const options = { vapidDetails, agent, TTL: TTL_SECONDS, timeout: PATIENCE_MS, urgency: 'high' as const }
      await webPush.sendNotification({ endpoint, keys: { p256dh, auth } }, JSON.stringify(payload), options)
      return 'sent'
    } catch (error) {
      return error instanceof WebPushError && [404, 410].includes(error.statusCode) ? 'gone' : 'failed'
    }
  }

  return { publicKey, send }
}
