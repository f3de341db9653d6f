/**
 * Who may watch: decisions per second on SQLite with 100 000 entitlements, from a right withdrawn to its last byte as bare
 * HTTP players with waiting requests see it, and what the token's check costs of a part's delivery.
 *
 *   node scripts/bench/access.ts [--entitlements 100000] [--players 200] [--part-bytes 150000]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Access, createAccess } from '../../src/access/access.ts'
import { openMigrated } from '../../src/db/migrate.ts'
import { createDelivery } from '../../src/hls/delivery.ts'
import { createHls } from '../../src/hls/hls.ts'
import { systemClock as clock } from '../../src/platform/clock.ts'
import { newCode, newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { Secret } from '../../src/platform/secret.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { describeMachine, table } from './lib/machine.ts'

const { values } = parseArgs({
  options: {
    entitlements: { type: 'string', default: '100000' },
    players: { type: 'string', default: '200' },
    'part-bytes': { type: 'string', default: '150000' },
  },
})
const entitlements = Number(values.entitlements)
const players = Number(values.players)
const partBytes = Number(values['part-bytes'])
const logger = createLogger('silent')
const dataDir = mkdtempSync(join(tmpdir(), 'footlight-bench-'))
const { database } = await openMigrated({ url: `file:${join(dataDir, 'bench.db')}`, dataDir, clock, logger })
const { db } = database
let onWithdrawn = (_sessionId: string) => {}
const access: Access = createAccess({
  db,
  clock,
  logger,
  secret: new Secret('only for this bench'),
  config: { devices: 2, onDeviceLimit: 'newest' },
  onWithdrawn: ({ sessionId }) => onWithdrawn(sessionId),
})
const rows: string[][] = []

/** An account for every ten rights: members of some channels, holders of some tickets. */
async function fill(): Promise<{ users: string[]; sessions: string[] }> {
  const at = { createdAt: 1, updatedAt: 1 }
  const users = Array.from({ length: Math.ceil(entitlements / 10) }, newId)
  const nothing = {
    image: null,
    statusReason: null,
    statusUntil: null,
    metadata: null,
    updatedBy: null,
    deletedAt: null,
  }
  const person = { name: 'Somebody', emailVerified: 1, role: 'viewer', status: 'active', ...nothing, ...at }
  for (const some of batches(users)) {
    await db
      .insertInto('user')
      .values(some.map((id) => ({ id, email: `${id}@example.org`, ...person })))
      .execute()
  }
  const channels = Array.from({ length: 20 }, newId)
  const by = { ownerId: users[0]!, createdBy: users[0]!, updatedBy: users[0]! }
  const bare = {
    description: '',
    suspendedAt: null,
    suspendedReason: null,
    version: 1,
    metadata: null,
    deletedAt: null,
  }
  await db
    .insertInto('channel')
    .values(
      channels.map((id) => ({
        id,
        slug: id,
        name: 'Bench',
        visibility: 'public',
        ladder: null,
        ...bare,
        ...by,
        ...at,
      })),
    )
    .execute()
  const sessions = channels.map(newId)
  await db
    .insertInto('session')
    .values(sessions.map((id, n) => sessionOf(id, channels[n]!, n)))
    .execute()
  const rights = Array.from({ length: entitlements }, (_, n) => ({
    source: `membership:${n}`,
    userId: users[n % users.length]!,
    scope: n % 2 ? `channel:${channels[n % 20]!}` : `session:${sessions[n % 20]!}`,
    tier: n % 4,
    grantedAt: 1,
    expiresAt: n % 3 ? null : clock.now() + 86_400_000,
  }))
  for (const some of batches(rights)) await db.insertInto('entitlement').values(some).execute()
  return { users, sessions }
}

function sessionOf(id: string, channelId: string, n: number) {
  const words = { code: newCode(), title: 'Bench', description: '', category: null, tags: '[]', note: null }
  const media = { streamKeyId: null, source: null, ladder: null, maxViewers: null, isRecorded: 0, isChatOpen: 0 }
  const times = {
    scheduledAt: null,
    startedAt: 1,
    pausedAt: null,
    endedAt: null,
    createdAt: 1,
    updatedAt: 1,
    deletedAt: null,
  }
  const asks = { visibility: n % 2 ? 'members' : 'ticket', requiredTier: null, previewMinutes: 0, freeMaxHeight: null }
  const rest = { endReason: null, peakViewers: 0, version: 1, metadata: null, createdBy: null, updatedBy: null }
  return { id, channelId, state: 'live', ...words, ...media, ...times, ...asks, ...rest }
}

function* batches<Item>(items: Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += 500) yield items.slice(from, from + 500)
}

const { users, sessions } = await fill()

async function decisions(): Promise<void> {
  const targets = await Promise.all(sessions.map((id) => access.targetOf(id)))
  const decide = (n: number) => {
    // Spread over all accounts and shows, as no cache would like it.
    const viewer = { userId: users[(n * 7_919) % users.length]!, deviceId: null, address: null }
    return access.decide(viewer, targets[n % targets.length]!)
  }
  for (let n = 0; n < 20_000; n++) await decide(n)
  const rates: number[] = []
  let allowed = 0
  const each = 40_000
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    for (let n = 0; n < each; n++) if ((await decide(n + round * each)).allowed) allowed++
    rates.push((each * 1_000) / (performance.now() - start))
  }
  const rate = rates.sort((a, b) => a - b)[2]!
  rows.push([
    `decisions, ${entitlements} entitlements`,
    `${Math.round(rate)}/s (${Math.round((allowed * 100) / (each * 5))} % yes)`,
  ])
}
await decisions()

