/**
 * Readers of a chat: sockets that speak just enough of Engine.IO 4 and Socket.IO 5 to come in and hear. A process of its
 * own; over IPC it says when all are in, and on being asked what they heard since it was asked last.
 *
 *   node chat-readers.ts <port> <count> <seconds to come in>
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

const [port, count, withinSeconds] = process.argv.slice(2).map(Number) as [number, number, number]
/** How many deliveries took so many milliseconds; the last place holds all that took longer. */
const delays = new Uint32Array(60_000)
let entered = 0
let heard = 0
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

/** All readers are told the same: it is read once, so that the readers are not what is measured. */
let lastText = ''
let writtenAt: number[] = []

function take(text: string): void {
  lastHeardAt = performance.now()
  if (text !== lastText) {
    lastText = text
    writtenAt = Array.from(text.matchAll(/"text":"([\d.]+)/g), ([, at]) => Number(at))
  }
  for (const at of writtenAt) {
    heard++
    delays[Math.min(delays.length - 1, Math.max(0, Math.round(performance.timeOrigin + lastHeardAt - at)))]!++
  }
}

let begun = 0
const timer = setInterval(() => {
  const due = Math.min(count, Math.ceil(((performance.now() - began) / 1_000 / withinSeconds) * count))
  for (; begun < due; begun++) read()
  if (begun === count) clearInterval(timer)
}, 10)

/** The delay that so many of the deliveries did not exceed. */
function delayOf(share: number): number {
  let left = Math.ceil(heard * share)
  return delays.findIndex((some) => {
    left -= some
    return left <= 0
  })
}

const QUIET_MS = 1_000
/** What is late is not lost: the answer waits until nothing more comes. */
process.on('message', async () => {
  while (performance.now() - lastHeardAt < QUIET_MS) await sleep(100)
  process.send?.({ heard, p50: delayOf(0.5), p99: delayOf(0.99), last: delayOf(1) })
  heard = 0
  delays.fill(0)
})
process.on('disconnect', () => process.exit())
