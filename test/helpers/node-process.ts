/** The real node, `src/main.ts` in a process of its own, with a home in the temporary folder and ports of its own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually } from './eventually.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

export type NodeProcess = Awaited<ReturnType<typeof startNodeProcess>>

interface NodeProcessOptions {
  env?: Record<string, string>
}

export async function startNodeProcess({ env = {} }: NodeProcessOptions = {}) {
  const home = mkdtempSync(join(tmpdir(), 'node-'))
  const [httpPort, rtmpPort] = await freePorts(2)
  const url = `http://127.0.0.1:${httpPort}`
  const settings = {
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    RTMP_HOST: '127.0.0.1',
    RTMP_PORT: String(rtmpPort),
    PUBLIC_URL: url,
    DATA_DIR: join(home, 'data'),
    MEDIA_ROOT: join(home, 'media'),
    ...env,
  }
  let run = launch(settings)

  async function begin() {
    await eventually(async () => {
      if (run.isGone()) throw new Error(`the node ended instead of starting:\n${run.said()}`)
      return (await fetch(`${url}/readyz`).catch(() => null))?.ok === true
    })
  }
  await begin().catch((error: unknown) => {
    rmSync(home, { recursive: true, force: true })
    throw error
  })

  return {
    url,
    /** What goes into an encoder's field for the server. */
    rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live`,
    rtmpPort: rtmpPort!,
    home,
    pid: () => run.pid,
    said: () => run.said(),
    /** The link of the first start, or null when there is an owner. */
    ownerLink: () => /owner link: (\S+)/.exec(run.said())?.[1] ?? null,
    /** Pulls the plug: no goodbye. */
    async kill(): Promise<void> {
      run.end('SIGKILL')
      await run.ended
    },
    /** Starts again in the same home, on the same ports. */
    async startAgain(): Promise<void> {
      await run.ended
      run = launch(settings)
      await begin()
    },
    async stop(): Promise<void> {
      run.end('SIGTERM')
      await run.ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function launch(settings: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let said = ''
  let isGone = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-200_000)
    })
  }
  child.once('exit', () => {
    isGone = true
    end()
  })
  return {
    pid: child.pid!,
    said: () => said,
    isGone: () => isGone,
    end: (signal: NodeJS.Signals) => void child.kill(signal),
    ended,
  }
}

/** Ports nobody listens on just now; the node is told them beforehand, so that it can name itself. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      await new Promise((closed) => server.close(closed))
      return typeof address === 'object' && address ? address.port : 0
    }),
  )
}
