/** Playlists of one stream as bytes: rendered once per new part, compressed once, the same for every viewer. */
import { gzipSync } from 'node:zlib'
import { mediaPlaylist } from './media-playlist.ts'
import { multivariantPlaylist } from './multivariant.ts'
import type { RenditionAttributes, Stream } from './stream.ts'
import type { Window } from './window.ts'

/** Bytes; a short body as a string of them (latin1), which Node sends together with the head in one piece: a tenth cheaper. */
export type Body = Buffer | string

export interface Rendered {
  plain: Body
  /** Compressed at the first request that takes it. */
  gzipped(): Body
}

const SHORT = 8_192

interface Wanted {
  isDvr: boolean
  isDelta: boolean
}

/** Measured bandwidth moves slowly; the list of renditions is rendered this often at the most. */
const MULTIVARIANT_MS = 1_000

export function createPlaylists(stream: Stream) {
  const media = new Map<string, { revision: number; rendered: Rendered }>()
  const multivariants = new Map<string, { at: number; rendered: Rendered }>()

  function ofRendition(window: Window, { isDvr, isDelta }: Wanted): Rendered {
    const key = `${window.id} ${isDvr} ${isDelta}`
    const known = media.get(key)
    if (known?.revision === window.revision) return known.rendered
    const text = mediaPlaylist({
      window,
      from: stream.listFrom(window, isDvr),
      isDelta,
      query: isDvr ? '?dvr' : '',
      siblings: [...stream.windows.values()],
      targetDuration: stream.targetDuration!,
      partTarget: stream.partTarget,
    })
    const rendered = render(text)
    media.set(key, { revision: window.revision, rendered })
    return rendered
  }

  /** `maxHeight`: what is higher is left out; null for no limit. */
  function ofAll(isDvr: boolean, now: number, maxHeight: number | null = null): Rendered {
    const key = `${isDvr} ${maxHeight}`
    const known = multivariants.get(key)
    if (known && now - known.at < MULTIVARIANT_MS) return known.rendered
    const rendered = render(multivariantText(stream, isDvr, maxHeight))
    multivariants.set(key, { at: now, rendered })
    return rendered
  }

  return { ofRendition, ofAll }
}

/** A rendition's height is the shorter side of its picture; sound has none. */
export function isWithin(attributes: RenditionAttributes | undefined, maxHeight: number | null): boolean {
  if (maxHeight === null || attributes?.kind !== 'video') return true
  return Math.min(attributes.width ?? Infinity, attributes.height ?? Infinity) <= maxHeight
}

function multivariantText(stream: Stream, isDvr: boolean, maxHeight: number | null): string {
  const seen = [...stream.attributes.values()].flatMap(({ codec, plannedBitrate, ...rest }) => {
    if (!codec || !isWithin(stream.attributes.get(rest.id), maxHeight)) return []
    const { peak, bytes, seconds } = stream.windows.get(rest.id)!.bitrate
    const averageBitrate = seconds > 0 ? (bytes * 8) / seconds : plannedBitrate
    return [{ ...rest, codec, averageBitrate, peakBitrate: peak || plannedBitrate }]
  })
  const videos = seen.flatMap(({ kind, width = 0, height = 0, frameRate = 30, ...rest }) =>
    kind === 'video' ? [{ ...rest, width, height, frameRate }] : [],
  )
  const audio = seen.find(({ kind }) => kind === 'audio')
  return multivariantPlaylist(videos, audio ? { ...audio, channels: audio.channels ?? 2 } : null, isDvr ? '?dvr' : '')
}

function render(text: string): Rendered {
  const bytes = Buffer.from(text)
  let compressed: Body | null = null
  return {
    plain: asBody(bytes),
    gzipped() {
      compressed ??= asBody(gzipSync(bytes, { level: 5 }))
      return compressed
    },
  }
}

const asBody = (bytes: Buffer): Body => (bytes.length <= SHORT ? bytes.toString('latin1') : bytes)
