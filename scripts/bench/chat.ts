/**
 * The chat before thousands of readers, beside a bare `ws` broadcast of the same bytes: delay, loss, memory, and messages
 * delivered per second of the server's processor time.
 *
 *   node scripts/bench/chat.ts [--readers 5000] [--seconds 60] [--rounds 3]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine, percentile, table } from './lib/machine.ts'
import { sleep } from './lib/places.ts'
import { cpuSeconds, machineLoad, residentBytes } from './lib/usage.ts'

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
  },
})
const readers = Number(values.readers)
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)

interface Heard {
  heard: number
  p50: number
  p99: number
  last: number
}

const start = (script: string, ...rest: (string | number)[]) =>
  fork(join(import.meta.dirname, 'lib', script), rest.map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })

/** The next thing a process says; it says only what it was asked. */
async function said<Answer>(child: ChildProcess): Promise<Answer> {
  return (await once(child, 'message'))[0] as Answer
}

async function hear(crowd: ChildProcess): Promise<Heard> {
  crowd.send({})
  return said<Heard>(crowd)
}

/** One server with its readers: joined while messages flow, then a quiet and a busy time. */
async function attend(kind: 'ours' | 'ws') {
  const server = start('chat-server.ts', kind)
  const { port } = await said<{ port: number }>(server)
  await sleep(1_000)
  const before = residentBytes(server.pid!)
  server.send({ perSecond: 10, seconds: 8 })
  const spoken = said(server)
  const crowd = start('chat-readers.ts', port, readers, 5)
  const { enteredMs } = await said<{ enteredMs: number }>(crowd)
  await spoken
  await sleep(2_000)
  const perSocket = (residentBytes(server.pid!) - before) / readers

  async function measure(perSecond: number) {
    await hear(crowd)
    const cpu = cpuSeconds(server.pid!)
    server.send({ perSecond, seconds })
    const { written } = await said<{ written: number }>(server)
    const told = await hear(crowd)
    const used = cpuSeconds(server.pid!) - cpu
    return { ...told, lost: written * readers - told.heard, perCpuSecond: told.heard / used }
  }
  const quiet = await measure(10)
  const busy = await measure(50)
  crowd.disconnect()
  server.disconnect()
  await Promise.all([once(crowd, 'exit'), once(server, 'exit')])
  return { enteredMs, perSocket, quiet, busy }
}

type Attended = Awaited<ReturnType<typeof attend>>
const ours: Attended[] = []
const bare: Attended[] = []
const load = await machineLoad(async () => {
  for (let round = 0; round < rounds; round++) {
    ours.push(await attend('ours'))
    bare.push(await attend('ws'))
    console.error(JSON.stringify({ ours: ours.at(-1), bare: bare.at(-1) }))
  }
})

const median = (all: Attended[], of: (one: Attended) => number) => percentile(all.map(of), 0.5)
const ms = (of: (one: Attended) => number) => [ours, bare].map((all) => `${median(all, of).toFixed(0)} ms`)
const ratio = (which: 'quiet' | 'busy') =>
  percentile(
    ours.map((one, i) => one[which].perCpuSecond / bare[i]![which].perCpuSecond),
    0.5,
  ).toFixed(2)
const row = (which: 'quiet' | 'busy', perSecond: number) => [
  [`${perSecond} messages/s: p50`, ...ms((one) => one[which].p50)],
  [`${perSecond} messages/s: p99`, ...ms((one) => one[which].p99)],
  [`${perSecond} messages/s: lost`, ...[ours, bare].map((all) => all.reduce((sum, one) => sum + one[which].lost, 0))],
  [
    `${perSecond} messages/s: delivered per CPU-second`,
    ...[ours, bare].map((all) => Math.round(median(all, (one) => one[which].perCpuSecond))),
  ],
  [`${perSecond} messages/s: ours against bare ws`, `× ${ratio(which)}`, ''],
]
const rows = [
  ['all in, coming within 5 s while messages flow', ...ms((one) => one.enteredMs)],
  ['memory per socket', ...[ours, bare].map((all) => `${(median(all, (one) => one.perSocket) / 1024).toFixed(1)} KB`)],
  ...row('quiet', 10),
  ...row('busy', 50),
]
console.log(`${describeMachine()}, ${(load * 100).toFixed(0)} % busy\n`)
console.log(`${readers} readers, ${seconds} s each, medians of ${rounds}.\n\n${table(['', 'ours', 'bare ws'], rows)}`)
