/** What pages hear of their right to watch. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { accessSocket } from '../../src/access/socket.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSockets } from '../../src/platform/sockets.ts'
import { type Asked, accessRoom, viewer } from '../helpers/access-room.ts'

async function pages(asked: Asked = {}) {
  const room = await accessRoom({
    onWithdrawn: (viewing, reason) => told.withdrawn(viewing, reason),
    onRights: (concerned) => told.rightsChanged(concerned),
  })
  const publicUrl = 'http://tv.example'
  const sockets = createSockets({ publicUrl, addressOf: (peer) => peer ?? '', logger: createLogger('silent') })
  // The cookie is the account's id: signing in is another room's craft.
  const userIdOf = async (headers: Headers) => /user=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? null
  const told = accessSocket({ sockets, access: room.access, userIdOf })
  const server = createServer()
  sockets.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await sockets.close()
    server.close()
  })
  const sessionId = await room.session(asked)

  function open(userId: string | null = null) {
    const { port } = server.address() as AddressInfo
    const extraHeaders: Record<string, string> = userId === null ? {} : { cookie: `user=${userId}` }
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, extraHeaders })
    onTestFinished(() => void socket.disconnect())
    const heard: unknown[] = []
    for (const event of ['withdrawn', 'rights']) socket.on(event, (fact) => heard.push(fact ?? event))
    return { heard, ask: (event: string, input: object = {}) => socket.emitWithAck(event, input) }
  }

  async function watch(userId: string | null, deviceId = 'device-12345') {
    const decision = await room.access.admit(viewer(userId, { deviceId }), sessionId)
    if (!decision.allowed) throw new Error(decision.reason)
    return { token: decision.token, sessionId }
  }
  return { ...room, sessionId, open, watch }
}

test('who loses the right is told why; who keeps it hears nothing', async () => {
  const { open, watch, change, sessionId, owner } = await pages()
  const [guest, own] = [open(), open()]
  expect(await guest.ask('viewing', await watch(null))).toEqual({})
  expect(await own.ask('viewing', await watch(owner.id))).toEqual({})
  await change(sessionId, { visibility: 'ticket' })
  await expect.poll(() => guest.heard).toEqual([{ sessionId, reason: 'sign_in' }])
  await own.ask('viewing', await watch(owner.id))
  expect(own.heard).toEqual([])
})

test('a page that shows an offer is told when the rights of its account have changed, and no other', async () => {
  const { open, access, person, sessionId } = await pages({ visibility: 'ticket' })
  const [tim, eve] = [await person('Tim'), await person('Eve')]
  const [his, hers, guest] = [open(tim), open(eve), open()]
  await Promise.all([his, hers, guest].map((page) => page.ask('rights')))
  await access.grant({ userId: tim, scope: `session:${sessionId}`, tier: 0, source: 'purchase:1', expiresAt: null })
  await access.recheck({ userId: tim })
  await expect.poll(() => his.heard).toEqual(['rights'])
  await Promise.all([hers, guest].map((page) => page.ask('rights')))
  expect([hers.heard, guest.heard]).toEqual([[], []])
})

test('a token that is not good names no viewing', async () => {
  const { open, watch, change, sessionId } = await pages()
  const page = open()
  const { token } = await watch(null)
  await change(sessionId, { visibility: 'private' })
  for (const input of [{ token, sessionId }, { token: 'made-up', sessionId }, { token }, {}]) {
    expect((await page.ask('viewing', input)).error.code).toMatch(/^(withdrawn|unknown|invalid_input)$/)
  }
})
