/** Who a show is for, changed while people watch: what those see who lose the right, and those who keep it. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { type Chromium, expectMovingPicture, openChromium } from '../helpers/browser.ts'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { register } from '../helpers/mail.ts'
import { openStudio } from '../helpers/studio.ts'

let studio: Awaited<ReturnType<typeof openStudio>>
let browser: Chromium
let page: Page
let sessionId = ''

beforeAll(async () => {
  studio = await openStudio({ LADDER: 'source' })
  studio.pushClip(clipPath('film'))
  sessionId = (await studio.untilSession(({ state }) => state === 'live')).id
  browser = await openChromium()
  page = await browser.context.newPage()
})
afterAll(async () => {
  await browser?.close()
  await studio?.close()
})

const change = (asked: object) => studio.api.call('PATCH', `/sessions/${sessionId}`, asked)
const offer = (code: string) => page.locator(`[data-offer=${code}]`)

test('a show that closes asks for what would open it, over the last picture, and plays on when it opens', async () => {
  await page.goto(`${studio.node.url}/c/${studio.channel.slug}`)
  await expectMovingPicture(page)
  await change({ visibility: 'ticket' })
  await offer('sign_in').waitFor()
  await page.getByText('This show needs a ticket.').waitFor()
  expect(await page.locator('.stage-host video, .stage-host hls-video').count()).toBeGreaterThan(0)
  await change({ visibility: 'public' })
  await offer('sign_in').waitFor({ state: 'detached' })
  await expectMovingPicture(page)
})

test('a page that comes to a closed show sees the offer, signs in, follows and watches', async () => {
  await change({ visibility: 'followers' })
  const person = { name: 'Fay', email: 'fay@example.org', password: 'correct horse battery' }
  await register(studio.api, person)
  await page.goto(`${studio.node.url}/c/${studio.channel.slug}`)
  await offer('sign_in').getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await offer('follow').getByRole('button', { name: 'Follow' }).click()
  await expectMovingPicture(page)
})

test('who keeps the right notices nothing: the same player goes on', async () => {
  await page.locator('hls-video').evaluate((element) => element.setAttribute('data-kept', ''))
  await change({ visibility: 'public', title: 'Open house' })
  await page.getByRole('heading', { name: 'Open house' }).waitFor()
  await expectMovingPicture(page)
  expect(await page.locator('hls-video[data-kept]').count()).toBe(1)
})

test('a show that becomes private is for the invited: a link opens it', async () => {
  await change({ visibility: 'private' })
  await offer('invite_only').waitFor()
  const { link } = await studio.api.call<{ link: string }>('POST', `/sessions/${sessionId}/invitations`, {})
  await page.goto('about:blank')
  await page.goto(studio.node.url + new URL(link).pathname + new URL(link).hash)
  await expectMovingPicture(page)
  expect(page.url()).not.toContain('invitation')
})

test('the account shows on what it is watching, and ends it from elsewhere', async () => {
  const { url } = await signedInElsewhere()
  const other = await page.context().newPage()
  await other.goto(`${studio.node.url}/account`)
  const watching = other.getByRole('region', { name: 'Watching now' })
  await watching.getByText('This browser').waitFor()
  await watching.getByText('Another device').waitFor()
  await watching.getByRole('button', { name: 'End', exact: true }).click()
  await watching.getByText('Another device').waitFor({ state: 'detached' })
  expect((await fetch(studio.node.url + url)).status).toBe(403)
  await other.close()
})

/** The same account in a player of its own, without our page. */
async function signedInElsewhere() {
  const fay = createApi(studio.node.url)
  await fay.signIn('fay@example.org', 'correct horse battery')
  return fay.play(studio.channel.id)
}

test('the creator says in the studio who may watch, and it holds at once', async () => {
  const desk = await openChromium()
  const own = await desk.context.newPage()
  await own.goto(`${studio.node.url}/sign-in`)
  await own.getByLabel('E-mail').fill('owner@example.org')
  await own.getByLabel('Password').fill('a long enough one')
  await own.getByRole('button', { name: 'Sign in' }).click()
  await own.waitForURL('**/studio/**')
  await own.getByLabel('Ticket holders').check()
  await own.getByRole('button', { name: 'Change who may watch' }).click()
  await own.getByText('This holds from now on').waitFor()
  await eventually(
    async () =>
      (await studio.api.call<{ visibility: string }>('GET', `/sessions/${sessionId}`)).visibility === 'ticket',
  )
  await desk.close()
})
