/** A whole node in this process, asked without a network in between: everybody from an address of their own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../config/config.ts'
import { createApp } from '../../src/app.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { makeDatabase } from './database.ts'
import { cookiesOf, OURS, PASSWORD } from './people.ts'

export const OWNER = { email: 'owner@example.org', password: PASSWORD }

export interface Asked {
  /** A bearer word. */
  as?: string | null
  /** Sent as JSON, unless it is text with a type of its own. */
  body?: unknown
  headers?: Record<string, string>
}

export type WholeNode = Awaited<ReturnType<typeof startWholeNode>>

/** Where a node lives: its folder and its database, which outlive a run of it. */
export interface Home {
  dir: string
  url: string
  drop(): Promise<void>
}

export async function makeHome(): Promise<Home> {
  const dir = mkdtempSync(join(tmpdir(), 'footlight-whole-'))
  const { url, drop } = await makeDatabase()
  return {
    dir,
    url: url === ':memory:' ? `file:${join(dir, 'node.db')}` : url,
    async drop() {
      await drop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Without a home it makes one, and leaves none behind. */
export async function startWholeNode(kept?: Home, logger = createLogger('silent')) {
  const home = kept ?? (await makeHome())
  const config = loadConfig({
    ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', RTMP_HOST: '127.0.0.1', RTMP_PORT: '0', RTMPS_PORT: '0' },
    ...{ DATA_DIR: home.dir, MEDIA_ROOT: join(home.dir, 'media'), DATABASE_URL: home.url, PUBLIC_URL: OURS },
    ...{ OWNER_EMAIL: OWNER.email, OWNER_PASSWORD: OWNER.password },
  })
  const app = await createApp({ config, logger })
  const { ports } = await app.start()
  let peers = 0

  async function ask(method: string, path: string, { as, body, headers = {} }: Asked = {}) {
    const isPicture = body instanceof Uint8Array
    const isReady = typeof body === 'string' || isPicture
    const given = new Headers(headers)
    if (body !== undefined && !isReady) given.set('content-type', 'application/json')
    if (isPicture) given.set('content-type', 'image/png')
    if (as) given.set('authorization', `Bearer ${as}`)
    const init = { method, headers: given, body: body === undefined || isReady ? (body ?? null) : JSON.stringify(body) }
    const n = ++peers
    const peer = { incoming: { socket: { remoteAddress: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` } } }
    const response = await app.hono.request(OURS + path, init, peer)
    const text = await response.text()
    return { status: response.status, text, headers: response.headers }
  }

  /** The answer's body, for calls that must succeed. */
  async function made<Answer = Record<string, string>>(
    method: string,
    path: string,
    as: string | null,
    body?: unknown,
  ): Promise<Answer> {
    const { status, text } = await ask(method, path, { as, body })
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${text}`)
    return text === '' ? (null as Answer) : JSON.parse(text)
  }

  async function signIn(email: string): Promise<string> {
    return (await made<{ token: string }>('POST', '/api/auth/sign-in/email', null, { email, password: PASSWORD })).token
  }

  /** What a browser would send from then on. */
  async function cookieOf(email: string): Promise<string> {
    const { headers } = await ask('POST', '/api/auth/sign-in/email', { body: { email, password: PASSWORD } })
    return cookiesOf(headers)
  }

  const admin = await signIn(OWNER.email)

  /** Registers, reads the mail, and is made what they are to be. */
  async function person(name: string, role: 'viewer' | 'creator') {
    const email = `${name.toLowerCase()}@example.org`
    await made('POST', '/api/auth/sign-up/email', null, { email, password: PASSWORD, name })
    const { mail } = await made<{ mail: { to: string; text: string }[] }>('GET', '/api/operator/mail', admin)
    const token = /\?token=([\w-]+)/.exec(mail.find(({ to }) => to === email)?.text ?? '')?.[1]
    const { user } = await made<{ user: { id: string } }>('POST', '/api/auth/verify', null, { token })
    await made('PATCH', `/api/users/${user.id}`, admin, { role })
    return { id: user.id, email, as: await signIn(email) }
  }

  async function stop(): Promise<void> {
    await app.stop()
    if (!kept) await home.drop()
  }

  /** Over the network, for what needs it: media and sockets. */
  const at = `http://127.0.0.1:${ports.http}`
  return { at, ask, made, signIn, cookieOf, person, admin, stop }
}
