/**
 * Small pictures of the whole rewind window, for the seek bar, and a short animated one of the last minute. Made of the stills
 * that exist anyway: each is first a tile by itself; ten of them become one sheet. What is older than the window goes.
 * Everything lies in the session's folder and goes with it; its index there lets it survive a restart of the node.
 */
import { z } from 'zod'
import type { Storage } from '../storage/storage.ts'
import type { Transcode } from '../transcode/transcode.ts'
import { sheetLayout, sizeOfJpeg } from '../transcode/transcode.ts'

interface StoryboardOptions {
  /** Of this session, without a slash at its end. */
  folder: string
  storage: Storage
  transcode: Pick<Transcode, 'makeSheet' | 'makePreview'>
  windowMs: number
  /** The session's media is still there. */
  isKept(): boolean
}

/** `times`: when each tile was on air, in milliseconds since 1970, row by row. */
const Sheet = z.object({
  file: z.string(),
  width: z.number(),
  height: z.number(),
  columns: z.number(),
  times: z.array(z.number()),
})
const Index = z.object({ sheets: z.array(Sheet), preview: z.string().nullable() })
type Sheet = z.infer<typeof Sheet>

const TILES_IN_A_SHEET = 10
const FRAMES_IN_PREVIEW = 6
const FEWEST_FRAMES = 3
const PREVIEW_EVERY_MS = 60_000
const INDEX = 'storyboard.json'
const OURS = /^(?:(?:tile|sheet)-[0-9a-z]+\.jpg|preview-[0-9a-z]+\.webp)$/

export type Storyboard = ReturnType<typeof createStoryboard>

export function createStoryboard({ folder, storage, transcode, windowMs, isKept }: StoryboardOptions) {
  let sheets: Sheet[] = []
  let preview: string | null = null
  let previewAt = Number.NEGATIVE_INFINITY
  /** The newest stills, for the animated preview. */
  let recent: Buffer[] = []

  const pathOf = (file: string) => `${folder}/${file}`
  const isTile = ({ file }: Sheet) => file.startsWith('tile-')

  /** Takes the next still. Not to be called again before it is done. */
  async function add(at: number, jpeg: Buffer): Promise<void> {
    const size = sizeOfJpeg(jpeg)
    const last = sheets.at(-1)
    // Times go up, whatever the clock says.
    if (!size || (last && at <= last.times.at(-1)!)) return
    const file = `tile-${at.toString(36)}.jpg`
    await storage.write(pathOf(file), jpeg)
    sheets.push({ file, ...size, columns: 1, times: [at] })
    recent = [...(last && !isAlike(last, size) && isTile(last) ? [] : recent), jpeg].slice(-FRAMES_IN_PREVIEW)
    const gone = sheets.filter(({ times }) => times.at(-1)! < at - windowMs)
    sheets = sheets.filter((sheet) => !gone.includes(sheet))
    await save(gone.map((sheet) => sheet.file))
    await gather()
    if (recent.length >= FEWEST_FRAMES && at - previewAt >= PREVIEW_EVERY_MS) await animate(at, size)
  }

  /** The oldest tiles of one size become a sheet, once there are enough, or one of another size has come after them. */
  async function gather(): Promise<void> {
    const alone = sheets.filter(isTile)
    const first = alone[0]!
    const other = alone.findIndex((tile) => !isAlike(tile, first))
    const tiles = alone.slice(0, Math.min(other < 0 ? alone.length : other, TILES_IN_A_SHEET))
    if (other < 0 && tiles.length < TILES_IN_A_SHEET) return
    const jpegs = await Promise.all(tiles.map(({ file }) => storage.read(pathOf(file))))
    const bytes = await transcode.makeSheet(jpegs, first)
    if (!isKept()) return
    const file = `sheet-${first.times[0]!.toString(36)}.jpg`
    await storage.write(pathOf(file), bytes)
    const { tile, columns } = sheetLayout(first, tiles.length)
    const sheet = { file, ...tile, columns, times: tiles.flatMap(({ times }) => times) }
    sheets = [...sheets.filter((one) => !isTile(one)), sheet, ...alone.slice(tiles.length)]
    await save(tiles.map((one) => one.file))
  }

  async function animate(at: number, size: { width: number; height: number }): Promise<void> {
    previewAt = at
    const bytes = await transcode.makePreview(recent, size)
    if (!isKept()) return
    const before = preview
    const file = `preview-${at.toString(36)}.webp`
    await storage.write(pathOf(file), bytes)
    preview = file
    await save(before === null ? [] : [before])
  }

  /** First the index, then what it no longer names. */
  async function save(gone: string[]): Promise<void> {
    if (!isKept()) return
    await storage.write(pathOf(INDEX), JSON.stringify({ sheets, preview }))
    await Promise.all(gone.map((file) => storage.remove(pathOf(file))))
  }

  /** Takes up what an earlier run of the node left, and clears away what its index does not name. */
  async function restore(): Promise<void> {
    const names = await storage.list(folder)
    if (!names.includes(INDEX)) return
    const index = Index.parse(JSON.parse((await storage.read(pathOf(INDEX))).toString()))
    sheets = index.sheets.filter(({ file }) => names.includes(file))
    preview = index.preview !== null && names.includes(index.preview) ? index.preview : null
    const kept = new Set([...sheets.map(({ file }) => file), preview])
    const left = names.filter((name) => OURS.test(name) && !kept.has(name))
    await Promise.all(left.map((name) => storage.remove(pathOf(name))))
  }

  return {
    add,
    restore,
    previewFile: () => preview,
    /** What the seek bar is told; the addresses are relative to that of the index. */
    index: () => ({
      sheets: sheets.map(({ file, times, ...shape }) => ({
        url: file,
        ...shape,
        times: times.map((at) => new Date(at).toISOString()),
      })),
    }),
    /** A file it names now; null for any other. */
    async read(file: string): Promise<Buffer | null> {
      if (file !== preview && !sheets.some((sheet) => sheet.file === file)) return null
      return storage.read(pathOf(file)).catch(() => null)
    },
  }
}

const isAlike = (one: { width: number; height: number }, other: { width: number; height: number }) =>
  one.width === other.width && one.height === other.height
