import { Hls } from 'hls-video-element'
import { LOOKED_AT, strainedLine, type Trip } from './line-strain.ts'

/**
 * hls.js's own estimate remembers a fast line for half a minute after it became slow, which is too long with a buffer of
 * half a second. So when parts come no faster than they play, it is told what the line carries now.
 */
export function watchLine(hls: Hls, roundTrip: () => number): void {
  let trips: Trip[] = []
  hls.on(Hls.Events.FRAG_LOADED, (_name, { frag, part }) => {
    if (!part || frag.type !== 'main') return
    const { loading, loaded } = part.stats
    // Distance alone is no strain.
    const seconds = Math.max(0.001, (loading.end - loading.start) / 1_000 - roundTrip())
    trips = [...trips.slice(1 - LOOKED_AT), { bits: loaded * 8, loading: seconds, playing: part.duration }]
    const line = strainedLine(trips)
    if (line === null || line > hls.bandwidthEstimate) return
    trips = []
    hls.bandwidthEstimate = line
    const next = hls.nextAutoLevel
    if (!hls.autoLevelEnabled || next >= frag.level) return
    // What hls.js itself does with a fragment that comes too slowly; it never looks at one that is taken part by part.
    hls.nextLoadLevel = next
    frag.abortRequests()
    hls.trigger(Hls.Events.FRAG_LOAD_EMERGENCY_ABORTED, { frag, part, stats: part.stats })
  })
}
