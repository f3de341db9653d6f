/**
 * Requests per second of the server's processor time, beside nginx (sendfile), the least Node's own server can do, and
 * Express, all serving the same bytes; the release of thousands of blocked playlist requests; what token and viewer mark cost of it.
 *
 *   node scripts/bench/delivery.ts [--seconds 2] [--viewers 5000]
 *
 * The session is paused while bytes are counted: the server then does nothing but answer.
 */
import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createPlayback } from '../../src/access/playback.ts'
import { createAudience } from '../../src/audience/audience.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { newId } from '../../src/platform/ids.ts'
import { Secret } from '../../src/platform/secret.ts'
import { startBroadcast } from '../publish.ts'
import { releaseBlocked } from './lib/blocked.ts'
import { type Load, requestsPerCpuSecond } from './lib/load.ts'
import { describeMachine, percentile, table } from './lib/machine.ts'
import { readPlaylist, readRenditions } from './lib/media.ts'
import { startNginx } from './lib/nginx.ts'
import { openNode } from './lib/node.ts'
import { noiseClip } from './lib/noise.ts'
import { freePort, sleep, temporaryFolder, until } from './lib/places.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, viewers: { type: 'string', default: '5000' } },
})
const seconds = Number(values.seconds)
const viewers = Number(values.viewers)
const CONNECTIONS = 8

using folder = temporaryFolder('delivery')
const cert = join(folder.path, 'cert.pem')
const key = join(folder.path, 'key.pem')
execFileSync(
  'openssl',
  ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'].concat([
    ...['-subj', '/CN=localhost', '-keyout', key, '-out', cert],
  ]),
  { stdio: 'ignore' },
)
const node = await openNode({
  LADDER: 'source',
  RECONNECT_GRACE_SECONDS: '3600',
  TLS_CERT_FILE: cert,
  TLS_KEY_FILE: key,
})

/** Broadcasts noise for a while, then leaves the session paused; gives the address of its video playlist. */
async function leftBehind(name: string, kbps: number): Promise<string> {
  const channel = await node.api.createChannel({ name })
  const broadcast = startBroadcast({ url: await node.rtmpUrl(channel.id), clip: noiseClip(folder.path, kbps) })
  const main = await node.playable(channel.id)
  const { video } = await readRenditions(main)
  await sleep(14_000)
  broadcast.kill()
  await broadcast.ended
  await sleep(2_000)
  return video
}

interface Subject {
  name: string
  path: string
  file: string
  bytes: number
}

/** Keeps what our node answers, byte for byte, where the others can serve it. */
async function keep(name: string, address: string): Promise<Subject> {
  const { pathname, search } = new URL(address)
  const body = execFileSync('curl', ['-s', '-f', '-H', 'Accept-Encoding: gzip', address], { maxBuffer: 64 << 20 })
  const file = `${name.replaceAll(' ', '-')}.m4s`
  writeFileSync(join(folder.path, file), body)
  return { name, path: pathname + search, file, bytes: body.length }
}

async function nearest(addresses: string[], bytes: number): Promise<string> {
  const sized = await Promise.all(
    addresses.map(async (address) => ({ address, size: (await (await fetch(address)).arrayBuffer()).byteLength })),
  )
  const distance = ({ size }: { size: number }) => Math.abs(size - bytes)
  return sized.filter(({ size }) => size > 1_000).sort((a, b) => distance(a) - distance(b))[0]!.address
}

const [thin, thick] = await Promise.all([leftBehind('Thin', 2_350), leftBehind('Thick', 3_600)])
const thinList = readPlaylist(await (await fetch(thin)).text(), thin)
const thickList = readPlaylist(await (await fetch(thick)).text(), thick)
const subjects = [
  await keep('segment', await nearest(thinList.segments.slice(-4), 600_000)),
  await keep('part', await nearest(thickList.parts, 150_000)),
  await keep('playlist', thin),
]

const nginxPorts = { http: await freePort(), https: await freePort() }
const nginx = await startNginx({
  folder: folder.path,
  root: folder.path,
  httpPort: nginxPorts.http,
  https: { port: nginxPorts.https, cert, key },
})
/** One of the servers beside us, in a process of its own. */
async function startServer(script: string, ...rest: string[]) {
  const port = await freePort()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lib', script), String(port), ...rest], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  await until(script, async () => (await fetch(`http://127.0.0.1:${port}/segment.m4s`).catch(() => null))?.ok)
  return { pid: child.pid!, port, stop: () => child.kill() }
}
const express = await startServer('express-server.ts', folder.path)

