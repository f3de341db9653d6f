import { Hls } from 'hls-video-element'

const REMEMBERED = 12

/**
 * The shortest recent wait for a first byte, in seconds: the distance to the server, without whatever else slows one
 * answer or another. Parts are asked for when they exist, so no wait of the server's own is in it.
 */
export function measureRoundTrip(hls: Hls): () => number {
  const waits: number[] = []
  hls.on(Hls.Events.FRAG_LOADED, (_name, { frag, part }) => {
    const { loading } = (part ?? frag).stats
    if (loading.first > loading.start) waits.push((loading.first - loading.start) / 1_000)
    if (waits.length > REMEMBERED) waits.shift()
  })
  return () => (waits.length > 0 ? Math.min(...waits) : 0)
}
