/**
 * What a publisher costs the process that faces it, beside nginx-rtmp taking the same streams.
 *
 *   node scripts/bench/ingest.ts [--seconds 60] [--publishers 4] [--kbps 6000]
 */
import { parseArgs } from 'node:util'
import { startBroadcast } from '../publish.ts'
import { describeMachine, table } from './lib/machine.ts'
import { startNginx } from './lib/nginx.ts'
import { openNode } from './lib/node.ts'
import { noiseClip } from './lib/noise.ts'
import { freePort, sleep, temporaryFolder, until } from './lib/places.ts'
import { cpuSeconds, residentBytes } from './lib/usage.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    publishers: { type: 'string', default: '4' },
    kbps: { type: 'string', default: '6000' },
  },
})
const seconds = Number(values.seconds)
const publishers = Number(values.publishers)
const kbps = Number(values.kbps)

using folder = temporaryFolder('ingest')
const clip = noiseClip(folder.path, kbps)
const rows: string[][] = []

async function measure(name: string, pid: number, urls: string[]): Promise<void> {
  const before = residentBytes(pid)
  const broadcasts = urls.map((url) => startBroadcast({ url, clip }))
  await sleep(5_000)
  const start = cpuSeconds(pid)
  await sleep(seconds * 1000)
  const perMinute = ((cpuSeconds(pid) - start) / seconds / urls.length) * 60
  const after = residentBytes(pid)
  for (const broadcast of broadcasts) broadcast.stop()
  await Promise.all(broadcasts.map(({ ended }) => ended))
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  rows.push([
    ...[name, String(urls.length), `${perMinute.toFixed(2)} CPU-s`, `${((perMinute / 60) * 100).toFixed(2)} %`],
    ...[mb(before), mb(after), mb((after - before) / urls.length)],
  ])
  console.error(rows.at(-1)!.join('  '))
}

const rtmpPort = await freePort()
const nginx = await startNginx({ folder: folder.path, rtmpPort })
await measure(
  'nginx-rtmp',
  nginx.workerPid,
  Array.from({ length: publishers }, (_, seat) => `rtmp://127.0.0.1:${rtmpPort}/live/seat-${seat}`),
)
await nginx.stop()

const node = await openNode({ LADDER: 'source' })
const ingestPid = await until('the ingest child', async () => node.ingestPid())
const urls: string[] = []
for (let seat = 0; seat < publishers; seat++) {
  const channel = await node.api.createChannel({ name: `Seat ${seat}` })
  urls.push(await node.rtmpUrl(channel.id))
}
await measure('our ingest child', ingestPid, urls)
await node.close()

const head = ['', 'publishers', 'per publisher and minute', 'of a core', 'memory idle', 'memory then', 'per publisher']
console.log(`${describeMachine()}, ${kbps} kbit/s each\n\n${table(head, rows)}`)
