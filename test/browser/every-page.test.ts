/**
 * Every page there is, as each kind of person sees it, light or dark: it fits a desk, a tablet and a phone, nothing is serious
 * for a screen reader, and nothing complains.
 */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { register } from '../helpers/mail.ts'
import { openStudio } from '../helpers/studio.ts'

const PASSWORD = 'a long enough one'
const WIDTHS = [1440, 768, 360]
const patterns = [...readFileSync('src/web/client/main.tsx', 'utf8').matchAll(/(?:\[\s*|match\()'(\/[^']*)'/g)].map(
  ([, pattern]) => pattern!,
)

let room: Awaited<ReturnType<typeof openStudio>>
let browser: Chromium
let page: Page
let creatorsChannel: string

beforeAll(async () => {
  room = await openStudio({ CREATORS: 'open' })
  for (const name of ['Vera', 'Carl'])
    await register(room.api, { name, email: `${name.toLowerCase()}@example.org`, password: PASSWORD })
  const carl = createApi(room.node.url)
  await carl.signIn('carl@example.org', PASSWORD)
  await carl.call('POST', '/account/creator', {})
  creatorsChannel = (await carl.createChannel({ name: 'Carl’s very long evening of unbroken conversations' })).slug
  const offer = { kind: 'membership', tier: 'basic', name: 'Friends', currency: 'EUR', price: 499 }
  await room.api.call('POST', `/channels/${room.channel.id}/offers`, offer)
  browser = await openChromium()
  page = await browser.context.newPage()
})
afterAll(async () => {
  await browser?.close()
  await room?.close()
})

const become = (email: string) =>
  browser.context.request.post(`${room.node.url}/api/auth/sign-in/email`, {
    data: { email, password: PASSWORD },
    headers: { origin: room.node.url },
  })

test.each([
  ['a stranger', null, 'light', () => room.channel.slug],
  ['a viewer', 'vera@example.org', 'dark', () => room.channel.slug],
  ['a broadcaster', 'carl@example.org', 'light', () => creatorsChannel],
  ['the operator', 'owner@example.org', 'dark', () => room.channel.slug],
] as const)('%s', async (_who, email, colorScheme, slug) => {
  await browser.context.clearCookies()
  if (email) expect((await become(email)).status()).toBe(200)
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const faults: string[] = []
  const seen = new Set<string>()
  for (const pattern of patterns) {
    const path = pattern.replace(':slug', slug()).replace(/:\w+/g, 'nothing-of-this-name')
    await page.goto(room.node.url + path)
    await page.locator('#page > *').first().waitFor()
    await eventually(async () => (await page.locator('[aria-busy=true], .skeleton').count()) === 0)
    // Whoever is not signed in is led to the same page over and over.
    const { pathname } = new URL(page.url())
    if (seen.has(pathname)) continue
    seen.add(pathname)
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 })
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (over > 0) faults.push(`${path} is ${over} px too wide at ${width}`)
    }
    faults.push(...(await seriousFaults(browser, page)).map((fault) => `${path}: ${fault}`))
    if (!(await page.title())) faults.push(`${path} has no name`)
  }
  expect([...faults, ...browser.complaints]).toEqual([])
})
