import type { HlsConfig, LoadPolicy } from 'hls.js'
import { recallChoice, rememberChoice } from './remembered.ts'

/** Seconds behind the edge after which hls.js jumps there, for those who do not look back on purpose. */
export const JUMPS_BEYOND = 10

/** How hls.js is set up for our playlists (parts of a third of a second, segments of about two seconds). */
export function hlsConfig(catchUp: 'ours' | 'of hls.js'): Partial<HlsConfig> {
  return {
    lowLatencyMode: true,
    liveSyncDuration: 1.1,
    liveMaxLatencyDuration: JUMPS_BEYOND,
    liveSyncOnStallIncrease: 0.2,
    // 1 switches its own catching up off: two controllers on one rate would fight.
    maxLiveSyncPlaybackRate: catchUp === 'ours' ? 1 : 1.25,
    backBufferLength: 30,
    maxBufferLength: 20,
    // Fragmented MP4 needs no remuxing: a worker would only add a message each way to every part.
    enableWorker: false,
    // The first part comes in the quality the line probably carries, not in a test of the lowest one.
    testBandwidth: false,
    abrEwmaDefaultEstimate: lineEstimate(),
    abrEwmaDefaultEstimateMax: 20_000_000,
    nudgeMaxRetry: 20,
    manifestLoadPolicy: patient(10_000, 2),
    playlistLoadPolicy: patient(10_000, 6),
    fragLoadPolicy: patient(10_000, 6),
  }
}

const HOPED_FOR = 5_000_000

/** Bits per second the line carried last time; else what the browser says of a slow one; else a fair hope. */
function lineEstimate(): number {
  const remembered = Number(recallChoice('line'))
  if (remembered > 0) return remembered
  const connection = 'connection' in navigator ? navigator.connection : null
  if (typeof connection !== 'object' || connection === null) return HOPED_FOR
  const isSlow = 'effectiveType' in connection && connection.effectiveType !== '4g'
  const told = 'downlink' in connection && typeof connection.downlink === 'number' ? connection.downlink : 0
  return isSlow && told > 0 ? told * 700_000 : HOPED_FOR
}

export function rememberLine(bitsPerSecond: number): void {
  if (bitsPerSecond > 0) rememberChoice('line', Math.min(bitsPerSecond * 0.8, 20_000_000).toFixed(0))
}

/** Retries soon and often; what still fails is tried again by the player itself (see recovery.ts), without end. */
function patient(firstByteMs: number, retries: number): LoadPolicy {
  const retry = { maxNumRetry: retries, retryDelayMs: 250, maxRetryDelayMs: 2_000 }
  return {
    default: { maxTimeToFirstByteMs: firstByteMs, maxLoadTimeMs: 20_000, timeoutRetry: retry, errorRetry: retry },
  }
}
