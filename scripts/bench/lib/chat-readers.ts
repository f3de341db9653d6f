/**
 * Readers of a chat: sockets that speak just enough of Engine.IO 4 and Socket.IO 5 to come in and hear. A process of its
 * own; over IPC it says when all are in, and on being asked what they heard since it was asked last.
 *
 *   node chat-readers.ts <port> <count> <seconds to come in>
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

const [port, count, withinSeconds] = process.argv.slice(2).map(Number) as [number, number, number]
let entered = 0
let heard = 0
let delays: number[] = []
let lastHeardAt = 0
const began = performance.now()

function read(): void {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  })
  socket.on('message', (data: Buffer) => {
    const text = data.toString('latin1')
    if (text.startsWith('42["chat"')) take(text)
    else if (text === '2') socket.send('3')
    else if (text.startsWith('0')) socket.send('40')
    else if (text.startsWith('40')) socket.send('420["chat.enter",{"channel":"bench"}]')
    else if (text.startsWith('430') && ++entered === count) process.send?.({ enteredMs: performance.now() - began })
  })
  const fail = (error: unknown) => {
    console.error(`a reader was lost: ${error}`)
    process.exit(1)
  }
  socket.on('error', fail).on('close', fail)
}

function take(text: string): void {
  lastHeardAt = performance.now()
  const now = performance.timeOrigin + lastHeardAt
  for (let at = text.indexOf('"text":"'); at !== -1; at = text.indexOf('"text":"', at + 8)) {
    heard++
    delays.push(now - Number.parseFloat(text.slice(at + 8, at + 30)))
  }
}

let begun = 0
const timer = setInterval(() => {
  const due = Math.min(count, Math.ceil(((performance.now() - began) / 1_000 / withinSeconds) * count))
  for (; begun < due; begun++) read()
  if (begun === count) clearInterval(timer)
}, 10)

const QUIET_MS = 1_000
/** What is late is not lost: the answer waits until nothing more comes. */
process.on('message', async () => {
  while (performance.now() - lastHeardAt < QUIET_MS) await sleep(100)
  const sorted = Float64Array.from(delays).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  process.send?.({ heard, p50: at(0.5), p99: at(0.99), last: at(1) })
  heard = 0
  delays = []
})
process.on('disconnect', () => process.exit())
