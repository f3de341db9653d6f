import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import type { Packet } from '../../src/chat/fan-out.ts'
import type { Message } from '../../src/chat/message-view.ts'
import { chatSocket, type Limits } from '../../src/chat/socket.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSockets } from '../../src/platform/sockets.ts'
import { chatRoom, type Show } from '../helpers/chat-room.ts'

const MANY: Limits = { perPerson: 1_000, perNetwork: 1_000, enters: 1_000 }

async function house({
  limits = MANY,
  tickMs = 50,
  show = {},
  scopes,
}: {
  /** As if everybody came with an API key of these. */
  scopes?: string[]
  limits?: Limits
  tickMs?: number
  show?: Show
} = {}) {
  const room = await chatRoom({}, show)
  const sockets = createSockets({
    publicUrl: 'http://tv.example',
    addressOf: (peer) => peer ?? '',
    logger: createLogger('silent'),
  })
  const server = createServer()
  sockets.attach(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { stop, recheck } = chatSocket({
    ...{ sockets, chat: room.chat, limits, tickMs },
    async userOf(headers) {
      const user = await room.accounts.userOf(headers)
      return user && scopes ? { ...user, scopes } : user
    },
    mayKnow: async () => false,
  })
  onTestFinished(async () => {
    stop()
    await sockets.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  /** A page, of somebody signed in or of nobody: what it heard, packet by packet. */
  function page(as?: string, transport: 'websocket' | 'polling' = 'websocket') {
    const socket = connect(`http://127.0.0.1:${port}`, {
      transports: [transport],
      forceNew: true,
      extraHeaders: as ? { authorization: `Bearer ${as}` } : {},
    })
    onTestFinished(() => void socket.disconnect())
    const heard: Packet[] = []
    const desk: { type: string }[] = []
    socket.on('chat', (packet) => heard.push(packet))
    socket.on('chat.desk', (one) => desk.push(one))
    let history: Message[] = []
    socket.on('chat.history', ({ messages }) => {
      history = messages
    })
    const enter = async (after?: number) => {
      const seen = await socket.emitWithAck('chat.enter', { channel: room.channel.slug, after: after ?? null })
      return { messages: history, ...seen }
    }
    const write = (text: string, key = `key of ${text}`) =>
      socket.emitWithAck('chat.write', { channel: room.channel.id, text, key })
    return {
      socket,
      heard,
      desk,
      enter,
      write,
      texts: () => heard.flatMap(({ messages = [] }) => messages.map((m) => m.text)),
    }
  }
  return { ...room, page, recheck }
}

test('people write, everybody reads, over websocket and polling alike; nobody writes without a name', async () => {
  const { page, olgaAs } = await house()
  const olga = page(olgaAs)
  const reader = page(undefined, 'polling')
  expect((await olga.enter()).role).toBe('owner')
  expect(await reader.enter()).toMatchObject({ role: null, user: null, messages: [] })
  expect((await reader.write('me too')).error.code).toBe('unauthenticated')
  expect((await olga.write('good evening')).message).toMatchObject({
    text: 'good evening',
    state: 'shown',
    position: 1,
  })
  await expect.poll(() => reader.texts()).toEqual(['good evening'])
  expect(olga.texts()).toEqual(['good evening'])
})

test('what was said while a line was down is filled in, and what was taken away meanwhile is named', async () => {
  const { page, olgaAs, chat, channel, olga, say } = await house()
  const reader = page()
  await reader.enter()
  await say(olga, 'one')
  const two = await say(olga, 'two')
  await expect.poll(() => reader.texts()).toEqual(['one', 'two'])
  reader.socket.disconnect()
  await chat.moderation.remove(olga, channel.id, two.id, '')
  await page(olgaAs).write('three')
  reader.socket.connect()
  const missed = await reader.enter(two.position!)
  expect(missed.isAddition).toBe(true)
  expect(missed.messages.map(({ text }: { text: string }) => text)).toEqual(['one', 'three'])
  expect(missed.removed).toEqual([two.id])
  expect((await reader.enter(999)).isAddition).toBe(false)
})

test('a busy room gets one packet per tick, in order; what is taken away does not wait', async () => {
  const { page, chat, channel, olga, say } = await house({ tickMs: 400 })
  const reader = page()
  await reader.enter()
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`)
  for (const line of lines) await say(olga, line)
  const last = await say(olga, 'not this')
  await chat.moderation.remove(olga, channel.id, last.id, '')
  await expect.poll(() => reader.heard.flatMap(({ removed = [] }) => removed)).toEqual([last.id])
  expect(reader.texts()).toEqual([...lines, 'not this'])
  expect(reader.heard.length).toBeLessThan(10)
})

test('reactions are counted, not told one by one', async () => {
  const { page, olgaAs, channel } = await house({ tickMs: 300 })
  const olga = page(olgaAs)
  await olga.enter()
  const send = () => olga.socket.emitWithAck('chat.react', { channel: channel.id, reaction: '🔥' })
  await Promise.all(Array.from({ length: 20 }, send))
  const total = () => olga.heard.reduce((sum, { reactions }) => sum + (reactions?.['🔥'] ?? 0), 0)
  await expect.poll(total).toBe(20)
  expect(olga.heard.length).toBeLessThan(8)
  const bad = await olga.socket.emitWithAck('chat.react', { channel: channel.id, reaction: '<b>' })
  expect(bad.error.code).toBe('invalid_input')
})

test('only moderators hear what waits to be looked at', async () => {
  const { page, olgaAs, olga, chat, channel, person } = await house()
  const bert = await person('Bert', 'viewer')
  const [desk, other] = [page(olgaAs), page(bert.as)]
  await Promise.all([desk.enter(), other.enter()])
  await chat.rules.change(olga, channel.id, { holdsAll: true })
  expect((await other.write('may I?')).message.state).toBe('held')
  await expect.poll(() => desk.desk.map(({ type }) => type)).toEqual(['held'])
  expect(other.desk).toEqual([])
  expect(other.texts()).toEqual([])
})

test('there is an end to writing and coming in: for one person, and for one network', async () => {
  const { page, olgaAs, person } = await house({ limits: { perPerson: 3, perNetwork: 5, enters: 4 } })
  const bert = await person('Bert', 'viewer')
  const [one, other] = [page(olgaAs), page(bert.as)]
  await one.enter()
  const outcomes = async (writer: typeof one, count: number) => {
    const answers = []
    for (let i = 0; i < count; i++) answers.push((await writer.write(`line ${i}`)).error?.code ?? 'done')
    return answers
  }
  expect(await outcomes(one, 4)).toEqual(['done', 'done', 'done', 'rate_limited'])
  expect(await outcomes(other, 2)).toEqual(['done', 'rate_limited'])
  for (let i = 0; i < 3; i++) expect((await other.enter()).error).toBe(undefined)
  expect((await other.enter()).error.code).toBe('rate_limited')
})

test('the overlay’s secret opens the chat for reading, until a new one is made', async () => {
  const { page, chat, channel, olga, say } = await house()
  await say(olga, 'hello')
  const secret = await chat.overlays.renew(olga, channel.id)
  const overlay = page()
  const open = () => overlay.socket.emitWithAck('chat.overlay', { secret })
  expect((await open()).messages).toHaveLength(1)
  await say(olga, 'to the screen')
  await expect.poll(() => overlay.texts()).toEqual(['to the screen'])
  await chat.overlays.renew(olga, channel.id)
  expect((await open()).error.code).toBe('no_such_overlay')
})

test('the chat of a show is for those whom the show is for, and who loses the right is out at once', async () => {
  const guests = new Set<string | null>()
  const { page, olgaAs, olga, person, recheck, say, chat, channel } = await house({
    show: { sessionId: 'a show', guests },
  })
  const bert = await person('Bert', 'viewer')
  guests.add(olga.id).add(bert.user.id)
  const [one, stranger] = [page(bert.as), page()]
  await one.enter()
  expect((await stranger.enter()).error.code).toBe('not_for_you')
  await say(olga, 'among us')
  await expect.poll(() => one.texts()).toEqual(['among us'])
  expect(stranger.texts()).toEqual([])
  await expect(chat.entrance.history(channel.id, null, null, 10)).rejects.toThrow('not open to you')
  const again = new Promise((told) => one.socket.once('chat.again', told))
  guests.delete(bert.user.id)
  await recheck({ userId: bert.user.id })
  await again
  await say(olga, 'without Bert')
  expect((await one.enter()).error.code).toBe('not_for_you')
  expect((await one.write('hello?')).error.code).toBe('not_for_you')
  expect(one.texts()).toEqual(['among us'])
  const owner = page(olgaAs)
  expect((await owner.enter()).messages).toHaveLength(2)
})

test('of a secret show outsiders hear nothing: not what is said, not what is taken away, not that it ended', async () => {
  const guests = new Set<string | null>()
  const show: Show = { sessionId: 'a secret', guests, isSecret: true }
  const { page, olgaAs, olga, recheck, say, chat, channel, person } = await house({ show })
  const { user: bert } = await person('Bert', 'viewer')
  guests.add(olga.id)
  const [inside, outside] = [page(olgaAs), page()]
  expect((await outside.enter()).error).toBe(undefined)
  await inside.enter()
  const said = await say(olga, 'among us')
  await chat.moderation.remove(olga, channel.id, said.id, '')
  await chat.polls.open(olga, channel.id, { question: 'Encore?', choices: ['Yes', 'No'], seconds: 60 })
  await inside.socket.emitWithAck('chat.react', { channel: channel.id, reaction: '🔥' })
  await say(bert, 'is anybody here?')
  await expect.poll(() => inside.texts()).toEqual(['among us', 'is anybody here?'])
  await expect.poll(() => outside.texts()).toEqual(['is anybody here?'])
  expect(JSON.stringify(outside.heard)).not.toMatch(/removed|poll|reactions/)
  let asked = 0
  outside.socket.on('chat.again', () => asked++)
  const again = new Promise((told) => inside.socket.once('chat.again', told))
  delete show.sessionId
  await recheck({ channelId: channel.id })
  await again
  expect(asked).toBe(0)
  chat.stop()
})

test('alerts reach overlays alone, and a renewed address shuts the old one out at once', async () => {
  const { page, chat, channel, olga, say, person } = await house()
  const { user: bert } = await person('Bert', 'viewer')
  const secret = await chat.overlays.renew(olga, channel.id)
  const [overlay, reader] = [page(), page()]
  const alerts: unknown[] = []
  for (const { socket } of [overlay, reader]) socket.on('chat.overlay', (news) => alerts.push(news))
  await reader.enter()
  await overlay.socket.emitWithAck('chat.overlay', { secret })
  await chat.overlays.greet(channel.id, bert.id, 'follower')
  await expect.poll(() => alerts).toHaveLength(2)
  expect(alerts[0]).toEqual({ type: 'alert', alert: { kind: 'follower', name: 'Bert' } })
  const again = new Promise((told) => overlay.socket.once('chat.again', told))
  await chat.overlays.renew(olga, channel.id)
  await again
  await say(olga, 'not for the old address')
  await expect.poll(() => reader.texts()).toEqual(['not for the old address'])
  expect(overlay.texts()).toEqual([])
})

test('an API key does over the socket what its scopes name', async () => {
  const reading = await house({ scopes: ['chat:read'] })
  const reader = reading.page(reading.olgaAs)
  expect((await reader.enter()).error).toBe(undefined)
  expect((await reader.write('hello')).error.code).toBe('scope_missing')
  const other = await house({ scopes: ['sessions:write'] })
  expect((await other.page(other.olgaAs).enter()).error.code).toBe('scope_missing')
})
