/**
 * One encoder's connection, from the first byte to the last: a state, its deadlines, and where its media goes. Whatever goes
 * wrong ends this connection alone.
 */
import type { Socket } from 'node:net'
import { type FlvOutlet, openFlvOutlet } from './flv-outlet.ts'
import { type FlvTag, readTag, type Track } from './flv-tags.ts'
import { ProtocolViolation, type Reservation } from './message-limits.ts'
import type { FromChild, Patience } from './process.ts'
import { createRtmpSession } from './rtmp-session.ts'
import { createSourceHealth } from './source-health.ts'
import { createTimeline } from './timeline.ts'

const TICK_MS = 1_000
const LINGER_MS = 1_000
/** What we say is short; a peer that does not read it is no encoder. */
const OUTPUT_BACKLOG_BYTES = 64 * 1024
/** Media sent on without waiting for the answer to publish. */
const EARLY_BYTES = 256 * 1024

export interface ConnectionContext {
  id: number
  socket: Socket
  address: string
  reservation: Reservation
  patience: Patience
  tell(message: FromChild): void
  /** Called once, with the fault where the peer was at fault. */
  closed(fault: string | null): void
}

interface Ending {
  fault?: string | null
  isGentle?: boolean
}

export type Connection = ReturnType<typeof openConnection>

export function openConnection({ id, socket, address, reservation, patience, tell, closed }: ConnectionContext) {
  const session = createRtmpSession(
    { output, publish: ask, unpublish: () => finish('unpublished', { isGentle: true }), media, metadata },
    reservation,
  )
  const health = createSourceHealth()
  const timeline = createTimeline()
  let outlet: FlvOutlet | null = null
  let early: (() => void)[] | null = []
  let earlyBytes = 0
  let hasAsked = false
  let isOver = false
  let mediaAt = 0
  let pingedAt = 0
  let ticker: NodeJS.Timeout | undefined
  const deadline = setTimeout(() => accuse('no publish in time'), patience.publishWithinMs)

  socket.setNoDelay(true)
  socket.setKeepAlive(true, patience.silenceMs)
  socket.on('data', receive)
  socket.on('error', () => finish('connection lost'))
  socket.on('close', () => finish('connection closed'))
  // Neither end of a stream needs the other half.
  socket.on('end', () => finish('connection closed'))

  function receive(bytes: Buffer): void {
    if (isOver) return
    try {
      session.receive(bytes)
    } catch (error) {
      // The vendor's parser throws whatever comes when it reads nonsense.
      accuse(error instanceof ProtocolViolation ? error.message : 'malformed')
    }
  }

  function output(bytes: Buffer): void {
    if (socket.destroyed) return
    socket.write(bytes)
    if (socket.writableLength > OUTPUT_BACKLOG_BYTES) throw new ProtocolViolation('answers not read')
  }

  function ask(streamKey: string): void {
    hasAsked = true
    socket.pause()
    tell({ type: 'ask', connection: id, streamKey, address })
  }

  function media(track: Track, timestamp: number, payload: Buffer): void {
    if (early) keepForLater(payload, (kept) => media(track, timestamp, kept))
    else passOn(readTag(track, payload), timestamp)
  }

  /** Headers have no time of their own; what is no tag we know goes nowhere. */
  function passOn(tag: FlvTag | null, timestamp: number): void {
    if (!tag) return
    mediaAt = Date.now()
    const at = tag.kind === 'header' ? timeline.now(tag.track) : timeline.place(tag.track, timestamp)
    health.add(tag, at, mediaAt)
    outlet?.write(tag, at)
  }

  function metadata(payload: Buffer, said: Record<string, unknown>): void {
    if (early) {
      keepForLater(payload, (kept) => metadata(kept, said))
      return
    }
    health.describe(said)
    outlet?.writeMetadata(payload, timeline.now('video'))
  }

  function keepForLater(payload: Buffer, replay: (kept: Buffer) => void): void {
    earlyBytes += payload.length
    if (earlyBytes > EARLY_BYTES) throw new ProtocolViolation('too much media before the answer')
    const kept = Buffer.from(payload)
    early?.push(() => replay(kept))
  }

  function tick(): void {
    const now = Date.now()
    tell({ type: 'health', connection: id, health: health.read(timeline.jumps()) })
    if (now - mediaAt > patience.silenceMs) finish('silent')
    else if (now - pingedAt > patience.pingEveryMs) {
      pingedAt = now
      attempt(session.ping)
    }
  }

  function attempt(action: () => void): void {
    try {
      action()
    } catch {
      finish('connection lost')
    }
  }

  function accuse(fault: string): void {
    finish(fault, { fault })
  }

  /** Once. Gently: the peer first gets the time to read what was said last. */
  function finish(reason: string, { fault = null, isGentle = false }: Ending = {}): void {
    if (isOver) return
    isOver = true
    clearTimeout(deadline)
    clearInterval(ticker)
    early = []
    outlet?.close()
    reservation.release()
    if (hasAsked) tell({ type: 'gone', connection: id, reason })
    closed(fault)
    if (!isGentle) {
      socket.destroy()
      return
    }
    // Unread bytes would turn the close into a reset, and the last word would be lost.
    socket.resume()
    socket.end()
    setTimeout(() => socket.destroy(), LINGER_MS)
  }

  return {
    /** The key is good: open the outlet and say so, so that readers are there before the first tag. */
    async admit(flvPath: string): Promise<void> {
      const opened = await openFlvOutlet(flvPath)
      if (isOver) return opened.close()
      outlet = opened
      tell({ type: 'ready', connection: id })
    },

    start(): void {
      if (isOver) return
      clearTimeout(deadline)
      mediaAt = Date.now()
      pingedAt = mediaAt
      ticker = setInterval(tick, TICK_MS)
      const waiting = early ?? []
      early = null
      attempt(() => {
        session.accept()
        for (const replay of waiting) replay()
      })
      socket.resume()
    },

    /** Says why, then closes. Said before anything was admitted this is a refusal, after it an end. */
    refuse(code: string, description: string, reason: string): void {
      if (isOver) return
      attempt(() => session.refuse(code, description))
      finish(reason, { fault: outlet ? null : 'publish refused', isGentle: true })
    },

    /** Without a word: an encoder then tries again by itself. */
    drop: (reason: string): void => finish(reason),
  }
}
