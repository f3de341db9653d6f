import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAuditLog } from '../../src/admin/admin.ts'
import { createJobs, createWorker, type Doer } from '../../src/jobs/jobs.ts'
import { createLogger } from '../../src/platform/logger.ts'
import type { User } from '../../src/platform/user.ts'
import { fakeClock } from '../helpers/clock.ts'
import { testDatabase } from '../helpers/database.ts'
import { eventually } from '../helpers/eventually.ts'

const admin: User = { id: 'u1', name: 'Olga', email: 'olga@example.org', role: 'admin', emailVerified: true }

async function jobsRoom(doers: Record<string, Doer> = {}, options: { concurrency?: number; attempts?: number } = {}) {
  const { db } = await testDatabase()
  const clock = fakeClock()
  const logger = createLogger('silent')
  const { recordAct, list } = createAuditLog({ db, clock, keepAddresses: false })
  const jobs = createJobs({ db, clock, recordAct })
  const newWorker = () => createWorker({ jobs, doers, clock, logger, ...options })
  const seen = async (state: 'waiting' | 'running' | 'parked') => (await jobs.list(admin, { state, limit: 100 })).items
  const acts = async () => (await list({ limit: 10 })).items.map(({ action, target }) => `${action} ${target}`)
  return { db, clock, jobs, acts, worker: newWorker(), newWorker, seen }
}

test('a job is done once it is due, and is gone then', async () => {
  const done: unknown[] = []
  const { jobs, worker, clock, seen } = await jobsRoom({ greet: async (payload) => done.push(payload) })
  await jobs.enqueue({ kind: 'greet', payload: { name: 'Anna' } })
  await jobs.enqueue({ kind: 'greet', payload: { name: 'Ben' }, runAt: clock.now() + 60_000 })
  await worker.runDue()
  expect(done).toEqual([{ name: 'Anna' }])
  clock.advance(60_000)
  await worker.runDue()
  expect(done).toEqual([{ name: 'Anna' }, { name: 'Ben' }])
  expect(await seen('waiting')).toEqual([])
})

