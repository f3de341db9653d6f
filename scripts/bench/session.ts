/**
 * What a node costs: start to ready, memory when idle, one session without viewers, one session with a crowd.
 *
 *   node scripts/bench/session.ts [--seconds 30] [--viewers 300]
 */
import { parseArgs } from 'node:util'
import { startBroadcast } from '../publish.ts'
import { attend } from './lib/crowd.ts'
import { describeMachine, percentile } from './lib/machine.ts'
import { openNode } from './lib/node.ts'
import { sleep } from './lib/places.ts'
import { residentBytes, shareOfCore } from './lib/usage.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, viewers: { type: 'string', default: '300' } },
})
const seconds = Number(values.seconds)
const viewers = Number(values.viewers)
const say = (line: string) => console.log(`- ${line}`)
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
console.log(`${describeMachine()}\n`)

const starts: number[] = []
for (let round = 0; round < 5; round++) {
  const start = performance.now()
  const node = await openNode()
  starts.push(performance.now() - start)
  await node.close()
}
say(
  `start to ready, with database made and owner signed in: ${percentile(starts, 0.5).toFixed(0)} ms (median of ${starts.length})`,
)

const node = await openNode()
await sleep(10_000)
const childPid = node.ingestPid()
const mb = (pid: number) => `${(residentBytes(pid) / 1e6).toFixed(0)} MB`
say(`resident memory of an idle node: ${mb(node.pid)}${childPid ? `, and ${mb(childPid)} its ingest child` : ''}`)

const start = performance.now()
const broadcast = startBroadcast({ url: await node.rtmpUrl(), size: '1280x720', fps: 30, kbps: 2_500 })
await node.playable()
say(`from starting the broadcaster to a playable playlist: ${((performance.now() - start) / 1000).toFixed(1)} s`)
await sleep(15_000)

const pids = () => node.encoderPids()
const alone = await shareOfCore([node.pid], () => sleep(seconds * 1000))
const encoder = await shareOfCore(pids(), () => sleep(10_000))
say(
  `packager and delivery of one 720p30 session, no viewer: ${percent(alone)} of a core (its FFmpeg: ${percent(encoder)})`,
)
if (childPid)
  say(`its publisher in the ingest child: ${percent(await shareOfCore([childPid], () => sleep(10_000)))} of a core`)

let crowded = 0
const attended = await attend({ origin: node.url, channelId: node.channel.id, viewers, seconds }, async () => {
  crowded = await shareOfCore([node.pid], () => sleep((seconds - 2) * 1000))
})
const rate = (attended.requests / attended.seconds).toFixed(0)
const megabits = ((attended.bytes * 8) / attended.seconds / 1e6).toFixed(0)
say(
  `${viewers} viewers, ${rate} requests/s, ${megabits} Mbit/s, ${attended.failed} failed: ${percent(crowded)} of a core`,
)
say(`resident memory then: ${mb(node.pid)}`)

broadcast.stop()
await broadcast.ended
await node.close()
