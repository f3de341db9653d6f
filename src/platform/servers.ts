import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Logger } from './logger.ts'

/** Both kinds of server speak the same request and response. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

interface ServersOptions {
  http: { host: string; port: number }
  https: { port: number; certFile: string; keyFile: string } | null
  listener: Listener
  logger: Logger
}

export type Servers = ReturnType<typeof createServers>

/** How long answers under way may take when the node stops. */
const GRACE_MS = 3_000
/** Who neither sends nor takes anything for so long is let go. Longer than any answer is held back on purpose. */
const STALLED_MS = 30_000
/** A certificate is renewed under the same name; looking costs nothing. */
const RENEWAL_MS = 60 * 60 * 1_000

/**
 * The raw Node servers: HTTP/1.1 always, and where there is a certificate HTTP/2 (with HTTP/1.1 for those who ask, as
 * WebSockets do). Attach to them before `start`.
 */
export function createServers({ http: at, https: secureAt, listener, logger }: ServersOptions) {
  const http = createServer({ keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 120_000 }, listener)
  const https = secureAt
    ? createSecureServer({ allowHTTP1: true, ...certificate(secureAt) }, (request, response) =>
        // The compatibility layer of http2 offers what our listeners use of http.
        listener(request as unknown as IncomingMessage, response as unknown as ServerResponse),
      )
    : null
  http.setTimeout(STALLED_MS)
  https?.on('stream', (stream) => stream.setTimeout(STALLED_MS, () => stream.destroy()))
  const sockets = new Set<Socket>()
  const all: Server[] = https ? [http, https] : [http]
  for (const server of all) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  }
  const sessions = new Set<ServerHttp2Session>()
  https?.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  let renewal: NodeJS.Timeout | undefined

  function renew(): void {
    if (!https || !secureAt) return
    try {
      https.setSecureContext(certificate(secureAt))
    } catch (error) {
      logger.warn({ err: error }, 'the certificate could not be read again; the one in use stays')
    }
  }

  async function start(): Promise<{ http: number; https: number | null }> {
    await listen(http, at.port, at.host)
    if (https && secureAt) {
      await listen(https, secureAt.port, at.host)
      renewal = setInterval(renew, RENEWAL_MS).unref()
    }
    return { http: portOf(http), https: https && portOf(https) }
  }

  /** No new connections; answers under way get a moment; then whatever is left is cut. */
  async function stop(): Promise<void> {
    clearInterval(renewal)
    const closed = all.filter((server) => server.listening).map((server) => closing(server))
    http.closeIdleConnections()
    for (const session of sessions) session.close()
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, GRACE_MS)
    await Promise.all(closed)
    clearTimeout(cut)
  }

  return { http, https, start, stop }
}

function certificate({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  try {
    const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    createSecureContext(pair) // throws when the two do not belong together
    return pair
  } catch (error) {
    const reason = error instanceof Error ? error.message : error
    throw new Error(`TLS_CERT_FILE ${certFile} and TLS_KEY_FILE ${keyFile} cannot be used: ${reason}`, { cause: error })
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}
