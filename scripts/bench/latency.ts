/**
 * Glass to glass: a clock burnt into the picture, read back from the player's canvas in Chromium.
 *
 *   node scripts/bench/latency.ts [--seconds 120] [--only page,hls.js,distance,outage,freeze,kill,muxer] [--lookahead 10]
 *
 * Broadcaster, node, encoder and browser share the machine; its load is printed beside each figure. The broadcaster sends
 * two B-frames; `--lookahead 10` makes it OBS's x264 at "veryfast", which holds ten frames more before it sends any.
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { broadcastClock } from './lib/clock-picture.ts'
import { openDistance } from './lib/distance.ts'
import { describeMachine, percentile, table } from './lib/machine.ts'
import { muxerArguments, serveMuxer } from './lib/muxer-page.ts'
import { type BenchNode, openNode } from './lib/node.ts'
import { sleep, temporaryFolder, until } from './lib/places.ts'
import { machineLoad } from './lib/usage.ts'
import { ages, openChromium, openViewer, press, type Sight, watch } from './lib/viewer.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    only: { type: 'string' },
    lookahead: { type: 'string', default: '0' },
  },
})
const seconds = Number(values.seconds)
const lookahead = Number(values.lookahead)
const SCENARIOS = ['page', 'hls.js', 'distance', 'outage', 'freeze', 'kill', 'muxer']
const wanted = values.only?.split(',') ?? SCENARIOS
const SETTLE_MS = 10_000
const OUTAGE_MS = 4_000

const HEAD = ['run', 'first frame', 'p50', 'p95', 'stalls', 'longest gap', 'height', 'machine load']
const rows: (string | number)[][] = []
const notes: string[] = []

function note(run: string, firstFrameMs: number, sight: Sight, load: number): void {
  const inSeconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  rows.push([
    run,
    `${firstFrameMs.toFixed(0)} ms`,
    inSeconds(ages(sight, 0.5)),
    inSeconds(ages(sight, 0.95)),
    sight.stalls,
    `${sight.longestGapMs.toFixed(0)} ms`,
    sight.height,
    `${(load * 100).toFixed(0)} %`,
  ])
  console.error(rows.at(-1)!.join('  '))
}

/** From the list of channels into the channel, as a person goes. */
async function enter(browser: Browser, origin: string, slug: string, query = '') {
  const viewer = await openViewer(browser, `${origin}/${query}`)
  const link = `a[href*="/c/${slug}"]`
  await viewer.page.waitForSelector(link)
  await sleep(500)
  if (query) await viewer.page.evaluate(`document.querySelector('${link}').href += '${query}'`)
  await press(viewer.page, link)
  return viewer
}

async function measure(run: string, browser: Browser, node: BenchNode, query = '', origin = node.url): Promise<void> {
  const firstFrames: number[] = []
  for (let visit = 0; visit < 4; visit++) {
    const visitor = await enter(browser, origin, node.channel.slug, query)
    firstFrames.push((await visitor.look()).firstFrameMs)
    await visitor.close()
  }
  const viewer = await enter(browser, origin, node.channel.slug, query)
  firstFrames.push((await viewer.look()).firstFrameMs)
  await sleep(SETTLE_MS)
  let sight: Sight | undefined
  const load = await machineLoad(async () => {
    sight = await watch(viewer, seconds)
  })
  note(run, percentile(firstFrames, 0.5), sight!, load)
  await viewer.close()
}

async function measureOutage(browser: Browser, node: BenchNode): Promise<void> {
  const line = await openDistance({ port: node.httpPort }, 0)
  const viewer = await enter(browser, `http://127.0.0.1:${line.port}`, node.channel.slug)
  await sleep(SETTLE_MS)
  const before = await watch(viewer, 10)
  line.cut()
  await sleep(OUTAGE_MS)
  line.mend()
  const mendedAt = Date.now()
  const after = await watch(viewer, 30)
  const usual = ages(before, 0.5)
  const late = after.clocks.filter(({ age }) => age > usual + 200).at(-1)
  const backAfter = late ? (late.at - mendedAt) / 1000 : 0
  notes.push(
    `Network cut for 4 s: back within 0.2 s of ${(usual / 1000).toFixed(2)} s after ${backAfter.toFixed(1)} s.`,
  )
  console.error(notes.at(-1))
  await viewer.close()
  line.close()
}