/** A show whose parts are made by hand, in real time, and the players that wait for each of them. */
async function withdrawal(): Promise<void> {
  const config = { partMs: 333, dvrWindowMs: 60_000, memoryBytes: 1e9 }
  const hls = createHls({ config, storage: createDiskStorage(dataDir), clock, logger })
  onWithdrawn = hls.dismissLost
  const sessionId = sessions[0]!
  const stream = await hls.open(sessionId, () => undefined)
  const size = { width: 1280, height: 720 }
  const stretch = stream.begin({
    leader: 'source',
    renditions: [{ id: 'source', kind: 'video', plannedBitrate: 3e6, ...size }],
    wallAtZero: clock.now,
    onOverdue: () => undefined,
  })
  const avcC = Buffer.from([1, 0x64, 0, 0x1f, 0xff])
  stretch.configure('source', { kind: 'video', timescale: 90_000, codec: 'avc1.64001f', avcC, ...size })
  let shown = 0
  const play = (frames: number) => {
    for (const end = shown + frames; shown < end; shown++) {
      const data = Buffer.alloc(partBytes / 10, shown % 251)
      stretch.arrive('source', { dts: shown * 3_000, composition: 0, isKey: shown % 60 === 0, data })
    }
  }
  play(150)
  const window = stream.windows.get('source')!
  const deliver = createDelivery({
    clock,
    find: hls.find,
    authorize(token, of) {
      const found = access.verify(token, of)
      const permit = (viewing: Awaited<typeof found>) =>
        typeof viewing === 'string' ? { isAllowed: false, status: 403 as const } : viewing.permit
      return found instanceof Promise ? found.then(permit) : permit(found)
    },
    onFailed: (error) => {
      throw error
    },
  })
  const server = createServer(deliver)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const timer = setInterval(() => play(10), 333)

  const holder = newId()
  const person = { name: 'Tim', emailVerified: 1, role: 'viewer', status: 'active', image: null, metadata: null }
  const empty = { statusReason: null, statusUntil: null, updatedBy: null, deletedAt: null, createdAt: 1, updatedAt: 1 }
  await db
    .insertInto('user')
    .values({ id: holder, email: 'tim@example.org', ...person, ...empty })
    .execute()
  const right = {
    userId: holder,
    scope: `session:${sessionId}`,
    tier: 0,
    source: 'purchase:bench',
    expiresAt: null,
  } as const
  const delays: number[] = []
  for (let round = 0; round < 5; round++) {
    await access.grant(right)
    const decision = await access.admit({ userId: holder, deviceId: `device-${round}`, address: null }, sessionId)
    if (!decision.allowed) throw new Error(decision.reason)
    let lastByteAt = 0
    let committedAt = Number.POSITIVE_INFINITY
    let gotLater = 0
    let isOver = false
    const player = () => {
      const path = `/hls/${decision.token}/${sessionId}/source/p${window.nextPart}.m4s`
      request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        const isMedia = response.statusCode === 200
        response.on('data', (chunk: Buffer) => {
          if (!isMedia) return
          lastByteAt = performance.now()
          if (lastByteAt > committedAt) gotLater += chunk.length
        })
        response.on('end', () => !isOver && player())
      }).end()
    }
    for (let n = 0; n < players; n++) player()
    await new Promise((resolve) => setTimeout(resolve, 1_500 + round * 70))
    await db.transaction().execute((tx) => access.revoke('purchase:bench', tx))
    committedAt = performance.now()
    await access.recheck({ userId: holder })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    isOver = true
    delays.push(Math.max(0, lastByteAt - committedAt))
    if (gotLater > 0)
      console.error(`round ${round}: ${gotLater} bytes after the commit, all within ${delays.at(-1)!.toFixed(1)} ms`)
  }
  clearInterval(timer)
  rows.push([
    `right withdrawn → last byte, ${players} players waiting for parts of ${Math.round(partBytes / 1000)} KB, worst of 5`,
    `${Math.max(...delays).toFixed(1)} ms`,
  ])

  const open = await access.admit({ userId: users[0]!, deviceId: null, address: null }, sessionId)
  if (open.allowed)
    rows.push(['token check, of the processor time of a part', await tokenShare(port, open.token, sessionId, window)])
  server.closeAllConnections()
  server.close()
  hls.stop()
}

/** A part asked for over and over, and the same number of checks alone. */
async function tokenShare(
  port: number,
  token: string,
  sessionId: string,
  window: { nextPart: number },
): Promise<string> {
  const path = `/hls/${token}/${sessionId}/source/p${window.nextPart - 1}.m4s`
  const once = () =>
    new Promise<void>((resolve) => {
      request({ host: '127.0.0.1', port, path }, (response) => response.resume().on('end', resolve)).end()
    })
  for (let n = 0; n < 500; n++) await once()
  const requests = 3_000
  const before = process.cpuUsage()
  for (let n = 0; n < requests; n++) await once()
  const spent = process.cpuUsage(before)
  const perRequest = (spent.user + spent.system) / requests
  const paths = Array.from({ length: 1_000 }, () => `/hls/${token}/${sessionId}/x`)
  const checks = 2_000_000
  let start = 0
  for (let n = -checks; n < checks; n++) {
    if (n === 0) start = performance.now()
    const address = paths[Math.abs(n) % paths.length]!
    access.verify(address.slice(5, 5 + token.length), address.slice(6 + token.length, 42 + token.length))
  }
  const perCheck = ((performance.now() - start) * 1_000) / checks
  return `${perCheck.toFixed(2)} µs of ${perRequest.toFixed(0)} µs (server and client in one process): ${((perCheck * 100) / perRequest).toFixed(1)} %`
}
await withdrawal()

access.stop()
await database.close()
rmSync(dataDir, { recursive: true, force: true })
console.log(`${describeMachine()}\n\n${table(['', ''], rows)}`)
