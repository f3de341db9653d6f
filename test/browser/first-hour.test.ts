/** A person's way through: from the owner link in the log to their own picture in the browser, and what comes after. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broadcaster, broadcast } from '../helpers/broadcaster.ts'
import { type Chromium, expectMovingPicture, openChromium, playerOf, soundOf } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { type NodeProcess, startNodeProcess } from '../helpers/node-process.ts'

describe('the first hour', () => {
  let node: NodeProcess
  let browser: Chromium
  let page: Page
  let broadcaster: Broadcaster | null = null
  let streamKey = ''

  beforeAll(async () => {
    node = await startNodeProcess({ env: { RECONNECT_GRACE_SECONDS: '120', LADDER: '480p,240p' } })
    browser = await openChromium({ permissions: ['clipboard-read', 'clipboard-write'] })
    page = await browser.context.newPage()
  })

  afterAll(async () => {
    broadcaster?.stop()
    await browser?.close()
    await node?.stop()
  })

  test('the owner link leads to an account, a channel and the studio', async () => {
    const link = node.ownerLink()
    expect(link).not.toBeNull()
    await page.goto(link!)
    await page.getByLabel('Channel name').fill('Night radio')
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill('correct horse')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.waitForURL('**/studio/night-radio')
    await page.getByRole('heading', { name: 'Night radio' }).waitFor()
    await page.getByText('Waiting for your stream…').waitFor()
  })

  test('signing out and in again leads back', async () => {
    await page.getByRole('link', { name: 'Account' }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill('wrong horse')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password').fill('correct horse')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/studio/night-radio')
  })

  test('the studio hands out the server address and a stream key, once', async () => {
    await page.getByRole('button', { name: 'Copy Server address' }).click()
    await eventually(async () => (await clipboard(page)) === node.rtmpUrl)
    await page.getByRole('button', { name: 'Create stream key' }).click()
    await page.getByRole('button', { name: 'Copy Stream key “OBS”' }).click()
    streamKey = await eventually(async () => /^\w+_\S+$/.exec(await clipboard(page))?.[0])
    await page.reload()
    await page.getByText('never used').waitFor()
    expect(await page.content()).not.toContain(streamKey)
  })

  test('a stream into that address plays on a page that was already open, picture and sound', async () => {
    const watch = await browser.context.newPage()
    await watch.goto(`${node.url}/c/night-radio`)
    await watch.getByText('Night radio is offline').waitFor()
    broadcaster = broadcast(`${node.rtmpUrl}/${streamKey}`, { seconds: 600 })
    await expectMovingPicture(watch)
    await eventually(async () => (await soundOf(watch)) > 0)
    await page.getByText('On stage').waitFor()
    await eventually(async () => Number(await watch.locator('[data-viewers]').getAttribute('data-viewers')) >= 1)
    await watch.close()
  })

  test('from the list of channels one click plays it', async () => {
    await page.goto(node.url)
    await page.getByRole('link', { name: /Live/ }).click()
    await page.waitForURL('**/c/night-radio')
    await expectMovingPicture(page)
    expect((await playerOf(page)).firstFrameMs).toBeGreaterThan(0)
  })

  test('a quality chosen in the menu is the one that plays', async () => {
    await page.locator('media-rendition-menu-button').click()
    const choices = page.locator('media-rendition-menu media-chrome-menu-item')
    await eventually(async () => (await choices.count()) >= 3)
    // Whichever plays by itself, a line as short as the machine is busy: another one.
    const { height } = await playerOf(page)
    const names = (await choices.allTextContents()).filter((name) => /^\d+p$/.test(name))
    const other = names.find((name) => Number.parseInt(name, 10) !== height)!
    await choices.filter({ hasText: other }).first().click()
    await eventually(async () => (await playerOf(page)).height === Number.parseInt(other, 10))
    await expectMovingPicture(page)
  })

  test('a player that waits for what never comes is begun anew, without an error having told of it', async () => {
    await page.evaluate("document.querySelector('hls-video').api.stopLoad()")
    await eventually(async () => (await playerOf(page)).state === 'waiting')
    await expectMovingPicture(page)
  })

  test('when the broadcaster drops out and comes back, the same player goes on without a reload', async () => {
    await page.locator('[data-player]').evaluate((element) => element.setAttribute('data-mark', 'same'))
    broadcaster?.stop()
    await page.getByText('The broadcaster will be back in a moment').waitFor()
    broadcaster = broadcast(`${node.rtmpUrl}/${streamKey}`, { seconds: 600 })
    await page.getByText('The broadcaster will be back in a moment').waitFor({ state: 'hidden' })
    await expectMovingPicture(page)
    expect(await page.locator('[data-mark=same]').count()).toBe(1)
  })

  test('when the node is killed and started again, the show goes on under the same address in the same player', async () => {
    await node.kill()
    await broadcaster?.exited
    await node.startAgain()
    await page.getByText('The broadcaster will be back in a moment').waitFor()
    broadcaster = broadcast(`${node.rtmpUrl}/${streamKey}`, { seconds: 600 })
    await page.getByText('The broadcaster will be back in a moment').waitFor({ state: 'hidden' })
    await expectMovingPicture(page)
    expect(await page.locator('[data-mark=same]').count()).toBe(1)
  })

  test('on a phone the page fits and plays', async () => {
    const phone = await browser.context.newPage()
    await phone.setViewportSize({ width: 390, height: 844 })
    await phone.goto(`${node.url}/c/night-radio`)
    await expectMovingPicture(phone)
    const overflow = await phone.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
    expect((await phone.screenshot()).byteLength).toBeGreaterThan(10_000)
    await phone.close()
  })

  test('the title changed in the studio changes for those who watch', async () => {
    const studio = await browser.context.newPage()
    await studio.goto(`${node.url}/studio/night-radio`)
    await studio.getByLabel('Title', { exact: true }).fill('The last act')
    await studio.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('heading', { name: 'The last act' }).waitFor()
    await studio.close()
  })

  test('ending the stream asks first, tells the viewers and ends the encoder', async () => {
    const studio = await browser.context.newPage()
    await studio.goto(`${node.url}/studio/night-radio`)
    await studio.getByRole('button', { name: 'End the stream' }).click()
    await studio.getByRole('dialog').getByRole('button', { name: 'End the stream' }).click()
    await page.getByText('The show has ended').waitFor()
    await broadcaster?.exited
    await studio.close()
  })

  test('no page complained, of errors or of what its policy refused', () => {
    expect(browser.complaints).toEqual([])
  })
})

function clipboard(page: Page): Promise<string> {
  return page.evaluate<string>('navigator.clipboard.readText()')
}
