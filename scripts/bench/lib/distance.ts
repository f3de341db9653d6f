/**
 * A long line between two sockets: every byte takes half the round trip each way, and a new connection waits one round
 * trip for its handshake, as TCP has it. It can be cut and mended, which is a network outage that loses nothing.
 */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export async function openDistance(target: { port: number }, roundTripMs: number) {
  const sockets = new Set<Socket>()
  let mended = Promise.withResolvers<void>()
  mended.resolve()
  let isCut = false

  const server = createServer((near) => {
    const far = connect(target.port, '127.0.0.1')
    const handshakeUntil = performance.now() + roundTripMs
    forward(near, far, () => Math.max(performance.now(), handshakeUntil) + roundTripMs / 2)
    forward(far, near, () => performance.now() + roundTripMs / 2)
  })

  function forward(from: Socket, to: Socket, arrival: () => number): void {
    sockets.add(from)
    from.setNoDelay(true)
    let line = Promise.resolve()
    const send = (deliver: () => void) => {
      const due = arrival()
      line = line
        .then(() => delay(due - performance.now()))
        .then(() => (isCut ? mended.promise : undefined))
        .then(deliver)
    }
    from.on('data', (bytes) => send(() => void (to.destroyed || to.write(bytes))))
    from.on('end', () => send(() => void to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      send(() => void to.destroy())
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut(): void {
      isCut = true
      mended = Promise.withResolvers<void>()
    },
    mend(): void {
      isCut = false
      mended.resolve()
    },
    close(): void {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function delay(ms: number): Promise<void> {
  return ms > 0.5 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve()
}
