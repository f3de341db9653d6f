import { Hls } from 'hls-video-element'

const LOOK_EVERY_MS = 1_000
const FIRST_PATIENCE_MS = 6_000
const LONGEST_PATIENCE_MS = 60_000
/** So many times longer is waited for a player that stands still while pieces of the show still come in. */
const WHILE_FED = 3

/**
 * A player that neither plays nor fails: after an encoder's hiccup or a computer's sleep hls.js may wait for a piece that
 * never comes, and tell no error. It is begun anew at `place`. A slow line stands still as well, and loses what was on its
 * way; so each next time is waited for longer, until it plays again.
 */
export function endStandstills(
  hls: Hls,
  options: { media: HTMLVideoElement; signal: AbortSignal; isHeld(): boolean; place(): number | null },
): void {
  const { media, signal, isHeld, place } = options
  let stoodAt = media.currentTime
  let playedAt = performance.now()
  let fedAt = playedAt
  let patience = FIRST_PATIENCE_MS

  function look(): void {
    const now = performance.now()
    // hls.js nudges a player that has nothing to show: that is no progress.
    const plays = media.currentTime !== stoodAt && media.readyState > media.HAVE_CURRENT_DATA
    stoodAt = media.currentTime
    if (plays) patience = FIRST_PATIENCE_MS
    if (plays || media.paused || media.ended || isHeld()) playedAt = now
    const isQuiet = now - Math.max(playedAt, fedAt) >= patience
    const to = place()
    if (to === null || !(isQuiet || now - playedAt >= patience * WHILE_FED)) return
    playedAt = now
    patience = Math.min(patience * 2, LONGEST_PATIENCE_MS)
    hls.stopLoad()
    hls.startLoad(to)
    media.currentTime = stoodAt = to
  }
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    fedAt = performance.now()
  })
  // Who tells what is wrong is still trying; what is done when that has no end is told in recovery.ts.
  hls.on(Hls.Events.ERROR, (_name, { type }) => {
    if (type === 'networkError') playedAt = performance.now()
  })
  const timer = setInterval(look, LOOK_EVERY_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
}