test('a job exists when its transaction does', async () => {
  const { db, jobs, seen } = await jobsRoom()
  const broken = db.transaction().execute(async (tx) => {
    await jobs.enqueue({ kind: 'greet', payload: {} }, tx)
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  expect(await seen('waiting')).toEqual([])
})

test('while a key waits there is one of it; once that one runs, the next may wait', async () => {
  const { jobs, seen } = await jobsRoom()
  const reconcile = { kind: 'reconcile', payload: {}, key: 'reconcile' }
  expect(await jobs.enqueue(reconcile)).toBe(true)
  expect(await jobs.enqueue(reconcile)).toBe(false)
  expect(await jobs.claim(10)).toHaveLength(1)
  expect(await jobs.enqueue(reconcile)).toBe(true)
  expect(await seen('waiting')).toHaveLength(1)
})

test('what fails is tried again later and later, then parked where the operator sees why', async () => {
  let tries = 0
  const { jobs, worker, clock, seen } = await jobsRoom(
    {
      pay: async () => {
        tries++
        throw new Error('the bank is closed')
      },
    },
    { attempts: 3 },
  )
  await jobs.enqueue({ kind: 'pay', payload: {} })
  await worker.runDue()
  expect(tries).toBe(1)
  clock.advance(999)
  await worker.runDue()
  expect(tries).toBe(1)
  clock.advance(1)
  await worker.runDue()
  expect(tries).toBe(2)
  clock.advance(2_000)
  await worker.runDue()
  expect(await seen('parked')).toMatchObject([{ kind: 'pay', attempts: 3, lastError: 'the bank is closed' }])
  clock.advance(86_400_000)
  await worker.runDue()
  expect(tries).toBe(3)
})

test('a parked job is tried again or given up by an admin, and by nobody else', async () => {
  let isOpen = false
  const { jobs, worker, seen } = await jobsRoom(
    {
      pay: async () => {
        if (!isOpen) throw new Error('the bank is closed')
      },
    },
    { attempts: 1 },
  )
  await jobs.enqueue({ kind: 'pay', payload: 1 })
  await jobs.enqueue({ kind: 'pay', payload: 2 })
  await worker.runDue()
  const [two, one] = await seen('parked')
  const viewer: User = { ...admin, role: 'viewer' }
  for (const act of [() => jobs.retry(viewer, one!.id), () => jobs.discard(viewer, one!.id)]) {
    await expect(act()).rejects.toMatchObject({ kind: 'forbidden' })
  }
  await expect(jobs.list(viewer, { state: 'parked', limit: 1 })).rejects.toMatchObject({ kind: 'forbidden' })
  isOpen = true
  await jobs.retry(admin, one!.id)
  await worker.runDue()
  expect(await seen('parked')).toMatchObject([{ id: two!.id }])
  await jobs.discard(admin, two!.id)
  expect(await seen('parked')).toEqual([])
  await expect(jobs.retry(admin, two!.id)).rejects.toMatchObject({ kind: 'not_found' })
})

test('a poisoned job holds up nobody', async () => {
  const done: unknown[] = []
  const { jobs, worker } = await jobsRoom({
    good: async (payload) => done.push(payload),
    bad: async () => Promise.reject(new Error('bad')),
  })
  for (let n = 0; n < 30; n++)
    await jobs.enqueue({ kind: n % 3 === 0 ? 'good' : n % 3 === 1 ? 'bad' : 'unheard of', payload: n })
  await worker.runDue()
  expect(done).toHaveLength(10)
})

test('so many at once and no more', async () => {
  let now = 0
  let most = 0
  const doer = async () => {
    most = Math.max(most, ++now)
    await turn()
    now--
  }
  const { jobs, worker } = await jobsRoom({ work: doer }, { concurrency: 3 })
  for (let n = 0; n < 20; n++) await jobs.enqueue({ kind: 'work', payload: n })
  await worker.runDue()
  expect({ most, now }).toEqual({ most: 3, now: 0 })
})

test('two workers never do the same job', async () => {
  const done: unknown[] = []
  const { jobs, newWorker } = await jobsRoom({ work: async (payload) => done.push(payload) })
  for (let n = 0; n < 60; n++) await jobs.enqueue({ kind: 'work', payload: n })
  await Promise.all([newWorker().runDue(), newWorker().runDue(), newWorker().runDue()])
  expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 60 }, (_, n) => n))
})

test('what was being done when the node died is done by the next start; what kills it every time is parked', async () => {
  const done: unknown[] = []
  const { jobs, newWorker, clock, seen } = await jobsRoom(
    { work: async (payload) => done.push(payload) },
    { attempts: 2 },
  )
  await jobs.enqueue({ kind: 'work', payload: 'heavy' })
  await jobs.claim(1)
  const second = newWorker()
  await second.start()
  clock.advance(1_000)
  await second.runDue()
  await second.stop()
  expect(done).toEqual(['heavy'])

  await jobs.enqueue({ kind: 'work', payload: 'deadly' })
  for (const _death of [1, 2]) {
    await jobs.claim(1)
    const next = newWorker()
    await next.start()
    await next.stop()
    clock.advance(3_600_000)
  }
  expect(await seen('parked')).toMatchObject([{ payload: 'deadly', attempts: 2 }])
})

test('a started worker takes up what comes, and a stopped one nothing more', async () => {
  const done: unknown[] = []
  const { jobs, worker, seen } = await jobsRoom({ work: async (payload) => done.push(payload) })
  await worker.start()
  await jobs.enqueue({ kind: 'work', payload: 1 })
  await eventually(() => done.length === 1, { everyMs: 5 })
  await worker.stop()
  await jobs.enqueue({ kind: 'work', payload: 2 })
  expect(await seen('waiting')).toMatchObject([{ payload: 2 }])
})
