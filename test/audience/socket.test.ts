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

const viewing = (viewingId: string) => ({ viewingId, sessionId: 'show', userId: null, deviceId: null, mark: -1 })
const show = { id: 'show', code: 'SHOWCODE', channelId: 'one', state: 'live', visibility: 'public' }
const shown = (change: Partial<typeof show>) => ({ ...show, ...change })

async function room() {
  const now = { at: Date.UTC(2026, 0, 15), shown: {} as Partial<typeof show>, areInvited: true }
  const audience = createAudience({ clock: { now: () => now.at } })
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
    isSecret: (visibility) => visibility === 'private' || visibility === 'unlisted',
    mayKnow: async (socket) => socket.handshake.auth.isInvited === true && now.areInvited,
    sessionOf: (channelId) => {
      if (channelId === 'nowhere') throw new DomainError('not_found', 'not_found', 'There is no such channel.')
      return channelId === 'one' ? { ...show, ...now.shown } : null
    },
  })
  open.push(() => sockets.close(), told.stop)
  const { port } = server.address() as AddressInfo
  const join = ({ isInvited = false } = {}) => {
    const options = { transports: ['websocket'], forceNew: true, auth: { isInvited } }
    const socket = connect(`http://127.0.0.1:${port}`, options)
    open.push(() => socket.disconnect())
    const heard: unknown[] = []
    socket.on('session', (session) => heard.push(session?.state ?? null))
    socket.on('viewers', (viewers) => heard.push(viewers))
    return {
      socket,
      heard,
      watch: (channelId: string, more: object = {}) => socket.emitWithAck('watch', { channelId, ...more }),
    }
  }
  /** As the conductor changes the session, and tells. */
  const change = (to: Partial<typeof show>) => {
    now.shown = to
    return told.tellSession('one', shown(to))
  }
  /** Invitations are taken back; resolves when nobody is among those who are told. */
  const uninvite = async () => {
    now.areInvited = false
    told.onLost('show')
    await expect.poll(() => sockets.io.of('/').adapter.rooms.has('inside:show')).toBe(false)
  }
  return { audience, told, join, change, uninvite, pass: (ms: number) => (now.at += ms) }
}

test('a page is told the session and the count at once', async () => {
  const { audience, join } = await room()
  audience.touch(viewing('anna'))
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
  await told.tellSession('one', shown({ state: 'paused' }))
  await told.tellSession('one', null)
  await expect
    .poll(() => one.heard.filter((each) => each === null || typeof each === 'string'))
    .toEqual(['live', 'paused', null])
  expect(quiet.heard).toEqual([null])
})

test('the count is told when it moved, down as well as up', async () => {
  const { audience, join, pass } = await room()
  const page = join()
  await page.watch('one')
  audience.touch(viewing('anna'))
  audience.touch(viewing('ben'))
  await expect.poll(() => page.heard.at(-1)).toEqual({ sessionId: 'show', count: 2 })
  pass(12_001)
  await expect.poll(() => page.heard.at(-1)).toEqual({ sessionId: 'show', count: 0 })
})

test('a page that goes on to another channel hears no more of the first', async () => {
  const { told, join } = await room()
  const page = join()
  await page.watch('one')
  await page.watch('quiet')
  await told.tellSession('one', shown({ state: 'ended' }))
  await told.tellSession('quiet', { ...show, id: 'late', channelId: 'quiet' })
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

test('of a private session only the invited hear: neither that it is on nor how many watch', async () => {
  const { audience, join, change } = await room()
  await change({ visibility: 'private' })
  audience.touch(viewing('anna'))
  const [invited, other] = [join({ isInvited: true }), join()]
  await Promise.all([invited.watch('one'), other.watch('one')])
  expect(other.heard).toEqual([null])
  expect(invited.heard.slice(0, 2)).toEqual(['live', { sessionId: 'show', count: 1 }])
  await change({ visibility: 'private', state: 'paused' })
  audience.touch(viewing('ben'))
  await expect.poll(() => invited.heard).toContain('paused')
  await expect.poll(() => invited.heard.at(-1)).toEqual({ sessionId: 'show', count: 2 })
  expect(other.heard).toEqual([null])
})

test('who was invited to a private show and is no more hears nothing more of it', async () => {
  const { join, change, uninvite } = await room()
  await change({ visibility: 'private' })
  const guest = join({ isInvited: true })
  await guest.watch('one')
  await uninvite()
  await change({ visibility: 'private', state: 'ended' })
  await guest.socket.emitWithAck('watch', {}) // answered after whatever was sent before
  expect(guest.heard).toContain('live')
  expect(guest.heard).not.toContain('ended')
})

test('a show that becomes private is gone for those who may not know of it, and comes back when it is public', async () => {
  const { join, change } = await room()
  const [invited, other] = [join({ isInvited: true }), join()]
  await Promise.all([invited.watch('one'), other.watch('one')])
  const states = (page: typeof other) => page.heard.filter((each) => each === null || typeof each === 'string')
  await change({ visibility: 'private' })
  await change({ visibility: 'private', state: 'paused' })
  await change({ visibility: 'public' })
  await expect.poll(() => states(other)).toEqual(['live', null, 'live'])
  await expect.poll(() => states(invited)).toEqual(['live', 'live', 'paused', 'live'])
})

test('an unlisted show is told to those who have its address', async () => {
  const { join, change } = await room()
  await change({ visibility: 'unlisted' })
  const [byCode, byId, guess, other] = [join(), join(), join(), join()]
  await Promise.all([
    byCode.watch('one', { show: 'showcode' }),
    byId.watch('one', { show: 'show' }),
    guess.watch('one', { show: 'GUESS' }),
    other.watch('one'),
  ])
  expect([byCode, byId, guess, other].map(({ heard }) => heard[0])).toEqual(['live', 'live', null, null])
})
