/** The bell of a page. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { noticesSocket } from '../../src/notices/socket.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSockets } from '../../src/platform/sockets.ts'
import type { User } from '../../src/platform/user.ts'
import { programmeRoom } from '../helpers/programme-room.ts'

test('a page hears at once what its person is told, and nothing of others or after signing out', async () => {
  const { notices, person } = await programmeRoom()
  const [anna, bo] = [await person('Anna'), await person('Bo')]
  const users = new Map<string, User>([anna, bo].map((user) => [user.id, user]))
  const publicUrl = 'http://tv.example'
  const sockets = createSockets({ publicUrl, addressOf: (peer) => peer ?? '', logger: createLogger('silent') })
  const userOf = async (headers: Headers) => users.get(headers.get('cookie')?.slice('user='.length) ?? '') ?? null
  const bells = noticesSocket({ sockets, notices, userOf })
  const server = createServer()
  sockets.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await sockets.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  function open(user: User | null) {
    const extraHeaders: Record<string, string> = user ? { cookie: `user=${user.id}` } : {}
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, extraHeaders })
    onTestFinished(() => void socket.disconnect())
    const heard: string[] = []
    socket.on('notice', ({ title }) => heard.push(title))
    socket.on('notices.read', ({ unread }) => heard.push(`${unread} unread`))
    return { heard, ask: () => socket.emitWithAck('notices', {}) }
  }

  const [annas, bos, stranger] = [open(anna), open(bo), open(null)]
  expect(await annas.ask()).toEqual({ unread: 0 })
  expect(await bos.ask()).toEqual({ unread: 0 })
  expect(await stranger.ask()).toMatchObject({ error: { code: 'unauthenticated' } })
  const fact = { fact: 'f', kind: 'live' as const, title: 'Cooking is live', text: '', path: '/' }
  await notices.tell(fact, [anna.id])
  await expect.poll(() => annas.heard).toEqual(['Cooking is live'])
  await notices.inbox.read(anna, null)
  await bells.wasRead(anna)
  await expect.poll(() => annas.heard).toEqual(['Cooking is live', '0 unread'])
  bells.askAgain(anna.id)
  await notices.tell({ ...fact, fact: 'g' }, [anna.id, bo.id])
  await expect.poll(() => bos.heard).toEqual(['Cooking is live'])
  expect([annas.heard.length, stranger.heard]).toEqual([2, []])
})
