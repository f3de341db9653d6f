import { expect, onTestFinished, test } from 'vitest'
import { openChromium } from '../helpers/browser.ts'
import { startNodeProcess } from '../helpers/node-process.ts'

test('the reference of the API is shown, works, and asks nobody outside', async () => {
  const node = await startNodeProcess()
  onTestFinished(() => node.stop())
  const chromium = await openChromium()
  onTestFinished(() => chromium.close())
  const page = await chromium.context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))

  await page.goto(`${node.url}/api/docs`)
  await page.locator('#operations-tag-node').click()
  await page.getByText('Where to publish, and what runs here').click()
  await page.getByRole('button', { name: 'Try it out' }).click()
  await page.getByRole('button', { name: 'Execute' }).click()
  await page.locator('.live-responses-table').getByText('rtmpUrl').first().waitFor()

  const outside = asked.filter((url) => !url.startsWith(node.url) && !url.startsWith('data:'))
  expect(outside).toEqual([])
  expect(chromium.complaints).toEqual([])
})
