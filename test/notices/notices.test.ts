/** Who is told of what, by which ways, and never twice. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../src/platform/logger.ts'
import { createMailer } from '../../src/platform/mailer.ts'
import { Secret } from '../../src/platform/secret.ts'
import { makeCertificate } from '../helpers/certificate.ts'
import { fakeClock } from '../helpers/clock.ts'
import { smtp } from '../helpers/mail.ts'
import { PUBLIC_URL, programmeRoom } from '../helpers/programme-room.ts'

const LIVE = { fact: 'live 1', kind: 'live' as const, title: 'Cooking is live', text: 'Bread', path: '/c/cooking' }
const SOON = { ...LIVE, fact: 'soon 1', kind: 'soon' as const, title: 'Bread begins soon' }
// A browser's keys, of an example of RFC 8291.
const KEYS = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
}

test('told in the pages at once, counted as unread, read, and never told of one fact twice', async () => {
  const { notices, person, bell, worker } = await programmeRoom()
  const [anna, bo] = [await person('Anna'), await person('Bo')]
  await notices.tell(LIVE, [anna.id, bo.id])
  await Promise.all([notices.tell(LIVE, [anna.id, bo.id]), notices.tell(LIVE, [bo.id])])
  await worker.runDue()
  expect(bell.map(({ userId }) => userId).sort()).toEqual([anna.id, bo.id].sort())
  await notices.tell({ ...LIVE, fact: 'live 2' }, [anna.id])
  expect(await notices.inbox.unread(anna)).toBe(2)
  const { items, nextCursor } = await notices.inbox.list(anna, { limit: 1 })
  expect(items.map(({ fact }) => fact)).toEqual(['live 2'])
  expect((await notices.inbox.list(anna, { limit: 1, cursor: nextCursor! })).items[0]!.fact).toBe('live 1')
  await notices.inbox.read(bo, [items[0]!.id])
  await notices.inbox.read(anna, [items[0]!.id])
  expect([await notices.inbox.unread(anna), await notices.inbox.unread(bo)]).toEqual([1, 1])
  await notices.inbox.read(anna, null)
  expect(await notices.inbox.unread(anna)).toBe(0)
})

test('a mail leaves by real SMTP once, says how to have no more of them, and one click does it', async () => {
  const { taken, port } = await smtp()
  const mail = { url: new Secret(`smtp://node:sesame@127.0.0.1:${port}`), from: 'Footlight <no-reply@example.org>' }
  const mailer = createMailer({ mail, logger: createLogger('silent'), clock: fakeClock() })
  onTestFinished(() => mailer.close())
  const { notices, person, worker, jobs, db, clock } = await programmeRoom({ mailer })
  const anna = await person('Anna')
  const bo = await person('Bo')
  await db.updateTable('user').set({ emailVerified: 0 }).where('id', '=', bo.id).execute()
  await notices.tell({ ...SOON, title: 'Bread & <b>\r\nBcc: x@example.org' }, [anna.id, bo.id])
  await worker.runDue()
  await jobs.enqueue({ kind: 'notices.mail', payload: { fact: SOON.fact } })
  await worker.runDue()
  expect(taken.map(({ to }) => to)).toEqual([[anna.email]])
  const letter = taken[0]!.body.split('\r\n\r\n')[0]!.replaceAll(/\r\n[ \t]/g, ' ')
  expect(letter).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  expect(letter).not.toMatch(/^Bcc:/m)
  const word = /List-Unsubscribe:\s*<https:\/\/footlight\.test\/unsubscribe\/([\w.-]+)>/.exec(letter)![1]!

  await expect(notices.subscribers.endMails(`${word}x`)).rejects.toMatchObject({ kind: 'not_found' })
  expect(await notices.subscribers.endMails(word)).toBe('soon')
  await notices.tell({ ...SOON, fact: 'soon 2' }, [anna.id])
  clock.advance(60_000)
  await worker.runDue()
  expect(taken).toHaveLength(1)
  expect(await notices.inbox.unread(anna)).toBe(2)
})

test('each kind and way is switched by itself; what is off everywhere leaves no trace to be seen', async () => {
  const { notices, person, mails, bell, worker } = await programmeRoom()
  const anna = await person('Anna')
  await notices.subscribers.choose(anna.id, 'live', { mail: true })
  await notices.subscribers.choose(anna.id, 'live', { app: false })
  await notices.subscribers.choose(anna.id, 'soon', { app: false, mail: false, push: false })
  await notices.tell(LIVE, [anna.id])
  await notices.tell(SOON, [anna.id])
  await worker.runDue()
  expect(mails.map(({ subject }) => subject)).toEqual(['Cooking is live – footlight.test'])
  expect([bell.length, await notices.inbox.unread(anna)]).toEqual([0, 0])
  const choices = await notices.subscribers.choices(anna)
  expect(choices.find(({ kind }) => kind === 'live')).toEqual({ kind: 'live', app: false, mail: true, push: true })
})

/** A push service on loopback that takes pushes, or says that a browser is gone. */
async function pushService() {
  const folder = mkdtempSync(join(tmpdir(), 'push-'))
  const { keyFile, certFile, ca } = makeCertificate(folder)
  const taken: { path: string; headers: Record<string, unknown>; bytes: number }[] = []
  const server = createServer(
    { key: readFileSync(keyFile), cert: readFileSync(certFile) },
    async (request, response) => {
      const { length } = await buffer(request)
      taken.push({ path: request.url ?? '', headers: request.headers, bytes: length })
      response.writeHead(request.url === '/gone' ? 410 : 201).end()
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ ca })
  onTestFinished(() => {
    agent.destroy()
    server.close()
    rmSync(folder, { recursive: true })
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  return { taken, agent, url: (path: string) => `https://127.0.0.1:${port}${path}` }
}

test('a push reaches the push service sealed and signed, once; a browser that is gone is forgotten', async () => {
  const service = await pushService()
  const push = { secret: new Secret(Buffer.alloc(32, 7).toString('base64url')), agent: service.agent }
  const { notices, person, worker, db } = await programmeRoom({ push })
  const anna = await person('Anna')
  const first = await notices.subscribers.addBrowser(anna, { endpoint: service.url('/anna'), ...KEYS })
  expect(await notices.subscribers.addBrowser(anna, { endpoint: service.url('/anna'), ...KEYS })).toBe(first)
  await notices.subscribers.addBrowser(anna, { endpoint: service.url('/gone'), ...KEYS })
  await notices.tell(LIVE, [anna.id])
  await notices.tell(LIVE, [anna.id])
  await worker.runDue()
  expect(service.taken.map(({ path }) => path).sort()).toEqual(['/anna', '/gone'])
  expect(service.taken[0]!.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '3600' })
  expect(String(service.taken[0]!.headers.authorization)).toContain(`k=${notices.pushKey}`)
  expect(service.taken[0]!.bytes).toBeGreaterThan(100)
  expect(await db.selectFrom('pushSubscription').select('endpoint').execute()).toEqual([
    { endpoint: service.url('/anna') },
  ])
})

test('a browser belongs to whoever asked last, ten to a person, and only its owner ends it', async () => {
  const { notices, person, db, clock } = await programmeRoom()
  const [anna, bo] = [await person('Anna'), await person('Bo')]
  for (let n = 0; n < 12; n++) {
    clock.advance(1_000)
    await notices.subscribers.addBrowser(anna, { endpoint: `https://push.example/${n}`, ...KEYS })
  }
  const kept = async () =>
    (await db.selectFrom('pushSubscription').selectAll().orderBy('createdAt').execute()).map((row) => row.endpoint)
  expect((await kept())[0]).toBe('https://push.example/2')
  expect(await kept()).toHaveLength(10)
  const id = await notices.subscribers.addBrowser(bo, { endpoint: 'https://push.example/5', ...KEYS })
  await expect(notices.subscribers.removeBrowser(anna, id)).rejects.toMatchObject({ kind: 'not_found' })
  expect(await kept()).toContain('https://push.example/5')
  await notices.subscribers.removeBrowser(bo, id)
  expect(await kept()).not.toContain('https://push.example/5')
})

test('answered or called by name in a chat: told once in a while, never of one’s own words', async () => {
  const { notices, person, bell, clock, db, channelId } = await programmeRoom()
  const [anna, bo] = [await person('Anna Lee'), await person('Bo')]
  const say = async (author: typeof anna, text: string, reply: { id: string } | null = null) => {
    const id = `message-${(await db.selectFrom('chatMessage').select('id').execute()).length}`
    const row = { id, channelId, authorId: author.id, authorName: author.name, text, position: clock.now() }
    const rest = { sessionId: null, kind: 'chat', state: 'shown', badges: '[]', createdAt: 1, changedAt: 1, flags: 0 }
    await db
      .insertInto('chatMessage')
      .values({ ...row, ...rest })
      .execute()
    clock.advance(1_000)
    await notices.addressed(channelId, { id, text, sessionId: null, author, reply })
    return { id }
  }
  const first = await say(anna, 'Hello, I am @Anna_Lee')
  await say(bo, 'Welcome!', first)
  await say(bo, 'and @anna_lee.')
  await say(anna, 'Thanks @Bo and @nobody')
  clock.advance(10 * 60_000)
  await say(bo, '@Anna_Lee again')
  expect(bell.map(({ userId, title, text }) => [userId === anna.id ? 'Anna' : 'Bo', title, text])).toEqual([
    ['Anna', 'Bo in the chat of Cooking', 'Welcome!'],
    ['Bo', 'Anna Lee in the chat of Cooking', 'Thanks @Bo and @nobody'],
    ['Anna', 'Bo in the chat of Cooking', '@Anna_Lee again'],
  ])
})

test('a payment that failed, a membership about to end and one that has: each told once, and mailed once', async () => {
  const { notices, person, bell, mails, worker, clock, db, ...room } = await programmeRoom()
  const anna = await person('Anna')
  const { id: offerId } = await room.offer({ kind: 'membership', target: null, tier: 1, price: 500, name: 'Basic' })
  await room.buy(anna, offerId)
  const [membership] = (await room.commerce.purchases.membershipsOf(anna, { limit: 1 })).items
  const set = (change: { state?: string; cancelAtPeriodEnd?: number }) =>
    db.updateTable('membership').set(change).where('id', '=', membership!.id).execute()
  await set({ state: 'past_due' })
  await notices.membershipChanged(anna.id, room.channelId, 'past_due')
  await notices.membershipChanged(anna.id, room.channelId, 'past_due')
  await set({ state: 'active', cancelAtPeriodEnd: 1 })
  clock.set(new Date(membership!.periodEnd! - 2 * 86_400_000).toISOString())
  await notices.start()
  await worker.runDue()
  clock.advance(3_600_000)
  await worker.runDue()
  await set({ state: 'ended' })
  await notices.membershipEnded(anna.id, room.channelId)
  await worker.runDue()
  expect(bell.map(({ title }) => title)).toEqual([
    'A payment for Cooking did not go through',
    expect.stringContaining('Your membership of Cooking ends on'),
    'Your membership of Cooking is over',
  ])
  // The first has a letter of its own, which commerce writes.
  expect(mails.map(({ subject }) => subject.split(' – ')[0])).toEqual(bell.slice(1).map(({ title }) => title))
  expect(mails[0]!.text).toContain(`${PUBLIC_URL}/purchases`)
})
