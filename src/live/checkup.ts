/** One look at a broadcast for the person who makes it: figures, what the doctor finds in them, and the last minutes. */
import { type SourceHealth, unknownHealth } from '../ingest/ingest.ts'
import { examine, type Finding } from './doctor.ts'
import type { Pulse, Sample } from './pulse.ts'

export interface Checkup {
  /** Milliseconds since 1970; to be given back as `since`. */
  at: number
  source: SourceHealth | null
  encoder: { state: string | null; behindMs: number | null }
  /** How many qualities are made beside the source, and why. */
  ladderReason: string | null
  findings: Finding[]
  samples: Sample[]
}

interface Rendition {
  id: string
  edge(): number
}

/** How far the slowest quality encoded here has come since the publisher came; null where one has not begun. */
export function encodedUntil(renditions: Iterable<Rendition>, since: number): number | null {
  const edges = [...renditions].filter(({ id }) => id !== 'source' && id !== 'audio').map((one) => one.edge())
  const slowest = Math.min(...edges)
  return edges.length === 0 || slowest < since ? null : slowest
}

interface Looked {
  /** Null while nobody publishes. */
  publisher: { health(): SourceHealth; startedAt: number } | null
  encoderState: string | null
  ladderReason: string | null
  renditions: Iterable<Rendition>
  pulse: Pulse
  now: number
  since: number
}

export function checkup({ publisher, encoderState, ladderReason, renditions, pulse, now, since }: Looked): Checkup {
  const health = publisher?.health() ?? null
  const until = publisher === null || encoderState === null ? null : encodedUntil(renditions, publisher.startedAt)
  const encoder = { state: encoderState, behindMs: until === null ? null : Math.max(0, Math.round(now - until)) }
  const source = health ?? unknownHealth
  const findings =
    health === null
      ? []
      : examine({
          source,
          droppedLately: pulse.droppedLately(now, source.droppedFrames),
          silentMs: source.lastMediaAt === null ? 0 : Math.max(0, now - source.lastMediaAt),
          encoder,
        })
  return { at: now, source: health, encoder, ladderReason, findings, samples: pulse.since(since) }
}
