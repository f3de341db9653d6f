/** What `examples/` shows works: each script as it is, against a real node. */
import { execFile, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { eventually } from '../helpers/eventually.ts'
import { startNodeProcess } from '../helpers/node-process.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../examples')
const owner = { EMAIL: 'owner@example.org', PASSWORD: 'a long "enough" one' }

test('the examples lead from signing in to the end of a show', async () => {
  const env = { OWNER_EMAIL: owner.EMAIL, OWNER_PASSWORD: owner.PASSWORD, LADDER: 'source' }
  const node = await startNodeProcess({ env })
  onTestFinished(() => node.stop())
  const used = new Set<string>()
  let shell: NodeJS.ProcessEnv = { PATH: process.env.PATH, FOOTLIGHT_URL: node.url }

  async function run(script: string, ...args: string[]): Promise<string> {
    used.add(script)
    return (await promisify(execFile)(join(EXAMPLES, script), args, { env: shell })).stdout.trim()
  }

  shell = { ...shell, ...owner, PASSWORD: 'a wrong one' }
  await expect(run('sign-in.sh')).rejects.toThrow()
  await expect(run('create-channel.sh', 'Nobody’s')).rejects.toThrow()
  shell = { ...shell, ...owner }
  shell = { ...shell, FOOTLIGHT_TOKEN: await run('sign-in.sh') }

  const channel = await run('create-channel.sh', 'Evening "show"')
  const key = await run('create-stream-key.sh', channel, 'FFmpeg')
  used.add('publish.sh')
  const broadcast = spawn(join(EXAMPLES, 'publish.sh'), [key, clipPath('film')], { env: shell, stdio: 'ignore' })
  const gone = new Promise((resolve) => broadcast.once('exit', resolve))
  onTestFinished(() => void broadcast.kill('SIGKILL'))

  const [session, state] = await eventually(async () => {
    const seen = (await run('list-sessions.sh', channel)).split('\t')
    return seen[1] === 'live' ? seen : null
  })
  expect(state).toBe('live')
  const address = await run('get-playback.sh', channel)
  const list = await fetch(address)
  expect([list.status, (await list.text()).startsWith('#EXTM3U')]).toEqual([200, true])

  expect(await run('end-session.sh', session!)).toBe('ended')
  await gone
  await expect(run('get-playback.sh', channel)).rejects.toThrow()

  const written = readdirSync(EXAMPLES).filter((name) => name.endsWith('.sh') && name !== 'lib.sh')
  expect([...used].sort()).toEqual(written.sort())
})
