/** A creator's way to their money with test money: earned, connected, passed on, paid out, back from the bank. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

let room: Awaited<ReturnType<typeof openStudio>>
let browser: Chromium
let page: Page

beforeAll(async () => {
  room = await openStudio({ PLATFORM_FEE_PERCENT: '10' })
  const { api, channel, node } = room
  const plan = { kind: 'membership', tier: 'vip', name: 'Front row', currency: 'EUR', price: 2_000 }
  const { id: offerId } = await api.call<{ id: string }>('POST', `/channels/${channel.id}/offers`, plan)
  const { url } = await api.call<{ url: string }>('POST', '/checkouts', { offerId })
  await api.call('POST', `/test-money/${url.split('/').at(-1)}/acts`, { act: 'pay' })
  browser = await openChromium({ viewport: { width: 360, height: 740 } })
  page = await browser.context.newPage()
  const person = { email: 'owner@example.org', password: 'a long enough one' }
  await browser.context.request.post(`${node.url}/api/auth/sign-in/email`, {
    data: person,
    headers: { origin: node.url },
  })
})

afterAll(async () => {
  await browser?.close()
  await room?.close()
})

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

test('what is earned is kept until an account is connected, and lies in it then', async () => {
  await page.goto(`${room.node.url}/studio/${room.channel.slug}/earnings`)
  await page.locator('[data-kept="1800"]').waitFor()
  await page.getByLabel('Country').selectOption('DE')
  await press('Connect an account')
  await page.waitForURL('**/test-money/accounts/**')
  await page.getByRole('link', { name: 'Back to my earnings' }).click()
  await page.getByText('bank account', { exact: true }).waitFor()
  await press('Go on')
  await press('Fill everything in')
  await page.locator('[data-state=active]').waitFor()
  await eventually(async () => {
    const { earnings } = await room.api.call<{ earnings: { inAccount: number }[] }>(
      'GET',
      `/channels/${room.channel.id}/earnings`,
    )
    return earnings[0]?.inAccount === 1_800
  })
  await page.getByRole('link', { name: 'Back to my earnings' }).click()
  await page.locator('[data-account=active]').waitFor()
  await page.locator('[data-in-account="1800"]').waitFor()
})

test('a payout is sent, and shown with its state', async () => {
  await press('Change details')
  await press('Pay out what lies here')
  await press('The payout leaves for the bank')
  await page.locator('[data-act=payout_fails]').waitFor()
  await page.getByRole('link', { name: 'Back to my earnings' }).click()
  await page.locator('[data-payout=in_transit]').waitFor()
  await page.locator('[data-paid-out="1800"]').waitFor()
})

test('the page of the earnings fits a phone and a desk, with nothing serious for a screen reader', async () => {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await seriousFaults(browser, page)).toEqual([])
    }
  }
  expect(browser.complaints).toEqual([])
})
