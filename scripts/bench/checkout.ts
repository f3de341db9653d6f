/**
 * What a buyer waits for, in Chromium: from the bank's word that it is paid to the first frame on the page that waited for
 * it, and from the creator's press on "give back" to the last byte of media that reached the page.
 *
 *   node scripts/bench/checkout.ts [--rounds 5]
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { startBroadcast } from '../publish.ts'
import { describeMachine, percentile, table } from './lib/machine.ts'
import { openNode } from './lib/node.ts'
import { sleep, until } from './lib/places.ts'
import { openChromium } from './lib/viewer.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)

const node = await openNode()
const broadcast = startBroadcast({ url: await node.rtmpUrl(), size: '1280x720', fps: 30, kbps: 2_500 })
await node.playable()
const { session } = await node.api.play(node.channel.id)
await node.api.call('PATCH', `/sessions/${session.id}`, { visibility: 'ticket' })
const ticket = { kind: 'ticket', sessionId: session.id, name: 'Bench', currency: 'EUR', price: 1_000 }
await node.api.call('POST', `/channels/${node.channel.id}/offers`, ticket)

const browser = await openChromium()
const page = await browser.newPage()
const devtools = await page.context().newCDPSession(page)
await devtools.send('Network.enable')
const media = new Set<string>()
let lastByteAt = 0
devtools.on('Network.responseReceived', ({ requestId, response }) => {
  if (response.status === 200 && /\/hls\/.*\.m4s/.test(response.url)) media.add(requestId)
})
devtools.on('Network.dataReceived', ({ requestId }) => {
  if (media.has(requestId)) lastByteAt = Date.now()
})

await registerBuyer(page)
const opened: number[] = []
const closed: number[] = []
for (let round = 0; round < rounds; round++) {
  opened.push(await pays(page))
  await sleep(3_000 + round * 130)
  closed.push(await isRefunded())
}
await browser.close()
broadcast.stop()
await broadcast.ended
await node.close()

const inMs = (all: number[], share: number) => `${percentile(all, share).toFixed(0)} ms`
console.log(`${describeMachine()}\n`)
console.log(
  table(
    ['', 'median', 'worst'],
    [
      ['payment settled → first frame', inMs(opened, 0.5), inMs(opened, 1)],
      ['right withdrawn → last byte', inMs(closed, 0.5), inMs(closed, 1)],
    ],
  ),
)

/** Somebody else than the owner, who may watch everything. */
async function registerBuyer(on: Page): Promise<void> {
  const buyer = { email: 'buyer@footlight.example', password: 'only for this bench', name: 'Buyer' }
  await node.api.call('POST', '/auth/sign-up/email', buyer)
  const { mail } = await node.api.call<{ mail: { to: string; text: string }[] }>('GET', '/operator/mail')
  const link = /\/verify\?token=\S+/.exec(mail.find(({ to }) => to === buyer.email)?.text ?? '')?.[0]
  await on.goto(node.url + link)
  await on.getByRole('button', { name: 'Confirm and sign in' }).click()
  await on.waitForURL((url) => url.pathname !== '/verify')
}

/** The buyer waits on the return page when the bank confirms; from its word, not from the books, so a little more. */
async function pays(on: Page): Promise<number> {
  await on.goto(`${node.url}/c/${node.channel.slug}`)
  await on.getByRole('button', { name: /10[.,]00/ }).click()
  await on.waitForURL('**/test-money/**')
  const checkout = on.url().split('/').at(-1)
  await on.getByRole('button', { name: 'Pay by a slow bank' }).click()
  await on.getByText('waiting for your bank').waitFor()
  await sleep(1_500)
  await on.evaluate(`void (window.__firstFrame = new Promise((resolve) => {
    const timer = setInterval(() => {
      const video = document.querySelector('hls-video')?.nativeEl
      if (!video) return
      clearInterval(timer)
      video.requestVideoFrameCallback(() => resolve(Date.now()))
    }, 2)
  }))`)
  const paidAt = Date.now()
  await node.api.call('POST', `/test-money/${checkout}/acts`, { act: 'bank_confirms' })
  return (await on.evaluate<number>('window.__firstFrame')) - paidAt
}

/** From the press: the commit is somewhere behind it. */
async function isRefunded(): Promise<number> {
  const { sales } = await node.api.call<{ sales: { id: string }[] }>(
    'GET',
    `/channels/${node.channel.id}/sales?limit=1`,
  )
  const askedAt = Date.now()
  await node.api.call('POST', `/payments/${sales[0]!.id}/refund`, {})
  await until('silence', async () => Date.now() - Math.max(lastByteAt, askedAt) > 2_000 || null, 10_000)
  return Math.max(0, lastByteAt - askedAt)
}
