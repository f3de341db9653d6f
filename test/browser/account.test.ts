/** A person's own page: who they are, another name, another password, their channels, and out again. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { mailedLink } from '../helpers/mail.ts'
import { openStudio } from '../helpers/studio.ts'

const PASSWORD = 'a long enough one'
const BETTER = 'a longer and better one'

describe('the account page', () => {
  let room: Awaited<ReturnType<typeof openStudio>>
  let browser: Chromium
  let page: Page

  beforeAll(async () => {
    room = await openStudio()
    browser = await openChromium({ viewport: { width: 360, height: 740 } })
    page = await browser.context.newPage()
  })

  afterAll(async () => {
    await browser?.close()
    await room?.close()
  })

  async function signIn(email: string, password: string): Promise<void> {
    await page.goto(`${room.node.url}/account`)
    await page.waitForURL('**/sign-in?next=%2Faccount')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/account')
  }

  test('tells who is signed in, and leads to their channels', async () => {
    await signIn('owner@example.org', PASSWORD)
    await page.getByText('owner@example.org', { exact: true }).waitFor()
    expect(await page.getByRole('link', { name: /Offline/ }).getAttribute('href')).toMatch(/^\/studio\/\w/)
  })

  test('fits a phone, with nothing serious for a screen reader, dark and light', async () => {
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await seriousFaults(browser, page)).toEqual([])
    }
  })

  test('a new name is kept', async () => {
    await page.getByLabel('Name', { exact: true }).fill('Olga of the lamps')
    await page.getByRole('button', { name: 'Save name' }).click()
    await page.getByText('Name saved').waitFor()
    await page.reload()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Olga of the lamps')
  })

  test('a new password needs the old one, and works from then on', async () => {
    await page.getByLabel('Current password').fill('not this one')
    await page.getByLabel('New password').fill(BETTER)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Current password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Password changed').waitFor()
    expect(await page.getByLabel('New password').inputValue()).toBe('')
  })

  test('another address counts once the mail to it was answered', async () => {
    await page.getByLabel('New address').fill('olga@example.org')
    await page.getByRole('region', { name: 'E-mail address' }).getByLabel('Your password').fill(BETTER)
    await page.getByRole('button', { name: 'Change the address' }).click()
    await page.getByText('Follow the link in the mail to olga@example.org').waitFor()
    await page.getByText('owner@example.org', { exact: true }).waitFor()
    const api = createApi(room.node.url)
    await api.signIn('owner@example.org', BETTER)
    await page.goto(room.node.url + (await mailedLink(api, 'olga@example.org')))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.waitForURL('**/account')
    await page.getByText('olga@example.org', { exact: true }).waitFor()
  })

  test('signing out leads home, and back in with the new password', async () => {
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    await signIn('olga@example.org', BETTER)
  })

  test('a viewer is told how to come by a channel', async () => {
    const viewer = { name: 'Vera', email: 'vera@example.org', password: PASSWORD }
    const api = createApi(room.node.url)
    await api.call('POST', '/auth/sign-up/email', viewer)
    await api.signIn('olga@example.org', BETTER)
    const link = await mailedLink(api, viewer.email)
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    await page.goto(room.node.url + link)
    await page.getByRole('button', { name: 'Confirm and sign in' }).click()
    await page.getByRole('link', { name: 'Account' }).click()
    await page.getByText('Channels are for creators').waitFor()
    expect(browser.complaints).toEqual([])
  })
})
