/** The last minutes of one broadcast in a few figures: what the studio draws, and what the doctor compares with. */
import type { SourceHealth } from '../ingest/ingest.ts'

export interface Sample {
  /** Milliseconds since 1970. */
  at: number
  /** Video and audio together, bits a second. */
  bitrate: number
  frameRate: number | null
  viewers: number
  /** Seconds of picture encoded per second; null where nothing is encoded. */
  encoderSpeed: number | null
  droppedFrames: number | null
}

interface Measured {
  at: number
  health: SourceHealth
  viewers: number
  /** How far the slowest encoded quality has come, milliseconds since 1970. */
  encodedUntil: number | null
}

const KEPT = 150
const SPEED_OVER_MS = 8_000
const LATELY_MS = 30_000

export type Pulse = ReturnType<typeof createPulse>

export function createPulse() {
  const samples: Sample[] = []
  const progress: { at: number; until: number }[] = []

  function speedAt(at: number, until: number | null): number | null {
    if (until === null) {
      progress.length = 0
      return null
    }
    // An encoder that began anew is measured from there.
    if (until < (progress.at(-1)?.until ?? 0)) progress.length = 0
    progress.push({ at, until })
    while (progress.length > 2 && progress[0]!.at < at - SPEED_OVER_MS) progress.shift()
    const first = progress[0]!
    return at - first.at < SPEED_OVER_MS / 2 ? null : Math.round(((until - first.until) / (at - first.at)) * 100) / 100
  }

  return {
    take({ at, health, viewers, encodedUntil }: Measured): void {
      samples.push({
        at,
        bitrate: health.videoBitrate + health.audioBitrate,
        frameRate: health.frameRate,
        viewers,
        encoderSpeed: speedAt(at, encodedUntil),
        droppedFrames: health.droppedFrames,
      })
      if (samples.length > KEPT) samples.shift()
    },
    since: (at: number): Sample[] => samples.filter((sample) => sample.at > at),
    /** Frames missing within the last half minute; a publisher who came back counts anew. */
    droppedLately(at: number, now: number | null): number {
      const before = samples.find((sample) => sample.at > at - LATELY_MS)?.droppedFrames ?? 0
      return now === null ? 0 : before > now ? now : now - before
    },
  }
}
