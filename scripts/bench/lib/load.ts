/**
 * Asks a server for the same things over many kept-alive connections and counts the answers. It runs as a process of
 * its own, so that only the server's processor time is compared:
 *
 *   node load.ts '{"port":…,"tls":false,"paths":["/a"],"connections":32,"seconds":5,"headers":"…"}'
 */
import { spawn } from 'node:child_process'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { cpuSeconds } from './usage.ts'

export interface Load {
  port: number
  tls?: boolean
  paths: string[]
  connections?: number
  seconds?: number
}

interface Answered {
  requests: number
  bytes: number
  failed: number
}

/** Requests per second of the server's processor time, under this load. */
export async function requestsPerCpuSecond(
  serverPid: number,
  load: Load,
): Promise<{ perCpuSecond: number } & Answered> {
  await runApart({ ...load, seconds: 1 })
  const before = cpuSeconds(serverPid)
  const answered = await runApart(load)
  const used = cpuSeconds(serverPid) - before
  if (answered.failed > 0) throw new Error(`${answered.failed} requests of ${load.paths[0]} failed`)
  return { ...answered, perCpuSecond: answered.requests / used }
}

async function runApart(load: Load): Promise<Answered> {
  const apart = spawn(process.execPath, [import.meta.filename, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(Buffer.concat(await apart.stdout.toArray()).toString()) as Answered
}

async function run({ port, tls = false, paths, connections = 32, seconds = 5 }: Load): Promise<Answered> {
  const answered: Answered = { requests: 0, bytes: 0, failed: 0 }
  const end = performance.now() + seconds * 1000
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept-Encoding: gzip\r\n\r\n`),
  )
  await Promise.all(Array.from({ length: connections }, (_, index) => converse(index)))
  return answered

  function converse(index: number): Promise<void> {
    return new Promise((resolve) => {
      const socket: Socket = tls
        ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connectTcp(port, '127.0.0.1')
      let turn = index
      let left = 0
      let head: Buffer | null = null
      const ask = () => socket.write(requests[turn++ % requests.length]!)
      socket.setNoDelay(true)
      socket.once(tls ? 'secureConnect' : 'connect', ask)
      socket.on('data', (chunk: Buffer) => {
        answered.bytes += chunk.length
        if (left === 0) {
          // The head of an answer: all of it, or its beginning.
          const bytes: Buffer = head ? Buffer.concat([head, chunk]) : chunk
          const headEnd = bytes.indexOf('\r\n\r\n')
          if (headEnd < 0) {
            head = bytes
            return
          }
          head = null
          const text = bytes.toString('latin1', 0, headEnd)
          if (!text.startsWith('HTTP/1.1 200')) answered.failed++
          left = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0) - (bytes.length - headEnd - 4)
        } else {
          left -= chunk.length
        }
        if (left > 0) return
        answered.requests++
        if (performance.now() < end) ask()
        else socket.end()
      })
      socket.on('error', () => answered.failed++)
      socket.on('close', () => resolve())
    })
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(process.argv[2]!) as Load)))
}
