/** A real Chromium with a profile of its own, and what a person sees of the player. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { eventually } from './eventually.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

export interface Chromium {
  context: BrowserContext
  /** What pages complained of: errors, and whatever the policy refused. */
  complaints: string[]
  close(): Promise<void>
}

export async function openChromium(options: BrowserContextOptions = {}): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    // Without a window it calls itself HeadlessChrome, which no person's browser does, and would not be counted.
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    ...options,
  })
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    if (message.type() === 'error' && /policy|Uncaught/i.test(message.text())) complaints.push(message.text())
  })
  return {
    context,
    complaints,
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

export interface Seen {
  state: string
  latency: number
  stalls: number
  firstFrameMs: number
  height: number
}

/** What the player says of itself. */
export async function playerOf(page: Page): Promise<Seen> {
  await page.locator('[data-player]').waitFor({ state: 'attached' })
  // As text: the tests are checked without the browser's own types.
  const said = await page.evaluate<Partial<Record<string, string>>>(
    "({ ...document.querySelector('[data-player]')?.dataset })",
  )
  return {
    state: said.state ?? 'none',
    latency: Number(said.latency ?? Number.NaN),
    stalls: Number(said.stalls ?? Number.NaN),
    firstFrameMs: Number(said.firstFrameMs ?? Number.NaN),
    height: Number(said.height ?? Number.NaN),
  }
}

/** Waits until it plays and pictures follow each other, as a canvas sees them. */
export async function expectMovingPicture(page: Page): Promise<void> {
  await page.locator('hls-video video').waitFor({ state: 'attached' })
  const seen = new Set<string>()
  await eventually(async () => {
    const { state } = await playerOf(page)
    const picture = await pictureOf(page)
    if (state !== 'playing') seen.clear()
    else if (picture !== null) seen.add(picture)
    return seen.size >= 5
  })
}

/** The picture on the screen, as a few pixels; null while there is none, or nothing but one colour. */
export function pictureOf(page: Page): Promise<string | null> {
  return page.evaluate<string | null>(`(() => {
    const video = document.querySelector('hls-video')?.nativeEl
    if (!video?.videoWidth) return null
    const context = new OffscreenCanvas(32, 18).getContext('2d')
    context.drawImage(video, 0, 0, 32, 18)
    const pixels = context.getImageData(0, 0, 32, 18).data
    return new Set(pixels).size > 2 ? pixels.join() : null
  })()`)
}

/** Bytes of sound decoded so far. */
export function soundOf(page: Page): Promise<number> {
  return page.evaluate<number>("document.querySelector('hls-video').nativeEl.webkitAudioDecodedByteCount")
}
