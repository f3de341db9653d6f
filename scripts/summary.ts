/**
 * The last lines of scripts/test, for people and for CI: `Tests  12 passed (12)`, then `12 passed, 0 failed`.
 * Usage: node scripts/summary.ts <vitest's JSON report> <1 when lint or types failed, else 0>
 */
import { readFileSync } from 'node:fs'

interface Report {
  success: boolean
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; name: string; assertionResults: unknown[] }[]
}

const [path = '', before = '0'] = process.argv.slice(2)
let passed = 0
let failed = 0
try {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  passed = report.numPassedTests
  // A file that could not even be loaded holds no test that failed: it counts as one.
  const unloadable = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  failed = report.numFailedTests + unloadable.length
  if (!report.success) failed = Math.max(failed, 1)
} catch {
  console.error('vitest left no report')
  failed = 1
}
if (before !== '0' && failed === 0) {
  console.error('the tests passed; format, lint, types or a check beside them did not (see above)')
  failed = 1
}
console.log(` Tests  ${failed ? `${failed} failed | ` : ''}${passed} passed (${passed + failed})`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
