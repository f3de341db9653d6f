/**
 * Pictures that creators choose for their shows, and what a still becomes when nobody may recognise it. The only file that
 * knows sharp. What is uploaded is never kept: it is decoded by one of three readers and written anew, without anything
 * that was said in it but the picture.
 */
import sharp from 'sharp'
import { DomainError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import type { Storage } from '../storage/storage.ts'
import { THUMBNAIL_SIZES } from '../transcode/transcode.ts'

/** When decoded. */
const MOST_PIXELS = 40_000_000
const SMALLEST_SIDE = 160
const FORMATS = ['jpeg', 'png', 'webp']

const ID = /^[\da-f-]{36}$/

export type Pictures = ReturnType<typeof createPictures>

export function createPictures({ storage }: { storage: Storage }) {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp'].map((format) => `VipsForeignLoad${format}Buffer`) })

  /** The id of what it became: a JPEG for each size. */
  async function save(bytes: Uint8Array): Promise<string> {
    const sizes = await reencoded(bytes)
    const id = newId()
    await Promise.all(sizes.map(([size, jpeg]) => storage.write(fileOf(id, size), jpeg)))
    return id
  }

  async function reencoded(bytes: Uint8Array): Promise<[number, Buffer][]> {
    try {
      const open = () => sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
      const { format, width, height } = await open().metadata()
      if (!FORMATS.includes(format) || Math.min(width, height) < SMALLEST_SIDE) throw noPicture()
      const made: [number, Buffer][] = []
      for (const size of THUMBNAIL_SIZES) {
        const fit = { width: size, height: size, fit: 'inside', withoutEnlargement: true } as const
        const picture = open().autoOrient().resize(fit).flatten({ background: '#000' }).jpeg({ quality: 82 })
        made.push([size, await picture.toBuffer()])
      }
      return made
    } catch (error) {
      // Whatever the decoder says, it is not a picture we take.
      throw error instanceof DomainError ? error : noPicture()
    }
  }

  return {
    save,
    async read(id: string, file: string): Promise<Buffer | null> {
      const size = THUMBNAIL_SIZES.find((known) => file === `${known}.jpg`)
      if (!size || !ID.test(id)) return null
      return storage.read(fileOf(id, size)).catch(() => null)
    },
    remove: (id: string) => storage.remove(`pictures/${id}`),
  }
}

/** So few points are kept that only the light of a scene is left of it, then washed over the usual size. */
export async function blur(jpeg: Buffer): Promise<Buffer> {
  const points = await sharp(jpeg).resize(POINTS).raw().toBuffer({ resolveWithObject: true })
  const { width, height } = await sharp(jpeg).metadata()
  const scale = 640 / Math.max(width, height)
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
  return sharp(points.data, { raw: points.info })
    .resize({ ...size, kernel: 'cubic', fit: 'fill' })
    .blur(16)
    .jpeg({ quality: 70 })
    .toBuffer()
}

const POINTS = { width: 10, height: 6, fit: 'fill' } as const
const fileOf = (id: string, size: number) => `pictures/${id}/${size}.jpg`

function noPicture(): DomainError {
  const words = `A picture is a JPEG, PNG or WebP, at least ${SMALLEST_SIDE} pixels on each side.`
  return new DomainError('invalid', 'no_picture', words)
}
