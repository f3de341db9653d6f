/**
 * A show goes live and its followers are told, in the pages, by mail and by push: how long it takes, and how long anything
 * else on the node's thread, such as a part that is asked for, waits meanwhile.
 *
 *   node scripts/bench/notices.ts [--followers 10000] [--pushes 1000]
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { openMigrated } from '../../src/db/migrate.ts'
import { createJobs, createWorker } from '../../src/jobs/jobs.ts'
import { createSessions } from '../../src/live/live.ts'
import { createNotices } from '../../src/notices/notices.ts'
import { systemClock as clock } from '../../src/platform/clock.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMailer } from '../../src/platform/mailer.ts'
import { Secret } from '../../src/platform/secret.ts'
import { createProgramme } from '../../src/programme/programme.ts'
import { describeMachine, table } from './lib/machine.ts'

const { values } = parseArgs({
  options: { followers: { type: 'string', default: '10000' }, pushes: { type: 'string', default: '1000' } },
})
const followers = Number(values.followers)
const pushed = Number(values.pushes)
const P256DH = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'
const dataDir = mkdtempSync(join(tmpdir(), 'footlight-bench-'))
const logger = createLogger('silent')

const [keyFile, certFile] = [join(dataDir, 'key.pem'), join(dataDir, 'cert.pem')]
const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost']
execFileSync('openssl', ['req', '-x509', ...made, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
const keys = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
const outside = new Worker(new URL('./lib/outside.ts', import.meta.url), { workerData: keys })
const [{ smtpPort, pushPort }] = await once(outside, 'message')

const { database } = await openMigrated({ url: `file:${join(dataDir, 'bench.db')}`, dataDir, clock, logger })
const { db } = database
const recordAct = async () => undefined
const jobs = createJobs({ db, clock, recordAct })
const mail = { url: new Secret(`smtp://127.0.0.1:${smtpPort}`), from: 'Footlight <no-reply@example.org>' }
const mailer = createMailer({ mail, logger, clock })
// Of this machine and signed by itself; the node's own agent would refuse it.
const agent = new Agent({ rejectUnauthorized: false, keepAlive: true })
const notices = createNotices({
  ...{ db, clock, logger, jobs, mailer },
  publicUrl: 'https://footlight.example',
  secret: new Secret('only for this bench'),
  push: { secret: new Secret(Buffer.alloc(32, 7).toString('base64url')), agent },
  isPushAddress: () => true,
  mayRead: async () => true,
})
const ownChannel = async () => channelId
const sessions = createSessions({ db, clock, ownChannel, recordAct })
const programme = createProgramme({
  ...{ db, clock, logger, jobs, notices, ownChannel },
  publicUrl: 'https://footlight.example',
  lateMs: 3_600_000,
  mayKnow: async () => true,
  planAll: async (...asked) => void (await sessions.planAll(...asked)),
  update: sessions.update,
  cancel: sessions.cancel,
  markMissed: async () => void (await sessions.markMissed()),
  setPicture: async () => undefined,
  owed: async () => [],
  payBack: async () => undefined,
})
const worker = createWorker({ jobs, doers: { ...notices.doers, ...programme.doers }, clock, logger })
let seen = 0
notices.listen(() => seen++)

const channelId = await fill()
const { id: sessionId } = await sessions.openFor(channelId, { streamKeyId: null, title: 'Bench' })
await sessions.move(sessionId, 'playable')
await worker.start()
await wait(1_000)

const still = await measured(async () => void (await wait(3_000)))
let toldMs = 0
const busy = await measured(async () => {
  const start = performance.now()
  await programme.announce('live', sessionId)
  for (;;) {
    await wait(100)
    if (seen === followers && toldMs === 0) toldMs = performance.now() - start
    outside.postMessage('count')
    const [{ mails, pushes }] = await once(outside, 'message')
    if (mails >= followers && pushes >= pushed) return
  }
})
console.log(`${describeMachine()}

${table(
  ['', 'nothing to tell', `${followers} followers, each with a mail, ${pushed} with a push`],
  [
    ['all in the pages', '', `${(toldMs / 1_000).toFixed(1)} s`],
    ['all mails and pushes taken', '', `${(busy.ms / 1_000).toFixed(1)} s`],
    ['CPU', `${still.cpu.toFixed(2)} s`, `${busy.cpu.toFixed(1)} s`],
    ['others wait: p50', `${still.p50.toFixed(1)} ms`, `${busy.p50.toFixed(1)} ms`],
    ['others wait: p99', `${still.p99.toFixed(1)} ms`, `${busy.p99.toFixed(1)} ms`],
    ['others wait: longest', `${still.max.toFixed(1)} ms`, `${busy.max.toFixed(1)} ms`],
  ],
)}`)

await worker.stop()
mailer.close()
agent.destroy()
await outside.terminate()
await database.close()
rmSync(dataDir, { recursive: true, force: true })

/** How long a timer of this thread comes late, as whatever is answered on it does; the clock's own step is one ms. */
async function measured(work: () => Promise<void>) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = process.cpuUsage()
  const start = performance.now()
  delay.enable()
  await work()
  delay.disable()
  const { user, system } = process.cpuUsage(before)
  const inMs = (nanoseconds: number) => nanoseconds / 1e6
  const waits = { p50: inMs(delay.percentile(50)), p99: inMs(delay.percentile(99)), max: inMs(delay.max) }
  return { ...waits, ms: performance.now() - start, cpu: (user + system) / 1e6 }
}

/** A channel and those who follow it. */
async function fill(): Promise<string> {
  const at = { createdAt: 1, updatedAt: 1 }
  const ids = Array.from({ length: followers + 1 }, newId)
  const [owner = '', ...users] = ids
  const person = { name: 'Somebody', emailVerified: 1, role: 'viewer', status: 'active', ...at }
  const channel = newId()
  const stamps = { version: 1, createdBy: owner, updatedBy: owner, ...at }
  for (const some of batches(ids)) {
    const people = some.map((id) => ({ id, email: `${id}@example.org`, ...person }))
    await db.insertInto('user').values(people).execute()
  }
  await db
    .insertInto('channel')
    .values({
      id: channel,
      slug: 'bench',
      name: 'Bench',
      description: '',
      visibility: 'public',
      ownerId: owner,
      ...stamps,
    })
    .execute()
  const choices = JSON.stringify({ live: { mail: true } })
  for (const some of batches(users)) {
    const follows = some.map((userId) => ({ userId, channelId: channel, createdAt: 1 }))
    await db.insertInto('follow').values(follows).execute()
    const chosen = some.map((userId) => ({ userId, choices, updatedAt: 1 }))
    await db.insertInto('noticeSetting').values(chosen).execute()
  }
  for (const some of batches(users.slice(0, pushed))) {
    const browsers = some.map((userId) => {
      const endpoint = `https://127.0.0.1:${pushPort}/${userId}`
      return { id: newId(), userId, endpoint, p256dh: P256DH, auth: 'BTBZMqHH6r4Tts7J_aSIgg', createdAt: 1 }
    })
    await db.insertInto('pushSubscription').values(browsers).execute()
  }
  return channel
}

function* batches<Item>(items: Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += 500) yield items.slice(from, from + 500)
}
