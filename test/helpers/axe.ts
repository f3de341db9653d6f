/** What axe-core finds wrong with a page for people who cannot see it, or not well: the serious and the critical. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import type { Chromium } from './browser.ts'

export async function seriousFaults({ complaints }: Chromium, page: Page): Promise<string[]> {
  // Evaluated, not added as an element: the page's own policy holds. It also refuses the styles axe-core tries out.
  const before = complaints.length
  await page.evaluate(`${axe.source};0`)
  const faults = await page.evaluate<string[]>(`axe.run(document).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
  complaints.splice(before)
  return faults
}
