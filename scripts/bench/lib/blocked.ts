/**
 * Many viewers waiting for the same part: connections are opened, all ask for it, and when it comes the time from the
 * first answer to each of the others is noted. Runs as a process of its own:
 *
 *   node blocked.ts '{"playlist":"http://…","viewers":5000}'
 */
import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { percentile } from './machine.ts'
import { readPlaylist } from './media.ts'

export interface Released {
  answered: number
  p50: number
  p99: number
  last: number
}

export async function releaseBlocked(playlist: string, viewers: number): Promise<Released> {
  const order = JSON.stringify({ playlist, viewers })
  const apart = spawn(process.execPath, [import.meta.filename, order], { stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(Buffer.concat(await apart.stdout.toArray()).toString()) as Released
}

async function run({ playlist, viewers }: { playlist: string; viewers: number }): Promise<Released> {
  const { hostname, port, pathname } = new URL(playlist)
  const sockets: Socket[] = []
  while (sockets.length < viewers) {
    const batch = Array.from({ length: Math.min(250, viewers - sockets.length) }, () => open(hostname, Number(port)))
    sockets.push(...(await Promise.all(batch)))
  }

  // The last part of the segment that has just begun to be filled is some 1.5 s away: time enough for all to ask.
  const { next } = readPlaylist(await (await fetch(playlist)).text(), playlist)
  const path = `${pathname}?_HLS_msn=${next.msn + 1}&_HLS_part=0`
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept-Encoding: gzip\r\n\r\n`)
  const answers = await Promise.all(sockets.map((socket) => ask(socket, request)))
  for (const socket of sockets) socket.destroy()

  const good = answers.filter((answer) => answer.ok).map((answer) => answer.at)
  const first = Math.min(...good)
  const after = good.map((at) => at - first)
  return {
    answered: good.length,
    p50: percentile(after, 0.5),
    p99: percentile(after, 0.99),
    last: percentile(after, 1),
  }
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket))
    socket.once('error', reject)
  })
}

function ask(socket: Socket, request: Buffer): Promise<{ ok: boolean; at: number }> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve({ ok: bytes.toString('latin1', 9, 12) === '200', at: performance.now() }))
    socket.once('close', () => resolve({ ok: false, at: performance.now() }))
    socket.write(request)
  })
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(process.argv[2]!) as { playlist: string; viewers: number })))
}
