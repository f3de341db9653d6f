/** Where a still of the show is seen: on the home page, behind the words while the broadcaster is away, in link previews. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chromium, expectMovingPicture, openChromium } from '../helpers/browser.ts'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

let studio: Awaited<ReturnType<typeof openStudio>>
let push: ReturnType<typeof studio.push>
let browser: Chromium
let page: Page

beforeAll(async () => {
  studio = await openStudio({ LADDER: '240p' })
  push = studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state, thumbnailUrl }) => state === 'live' && thumbnailUrl !== null)
  browser = await openChromium()
  page = await browser.context.newPage()
})
afterAll(async () => {
  await browser?.close()
  await studio?.close()
})

/** The width of the picture itself, once it is there. */
const pictureIn = (selector: string) =>
  eventually(() =>
    page
      .locator(selector)
      .evaluate<number | null, { complete: boolean; naturalWidth: number }>((image) =>
        image.complete ? image.naturalWidth : null,
      ),
  )

test('the home page shows what is on', async () => {
  await page.goto(studio.node.url)
  expect(await pictureIn('.channel-card img')).toBeGreaterThan(0)
  // Nothing lies over it: a hover reaches it only when it is on top.
  await page.locator('.channel-card img').hover({ timeout: 5_000 })
})

test('a link preview is given the largest one, by its whole address', async () => {
  const html = await (await fetch(`${studio.node.url}/c/${studio.channel.slug}`)).text()
  const image = /<meta property="og:image" content="([^"]+)"/.exec(html)?.[1]
  expect(image).toMatch(new RegExp(`^${studio.node.url}/media/thumbnails/[^/]+/1280\\.jpg\\?v=`))
  expect((await fetch(image!)).headers.get('content-type')).toBe('image/jpeg')
})

test('a card moves while it is pointed at or has the focus; not under a finger, and not for whoever wants no motion', async () => {
  await studio.untilSession(({ previewUrl }) => previewUrl !== null)
  await page.goto(studio.node.url)
  const card = page.locator('.channel-card')
  const moving = page.locator('.channel-card .moving')
  await card.hover()
  expect(await pictureIn('.channel-card .moving')).toBe(320)
  await page.mouse.move(0, 0)
  await moving.waitFor({ state: 'detached' })
  await eventually(async () => {
    await page.keyboard.press('Tab')
    return card.evaluate((element: { matches(selector: string): boolean }) => element.matches(':focus'))
  })
  await moving.waitFor()
  await page.keyboard.press('Tab')
  await moving.waitFor({ state: 'detached' })

  await card.dispatchEvent('pointerenter', { pointerType: 'touch' })
  await page.waitForTimeout(200)
  expect(await moving.count()).toBe(0)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await card.hover()
  await page.waitForTimeout(200)
  expect(await moving.count()).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
})

test('a card that moves is pressed like any other', async () => {
  await page.goto(studio.node.url)
  await page.locator('.channel-card').hover()
  await page.locator('.channel-card .moving').waitFor()
  await page.mouse.down()
  await page.mouse.up()
  await page.waitForURL(`**/c/${studio.channel.slug}`)
})

test('over the seek bar stands the picture that was on air then', async () => {
  await expectMovingPicture(page)
  await page.locator('[data-player]').hover()
  await page.locator('[data-back]').click()
  const bar = page.locator('media-time-range')
  await bar.waitFor()
  await expectMovingPicture(page)
  const pointAt = async (share: number) => {
    const box = (await bar.boundingBox())!
    return eventually(async () => {
      await page.mouse.move(box.x + box.width * share - 1, box.y + box.height / 2)
      await page.mouse.move(box.x + box.width * share, box.y + box.height / 2)
      return page.evaluate<{ url: string; place: number; now: number; behind: number; width: number } | null>(`(() => {
        const bar = document.querySelector('media-time-range')
        const image = bar.shadowRoot.querySelector('media-preview-thumbnail').shadowRoot.querySelector('img')
        const url = bar.getAttribute('mediapreviewimage')
        if (!url || !image.naturalWidth) return null
        const hls = document.querySelector('hls-video').api
        const place = Number(bar.getAttribute('mediapreviewtime'))
        const now = document.querySelector('hls-video').nativeEl.currentTime
        return { url, place, now, behind: hls.latency, width: image.naturalWidth }
      })()`)
    })
  }
  const early = await pointAt(0.1)
  const lateAt = await pointAt(0.8)
  const timeOf = ({ url }: { url: string }) => Number.parseInt(/(?:tile|sheet)-(\w+)\.jpg#/.exec(url)![1]!, 36)
  for (const seen of [early, lateAt]) {
    const onAir = Date.now() - (seen.behind + seen.now - seen.place) * 1_000
    expect(Math.abs(timeOf(seen) - onAir)).toBeLessThan(9_000)
    expect(seen.width).toBe(320)
  }
  expect(timeOf(lateAt)).toBeGreaterThan(timeOf(early))
})

test('who comes while the broadcaster is away sees where the show stopped', async () => {
  await push.stop()
  await studio.untilSession(({ state }) => state === 'paused')
  await page.goto(`${studio.node.url}/c/${studio.channel.slug}`)
  await page.getByText('The broadcaster will be back in a moment').waitFor()
  expect(await pictureIn('.stage-poster')).toBeGreaterThan(0)
  expect(browser.complaints).toEqual([])
})
