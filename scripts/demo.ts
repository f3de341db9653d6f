/**
 * `scripts/start --demo`: a node with an in-memory database and a temporary folder, demo channels, and a synthetic
 * broadcaster that pushes real RTMP to it. All of it goes through the front doors a person uses, and all of it is gone
 * when it stops.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApi, startNode } from './node-client.ts'
import { startBroadcast } from './publish.ts'

const CHANNELS = [
  {
    name: 'Test Card',
    slug: 'test-card',
    description: 'A moving test card with a clock and a tone, around the clock.',
  },
  { name: 'Harbour Cam', slug: 'harbour-cam', description: 'Ships, gulls and weather. Off the air at the moment.' },
  { name: 'Kitchen Stories', slug: 'kitchen-stories', description: 'Slow cooking, live on Thursdays.' },
] as const
const httpPort = Number(process.env.HTTP_PORT || 8080)
const rtmpPort = Number(process.env.RTMP_PORT || 1935)

// Sent while we are still starting, it must be obeyed as soon as there is something to stop.
const stopping = Promise.withResolvers<'stop'>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.resolve('stop'))

const folder = mkdtempSync(join(tmpdir(), 'footlight-demo-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

// A password for this run only, made up here: there is no default one anywhere.
const owner = { email: 'demo@footlight.example', password: randomBytes(9).toString('base64url') }

async function main(): Promise<number> {
  const node = await startNode({
    httpPort,
    output: 'inherit',
    env: {
      DEMO: '1',
      DATABASE_URL: ':memory:',
      DATA_DIR: join(folder, 'data'),
      MEDIA_ROOT: join(folder, 'media'),
      OWNER_EMAIL: owner.email,
      OWNER_PASSWORD: owner.password,
    },
  })
  try {
    const api = createApi(node.url)
    await api.signIn(owner.email, owner.password)
    const [live, ...others] = CHANNELS
    const channel = await api.ownChannel()
    await api.call('PATCH', `/channels/${channel.id}`, live)
    for (const other of others) await api.createChannel(other)
    const streamKey = await api.createStreamKey(channel.id)
    const address = { url: `rtmp://127.0.0.1:${rtmpPort}/live/${streamKey}`, title: live.name }

    const home = process.env.PUBLIC_URL || `http://localhost:${httpPort}`
    console.log(`\n  demo: ${home}/c/${live.slug} goes live in a moment`)
    console.log(`  sign in as ${owner.email} with the password ${owner.password} (for this run only)\n`)

    for (;;) {
      const broadcast = startBroadcast(address)
      const outcome = await Promise.race([
        stopping.promise,
        node.ended.then(() => 'node gone' as const),
        broadcast.ended.then(() => 'broadcaster gone' as const),
      ])
      broadcast.stop()
      if (outcome === 'node gone') return node.ended
      // A broadcaster that fell over comes back, like any other.
      const pause = new Promise<'again'>((resolve) => setTimeout(() => resolve('again'), 1_000))
      if ((await Promise.race([stopping.promise, pause])) === 'stop') return node.stop()
    }
  } finally {
    await node.stop()
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
