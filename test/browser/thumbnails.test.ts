/** Where a still of the show is seen: on the home page, behind the words while the broadcaster is away, in link previews. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chromium, openChromium } from '../helpers/browser.ts'
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

test('who comes while the broadcaster is away sees where the show stopped', async () => {
  await push.stop()
  await studio.untilSession(({ state }) => state === 'paused')
  await page.goto(`${studio.node.url}/c/${studio.channel.slug}`)
  await page.getByText('The broadcaster will be back in a moment').waitFor()
  expect(await pictureIn('.stage-poster')).toBeGreaterThan(0)
  expect(browser.complaints).toEqual([])
})
