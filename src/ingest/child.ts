/**
 * Main of the ingest child. It faces the internet and holds nothing worth stealing: no database, no file, no secret but the
 * key of its own certificate. It asks its parent by message, and does not outlive it.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { type Connection, openConnection } from './connection.ts'
import { createReservations } from './message-limits.ts'
import type { FromChild, ListenOrder, ToChild } from './process.ts'

const FIGURES_EVERY_MS = 1_000
const TLS_HANDSHAKE_MS = 8_000
const LAST_WORDS_MS = 500

const tell = (message: FromChild) => process.connected && process.send?.(message)

function createDoor({ maxPerAddress, maxConnections, patience }: ListenOrder) {
  const reservations = createReservations()
  const connections = new Map<number, Connection>()
  const perAddress = new Map<string, number>()
  const drops: Record<string, number> = {}
  let open = 0
  let lastId = 0

  function countDrop(fault: string | null): void {
    if (fault) drops[fault] = (drops[fault] ?? 0) + 1
  }

  /** For every TCP connection, before TLS has cost anything. True when it may stay. */
  function enter(socket: Socket): boolean {
    const address = addressOf(socket)
    const here = perAddress.get(address) ?? 0
    if (open >= maxConnections || here >= maxPerAddress) {
      countDrop(open >= maxConnections ? 'too many connections' : 'too many connections from one address')
      socket.destroy()
      return false
    }
    open += 1
    perAddress.set(address, here + 1)
    socket.once('close', () => {
      open -= 1
      const left = perAddress.get(address)! - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    })
    return true
  }

  function serve(socket: Socket): void {
    lastId += 1
    const id = lastId
    const closed = (fault: string | null) => {
      countDrop(fault)
      connections.delete(id)
    }
    connections.set(
      id,
      openConnection({
        id,
        socket,
        address: addressOf(socket),
        reservation: reservations.open(),
        patience,
        tell,
        closed,
      }),
    )
  }

  return {
    enter,
    serve,
    get: (id: number) => connections.get(id),
    dropAll(reason: string): void {
      for (const connection of [...connections.values()]) connection.drop(reason)
    },
    figures: (): FromChild => ({
      type: 'figures',
      connections: open,
      reservedBytes: reservations.total(),
      rssBytes: process.memoryUsage.rss(),
      drops,
    }),
  }
}

type Door = ReturnType<typeof createDoor>

function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

function rtmpServer(door: Door): Server {
  return createServer((socket) => door.enter(socket) && door.serve(socket))
}

function rtmpsServer(door: Door, { cert, key }: { cert: string; key: string }): Server {
  const server = createTlsServer({ cert, key, handshakeTimeout: TLS_HANDSHAKE_MS }, (socket: TLSSocket) =>
    door.serve(socket),
  )
  server.on('connection', door.enter)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen({ host, port }, () => {
    const address = server.address()
    resolve(typeof address === 'object' && address ? address.port : port)
  })
  return promise
}

async function run(order: ListenOrder): Promise<void> {
  const door = createDoor(order)
  const rtmp = rtmpServer(door)
  const rtmps = order.rtmps ? rtmpsServer(door, order.rtmps) : null
  process.on('message', (message: ToChild) => obey(door, message))
  process.on('SIGTERM', () => {
    rtmp.close()
    rtmps?.close()
    door.dropAll('the server is stopping')
    setTimeout(() => process.exit(0), LAST_WORDS_MS)
  })
  tell({
    type: 'listening',
    rtmp: await listen(rtmp, order.rtmp),
    rtmps: rtmps && order.rtmps ? await listen(rtmps, order.rtmps) : null,
  })
  setInterval(() => tell(door.figures()), FIGURES_EVERY_MS)
}

function obey(door: Door, message: ToChild): void {
  if (message.type === 'listen') return
  const connection = door.get(message.connection)
  if (!connection) return
  switch (message.type) {
    case 'admit':
      connection.admit(message.flvPath).catch(() => connection.drop('no room for the outlet'))
      break
    case 'start':
      connection.start()
      break
    case 'refuse':
      connection.refuse(message.code, message.description, message.reason)
      break
    case 'drop':
      connection.drop(message.reason)
  }
}

// Ctrl-C reaches the whole group; the parent decides when we go.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))
process.once('message', (order: ListenOrder) => void run(order))