async function measureFreeze(browser: Browser, node: BenchNode): Promise<void> {
  const viewer = await enter(browser, node.url, node.channel.slug)
  await sleep(SETTLE_MS)
  await viewer.forget()
  const encoders = node.encoderPids()
  for (const pid of encoders) process.kill(pid, 'SIGSTOP')
  await sleep(OUTAGE_MS)
  for (const pid of encoders) process.kill(pid, 'SIGCONT')
  await sleep(16_000)
  const sight = await viewer.look()
  notes.push(
    `FFmpeg frozen for 4 s (${encoders.length} process): ${sight.stalls} stalls, longest gap ${sight.longestGapMs.toFixed(0)} ms at ${sight.height} lines.`,
  )
  console.error(notes.at(-1))
  await viewer.close()
}

/** For a viewer of the source and for one who has chosen what the encoder makes. */
async function measureKill(browser: Browser, node: BenchNode, quality: 'auto' | '480'): Promise<void> {
  const viewer = await openViewer(browser, node.url)
  await viewer.page.evaluate(`localStorage.setItem('footlight.quality', '${quality}')`)
  await press(viewer.page, `a[href*="/c/${node.channel.slug}"]`)
  await sleep(SETTLE_MS)
  await viewer.forget()
  for (const pid of node.encoderPids()) process.kill(pid, 'SIGKILL')
  await sleep(20_000)
  const sight = await viewer.look()
  notes.push(
    `FFmpeg killed, quality ${quality}: ${sight.stalls} stalls, longest gap ${sight.longestGapMs.toFixed(0)} ms, then ${sight.height} lines.`,
  )
  console.error(notes.at(-1))
  await viewer.close()
}

async function measureMuxer(browser: Browser, segmentSeconds: number): Promise<void> {
  using folder = temporaryFolder('muxer')
  const broadcast = await broadcastClock({ lookahead, output: muxerArguments(folder.path, segmentSeconds) })
  const site = await serveMuxer(folder.path)
  await until('a playlist', async () => existsSync(`${folder.path}/live.m3u8`))
  await sleep(segmentSeconds * 4_000)
  const viewer = await openViewer(browser, site.url)
  await press(viewer.page, '#play')
  const { firstFrameMs } = await viewer.look()
  await sleep(SETTLE_MS)
  let sight: Sight | undefined
  const load = await machineLoad(async () => {
    sight = await watch(viewer, Math.min(seconds, 60))
  })
  note(`FFmpeg's hls muxer, ${segmentSeconds} s segments`, firstFrameMs, sight!, load)
  await viewer.close()
  site.close()
  await broadcast.stop()
}

const browser = await openChromium()
if (wanted.some((scenario) => scenario !== 'muxer')) {
  const node = await openNode()
  const broadcast = await broadcastClock({
    lookahead,
    output: ['-f', 'flv', '-flvflags', 'no_duration_filesize', await node.rtmpUrl()],
  })
  const start = performance.now()
  await node.playable()
  notes.push(
    `From the first byte of the broadcaster to a playable playlist: ${((performance.now() - start) / 1000).toFixed(2)} s.`,
  )
  await sleep(15_000)
  if (wanted.includes('page')) await measure('our controller', browser, node)
  if (wanted.includes('hls.js')) await measure('hls.js catching up by itself', browser, node, '?catch-up=hls.js')
  if (wanted.includes('distance')) {
    const line = await openDistance({ port: node.httpPort }, 100)
    await measure('our controller, 100 ms round trip', browser, node, '', `http://127.0.0.1:${line.port}`)
    line.close()
  }
  if (wanted.includes('outage')) await measureOutage(browser, node)
  if (wanted.includes('freeze')) await measureFreeze(browser, node)
  if (wanted.includes('kill')) for (const quality of ['auto', '480'] as const) await measureKill(browser, node, quality)
  await broadcast.stop()
  await node.close()
}
if (wanted.includes('muxer')) for (const segmentSeconds of [2, 4]) await measureMuxer(browser, segmentSeconds)
await browser.close()

console.log(`${describeMachine()}\n\n${table(HEAD, rows)}\n\n${notes.join('\n')}`)
