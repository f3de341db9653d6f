/** Stills of a picture in a few sizes, as FFmpeg is told to make them and as they come out of its pipes. */
import { fitInto } from './encode-options.ts'

/** The longer side of each, in pixels. */
export const THUMBNAIL_SIZES = [320, 640, 1280] as const
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number]

/** One still: a JPEG for each size. */
export type Thumbnails = ReadonlyMap<ThumbnailSize, Buffer>

export interface ThumbnailFrame {
  size: ThumbnailSize
  width: number
  height: number
}

export const THUMBNAIL_SECONDS = 10

/** No still is larger than this; what says it is comes from something else than our FFmpeg. */
const LARGEST_JPEG = 8 * 1024 * 1024
const LONGEST_HEAD = 1_024

/** As large as its size allows, never larger than the picture, and in its shape. */
export function thumbnailFrames({ width, height }: { width: number; height: number }): ThumbnailFrame[] {
  if (width < 2 || height < 2) return []
  return THUMBNAIL_SIZES.map((size) => {
    const scale = Math.min(1, size / Math.max(width, height))
    const toEven = scale === 1 ? Math.floor : Math.round
    const even = (length: number) => Math.max(2, 2 * toEven((length * scale) / 2))
    return { size, width: even(width), height: even(height) }
  })
}

/** Options of one output: beside a ladder, a picture every ten seconds; or the first one only. */
export function thumbnailOptions(frame: ThumbnailFrame, which: 'every-ten-seconds' | 'first'): string[] {
  const due = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${THUMBNAIL_SECONDS})'`
  const filters = [...(which === 'first' ? [] : [due]), ...fitInto(frame)]
  return [
    ...['-map', '0:v:0', '-vf', filters.join(','), '-fps_mode', 'passthrough'],
    ...(which === 'first' ? ['-frames:v', '1'] : []),
    // With more threads a picture would leave only when the next has come.
    ...['-c:v', 'mjpeg', '-threads', '1', '-pix_fmt', 'yuvj420p', '-q:v', '4'],
    // Each JPEG comes with its length before it.
    ...['-flush_packets', '1', '-f', 'mpjpeg'],
  ]
}

/** Brings together the sizes of one still; a reader for each size takes what its pipe gives. */
export function collectThumbnails(frames: readonly ThumbnailFrame[], onThumbnails: (stills: Thumbnails) => void) {
  const stills = new Map<ThumbnailSize, Buffer>()
  return {
    reader: (size: ThumbnailSize) =>
      createJpegReader((jpeg) => {
        stills.set(size, jpeg)
        if (stills.size < frames.length) return
        onThumbnails(new Map(stills))
        stills.clear()
      }),
  }
}

/** Takes `mpjpeg` as it comes. What cannot be read ends the reading, and is drained all the same. */
export function createJpegReader(onJpeg: (jpeg: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  let isLost = false

  return (chunk) => {
    if (isLost) return
    held = Buffer.concat([held, chunk])
    for (;;) {
      const end = held.indexOf('\r\n\r\n')
      if (end < 0) {
        isLost = held.length > LONGEST_HEAD
        break
      }
      const length = Number(/content-length: *(\d{1,8})\r?$/im.exec(held.toString('latin1', 0, end))?.[1])
      isLost = !(length <= LARGEST_JPEG)
      if (isLost || held.length < end + 4 + length) break
      onJpeg(Buffer.from(held.subarray(end + 4, end + 4 + length)))
      held = held.subarray(end + 4 + length)
    }
    if (isLost) held = Buffer.alloc(0)
  }
}
