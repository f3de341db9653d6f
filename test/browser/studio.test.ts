/** The studio as a broadcaster meets it: waiting, live by itself, told what to mend, and what others then see. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, expectMovingPicture, openChromium, soundOf } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

const CARD = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine=r=48000']
const ENCODED = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-sc_threshold', '0', '-c:a', 'aac']
const SOUND = [...CARD, ...ENCODED, '-tune', 'zerolatency', '-g', '60']
const ILL = [...CARD, ...ENCODED, '-bf', '2', '-g', '105']

describe('the studio', () => {
  let room: Awaited<ReturnType<typeof openStudio>>
  let browser: Chromium
  let page: Page
  let source: ReturnType<typeof room.push>

  beforeAll(async () => {
    room = await openStudio({ LADDER: '240p' })
    browser = await openChromium({ viewport: { width: 1440, height: 900 } })
    page = await browser.context.newPage()
  })

  afterAll(async () => {
    await browser?.close()
    await room?.close()
  })

  const level = (finding: string) => page.locator(`[data-finding="${finding}"]`).getAttribute('data-level')
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

  test('a stranger is sent to sign in and comes back', async () => {
    await page.goto(`${room.node.url}/studio`)
    await page.waitForURL('**/sign-in?next=%2Fstudio')
    await page.getByLabel('E-mail').fill('owner@example.org')
    await page.getByLabel('Password').fill('a long enough one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/studio/*')
    await page.getByText('Waiting for your stream…').waitFor()
  })

  test('the page comes with the channel written into it', async () => {
    const answer = await page.request.get(page.url())
    expect(await answer.text()).toMatch(/<title>[^<]+, studio · Footlight<\/title>[\s\S]+id="first-data"/)
    await page.reload()
    await page.getByText('Waiting for your stream…').waitFor()
  })

  test('waiting: nothing serious for a screen reader, and it fits a phone', async () => {
    expect(await seriousFaults(browser, page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflow()).toBeLessThanOrEqual(0)
    expect(await seriousFaults(browser, page)).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('when a stream comes in, the page goes live by itself, with a silent preview', async () => {
    source = room.push(...SOUND)
    await page.getByText('On stage').waitFor()
    await expectMovingPicture(page)
    expect(await page.evaluate<boolean>("document.querySelector('hls-video').nativeEl.muted")).toBe(true)
    await page.getByRole('button', { name: 'Turn the sound on' }).click()
    await eventually(async () => (await soundOf(page)) > 0)
  })

  test('its playlists tell the time of day', async () => {
    const { text } = await room.listed(await room.watch(), '240p')
    const told = Date.parse(/PROGRAM-DATE-TIME:(\S+)/.exec(text)?.[1] ?? '')
    expect(Math.abs(Date.now() - told)).toBeLessThan(120_000)
  })

  test('the doctor finds a sound stream sound, and the graphs are drawn', async () => {
    for (const finding of ['codec', 'keyframes', 'bitrate', 'b-frames', 'frame-rate']) {
      await eventually(async () => (await level(finding)) === 'green')
    }
    await eventually(async () => (await page.locator('.graph canvas').count()) === 4)
    await page.locator('.graph', { hasText: 'Bitrate' }).getByText('Mbit/s').waitFor()
    await page.getByText('1 rung: the operator chose so').waitFor()
    await page.locator('.graph', { hasText: 'Encoder speed' }).getByText('× real time').waitFor()
  })

  test('live: nothing serious for a screen reader, dark and light, and it fits a phone', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await seriousFaults(browser, page)).toEqual([])
    }
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflow()).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('the operator sees what the box carries, and why the show has its qualities', async () => {
    const operator = await browser.context.newPage()
    await operator.goto(`${room.node.url}/operator`)
    await operator.getByText(/720p at 30 frames a second, \d+\.\d times faster/).waitFor()
    await operator.getByText('1 rung: the operator chose so (LADDER).').waitFor()
    expect(await seriousFaults(browser, operator)).toEqual([])
    await operator.close()
    const stranger = await fetch(`${room.node.url}/api/operator/capacity`)
    expect(stranger.status).toBe(401)
  })

  test('the figures of the show follow it: who watches, and how it plays at theirs', async () => {
    const { id } = (await room.session())!
    const figures = await browser.context.newPage()
    await figures.setViewportSize({ width: 360, height: 740 })
    await figures.goto(`${room.node.url}/studio/${room.channel.slug}/audience/${id}`)
    await figures.getByRole('heading', { name: 'Right now' }).waitFor()
    await eventually(async () => Number(await figures.locator('[data-figure=Viewers] dd').textContent()) === 1)
    type Told = { viewings: { type: string; browser: string; rendition: string; startupMs: number | null }[] }
    const told = await eventually(async () => {
      const { viewings } = await room.api.call<Told>('GET', `/sessions/${id}/viewings`)
      return viewings[0]?.startupMs ? viewings[0] : null
    })
    expect(told).toMatchObject({ type: 'creator', browser: 'Chrome', rendition: expect.stringMatching(/source|p$/) })
    // By the keyboard as well as under the pointer.
    await figures.getByRole('slider', { name: 'Moment of the show' }).press('Home')
    await figures.locator('.readout', { hasText: /viewers, \d+ messages/ }).waitFor()
    await figures.getByText('As a table').first().click()
    await figures.getByRole('columnheader', { name: 'Messages' }).first().waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await figures.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await seriousFaults(browser, figures)).toEqual([])
    }
    await figures.close()
  })

  test('title, category and tags edited here are what the world is told', async () => {
    await page.getByLabel('Title', { exact: true }).fill('The last act')
    await page.getByLabel('Category').fill('Theatre')
    await page.getByLabel('Tags').fill('drama, live, drama')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Changes saved').waitFor()
    expect(await room.session()).toMatchObject({ title: 'The last act', category: 'Theatre', tags: ['drama', 'live'] })
  })

  test('an unlisted channel leaves the home page; its choice of qualities is kept', async () => {
    const home = await browser.context.newPage()
    await home.goto(room.node.url)
    await home.getByRole('link', { name: /The last act/ }).waitFor()
    await page.getByRole('radio', { name: /Unlisted/ }).check()
    await page.getByRole('radio', { name: /480p and smaller/ }).check()
    await page.getByRole('button', { name: 'Save channel' }).click()
    await page.getByText('Channel saved').waitFor()
    const { ladder } = await room.api.call<{ ladder: string[] }>('GET', `/channels/${room.channel.id}`)
    expect(ladder).toEqual(['480p', '360p', '240p'])
    await home.reload()
    await home.getByText('The stage is dark').waitFor()
    expect(await seriousFaults(browser, home)).toEqual([])
    await home.close()
  })

  test('a stream with faults is told which, and what mends them', async () => {
    await source.stop()
    await page.getByText('Your encoder is away').waitFor()
    source = room.push(...ILL)
    await page.getByText('Your encoder is away').waitFor({ state: 'hidden' })
    await eventually(async () => (await level('keyframes')) === 'amber' && (await level('b-frames')) === 'amber')
    await page.getByText('Set the keyframe interval to 2 s').first().waitFor()
  })

  test('ending asks first, can be left by the keyboard, and the session is then among the past ones', async () => {
    await page.getByRole('button', { name: 'End the stream' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await seriousFaults(browser, page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect((await room.session())?.state).toBe('live')
    await page.getByRole('button', { name: 'End the stream' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End the stream' }).click()
    await page.getByText('Waiting for your stream…').waitFor()
    await page.locator('[data-session]', { hasText: 'The last act' }).waitFor()
    await source.gone
  })

  test('no page complained, of errors or of what its policy refused', () => {
    expect(browser.complaints).toEqual([])
  })
})