/** Medians of short runs in turn: the machine is shared, and one run says more of the neighbours. */
const ROUNDS = 5
async function perCpuSecond(loads: (Load & { pid: number })[]): Promise<number[]> {
  const rates = loads.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { pid, ...load }] of loads.entries()) {
      const { perCpuSecond } = await requestsPerCpuSecond(pid, { ...load, connections: CONNECTIONS, seconds })
      rates[i]!.push(perCpuSecond)
    }
  }
  return rates.map((all) => percentile(all, 0.5))
}

const rows: string[][] = []
let playlistRate = 0
for (const { name, path, file, bytes } of subjects) {
  const plain = await startServer('plain-server.ts', join(folder.path, file))
  const [theirs, ours, theirsTls, oursTls, bare, theirExpress] = (await perCpuSecond([
    { pid: nginx.workerPid, port: nginxPorts.http, paths: [`/${file}`] },
    { pid: node.pid, port: node.httpPort, paths: [path] },
    { pid: nginx.workerPid, port: nginxPorts.https, tls: true, paths: [`/${file}`] },
    { pid: node.pid, port: node.httpsPort, tls: true, paths: [path] },
    { pid: plain.pid, port: plain.port, paths: ['/'] },
    { pid: express.pid, port: express.port, paths: [`/${file}`] },
  ])) as [number, number, number, number, number, number]
  plain.stop()
  if (name === 'playlist') playlistRate = ours
  const rate = (value: number) => Math.round(value).toString()
  const times = (value: number) => value.toFixed(2)
  rows.push([
    `${name}, ${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} KB`,
    ...[rate(theirs), rate(ours), times(ours / theirs), times(bare / theirs)],
    ...[rate(theirsTls), rate(oursTls), times(oursTls / theirsTls), rate(theirExpress), times(ours / theirExpress)],
  ])
  console.error(rows.at(-1)!.join('  '))
}
express.stop()
await nginx.stop()

const UNLIMITED = { allowed: true, maxHeight: null, until: null, devices: null } as const

/** Seconds one check of a token with its viewer's mark takes, over many viewers. */
function checkAndMark(): number {
  const playback = createPlayback({
    secret: new Secret('only for this bench'),
    clock: systemClock,
    decide: () => Promise.reject(new Error('every token here is known')),
  })
  const audience = createAudience({ clock: systemClock })
  const sessionId = newId()
  const paths = Array.from({ length: 10_000 }, () => {
    const claims = { sessionId, userId: null, deviceId: null, viewingId: newId(), beganAt: systemClock.now() }
    const { token } = playback.issue(claims, UNLIMITED, 86_400_000)
    return `/hls/${token}/${sessionId}/source.m3u8`
  })
  const rounds = 2_000_000
  let start = 0
  for (let round = -rounds; round < rounds; round++) {
    if (round === 0) start = performance.now()
    const path = paths[Math.abs(round) % paths.length]!
    const tokenEnd = path.indexOf('/', 5)
    const viewing = playback.verify(path.slice(5, tokenEnd), path.slice(tokenEnd + 1, tokenEnd + 37))
    if (typeof viewing === 'object' && !(viewing instanceof Promise)) audience.touch(viewing)
  }
  return (performance.now() - start) / 1000 / rounds
}
const checked = checkAndMark()
const notes = [
  `Token check and viewer mark: ${(checked * 1e6).toFixed(2)} µs, ${(checked * playlistRate * 100).toFixed(1)} % of a playlist request.`,
]

const channel = await node.api.createChannel({ name: 'Blocked' })
const broadcast = startBroadcast({ url: await node.rtmpUrl(channel.id), size: '640x360', kbps: 800 })
const { video } = await readRenditions(await node.playable(channel.id))
await sleep(6_000)
for (let round = 1; round <= 5; round++) {
  const { answered, p50, p99, last } = await releaseBlocked(video, viewers)
  const ms = (value: number) => value.toFixed(0)
  notes.push(
    `${answered} of ${viewers} blocked playlist requests released: p50 ${ms(p50)} ms, p99 ${ms(p99)} ms, last ${ms(last)} ms.`,
  )
  console.error(notes.at(-1))
}
broadcast.stop()
await broadcast.ended
await node.close()

const head = ['per CPU-second', 'nginx', 'ours', '×', 'node:http ×', 'nginx TLS', 'ours TLS', '×', 'Express', 'ours ×']
console.log(`${describeMachine()}\n\n${table(head, rows)}\n\n${notes.join('\n')}`)
