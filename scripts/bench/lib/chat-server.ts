/**
 * What the chat bench measures, alone in a process: `ours` is the chat room and its socket as the node builds them, with
 * the limits per network lifted (all readers come from one machine); `ws` sends the same bytes to each reader, message
 * by message, with nothing around it. Told over IPC how many messages a second to write.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { WebSocketServer } from 'ws'
import { createChannels, createPeople } from '../../../src/catalog/catalog.ts'
import { createChat } from '../../../src/chat/chat.ts'
import { chatSocket } from '../../../src/chat/socket.ts'
import { openMigrated } from '../../../src/db/migrate.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { newId } from '../../../src/platform/ids.ts'
import { createLogger } from '../../../src/platform/logger.ts'
import { createSockets } from '../../../src/platform/sockets.ts'

const author = { id: newId(), name: 'Anna', email: 'anna@example.org', role: 'creator' as const, emailVerified: false }
const channelId = newId()
/** When it was written, and words enough to be like a message. */
const textOf = () => `${performance.timeOrigin + performance.now()} and then the lamps went out, one by one`
const server = createServer()

async function ours(): Promise<() => Promise<unknown>> {
  const clock = systemClock
  const logger = createLogger('silent')
  const { database } = await openMigrated({ url: ':memory:', dataDir: tmpdir(), clock, logger })
  const { db } = database
  const at = { createdAt: clock.now(), updatedAt: clock.now() }
  const person = { ...author, emailVerified: 0, image: null, status: 'active', statusReason: null, statusUntil: null }
  await db
    .insertInto('user')
    .values({ ...person, ...at, metadata: null, updatedBy: null, deletedAt: null })
    .execute()
  const channel = {
    id: channelId,
    slug: 'bench',
    name: 'Bench',
    description: '',
    ownerId: author.id,
    suspendedAt: null,
  }
  const by = { createdBy: author.id, updatedBy: author.id, version: 1, suspendedReason: null, metadata: null }
  const rest = { visibility: 'public', ladder: null, deletedAt: null }
  await db
    .insertInto('channel')
    .values({ ...channel, ...at, ...by, ...rest })
    .execute()
  const recordAct = async () => undefined
  const channels = createChannels({ db, clock, logger, onSuspended: () => undefined, recordAct })
  const chat = createChat({
    db,
    clock,
    logger,
    facts: {},
    people: createPeople({ db, clock, logger, channels, onStanding: async () => undefined, recordAct }),
    channelOf: async () => channel,
    sessionOf: async () => null,
    mayFollow: async () => true,
    personOf: async () => author,
  })
  const many = { addressOf: () => '127.0.0.1', maxPerNetwork: 100_000, maxSockets: 100_000 }
  const sockets = createSockets({ publicUrl: 'http://127.0.0.1', logger, ...many })
  sockets.attach(server)
  const limits = { perPerson: 1e6, perNetwork: 1e6, enters: 1e6 }
  chatSocket({ sockets, chat, userOf: async () => null, mayKnow: async () => true, limits })
  return () => chat.write(author, channelId, { text: textOf(), key: newId() }, '127.0.0.1')
}

function bare(): () => Promise<unknown> {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    // The same greeting as ours, so that the readers need not know to whom they speak.
    socket.send('0{"sid":"x"}')
    socket.on('message', (said) => socket.send(String(said) === '40' ? '40{}' : '430[{}]'))
  })
  let position = 0
  return async () => {
    const message = {
      ...{ id: newId(), position: ++position, kind: 'chat', state: 'shown' },
      ...{ author: { id: author.id, name: author.name, badges: ['owner'] }, text: textOf(), reply: null },
      ...{ key: newId(), at: new Date().toISOString() },
    }
    const packet = `42${JSON.stringify(['chat', { channelId, messages: [message] }])}`
    for (const reader of sockets.clients) reader.send(packet)
  }
}

const write = process.argv[2] === 'ours' ? await ours() : bare()
server.listen(0, '127.0.0.1', 4_096, () => process.send?.({ port: (server.address() as AddressInfo).port }))

process.on('message', ({ perSecond, seconds }: { perSecond: number; seconds: number }) => {
  const start = performance.now()
  let written = 0
  const timer = setInterval(() => {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - start) / 1_000) * perSecond))
    for (; written < due; written++) void write()
    if (written < perSecond * seconds) return
    clearInterval(timer)
    process.send?.({ written })
  }, 10)
})
process.on('disconnect', () => process.exit())
