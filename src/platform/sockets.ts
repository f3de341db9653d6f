/**
 * The Socket.IO server: who may connect, how much may be sent, and how an event of a room is answered. Rooms bring
 * their events in their own socket.ts, through `answer`.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import { Server, type Socket } from 'socket.io'
import { z } from 'zod'
import { type AddressOf, networkOf } from './client-address.ts'
import { DomainError } from './errors.ts'
import { isOurOrigin, requireNoNul } from './http.ts'
import type { Logger } from './logger.ts'

export type { Socket } from 'socket.io'

export type Sockets = ReturnType<typeof createSockets>

interface Options {
  publicUrl: string
  addressOf: AddressOf
  logger: Logger
  /** All sockets together, and those of one network: a /64 counts as one, as does a school behind one address. */
  maxSockets?: number
  maxPerNetwork?: number
}

/** What one socket may ask in ten seconds; a player asks once. */
const EVENTS_PER_WINDOW = 100
const WINDOW_MS = 10_000
/** The longest message taken from a client, bytes. */
const MAX_MESSAGE = 16 * 1024

export function createSockets({ publicUrl, addressOf, logger, maxSockets = 20_000, maxPerNetwork = 500 }: Options) {
  const perNetwork = new Map<string, number>()
  const io = new Server({
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => {
      const reason = whyNot(request)
      decide(reason, reason === null)
    },
  })

  function networkOfRequest(request: IncomingMessage): string {
    return networkOf(addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()))
  }

  function whyNot(request: IncomingMessage): string | null {
    const { origin, host } = request.headers
    // A browser always names the page it acts for; a program that names none carries nobody's cookie by accident.
    if (origin !== undefined && !isOurOrigin(origin, `http://${host}/`, publicUrl)) return 'wrong origin'
    if (new URL(request.url ?? '/', 'http://node').searchParams.has('sid')) return null
    if (io.engine.clientsCount >= maxSockets) return 'too many sockets'
    const fromThere = perNetwork.get(networkOfRequest(request)) ?? 0
    return fromThere >= maxPerNetwork ? 'too many sockets from this network' : null
  }

  function countNetwork(request: IncomingMessage, by: number): void {
    const network = networkOfRequest(request)
    const count = (perNetwork.get(network) ?? 0) + by
    if (count > 0) perNetwork.set(network, count)
    else perNetwork.delete(network)
  }

  io.on('connection', (socket) => {
    let windowStart = 0
    let events = 0
    socket.use((_event, next) => {
      const now = performance.now()
      if (now - windowStart > WINDOW_MS) {
        windowStart = now
        events = 0
      }
      if (++events > EVENTS_PER_WINDOW) socket.disconnect(true)
      else next()
    })
  })

  /** Over HTTP and HTTPS alike: every server attached shares the same rooms. */
  let attached = false
  function attach(server: HttpServer | Http2SecureServer): void {
    if (attached) {
      io.engine.attach(server as HttpServer, { path: '/socket.io' })
      return
    }
    attached = true
    io.attach(server as HttpServer)
    io.engine.on('connection', (client: { request: IncomingMessage; once(event: 'close', then: () => void): void }) => {
      const { request } = client
      countNetwork(request, 1)
      client.once('close', () => countNetwork(request, -1))
    })
  }

  /** Answers one kind of event: input is checked, a refusal reaches the asker, a fault is logged and told as `internal`. */
  function answer<Input extends z.ZodType>(
    socket: Socket,
    event: string,
    schema: Input,
    reply: (input: z.infer<Input>) => unknown,
  ): void {
    socket.on(event, async (payload: unknown, acknowledge: unknown) => {
      const tell = typeof acknowledge === 'function' ? acknowledge : () => undefined
      try {
        requireNoNul(payload)
        const input = schema.safeParse(payload)
        if (!input.success) throw new DomainError('invalid', 'invalid_input', z.prettifyError(input.error))
        tell((await reply(input.data)) ?? {})
      } catch (error) {
        if (error instanceof DomainError) {
          tell({ error: { code: error.code, message: error.message, details: error.details } })
          return
        }
        logger.error({ err: error, event }, 'a socket event failed')
        tell({ error: { code: 'internal', message: 'Something went wrong on our side.' } })
      }
    })
  }

  /** The network somebody is in, as the rate limits count it. */
  const networkOfSocket = (socket: Socket) => networkOfRequest(socket.request)

  async function close(): Promise<void> {
    io.disconnectSockets(true)
    if (attached) io.engine.close()
  }

  return { io, attach, answer, networkOf: networkOfSocket, close }
}
