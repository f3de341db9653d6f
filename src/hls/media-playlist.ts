/** A rendition's media playlist as text (RFC 8216bis; sections named at each rule). Pure: the same window, the same text. */
import type { Part, Segment, Window } from './window.ts'

export interface PlaylistTargets {
  /** Seconds, whole; never changes in a session (section 4.4.3.1). */
  targetDuration: number
  /** Seconds; never changes in a session (section 4.4.3.7). */
  partTarget: number
}

export interface MediaPlaylistOptions extends PlaylistTargets {
  window: Window
  /** The first media sequence number to list. */
  from: number
  /** A delta update: leave out what an earlier playlist already told (section 6.2.5.1). */
  isDelta: boolean
  /** Appended to the addresses of sibling playlists: '' or '?dvr'. */
  query: string
  siblings: readonly Window[]
}

/** Parts are listed for the last three segments, the hinted one included: within three target durations (section 6.2.2). */
const PART_SEGMENTS = 3
/** CAN-SKIP-UNTIL must be at least six target durations (section 4.4.3.8). */
const SKIP_WINDOW = 6

const seconds = (value: number) => value.toFixed(5).replace(/\.?0+$/, '')

export function mediaPlaylist(options: MediaPlaylistOptions): string {
  const { window, from, targetDuration, partTarget } = options
  const listed = window.segments.filter(({ msn }) => msn >= from)
  const first = listed[0]
  const skipped = options.isDelta ? skippable(listed, targetDuration * SKIP_WINDOW) : 0
  const isLive = !window.isEnded
  const control =
    `CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${targetDuration * SKIP_WINDOW},` +
    // Section 4.4.3.8: at least three part targets from the end.
    `PART-HOLD-BACK=${seconds(partTarget * 3)},HOLD-BACK=${targetDuration * 3}`
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9', // section 8: EXT-X-SKIP asks for 9
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(isLive ? [`#EXT-X-SERVER-CONTROL:${control}`, `#EXT-X-PART-INF:PART-TARGET=${seconds(partTarget)}`] : []),
    `#EXT-X-MEDIA-SEQUENCE:${first?.msn ?? from}`,
    // Section 4.4.3.3: those before the first segment listed, whose own tag stands in the list.
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first ? first.discontinuities - Number(first.startsDiscontinuity) : 0}`,
  ]
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)

  const isBetween = listed.at(-1)?.isComplete ?? false
  const partsFrom = isLive ? listed.length - PART_SEGMENTS + Number(isBetween) : listed.length
  for (let i = skipped; i < listed.length; i++) {
    const segment = listed[i]!
    const previous = listed[i - 1]
    lines.push(...segmentHead(window.id, segment, previous))
    if (i >= partsFrom) lines.push(...segment.parts.map((part) => partLine(window.id, part)))
    if (!segment.isComplete) continue
    if (segment.isGap) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${seconds(segment.duration)},`, `${window.id}/${segment.msn}.m4s`)
  }
  if (isLive) lines.push(...openEnd(options))
  else lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

function segmentHead(id: string, segment: Segment, previous: Segment | undefined): string[] {
  const lines = segment.startsDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []
  if (segment.init >= 0 && previous?.init !== segment.init)
    lines.push(`#EXT-X-MAP:URI="${id}/init-${segment.init}.mp4"`)
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.programDateTime)).toISOString()}`)
  return lines
}

function partLine(id: string, part: Part): string {
  const attributes = `DURATION=${seconds(part.duration)},URI="${id}/p${part.sequence}.m4s"`
  if (part.isGap) return `#EXT-X-PART:${attributes},GAP=YES`
  return `#EXT-X-PART:${attributes}${part.isIndependent ? ',INDEPENDENT=YES' : ''}`
}

// Sections 4.4.5.3 and 4.4.5.4: the next part by its address, and how far the other renditions are.
function openEnd({ window, siblings, query }: MediaPlaylistOptions): string[] {
  const reports = siblings.flatMap((sibling) => {
    const newest = sibling.segments.findLast(({ partCount }) => partCount > 0)
    if (sibling === window || !newest) return []
    return `#EXT-X-RENDITION-REPORT:URI="${sibling.id}.m3u8${query}",LAST-MSN=${newest.msn},LAST-PART=${newest.partCount - 1}`
  })
  return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${window.id}/p${window.nextPart}.m4s"`, ...reports]
}

/** The index of the first of those segments that make up the last `span` seconds. */
function startOfLast(segments: readonly Segment[], span: number): number {
  let covered = 0
  let i = segments.length
  while (i > 0 && covered < span) covered += segments[--i]!.duration
  return i
}

/** How many segments at the front lie further back than the skip boundary. A lone skipped segment is not worth it. */
const skippable = (segments: readonly Segment[], boundary: number) => Math.max(0, startOfLast(segments, boundary))
