/** A stranger's way to a paid show with test money, and what a refund takes away again. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
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
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    broadcaster?.stop()
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

  test('refunded, the picture is lost', async () => {
    const { sales } = await api.call<{ sales: { id: string }[] }>('GET', `/channels/${channel.id}/sales`)
    await api.call('POST', `/payments/${sales[0]!.id}/refund`, {})
    const again = await browser.context.newPage()
    const refused = again.waitForResponse((response) => response.url().endsWith('/api/playback'))
    await again.goto(`${node.url}/c/${channel.slug}`)
    expect((await refused).status()).toBe(402)
    await again.close()
  })

  test('the creator puts a membership on sale from the studio, and stops selling one', async () => {
    const own = await browser.context.browser()!.newPage()
    await own.goto(`${node.url}/sign-in`)
    await own.getByLabel('E-mail').fill(owner.OWNER_EMAIL)
    await own.getByLabel('Password').fill(owner.OWNER_PASSWORD)
    await own.getByRole('button', { name: 'Sign in', exact: true }).click()
    await own.waitForURL('**/studio**')
    await own.goto(`${node.url}/studio/${channel.slug}`)
    await own.getByRole('link', { name: 'Sales' }).click()
    const sell = async (what: string, name: string, price: string) => {
      await own.getByLabel('What').selectOption({ label: what })
      await own.getByLabel('Name', { exact: true }).fill(name)
      await own.getByLabel('Price').fill(price)
      await own.getByRole('button', { name: 'Sell it' }).click()
    }
    await sell('Membership, Premium', 'Patron', '4.5.0')
    await own.getByText('That is no amount').waitFor()
    await sell('Membership, Premium', 'Patron', '4.50')
    await own.getByText(/Patron: .*4[.,]50/).waitFor()
    const { offers } = await api.call<{ offers: { kind: string; name: string; price: number }[] }>(
      'GET',
      `/channels/${channel.id}/offers`,
    )
    expect(offers).toMatchObject([{ kind: 'membership', name: 'Patron', price: 450 }])
    await own.locator('.row', { hasText: 'Patron' }).getByRole('button', { name: 'Sell no more' }).click()
    await own.getByText(/Patron: /).waitFor({ state: 'detached' })
    await own.close()
  })
})
