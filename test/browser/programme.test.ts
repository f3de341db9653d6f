/** A show from its plan to its waiting room, its ticket and its end; and the bell that tells of it. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { mailedLink } from '../helpers/mail.ts'
import { type NodeProcess, startNodeProcess } from '../helpers/node-process.ts'

describe('a planned show', () => {
  const owner = { OWNER_EMAIL: 'olga@example.org', OWNER_PASSWORD: 'a long enough one' }
  let node: NodeProcess
  let creators: Chromium
  let viewers: Chromium
  let studio: Page
  let page: Page
  let api: ReturnType<typeof createApi>
  let channel: { id: string; slug: string }

  beforeAll(async () => {
    node = await startNodeProcess({ env: owner })
    api = createApi(node.url)
    await api.signIn(owner.OWNER_EMAIL, owner.OWNER_PASSWORD)
    channel = await api.ownChannel()
    creators = await openChromium({ timezoneId: 'Europe/Berlin' })
    viewers = await openChromium({ viewport: { width: 360, height: 740 }, timezoneId: 'America/New_York' })
    studio = await creators.context.newPage()
    page = await viewers.context.newPage()
  })

  afterAll(async () => {
    await creators?.close()
    await viewers?.close()
    await node?.stop()
  })

  const sideways = (on: Page) => on.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

  test('the creator plans it in the studio, by a clock of their own', async () => {
    await studio.goto(`${node.url}/sign-in`)
    await studio.getByLabel('E-mail').fill(owner.OWNER_EMAIL)
    await studio.getByLabel('Password').fill(owner.OWNER_PASSWORD)
    await studio.getByRole('button', { name: 'Sign in', exact: true }).click()
    await studio.waitForURL('**/studio/*')
    await studio.getByRole('link', { name: 'Schedule' }).click()
    await studio.getByRole('button', { name: 'Plan a show' }).click()
    await studio.getByLabel('Title').fill('Bread')
    const year = new Date().getFullYear() + 1
    await studio.getByLabel('Begins').fill(`${year}-07-01T15:00`)
    expect(await studio.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin')
    await studio.getByLabel('Ticket holders').check()
    expect(await seriousFaults(creators, studio)).toEqual([])
    await studio.getByRole('button', { name: 'Plan it' }).click()
    await studio.locator('[data-show]', { hasText: 'Bread' }).waitFor()
    const { shows } = await api.call<{ shows: { id: string; scheduledAt: string }[] }>('GET', '/shows')
    expect(shows.map(({ scheduledAt }) => scheduledAt)).toEqual([`${year}-07-01T13:00:00.000Z`])
    const ticket = { kind: 'ticket', sessionId: shows[0]!.id, name: 'Bread live', currency: 'EUR', price: 1_250 }
    await api.call('POST', `/channels/${channel.id}/offers`, ticket)
  })

  test('somebody finds it on the home page, waits, buys a ticket and asks to be reminded', async () => {
    await page.goto(`${node.url}/register`)
    await page.getByLabel('Name').fill('Anna')
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill('correct horse')
    await page.getByRole('button', { name: /Register|Create/ }).click()
    await page.getByText('Look in your mail').waitFor()
    await page.goto(node.url + (await mailedLink(api, 'anna@example.org')))
    await page.getByRole('button', { name: 'Confirm and sign in' }).click()
    await page.waitForURL((url) => url.pathname !== '/verify')

    await page.goto(node.url)
    await page.getByRole('link', { name: /Bread/ }).click()
    await page.getByRole('timer').waitFor()
    await page.getByText(/9:00.+15:00 Europe\/Berlin|9:00.+03:00.+Europe\/Berlin/).waitFor()
    expect(await sideways(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(viewers, page)).toEqual([])
    await page.getByRole('button', { name: 'Remind me' }).click()
    await page.getByRole('button', { name: 'You will be reminded' }).waitFor()
    await page.getByRole('button', { name: /12[.,]50/ }).click()
    await page.waitForURL('**/test-money/**')
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await page.waitForURL('**/show/*')
    await page.getByRole('timer').waitFor()
  })

  test('called off after a yes to the sum; the bell rings, and the notice leads to a page that says so', async () => {
    await studio.getByRole('button', { name: 'Call off' }).click()
    await studio.getByText('€12.50 goes back to 1 buyer').waitFor()
    await studio.getByLabel('Why').fill('The oven broke')
    await studio.getByRole('button', { name: 'Call off and give back €12.50' }).click()
    await studio.getByText('Nothing is planned').waitFor()

    await page.locator('.bell[data-unread="1"]').click()
    await page.getByRole('link', { name: /Bread is called off/ }).click()
    await page.getByText('This show is called off').waitFor()
    await page.getByText('The oven broke').waitFor()
    await page.locator('.bell[data-unread="0"]').waitFor()
    await page.goto(`${node.url}/purchases`)
    await page.locator('[data-purchase=refunded]').getByText('Bread live').waitFor()
  })

  test('what one is told of is chosen on the account page, and is still so after a reload', async () => {
    await page.goto(`${node.url}/account`)
    const box = () => page.getByLabel('A channel I follow is live: Mail')
    const saved = page.waitForResponse((response) => response.url().includes('/notices/choices/'))
    await box().check()
    await saved
    await page.reload()
    await expect.poll(() => box().isChecked()).toBe(true)
    expect(await sideways(page)).toBeLessThanOrEqual(0)
    expect([...viewers.complaints, ...creators.complaints]).toEqual([])
  })
})
