/** A node started as its own process, and what its API is asked by the demo and the benches. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../src/main.ts')

interface NodeOptions {
  env: Record<string, string>
  httpPort: number
  output: 'inherit' | 'ignore'
}

/** Resolves when the node is ready; rejects when it ends before that. */
export async function startNode({ env, httpPort, output }: NodeOptions) {
  // In a process group of its own: Ctrl-C reaches us alone, and we stop it once and in order.
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...env, HTTP_PORT: String(httpPort) },
    stdio: ['ignore', output, 'inherit'],
    detached: true,
  })
  let isGone = false
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      isGone = true
      resolve(code ?? 1)
    })
  })
  const url = `http://127.0.0.1:${httpPort}`
  while (!(await isReady(url))) {
    if (isGone) throw new Error('The node did not start; its own words are above.')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return {
    url,
    pid: child.pid!,
    ended,
    async stop(): Promise<number> {
      if (!isGone) child.kill('SIGTERM')
      return ended
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

export type Api = ReturnType<typeof createApi>

/** The API as one signed-in person. */
export function createApi(url: string) {
  let bearer: Record<string, string> = {}

  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...bearer },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    const text = await response.text()
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }

  return {
    call,
    async signIn(email: string, password: string): Promise<void> {
      const { token } = await call<{ token: string }>('POST', '/auth/sign-in/email', { email, password })
      bearer = { authorization: `Bearer ${token}` }
    },
    async ownChannel(): Promise<{ id: string; slug: string }> {
      const { channels } = await call<{ channels: { id: string; slug: string }[] }>('GET', '/channels?mine=true')
      return channels[0]!
    },
    createChannel: (channel: { name: string; slug?: string; description?: string }) =>
      call<{ id: string; slug: string }>('POST', '/channels', channel),
    async createStreamKey(channelId: string): Promise<string> {
      const path = `/channels/${channelId}/stream-keys`
      return (await call<{ streamKey: string }>('POST', path, { label: 'synthetic broadcaster' })).streamKey
    },
    play: (channelId: string) => call<{ url: string; session: { id: string } }>('POST', '/playback', { channelId }),
  }
}
