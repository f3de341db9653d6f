/** Several people in one chat: what each of them writes, sees, is kept from and gets back. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { mailedLink } from '../helpers/mail.ts'
import { type NodeProcess, startNodeProcess } from '../helpers/node-process.ts'

const PASSWORD = 'correct horse'
/** Two red pixels by two. */
const SQUARE = {
  name: 'lamp.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8zwACTGCSAQANHQEDgslx/wAAAABJRU5ErkJggg==',
    'base64',
  ),
}

describe('a chat', () => {
  let node: NodeProcess
  const browsers: Chromium[] = []
  let dock: Page
  let bert: Page
  let reader: Page
  let overlay: Page
  let operator: ReturnType<typeof createApi>

  async function browserPage(): Promise<Page> {
    const browser = await openChromium()
    browsers.push(browser)
    return browser.context.newPage()
  }

  const say = async (page: Page, text: string) => {
    await page.getByLabel('Message', { exact: true }).fill(text)
    await page.keyboard.press('Enter')
  }
  const line = (page: Page, text: string) => page.locator('[data-message]', { hasText: text })

  beforeAll(async () => {
    node = await startNodeProcess()
    ;[dock, bert, reader] = [await browserPage(), await browserPage(), await browserPage()]
    await dock.goto(node.ownerLink()!)
    await dock.getByLabel('Channel name').fill('Night radio')
    await dock.getByLabel('E-mail').fill('anna@example.org')
    await dock.getByLabel('Password').fill(PASSWORD)
    await dock.getByRole('button', { name: 'Create' }).click()
    await dock.waitForURL('**/studio/night-radio')
    await dock.getByRole('link', { name: 'Chat', exact: true }).click()
    await dock.waitForURL('**/studio/night-radio/chat')
    await bert.goto(`${node.url}/register?next=%2Fc%2Fnight-radio`)
    await bert.getByLabel('Name').fill('Bert')
    await bert.getByLabel('E-mail').fill('bert@example.org')
    await bert.getByLabel('Password').fill(PASSWORD)
    await bert.getByRole('button').last().click()
    await bert.getByText('Look in your mail').waitFor()
    operator = createApi(node.url)
    await operator.signIn('anna@example.org', PASSWORD)
    const link = await mailedLink(operator, 'bert@example.org')
    await bert.goto(node.url + link)
    await bert.getByRole('button', { name: 'Confirm and sign in' }).click()
    await bert.waitForURL((url) => url.pathname !== '/verify')
    await bert.goto(`${node.url}/c/night-radio`)
    await reader.goto(`${node.url}/c/night-radio`)
  })

  afterAll(async () => {
    for (const browser of browsers) await browser.close()
    await node?.stop()
  })

  test('what one writes everybody reads; a stranger is asked to sign in', async () => {
    await say(bert, 'Good evening :wave:')
    for (const page of [bert, reader, dock]) await line(page, 'Good evening 👋').waitFor()
    await bert.locator('[data-outgoing]').waitFor({ state: 'detached' })
    await reader.getByRole('link', { name: 'Sign in to write' }).waitFor()
  })

  test('a name is completed and stands out for whom it names; links are links and nothing else', async () => {
    await dock.getByLabel('Message', { exact: true }).fill('hello @Be')
    await dock.getByRole('option', { name: '@Bert' }).waitFor()
    await dock.keyboard.press('Tab')
    await dock.keyboard.type('see https://example.org/a <b>not bold</b>')
    await dock.keyboard.press('Enter')
    await bert.locator('.chat-row.mentions', { hasText: 'hello @Bert' }).waitFor()
    const link = line(reader, 'hello').getByRole('link')
    expect(await link.getAttribute('href')).toBe('https://example.org/a')
    expect(await link.getAttribute('rel')).toContain('noopener')
    await line(reader, '<b>not bold</b>').waitFor()
  })

  test('a held message waits at the top of the dock, and is seen once it is approved', async () => {
    await dock.getByLabel('Words to look at first').fill('sec*')
    await dock.getByRole('button', { name: 'Save the rules' }).click()
    await dock.getByText('Saved.').waitFor()
    await say(bert, 'a s3cret word')
    await bert.getByText('A moderator looks at this first.').waitFor()
    await dock.getByText('(word: sec*)').waitFor()
    expect(await line(reader, 's3cret').count()).toBe(0)
    await dock.getByRole('button', { name: 'Show' }).click()
    await line(reader, 's3cret').waitFor()
    await line(bert, 's3cret').waitFor()
    await bert.getByText('A moderator looks at this first.').waitFor({ state: 'hidden' })
  })

  test('a deleted message is gone from every screen, and comes back by undoing', async () => {
    await line(dock, 's3cret').hover()
    await line(dock, 's3cret')
      .getByRole('button', { name: /What to do/ })
      .click()
    await line(dock, 's3cret').getByRole('button', { name: 'Delete' }).click()
    for (const page of [bert, reader, dock]) await line(page, 's3cret').waitFor({ state: 'detached' })
    await dock.locator('.chat-undo').getByRole('button', { name: 'Undo' }).click()
    await line(reader, 's3cret').waitFor()
  })

  test('who is timed out cannot write and is told why; undone, they can', async () => {
    await line(dock, 'Good evening').hover()
    await line(dock, 'Good evening')
      .getByRole('button', { name: /What to do/ })
      .click()
    await line(dock, 'Good evening').getByRole('button', { name: 'Time out' }).click()
    await dock.getByText('Bert is timed out for ten minutes.').waitFor()
    await say(bert, 'let me speak')
    await bert.getByRole('alert').filter({ hasText: 'You can write again in' }).waitFor()
    await dock.locator('.chat-undo').getByRole('button', { name: 'Undo' }).click()
    await dock.locator('.chat-undo').waitFor({ state: 'detached' })
    await bert.getByRole('button', { name: 'Try again' }).click()
    await line(reader, 'let me speak').waitFor()
  })

  test('a poll is voted on once, and everybody sees the count', async () => {
    await dock.getByLabel('Poll', { exact: true }).last().fill('Encore?')
    await dock.getByLabel('Choices').fill('Yes, No')
    await dock.getByRole('button', { name: 'Open the poll' }).click()
    await bert.getByRole('button', { name: /Yes/ }).click()
    await reader.getByText('1 vote', { exact: true }).waitFor()
    await bert.getByRole('button', { name: /No/, disabled: true }).waitFor()
    await dock.getByRole('button', { name: 'End the poll' }).click()
    await reader.getByText('1 vote, ended').waitFor()
  })

  test('while the node is away the page says so; then what was missed and what was written meanwhile are there', async () => {
    await node.kill()
    await reader.locator('[data-line=lost]').waitFor()
    await say(bert, 'written while away')
    await bert.locator('[data-outgoing=sending]').waitFor()
    await node.startAgain()
    await line(reader, 'written while away').waitFor()
    await reader.locator('[data-line=good]').waitFor({ state: 'attached' })
    await say(dock, 'back again')
    await line(reader, 'back again').waitFor()
    expect(await line(reader, 'written while away').count()).toBe(1)
    expect(await line(reader, 'Good evening').count()).toBe(1)
  })

  test('on a phone nothing is wider than the screen, and one can write', async () => {
    await bert.setViewportSize({ width: 390, height: 844 })
    expect(await bert.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await say(bert, 'from the train')
    await line(reader, 'from the train').waitFor()
  })

  test('a picture of the channel’s own is completed by its name and stands in the message', async () => {
    await dock.getByLabel('Name').fill('lamp')
    await dock.getByLabel('Picture', { exact: true }).setInputFiles(SQUARE)
    await dock.getByRole('button', { name: 'Add the picture' }).click()
    await dock.getByText(':lamp:').waitFor()
    await bert.getByLabel('Message', { exact: true }).fill('by the light of :lam')
    await bert.getByRole('option', { name: 'lamp' }).click()
    await bert.keyboard.press('Enter')
    const picture = line(reader, 'by the light of').getByAltText(':lamp:')
    await picture.waitFor()
    const answer = await fetch(node.url + (await picture.getAttribute('src')))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp'])
  })

  test('the overlay shows the chat to whoever has its address, and alerts to it alone', async () => {
    await dock.getByRole('button', { name: 'Make a new address' }).click()
    const address = await dock.getByLabel('Browser source', { exact: true }).inputValue()
    overlay = await browsers[2]!.context.newPage()
    await overlay.goto(address)
    await overlay.locator('.overlay').getByText('from the train').waitFor()
    await say(bert, 'on air')
    await overlay.locator('.overlay').getByText('on air').waitFor()
    const bare = await browsers[2]!.context.newPage()
    await bare.goto(`${address}?chat=0`)
    await bare.locator('[data-overlay=open]').waitFor()
    await bert.evaluate("fetch('/api/channels/night-radio/follow', { method: 'PUT' })")
    for (const page of [overlay, bare]) await page.getByText('Bert follows now').waitFor()
    expect(await bare.getByText('on air').count()).toBe(0)
    await bare.close()
  })

  test('a paid message is paid with test money, stands out everywhere, is listed, and is plain again when given back', async () => {
    await dock.getByLabel('At least').fill('1.00')
    await dock.getByRole('button', { name: 'Take paid messages' }).click()
    await bert.getByRole('button', { name: 'Pay to stand out' }).click()
    await bert.getByText('nothing here costs anything').waitFor()
    await bert.getByLabel('Message', { exact: true }).fill('a round for the band')
    await bert.getByLabel('Amount in EUR').fill('0.50')
    await bert.getByRole('button', { name: 'Pay and send' }).click()
    await bert.getByText('At least').waitFor()
    await bert.getByLabel('Amount in EUR').fill('12.50')
    await bert.getByRole('button', { name: 'Pay and send' }).click()
    await bert.waitForURL('**/test-money/**')
    await bert.getByRole('button', { name: 'Pay', exact: true }).click()
    await bert.waitForURL('**/c/night-radio')
    const standing = (page: Page) => page.locator('[data-paid]', { hasText: 'a round for the band' })
    for (const page of [bert, reader, dock])
      await standing(page)
        .getByText(/12[.,]50/)
        .waitFor()
    await overlay.getByText(/Bert paid .*12[.,]50/).waitFor()
    await dock.locator('section', { hasText: 'Paid messages' }).getByRole('button', { name: 'Look again' }).click()
    await dock.locator('[data-paid-state=paid]', { hasText: 'a round for the band' }).waitFor()
    const { sales } = await operator.call<{ sales: { id: string }[] }>('GET', '/channels/night-radio/sales')
    await operator.call('POST', `/payments/${sales[0]!.id}/refund`, {})
    for (const page of [bert, reader, dock]) await standing(page).waitFor({ state: 'detached' })
    await line(reader, 'a round for the band').waitFor()
  })

  test('no page complained', () => {
    expect(browsers.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})
