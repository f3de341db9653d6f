import { createServer } from 'node:http'
import { type AddressInfo, connect as dial } from 'node:net'
import { io as connect, type Socket } from 'socket.io-client'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { DomainError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSockets } from '../../src/platform/sockets.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function node(limits: { maxSockets?: number; maxPerNetwork?: number } = {}) {
  const sockets = createSockets({
    publicUrl: 'https://tv.example',
    addressOf: (peer) => peer ?? '',
    logger: createLogger('silent'),
    ...limits,
  })
  const servers = [createServer(), createServer()]
  const ports = await Promise.all(
    servers.map(async (server) => {
      sockets.attach(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      open.push(() => server.close())
      return (server.address() as AddressInfo).port
    }),
  )
  open.push(() => sockets.close())
  return { sockets, ports, port: ports[0]! }
}

function client(port: number, origin?: string, transports = ['websocket']): Socket {
  const extraHeaders: Record<string, string> = origin ? { origin } : {}
  const options = { transports, reconnection: false, extraHeaders, forceNew: true }
  const socket = connect(`http://127.0.0.1:${port}`, options)
  open.push(() => socket.disconnect())
  return socket
}

const outcome = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.on('connect', () => resolve('connected'))
    socket.on('connect_error', () => resolve('refused'))
  })

test('pages of this site may connect under its public or any other name, and programs; strangers’ pages may not', async () => {
  const { port } = await node()
  expect(await outcome(client(port))).toBe('connected')
  expect(await outcome(client(port, 'https://tv.example'))).toBe('connected')
  expect(await outcome(client(port, `http://127.0.0.1:${port}`))).toBe('connected')
  expect(await outcome(client(port, 'https://elsewhere.example'))).toBe('refused')
  expect(await outcome(client(port, 'null'))).toBe('refused')
  expect(await outcome(client(port, 'https://elsewhere.example', ['polling']))).toBe('refused')
})

test('polling works where a proxy does not let WebSocket through', async () => {
  const { port } = await node()
  expect(await outcome(client(port, undefined, ['polling']))).toBe('connected')
})

test('two servers share their rooms', async () => {
  const { sockets, ports } = await node()
  const clients = ports.map((port) => client(port))
  expect(await Promise.all(clients.map(outcome))).toEqual(['connected', 'connected'])
  const heard = Promise.all(clients.map((socket) => new Promise((resolve) => socket.on('news', resolve))))
  sockets.io.emit('news', 'all of you')
  expect(await heard).toEqual(['all of you', 'all of you'])
})

test('one network has its share of sockets, and gets it back when they close', async () => {
  const { port } = await node({ maxPerNetwork: 2 })
  const first = client(port)
  expect(await outcome(first)).toBe('connected')
  expect(await outcome(client(port))).toBe('connected')
  expect(await outcome(client(port))).toBe('refused')
  first.disconnect()
  await expect.poll(() => outcome(client(port)), { timeout: 10_000 }).toBe('connected')
})

test('the node takes no more sockets than it was told to', async () => {
  const { port } = await node({ maxSockets: 1 })
  expect(await outcome(client(port))).toBe('connected')
  expect(await outcome(client(port))).toBe('refused')
})

test('an event is answered; what does not fit, is refused or fails is told to the one who asked', async () => {
  const { sockets, port } = await node()
  sockets.answer('double', z.strictObject({ of: z.number() }), (_socket, { of }) => {
    if (of === 13) throw new DomainError('forbidden', 'unlucky', 'Not this one.')
    if (of === 0) throw new Error('a secret of the machine')
    return { is: of * 2 }
  })
  const socket = client(port)
  expect(await socket.emitWithAck('double', { of: 4 })).toEqual({ is: 8 })
  expect(await socket.emitWithAck('double', { of: 13 })).toEqual({
    error: { code: 'unlucky', message: 'Not this one.' },
  })
  expect((await socket.emitWithAck('double', { of: '4' })).error.code).toBe('invalid_input')
  expect((await socket.emitWithAck('double', null)).error.code).toBe('invalid_input')
  const failed = await socket.emitWithAck('double', { of: 0 })
  expect(failed).toEqual({ error: { code: 'internal', message: 'Something went wrong on our side.' } })
  socket.emit('double', { of: 1 })
  expect(await socket.emitWithAck('double', { of: 5 })).toEqual({ is: 10 })
})

test('who floods or sends too much is disconnected', async () => {
  const { port } = await node()
  const flooding = client(port)
  const heavy = client(port)
  await Promise.all([flooding, heavy].map(outcome))
  const gone = [flooding, heavy].map((socket) => new Promise((resolve) => socket.on('disconnect', resolve)))
  for (let i = 0; i < 200; i++) flooding.emit('anything', i)
  heavy.emit('anything', 'x'.repeat(20_000))
  await Promise.all(gone)
  expect(flooding.connected || heavy.connected).toBe(false)
})

test('long and short news, over websocket and polling, reach everybody in the room whole and in order', async () => {
  const { sockets, port } = await node()
  sockets.io.on('connection', (socket) => void socket.join('room'))
  const clients = [client(port), client(port, undefined, ['polling'])]
  const heard = clients.map((socket) => {
    const all: string[] = []
    socket.on('news', (text) => all.push(text))
    return all
  })
  await Promise.all(clients.map(outcome))
  const news = [10, 200, 70_000, 1].map((length) => 'ü'.repeat(length))
  for (const text of news) sockets.io.to('room').emit('news', text)
  for (const all of heard) await expect.poll(() => all).toEqual(news)
})

test('who never reads is let go, and not kept in memory', async () => {
  const { sockets, port } = await node()
  const raw = dial(port, '127.0.0.1')
  open.push(() => raw.destroy())
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const head = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`
  raw.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`)
  const joined = new Promise<void>((resolve) => {
    sockets.io.on('connection', (socket) => {
      socket.join('room')
      raw.pause()
      resolve()
    })
  })
  // "40", masked with zeros: come in to Socket.IO, once its greeting is there.
  const greet = (data: Buffer) => data.includes('sid') && raw.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]))
  raw.on('data', greet)
  await joined
  const rooms = () => sockets.io.of('/').adapter.rooms.get('room')?.size ?? 0
  const news = 'x'.repeat(1_000_000)
  const tellMore = () => {
    sockets.io.to('room').emit('news', news)
    return rooms()
  }
  await expect.poll(tellMore, { timeout: 10_000 }).toBe(0)
})
