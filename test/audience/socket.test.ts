import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connect } from 'socket.io-client'
import { afterEach, expect, test } from 'vitest'
import { createAudience } from '../../src/audience/audience.ts'
import { audienceSocket } from '../../src/audience/socket.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSockets } from '../../src/platform/sockets.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const show = { id: 'show', channelId: 'one', state: 'live' }
const shown = (change: Partial<typeof show>) => ({ ...show, ...change })

async function room() {
  let now = Date.UTC(2026, 0, 15)
  const audience = createAudience({ clock: { now: () => now } })
  const sockets = createSockets({
    publicUrl: 'http://tv.example',
    addressOf: (peer) => peer ?? '',
    logger: createLogger('silent'),
  })
  const server = createServer()
  sockets.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  const told = audienceSocket({
    sockets,
    audience,
    everyMs: 20,
    sessionOf: (channelId) => {
      if (channelId === 'nowhere') throw new DomainError('not_found', 'not_found', 'There is no such channel.')
      return channelId === 'one' ? show : null
    },
  })
  open.push(() => sockets.close(), told.stop)
  const { port } = server.address() as AddressInfo
  const join = () => {
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true })
    open.push(() => socket.disconnect())
    const heard: unknown[] = []
    socket.on('session', (session) => heard.push(session?.state ?? null))
    socket.on('viewers', (viewers) => heard.push(viewers))
    return { socket, heard, watch: (channelId: string) => socket.emitWithAck('watch', { channelId }) }
  }
  return { audience, told, join, pass: (ms: number) => (now += ms) }
}

test('a page is told the session and the count at once', async () => {
  const { audience, join } = await room()
  audience.touch({ viewingId: 'anna', sessionId: 'show', mark: -1 })
  const page = join()
  expect(await page.watch('one')).toEqual({})
  expect(page.heard.slice(0, 2)).toEqual(['live', { sessionId: 'show', count: 1 }])

  const other = join()
  await other.watch('quiet')
  expect(other.heard).toEqual([null])
})

test('a page hears each change of its own channel and no other', async () => {
  const { told, join } = await room()
  const one = join()
  const quiet = join()
  await Promise.all([one.watch('one'), quiet.watch('quiet')])
  told.tellSession('one', shown({ state: 'paused' }))
  told.tellSession('one', null)
  await expect
    .poll(() => one.heard.filter((each) => each === null || typeof each === 'string'))
    .toEqual(['live', 'paused', null])
  expect(quiet.heard).toEqual([null])
})

test('the count is told when it moved, down as well as up', async () => {
  const { audience, join, pass } = await room()
  const page = join()
  await page.watch('one')
  audience.touch({ viewingId: 'anna', sessionId: 'show', mark: -1 })
  audience.touch({ viewingId: 'ben', sessionId: 'show', mark: -1 })
  await expect.poll(() => page.heard.at(-1)).toEqual({ sessionId: 'show', count: 2 })
  pass(12_001)
  await expect.poll(() => page.heard.at(-1)).toEqual({ sessionId: 'show', count: 0 })
})

test('a page that goes on to another channel hears no more of the first', async () => {
  const { told, join } = await room()
  const page = join()
  await page.watch('one')
  await page.watch('quiet')
  told.tellSession('one', shown({ state: 'ended' }))
  told.tellSession('quiet', { ...show, id: 'late', channelId: 'quiet' })
  await expect.poll(() => page.heard).toContain('live')
  expect(page.heard).not.toContain('ended')
})

test('a channel that is not there, or not named, is refused', async () => {
  const { join } = await room()
  const page = join()
  expect((await page.watch('nowhere')).error.code).toBe('not_found')
  expect((await page.socket.emitWithAck('watch', { channelId: 7 })).error.code).toBe('invalid_input')
  expect(page.heard).toEqual([])
})
