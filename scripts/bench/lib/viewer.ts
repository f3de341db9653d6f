/**
 * One viewer in a real Chromium who reads the clock out of the picture. What runs in the page is given as text: the
 * scripts are checked without the browser's own types.
 */
import { type Browser, chromium, type Page } from 'playwright-core'
import { BLOCK_HEIGHT, BLOCK_WIDTH, COLUMNS, instantOf, ROWS } from './clock-picture.ts'
import { percentile } from './machine.ts'
import { sleep } from './places.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
]

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS })
}

/**
 * Put into every page before its own scripts: from a click on, looks for the first video element, notes its first
 * frame, then every frame's time and, ten times a second, the blocks in the picture.
 */
const WATCHER = `(() => {
  const seen = window.__seen = { clickedAt: null, firstFrameAt: null, frames: [], clocks: [], stalls: 0, height: 0 }
  const canvas = new OffscreenCanvas(${COLUMNS * 4}, ${ROWS * 4})
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let video = null
  let lastClock = 0
  addEventListener('click', () => { seen.clickedAt ??= performance.now() }, true)
  setInterval(() => {
    const found = document.querySelector('video') ?? document.querySelector('hls-video')?.nativeEl
    if (!found || found === video) return
    video = found
    video.addEventListener('waiting', () => { if (seen.firstFrameAt !== null && !video.seeking) seen.stalls++ })
    video.requestVideoFrameCallback(function onFrame() {
      const now = performance.now()
      seen.firstFrameAt ??= now
      seen.frames.push(now)
      seen.height = video.videoHeight
      if (now - lastClock > 95) {
        lastClock = now
        const at = Date.now()
        context.drawImage(video, 0, 0, video.videoWidth * ${COLUMNS * BLOCK_WIDTH}, video.videoHeight * ${ROWS * BLOCK_HEIGHT}, 0, 0, ${COLUMNS * 4}, ${ROWS * 4})
        const { data } = context.getImageData(0, 0, ${COLUMNS * 4}, ${ROWS * 4})
        let blocks = ''
        for (let row = 0; row < ${ROWS}; row++) for (let column = 0; column < ${COLUMNS}; column++) {
          let sum = 0
          for (const [dx, dy] of [[1, 1], [2, 1], [1, 2], [2, 2]]) sum += data[((row * 4 + dy) * ${COLUMNS * 4} + column * 4 + dx) * 4 + 1]
          blocks += sum > 4 * 128 ? '1' : '0'
        }
        seen.clocks.push({ at, blocks })
      }
      video.requestVideoFrameCallback(onFrame)
    })
  }, 2)
})()`

export interface Sight {
  /** Milliseconds from the click to the first frame on the screen. */
  firstFrameMs: number
  /** When, and how old what was on the screen was, milliseconds. */
  clocks: { at: number; age: number }[]
  /** Blocks that could not be read. */
  unread: number
  /** Times the player ran dry, and the longest time between two frames, milliseconds. */
  stalls: number
  longestGapMs: number
  height: number
}

export async function openViewer(browser: Browser, address: string) {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 800 } })
  await context.addInitScript(WATCHER)
  const page = await context.newPage()
  await page.goto(address)

  async function look(): Promise<Sight> {
    const seen = await page.evaluate<{
      clickedAt: number
      firstFrameAt: number | null
      frames: number[]
      clocks: { at: number; blocks: string }[]
      stalls: number
      height: number
    }>('window.__seen')
    const clocks = seen.clocks.flatMap(({ at, blocks }) => {
      const made = instantOf(
        [...blocks].map((block) => block === '1'),
        at,
      )
      return made === null ? [] : [{ at, age: at - made }]
    })
    const gaps = seen.frames.slice(1).map((time, index) => time - seen.frames[index]!)
    return {
      firstFrameMs: (seen.firstFrameAt ?? Number.NaN) - seen.clickedAt,
      clocks,
      unread: seen.clocks.length - clocks.length,
      stalls: seen.stalls,
      longestGapMs: Math.max(0, ...gaps),
      height: seen.height,
    }
  }

  /** From here on only what comes now counts; the first frame stays. */
  const forget = () => page.evaluate('void Object.assign(window.__seen, { frames: [], clocks: [], stalls: 0 })')

  return { page, look, forget, close: () => context.close() }
}

/** Presses what starts the picture, and waits for the first frame. */
export async function press(page: Page, selector: string): Promise<void> {
  await page.click(selector)
  await page.waitForFunction('window.__seen.firstFrameAt !== null', null, { timeout: 60_000 })
}

export async function watch(viewer: Awaited<ReturnType<typeof openViewer>>, seconds: number): Promise<Sight> {
  await viewer.forget()
  await sleep(seconds * 1000)
  return viewer.look()
}

export const ages = (sight: Sight, share: number) =>
  percentile(
    sight.clocks.map(({ age }) => age),
    share,
  )
