import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const program = `
import { createIngest } from '${resolve('src/ingest/ingest.ts')}'
import { createLogger } from '${resolve('src/platform/logger.ts')}'
const ingest = createIngest({
  config: { rtmp: { host: '127.0.0.1', port: 0, maxPerAddress: 5, maxConnections: 5 }, rtmps: null },
  runDir: process.argv[1],
  logger: createLogger('silent'),
  clock: { now: () => Date.now() },
  findKey: async () => null,
  mayPublish: async () => ({ allowed: true }),
  onPublisher: () => {},
})
await ingest.start()
console.log(ingest.childPid())
`

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a child whose parent was killed does not outlive it', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'orphan-'))
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program, runDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const childPid = await new Promise<number>((told) => parent.stdout.once('data', (text) => told(Number(text))))
  expect(isAlive(childPid)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(childPid), { timeout: 10_000 }).toBe(false)
})
