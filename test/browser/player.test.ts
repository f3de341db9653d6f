/** What a viewer does with the player: keys, looking back, a quality that stays, another site's frame, a lost line. */
import { createServer, type Server } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Chromium, expectMovingPicture, openChromium, pictureOf, playerOf, soundOf } from '../helpers/browser.ts'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

describe('the player', () => {
  let studio: Awaited<ReturnType<typeof openStudio>>
  let browser: Chromium
  let page: Page
  let otherSite: Server
  let watchUrl = ''

  beforeAll(async () => {
    // Little to encode, so that a busy machine has nothing to shed.
    studio = await openStudio({ LADDER: '240p' })
    browser = await openChromium({ permissions: ['clipboard-read', 'clipboard-write'] })
    page = await browser.context.newPage()
    watchUrl = `${studio.node.url}/c/${studio.channel.slug}`
    studio.pushClip(clipPath('film'))
    await page.goto(watchUrl)
    await expectMovingPicture(page)
  })

  afterAll(async () => {
    otherSite?.close()
    await browser?.close()
    await studio?.close()
  })

  test('? shows the keyboard map, and Escape puts it away', async () => {
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Settings and keyboard' })
    await dialog.getByText('Back to live').waitFor()
    await dialog.getByRole('button', { name: 'Copy debug info' }).click()
    await dialog.getByText('Copied').waitFor()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(JSON.parse(copied)).toMatchObject({ page: `/c/${studio.channel.slug}`, player: { state: 'playing' } })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
  })

  test('keys stop and start it, mute it and widen it', async () => {
    await page.keyboard.press('k')
    await eventually(async () => (await playerOf(page)).state === 'stopped')
    await page.keyboard.press('k')
    await expectMovingPicture(page)
    const isMuted = () => page.evaluate<boolean>("document.querySelector('hls-video').nativeEl.muted")
    const before = await isMuted()
    await page.keyboard.press('m')
    await eventually(async () => (await isMuted()) !== before)
    await page.keyboard.press('t')
    await page.locator('html[data-theatre]').waitFor()
    await page.keyboard.press('t')
    await page.locator('html[data-theatre]').waitFor({ state: 'detached' })
  })

  test('back ten seconds plays from there and stays there; L leads back to the edge', async () => {
    await eventually(async () => (await page.evaluate<number>('performance.now()')) > 20_000)
    await page.keyboard.press('j')
    await eventually(async () => (await playerOf(page)).latency > 8)
    await expectMovingPicture(page)
    await expectMovingPicture(page)
    expect((await playerOf(page)).latency).toBeGreaterThan(8)
    await page.locator('media-time-range').waitFor()
    await page.keyboard.press('j')
    await eventually(async () => (await playerOf(page)).latency > 16)
    await page.keyboard.press('l')
    await eventually(async () => (await playerOf(page)).latency < 3)
    await expectMovingPicture(page)
  })

  test('a quality chosen once is chosen again', async () => {
    await page.locator('media-rendition-menu-button').click()
    const choices = page.locator('media-rendition-menu media-chrome-menu-item')
    await eventually(async () => (await choices.count()) >= 3)
    const lowest = choices.nth((await choices.count()) - 2)
    const height = Number.parseInt((await lowest.textContent()) ?? '', 10)
    await lowest.click()
    await eventually(async () => (await playerOf(page)).height === height)
    await page.goto(watchUrl)
    await expectMovingPicture(page)
    await eventually(async () => (await playerOf(page)).height === height)
  })

  test('saving data keeps the picture small, also next time; sound alone is for this show', async () => {
    const heights = () => page.evaluate<number[]>("document.querySelector('hls-video').api.levels.map((l) => l.height)")
    const choose = async (name: string) => {
      await page.getByRole('button', { name: 'Settings and keyboard' }).click()
      await page.locator('[data-player]').evaluate((player) => player.setAttribute('data-before', ''))
      await page.getByRole('radio', { name }).click()
      await page.locator('[data-before]').waitFor({ state: 'detached' })
    }
    await choose('Save data')
    await expectMovingPicture(page)
    const small = (await heights()).findLast((height) => height <= 480)
    await eventually(async () => (await playerOf(page)).height === small)
    await page.goto(watchUrl)
    await expectMovingPicture(page)
    expect((await playerOf(page)).height).toBeLessThanOrEqual(480)

    await choose('Sound only')
    await page.getByRole('button', { name: 'Show the picture' }).waitFor()
    await eventually(async () => (await soundOf(page)) > 0)
    expect(await pictureOf(page)).toBeNull()
    await page.getByRole('button', { name: 'Show the picture' }).click()
    await expectMovingPicture(page)
    await choose('Best')
    await expectMovingPicture(page)
  })

  test('the link and the frame can be copied', async () => {
    await page.getByRole('button', { name: 'Share' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share' })
    await dialog.getByRole('button', { name: 'Copy Link' }).click()
    await eventually(async () => (await page.evaluate<string>('navigator.clipboard.readText()')) === watchUrl)
    await dialog.getByRole('button', { name: 'Copy Frame' }).click()
    const frame = `<iframe src="${studio.node.url}/embed/${studio.channel.slug}"`
    await eventually(async () => (await page.evaluate<string>('navigator.clipboard.readText()')).includes(frame))
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
  })

  test('another site shows it in a frame, and may frame no other page', async () => {
    const frames = ['embed', 'c'].map(
      (kind) => `<iframe src="${studio.node.url}/${kind}/${studio.channel.slug}"></iframe>`,
    )
    otherSite = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html>${frames.join('')}`)
    })
    await new Promise<void>((listening) => otherSite.listen(0, '127.0.0.1', listening))
    const address = otherSite.address()
    const visitor = await browser.context.newPage()
    await visitor.goto(`http://localhost:${typeof address === 'object' ? address?.port : 0}/`)
    const embedded = visitor.frameLocator('iframe').first()
    await embedded.locator('[data-player][data-state=playing]').waitFor()
    await embedded.locator('.stage').screenshot()
    expect(await visitor.frameLocator('iframe').nth(1).locator('.stage').count()).toBe(0)
    await visitor.close()
    browser.complaints.splice(0)
  })

  test('when the line is gone the page says so, and plays on by itself when it is back', async () => {
    await browser.context.setOffline(true)
    await page.getByText('Reconnecting…').waitFor({ timeout: 60_000 })
    await browser.context.setOffline(false)
    await page.getByText('Reconnecting…').waitFor({ state: 'hidden', timeout: 60_000 })
    await expectMovingPicture(page)
    expect(await pictureOf(page)).not.toBeNull()
  })
})
