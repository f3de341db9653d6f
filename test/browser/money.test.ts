/** A stranger's way to a paid show with test money, what a refund takes away again, and a member's way up. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Broadcaster, broadcast } from '../helpers/broadcaster.ts'
import { type Chromium, expectMovingPicture, openChromium } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { mailedLink } from '../helpers/mail.ts'
import { type NodeProcess, startNodeProcess } from '../helpers/node-process.ts'

describe('a paid show', () => {
  const owner = { OWNER_EMAIL: 'olga@example.org', OWNER_PASSWORD: 'a long enough one' }
  let node: NodeProcess
  let browser: Chromium
  let page: Page
  /** The creator's. */
  let own: Page
  let broadcaster: Broadcaster
  let api: ReturnType<typeof createApi>
  let channel: { id: string; slug: string }
  let sessionId: string

  beforeAll(async () => {
    node = await startNodeProcess({ env: owner })
    api = createApi(node.url)
    await api.signIn(owner.OWNER_EMAIL, owner.OWNER_PASSWORD)
    channel = await api.ownChannel()
    broadcaster = broadcast(`${node.rtmpUrl}/${await api.createStreamKey(channel.id)}`, { seconds: 600 })
    sessionId = await eventually(async () => {
      const { sessions } = await api.call<{ sessions: { id: string; state: string }[] }>(
        'GET',
        `/sessions?channelId=${channel.id}&limit=1`,
      )
      return sessions[0]?.state === 'live' ? sessions[0].id : null
    })
    await api.call('PATCH', `/sessions/${sessionId}`, { visibility: 'ticket' })
    const ticket = { kind: 'ticket', sessionId, name: 'Bread live', currency: 'EUR', price: 1_250 }
    await api.call('POST', `/channels/${channel.id}/offers`, ticket)
    browser = await openChromium()
    page = await browser.context.newPage()
    own = await browser.context.browser()!.newPage()
    await own.goto(`${node.url}/sign-in`)
    await own.getByLabel('E-mail').fill(owner.OWNER_EMAIL)
    await own.getByLabel('Password').fill(owner.OWNER_PASSWORD)
    await own.getByRole('button', { name: 'Sign in', exact: true }).click()
    await own.waitForURL('**/studio**')
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    broadcaster?.stop()
  })

  test('what a show costs comes with its page, so that nothing moves when it is there', async () => {
    await page.route('**/api/channels/*/offers*', (route) => route.abort())
    await page.goto(`${node.url}/c/${channel.slug}`)
    await page.getByRole('button', { name: /12[.,]50/ }).waitFor()
    await page.unrouteAll()
  })

  test('a stranger registers, pays with test money, and the show opens by itself', async () => {
    await page.goto(`${node.url}/register`)
    await page.getByLabel('Name').fill('Anna')
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill('correct horse')
    await page.getByRole('button', { name: /Register|Create/ }).click()
    await page.getByText('Look in your mail').waitFor()
    await page.goto(node.url + (await mailedLink(api, 'anna@example.org')))
    await page.getByRole('button', { name: 'Confirm and sign in' }).click()
    await page.waitForURL((url) => url.pathname !== '/verify')

    await page.goto(`${node.url}/c/${channel.slug}`)
    await page.getByText('nothing here costs anything').waitFor()
    await page.getByRole('button', { name: /12[.,]50/ }).click()
    await page.waitForURL('**/test-money/**')
    await page.getByRole('button', { name: 'Pay with a card that is declined' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await page.waitForURL(`**/c/${channel.slug}`)
    await expectMovingPicture(page)
  })

  test('the receipt lies under my purchases', async () => {
    const mine = await browser.context.newPage()
    await mine.goto(`${node.url}/purchases`)
    await mine.locator('[data-purchase=paid]').getByText('Bread live').waitFor()
    await mine.close()
  })

  test('the creator gives the money back, and the picture is lost', async () => {
    await own.goto(`${node.url}/studio/${channel.slug}`)
    await own.getByRole('link', { name: 'Sales' }).click()
    await own.getByRole('button', { name: 'Give back' }).click()
    await own.getByLabel('Sum').fill('12.51')
    await own.getByText(/At most .*12[.,]50/).waitFor()
    await own.getByLabel('Sum').fill('12.50')
    const lost = page.locator('[data-offer=buy]').waitFor()
    await own.getByRole('button', { name: /Give .*12[.,]50 back/ }).click()
    await lost
  })

  test('a frame on another site shows the offer over a blurred still, and so does a link preview', async () => {
    const shown = () => api.call<{ thumbnailUrl: string | null }>('GET', `/sessions/${sessionId}`)
    await eventually(async () => (await shown()).thumbnailUrl)
    const frame = await browser.context.newPage()
    await frame.goto(`${node.url}/embed/${channel.slug}`)
    await frame.locator('[data-offer=buy]').waitFor()
    expect(await frame.locator('img.stage-poster').getAttribute('src')).toContain('/blurred-640.jpg')
    const page = await (await fetch(`${node.url}/c/${channel.slug}`)).text()
    expect(page).toMatch(/og:image" content="[^"]+\/blurred-1280\.jpg/)
    expect((await fetch(`${node.url}/media/thumbnails/${sessionId}/640.jpg`)).status).toBe(404)
    await frame.close()
  })

  test('while the bank takes its time the page says so; then the show opens by itself', async () => {
    await page.getByRole('link', { name: 'See what it costs' }).click()
    await page.getByRole('button', { name: /12[.,]50/ }).click()
    await page.waitForURL('**/test-money/**')
    const checkout = page.url().split('/').at(-1)
    await page.getByRole('button', { name: 'Pay by a slow bank' }).click()
    await page.getByRole('heading', { name: 'We are waiting for your bank' }).waitFor()
    await api.call('POST', `/test-money/${checkout}/acts`, { act: 'bank_confirms' })
    await page.waitForURL(`**/c/${channel.slug}`)
    await expectMovingPicture(page)
  })

  test('the creator puts two memberships on sale; who buys the lower one moves up, and the show opens', async () => {
    const sell = async (tier: string, name: string, price: string) => {
      await own.getByRole('button', { name: 'Sell something new' }).click()
      await own.getByLabel('Tier').selectOption(tier)
      await own.getByLabel('Name', { exact: true }).fill(name)
      await own.getByLabel('Price a month').fill(price)
      await own.getByRole('button', { name: 'Sell it' }).click()
    }
    await sell('basic', 'Friend', '4.5.0')
    await own.getByRole('alert').waitFor()
    await own.getByLabel('Price a month').fill('4.50')
    await own.getByRole('button', { name: 'Sell it' }).click()
    await own.getByText(/Friend: .*4[.,]50/).waitFor()
    await sell('vip', 'Patron', '20')
    await own.getByText(/Patron: .*20[.,]00/).waitFor()
    expect(await seriousFaults(browser, own)).toEqual([])

    await api.call('PATCH', `/sessions/${sessionId}`, { visibility: 'members', requiredTier: 3 })
    // Whoever holds a ticket stays, whatever else the show asks for.
    const { sales } = await api.call<{ sales: { id: string }[] }>('GET', `/channels/${channel.id}/sales?limit=1`)
    await api.call('POST', `/payments/${sales[0]!.id}/refund`, {})
    await page.locator('[data-offer=join]').waitFor()
    await page.reload()
    await page.getByRole('button', { name: /4[.,]50 a month/ }).click()
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await page.waitForURL(`**/c/${channel.slug}`)
    await page.locator('[data-offer=upgrade]').waitFor()
    await page.getByRole('button', { name: /20[.,]00 a month/ }).click()
    await page.getByText('You pay the difference').waitFor()
    await page.getByRole('button', { name: 'Change it' }).click()
    await expectMovingPicture(page)
  })

  test('what is withdrawn is sold no more', async () => {
    await own.locator('li', { hasText: 'Patron' }).getByRole('button', { name: 'Sell no more' }).click()
    await own.getByRole('dialog').getByRole('button', { name: 'Sell no more' }).click()
    await own.getByText(/Patron: /).waitFor({ state: 'detached' })
    const { offers } = await api.call<{ offers: { name: string }[] }>('GET', `/channels/${channel.id}/offers`)
    expect(offers).toMatchObject([{ name: 'Friend' }])
  })
})
