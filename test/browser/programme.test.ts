/** A show from its plan to its waiting room, its ticket and its end; and the bell that tells of it. */
import type { Page, Response } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Broadcaster, broadcast } from '../helpers/broadcaster.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { register } from '../helpers/mail.ts'
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
  let broadcaster: Broadcaster | undefined

  beforeAll(async () => {
    node = await startNodeProcess({ env: { ...owner, LADDER: 'source' } })
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
    broadcaster?.stop()
    await node?.stop()
  })

  const clockIn = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16)
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
    const red = sharp({ create: { width: 960, height: 540, channels: 3, background: '#a33' } }).png()
    const file = { name: 'bread.png', mimeType: 'image/png', buffer: await red.toBuffer() }
    await studio.getByLabel('Choose a picture…').setInputFiles(file)
    await studio.getByAltText('What the show is seen by').waitFor()
    expect(await seriousFaults(creators, studio)).toEqual([])
    await studio.getByRole('button', { name: 'Plan it' }).click()
    await studio.locator('[data-show]', { hasText: 'Bread' }).waitFor()
    const { shows } = await api.call<{ shows: { id: string; scheduledAt: string }[] }>('GET', '/shows')
    expect(shows.map(({ scheduledAt }) => scheduledAt)).toEqual([`${year}-07-01T13:00:00.000Z`])
    const ticket = { kind: 'ticket', sessionId: shows[0]!.id, name: 'Bread live', currency: 'EUR', price: 1_250 }
    await api.call('POST', `/channels/${channel.id}/offers`, ticket)
  })

  test('somebody finds it on the home page, waits, buys a ticket and asks to be reminded', async () => {
    const anna = { email: 'anna@example.org', password: 'a long enough one' }
    await register(api, { ...anna, name: 'Anna' })
    const asked = { data: anna, headers: { origin: node.url } }
    const signedIn = await viewers.context.request.post(`${node.url}/api/auth/sign-in/email`, asked)
    expect(signedIn.status()).toBe(200)
    await page.goto(node.url)
    await page.getByRole('link', { name: /Bread/ }).click()
    await page.getByRole('timer').waitFor()
    await eventually(() => page.evaluate<boolean>("document.querySelector('.waiting-picture').naturalWidth === 960"))
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

  test('when its creator goes live, the waiting room becomes the stream, and the bell rings', async () => {
    const show = { title: 'Rolls', startsAt: clockIn(30), timeZone: 'UTC' }
    const { code } = await api.call<{ code: string }>('POST', `/channels/${channel.id}/shows`, show)
    await page.goto(`${node.url}/show/${code}`)
    await page.getByRole('button', { name: 'Follow' }).click()
    await page.getByRole('button', { name: 'Following' }).waitFor()
    broadcaster = broadcast(`${node.rtmpUrl}/${await api.createStreamKey(channel.id)}`, { seconds: 120 })
    await page.waitForURL(`**/c/${channel.slug}?show=${code}`)
    await page.locator('.stage[data-session-state=live]').waitFor()
    await page.locator('.bell[data-unread="1"]').waitFor()
    broadcaster.stop()
  })

  test('what one is told of is chosen on the account page, and is still so after a reload', async () => {
    await page.goto(`${node.url}/account`)
    const box = () => page.getByLabel('A channel I follow is live: Mail')
    const isSaved = (response: Response) => response.url().includes('/notices/choices/')
    await Promise.all([page.waitForResponse(isSaved), box().check()])
    await page.reload()
    await expect.poll(() => box().isChecked()).toBe(true)
    expect(await sideways(page)).toBeLessThanOrEqual(0)
    expect([...viewers.complaints, ...creators.complaints]).toEqual([])
  })
})
