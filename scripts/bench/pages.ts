/**
 * How soon a page shows something, how much code it takes before the player, and whether anything jumps about.
 *
 *   node scripts/bench/pages.ts [--visits 5]
 *
 * Slow 4G is what Lighthouse simulates: 150 ms round trip, 1.6 Mbit/s down, 750 kbit/s up.
 */
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { startBroadcast } from '../publish.ts'
import { describeMachine, percentile, table } from './lib/machine.ts'
import { openNode } from './lib/node.ts'
import { sleep } from './lib/places.ts'
import { openChromium } from './lib/viewer.ts'

const { values } = parseArgs({ options: { visits: { type: 'string', default: '5' } } })
const visits = Number(values.visits)

const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
}
const SETTLE_MS = 4_000

/** Put into every page before its own scripts: the sum of what moved without anybody asking. */
const OBSERVER = `window.__shifted = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shifted += entry.value
}).observe({ type: 'layout-shift', buffered: true })`

interface Visit {
  paintMs: number
  shifted: number
  /** Compressed bytes of scripts: what the page needs to show itself, and the player, loaded apart. */
  firstScripts: number
  laterScripts: number
}

async function visit(browser: Browser, address: string, isSlow: boolean, isWarm: boolean): Promise<Visit> {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 390, height: 844 } })
  await context.addInitScript(OBSERVER)
  const page = await context.newPage()
  if (isWarm) {
    await page.goto(address)
    await sleep(1_000)
  }
  if (isSlow) {
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.emulateNetworkConditions', SLOW_4G)
  }
  await page.goto(address)
  await sleep(SETTLE_MS)
  const seen = await page.evaluate<Visit>(`(() => {
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => /\\.js$/.test(name))
    const isOfPlayer = ({ name }) => /\\/(create-player|esm)-/.test(name)
    const sum = (some) => some.reduce((total, { encodedBodySize }) => total + encodedBodySize, 0)
    return {
      paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      shifted: window.__shifted,
      firstScripts: sum(scripts.filter((script) => !isOfPlayer(script))),
      laterScripts: sum(scripts.filter(isOfPlayer)),
    }
  })()`)
  await context.close()
  return seen
}

const node = await openNode()
const broadcast = startBroadcast({ url: await node.rtmpUrl(), size: '1280x720', fps: 30, kbps: 2_500 })
await node.playable()
const browser = await openChromium()
const rows: string[][] = []
for (const [name, path] of [
  ['home', '/'],
  ['watch', `/c/${node.channel.slug}`],
] as const) {
  for (const [line, isSlow, isWarm] of [
    ['loopback, warm', false, true],
    ['slow 4G, cold', true, false],
  ] as const) {
    const all: Visit[] = []
    for (let i = 0; i < visits; i++) all.push(await visit(browser, node.url + path, isSlow, isWarm))
    const median = (pick: (seen: Visit) => number) => percentile(all.map(pick), 0.5)
    rows.push([
      `${name}, ${line}`,
      `${median(({ paintMs }) => paintMs).toFixed(0)} ms`,
      Math.max(...all.map(({ shifted }) => shifted)).toFixed(3),
      `${(median(({ firstScripts }) => firstScripts) / 1000).toFixed(1)} kB`,
      `${(median(({ laterScripts }) => laterScripts) / 1000).toFixed(1)} kB`,
    ])
    console.error(rows.at(-1)!.join('  '))
  }
}
await browser.close()
broadcast.stop()
await broadcast.ended
await node.close()

const head = ['page', 'first contentful paint', 'layout shift', 'scripts before the player', 'scripts after']
console.log(`${describeMachine()}\n\n${table(head, rows)}`)
