/**
 * What counting costs: so many viewers of one show that fetch as low-latency players do, some of them coming and going,
 * all telling how it plays; on a SQLite file. The same loop without the audience, run in turn with it, is taken off.
 *
 *   node scripts/bench/audience.ts [--viewers 10000] [--seconds 20] [--requests 12] [--rounds 3]   (requests: of one viewer in a second)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createAnalytics, readCmcd } from '../../src/analytics/analytics.ts'
import { type Asked, createAudience, createGuests, createViewings } from '../../src/audience/audience.ts'
import { openMigrated } from '../../src/db/migrate.ts'
import { createAddressOf } from '../../src/platform/client-address.ts'
import { systemClock as clock } from '../../src/platform/clock.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { describeMachine, percentile, table } from './lib/machine.ts'

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '20' },
    requests: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '3' },
  },
})
const viewers = Number(values.viewers)
const seconds = Number(values.seconds)
const requests = Number(values.requests)
const rounds = Number(values.rounds)
const TICK_MS = 100
/** A viewing of five minutes on average. */
const LEAVING_PER_SECOND = viewers / 300

const folder = mkdtempSync(join(tmpdir(), 'bench-audience-'))
const logger = createLogger('silent')
const url = `file:${join(folder, 'bench.db')}`
const { database } = await openMigrated({ url, dataDir: folder, clock, logger })
const { db } = database
const renditions = ['source', 'audio']
const audience = createAudience({
  renditionOf: (_, name) => renditions.find((one) => one === name) ?? null,
  clock,

  guestOf: createGuests({ addressOf: createAddressOf([]), countryOf: () => 'DE', keepAddresses: false }),
})
const viewings = createViewings({ db, clock, logger, audience, onAir: () => ['show'], addressDays: 30 })
const analytics = createAnalytics({
  ...{ db, clock, logger, jobs: { enqueue: async () => true }, forgetElsewhere: async () => undefined },
  money: { of: async () => [], byPerson: async () => new Map() },
  nodeFigures: () => ({ sessions: 1, viewers, encoders: 0, encoderLoad: 0, loopDelayMs: 0 }),
})

const agents = [119, 120, 121].map(
  (version) =>
    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`,
)
const files = ['source.m3u8', 'source/p12.m4s', 'audio.m3u8', 'audio/p12.m4s']
const asked: Asked[] = agents.flatMap((agent) =>
  files.map((file) => ({
    file,
    request: { headers: { 'user-agent': agent }, socket: { remoteAddress: '192.0.2.1' } },
  })),
)
const newcomer = () => ({ viewingId: newId(), sessionId: 'show', userId: null, deviceId: newId().slice(-12), mark: -1 })
const crowd = Array.from({ length: viewers }, newcomer)
const told = { events: [{ kind: 'quality' as const, ago: 10 }], referrer: null, bitrate: 2_000_000 }

/** One tenth of a second of everybody's requests. */
function tick(isCounting: boolean, round: number): void {
  const each = (requests * TICK_MS) / 1_000
  const due = Math.round(viewers * each)
  for (let n = 0; n < due; n++) {
    const viewing = crowd[(round * due + n) % viewers]!
    if (!isCounting) continue
    const request = asked[n % asked.length]!
    audience.touch(viewing, request)
    readCmcd(request.request.url ?? '', request.request.headers)
  }
  if (!isCounting) return
  for (let n = 0; n < Math.round((LEAVING_PER_SECOND * TICK_MS) / 1_000); n++) {
    crowd[Math.floor(Math.random() * viewers)] = newcomer()
    analytics.telemetry.take(crowd[n]!, told)
  }
}

async function run(isCounting: boolean): Promise<number> {
  const before = process.cpuUsage()
  const start = performance.now()
  for (let round = 0; performance.now() - start < seconds * 1_000; round++) {
    tick(isCounting, round)
    await pause(Math.max(0, start + (round + 1) * TICK_MS - performance.now()))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / (performance.now() - start)
}

const loop = monitorEventLoopDelay({ resolution: 5 })
loop.enable()
const arrival = process.cpuUsage()
for (const viewing of crowd) audience.touch(viewing, asked[0])
await viewings.flush()
const { user, system } = process.cpuUsage(arrival)
const arrivalDelay = loop.max / 1e6
loop.reset()
const costs: number[] = []
for (let round = 0; round < rounds; round++) costs.push((await run(true)) - (await run(false)))
const delay = loop.percentile(99) / 1e6
await viewings.stop()
await analytics.stop()

const percent = (share: number) => `${(share * 100).toFixed(2)} % of a core`
console.log(`${describeMachine()}\n`)
console.log(
  table(
    [`${viewers} viewers, ${requests * viewers} requests a second`, ''],
    [
      [`counting, writing and telemetry, median of ${rounds}`, percent(percentile(costs, 0.5))],
      ['everybody at once: processor time', `${((user + system) / 1_000).toFixed(0)} ms`],
      ['everybody at once: longest block of the event loop', `${arrivalDelay.toFixed(0)} ms`],
      ['afterwards: lateness of the event loop, p99', `${delay.toFixed(1)} ms`],
    ],
  ),
)
await database.close()
rmSync(folder, { recursive: true, force: true })
