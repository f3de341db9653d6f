import type { Socket } from 'socket.io-client'

let shared: { socket: Promise<Socket>; users: number } | null = null

/** The page's one line to the node, shared by whatever follows something over it; closed when nothing does any more. */
export function openSocket(): { socket: Promise<Socket>; release(): void } {
  shared ??= { socket: connect(), users: 0 }
  const mine = shared
  mine.users++
  return {
    socket: mine.socket,
    release() {
      if (--mine.users > 0) return
      if (shared === mine) shared = null
      mine.socket.then(
        (socket) => socket.disconnect(),
        () => undefined,
      )
    },
  }
}

/** Polling comes after websocket: slower, but it passes a proxy that was never told to let an upgrade through. */
async function connect(): Promise<Socket> {
  const { io } = await import('socket.io-client')
  return io({
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelayMax: 4_000,
    forceNew: true,
  })
}
