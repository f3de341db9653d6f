/** A person's way in: registers, confirms by mail, guards the account, and comes back with a code and with a passkey. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../scripts/node-client.ts'
import { seriousFaults } from '../helpers/axe.ts'
import { type Chromium, openChromium } from '../helpers/browser.ts'
import { eventually } from '../helpers/eventually.ts'
import { mailedLink } from '../helpers/mail.ts'
import { type NodeProcess, startNodeProcess } from '../helpers/node-process.ts'
import { totp } from '../helpers/totp.ts'

const OWNER = { OWNER_EMAIL: 'owner@example.org', OWNER_PASSWORD: 'a long enough one' }
const PASSWORD = 'correct horse battery'

describe('an account with a second factor', () => {
  let node: NodeProcess
  let browser: Chromium
  let page: Page
  let secret = ''
  /** By name: browsers make passkeys for names only, not for bare addresses. */
  let at = ''

  beforeAll(async () => {
    node = await startNodeProcess({ env: { ...OWNER, PUBLIC_URL: '' } })
    at = node.url.replace('127.0.0.1', 'localhost')
    browser = await openChromium({ viewport: { width: 360, height: 740 } })
    page = await browser.context.newPage()
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
  })

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const fits = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

  async function signIn(): Promise<void> {
    await page.goto(`${at}/sign-in?next=/account`)
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await press('Sign in')
  }

  test('registering leads to the mail', async () => {
    await page.goto(`${at}/register`)
    await page.getByLabel('Name').fill('Anna')
    await page.getByLabel('E-mail').fill('anna@example.org')
    await page.getByLabel('Password').fill('password1')
    await press('Register')
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await press('Register')
    await page.getByRole('heading', { name: 'Look in your mail' }).waitFor()
  })

  test('the link of the mail, which the operator sees while no mail leaves, confirms and signs in', async () => {
    const api = createApi(node.url)
    await api.signIn(OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD)
    const link = await mailedLink(api, 'anna@example.org')
    await page.goto(at + link)
    expect(await seriousFaults(browser, page)).toEqual([])
    await press('Confirm and sign in')
    await page.getByRole('link', { name: 'Account' }).click()
    await page.getByText('anna@example.org', { exact: true }).waitFor()
  })

  test('the authenticator app is set up from the account page', async () => {
    const section = page.getByRole('region', { name: 'Second factor' })
    await section.getByLabel('Your password').fill(PASSWORD)
    await press('Set up a second factor')
    await section.getByRole('img', { name: 'QR code' }).waitFor()
    const width = "document.querySelector('section img').naturalWidth"
    await eventually(async () => (await page.evaluate<number>(width)) > 0)
    secret = await section.getByRole('textbox', { name: 'Secret' }).inputValue()
    await section.getByLabel('Code the app shows now').fill(totp(secret))
    await press('Turn it on')
    await section.getByText('On: signing in asks for a code').waitFor()
    expect(await fits()).toBeLessThanOrEqual(0)
    expect(await seriousFaults(browser, page)).toEqual([])
  })

  test('a passkey is added', async () => {
    const client = await browser.context.newCDPSession(page)
    await client.send('WebAuthn.enable')
    await client.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
    await press('Add a passkey')
    await page.getByRole('button', { name: 'Remove the passkey This device' }).waitFor()
  })

  test('signing in asks for the code', async () => {
    await press('Sign out')
    await signIn()
    await page.getByLabel('Code of your authenticator app').fill('000000')
    await press('Sign in')
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Code of your authenticator app').fill(totp(secret))
    await press('Sign in')
    await page.waitForURL('**/account')
    await page.getByText('anna@example.org', { exact: true }).waitFor()
  })

  test('the passkey is enough by itself', async () => {
    await press('Sign out')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await press('Use a passkey')
    await page.getByRole('link', { name: 'Account' }).waitFor()
  })

  test('the operator finds the person, and shows them out', async () => {
    await page.getByRole('link', { name: 'Account' }).click()
    await press('Sign out')
    await page.goto(`${at}/sign-in?next=/operator/people`)
    await page.getByLabel('E-mail').fill(OWNER.OWNER_EMAIL)
    await page.getByLabel('Password').fill(OWNER.OWNER_PASSWORD)
    await press('Sign in')
    await page.getByLabel('Name or address').fill('ANNA')
    await page.getByRole('button', { name: 'Suspend or ban Anna' }).click()
    expect(await fits()).toBeLessThanOrEqual(0)
    await page.getByLabel('Reason, shown to them').fill('Spam')
    await press('Show them out')
    await page.getByText('suspended: Spam').waitFor()
    expect(await seriousFaults(browser, page)).toEqual([])
  })

  test('no page complained', () => {
    expect(browser.complaints).toEqual([])
  })
})
