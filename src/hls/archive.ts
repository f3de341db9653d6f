/**
 * The finished segments of a session on disk: what may be rewound to, and what a restart of the node goes on from. Bytes are
 * appended to one file per rendition and chunk of segments, then a line to that chunk's index, so the index never names a
 * byte that is not there. Work is done in order, one step at a time.
 */
import { z } from 'zod'
import type { Storage } from '../storage/storage.ts'
import type { Segment } from './window.ts'

const Parameters = z.object({
  targetDuration: z.number().positive(),
  partTarget: z.number().positive(),
  renditions: z.array(
    z.object({ id: z.string(), kind: z.enum(['video', 'audio']), attributes: z.record(z.string(), z.unknown()) }),
  ),
})
export type StreamParameters = z.infer<typeof Parameters>

const Line = z.object({
  rendition: z.string(),
  msn: z.number().int(),
  programDateTime: z.number(),
  duration: z.number(),
  startsDiscontinuity: z.boolean(),
  discontinuities: z.number().int(),
  init: z.number().int(),
  firstPart: z.number().int(),
  partCount: z.number().int(),
  isGap: z.boolean(),
  size: z.number().int(),
  stored: z.object({ file: z.string(), offset: z.number().int() }).nullable(),
})
type Line = z.infer<typeof Line>

export interface StoredRendition {
  segments: Segment[]
  inits: Buffer[]
}

export type Archive = ReturnType<typeof createArchive>

const SEGMENTS_PER_CHUNK = 60

export function createArchive({ storage, sessionId }: { storage: Storage; sessionId: string }) {
  const folder = `live/${sessionId}`
  let last: Promise<unknown> = Promise.resolve()

  function inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  const saveParameters = (parameters: StreamParameters) =>
    inOrder(() => storage.write(`${folder}/stream.json`, JSON.stringify(parameters)))

  const saveInit = (rendition: string, index: number, init: Buffer) =>
    inOrder(() => storage.write(`${folder}/${rendition}/init-${index}.mp4`, init))

  function append(rendition: string, segment: Segment): Promise<void> {
    const chunk = Math.floor(segment.msn / SEGMENTS_PER_CHUNK)
    // Taken now: by the time the disk is ready the bytes may have left memory.
    const bytes = segment.bytes ?? Buffer.alloc(0)
    return inOrder(async () => {
      const file = `${folder}/${rendition}/${chunk}.m4s`
      const stored = segment.isGap ? null : { file, offset: await storage.append(file, bytes) }
      const { parts: _, bytes: __, isComplete: ___, ...told } = segment
      const line: Line = { rendition, ...told, stored }
      await storage.append(`${folder}/index-${chunk}.jsonl`, `${JSON.stringify(line)}\n`)
      segment.stored = stored
    })
  }

  async function read({ stored, size }: Segment): Promise<Buffer> {
    if (!stored) throw new Error('This segment was never stored')
    return storage.read(stored.file, stored.offset, size)
  }

  const sweep = (beforeMsn: number) =>
    inOrder(async () => {
      const before = Math.floor(beforeMsn / SEGMENTS_PER_CHUNK)
      const names = await storage.list(folder)
      const old = names
        .map((name) => Number(/^index-(\d+)\.jsonl$/.exec(name)?.[1] ?? Number.NaN))
        .filter((n) => n < before)
      for (const chunk of old) {
        for (const name of names) {
          if (!name.includes('.')) await storage.remove(`${folder}/${name}/${chunk}.m4s`)
        }
        await storage.remove(`${folder}/index-${chunk}.jsonl`)
      }
    })

  /** What is on disk of this session; null when there is nothing that could be gone on from. */
  const restore = () =>
    inOrder(async () => {
      const text = await storage.read(`${folder}/stream.json`).catch(() => null)
      const parsed = text ? Parameters.safeParse(parse(text.toString())) : null
      if (!parsed?.success) return null
      const lines = await readLines()
      const renditions = new Map<string, StoredRendition>()
      for (const { id } of parsed.data.renditions) {
        renditions.set(id, { segments: withoutHoles(id, lines), inits: await readInits(id) })
      }
      return { parameters: parsed.data, renditions }
    })

  async function readLines(): Promise<Line[]> {
    const chunks = (await storage.list(folder)).filter((name) => /^index-\d+\.jsonl$/.test(name))
    const sizes = new Map<string, number>()
    const lines: Line[] = []
    for (const chunk of chunks) {
      for (const text of (await storage.read(`${folder}/${chunk}`)).toString().split('\n')) {
        const line = Line.safeParse(parse(text))
        if (line.success && (await isThere(line.data, sizes))) lines.push(line.data)
      }
    }
    return lines.sort((a, b) => a.msn - b.msn)
  }

  async function isThere({ stored, size }: Line, sizes: Map<string, number>): Promise<boolean> {
    if (!stored) return true
    if (!sizes.has(stored.file)) sizes.set(stored.file, await storage.size(stored.file).catch(() => 0))
    return stored.offset + size <= sizes.get(stored.file)!
  }

  async function readInits(rendition: string): Promise<Buffer[]> {
    const names = await storage.list(`${folder}/${rendition}`)
    const count = names.filter((name) => /^init-\d+\.mp4$/.test(name)).length
    return Promise.all(Array.from({ length: count }, (_, n) => storage.read(`${folder}/${rendition}/init-${n}.mp4`)))
  }

  const remove = () => inOrder(() => storage.remove(folder))

  return { saveParameters, saveInit, append, read, sweep, restore, remove }
}

/** A number another rendition has but this one lost becomes a gap: every rendition counts alike, without holes. */
function withoutHoles(rendition: string, lines: readonly Line[]): Segment[] {
  const own = new Map(lines.filter((line) => line.rendition === rendition).map((line) => [line.msn, line]))
  const byMsn = new Map(lines.map((line) => [line.msn, line]))
  const segments: Segment[] = []
  let nextPart = 0
  for (const [msn, any] of byMsn) {
    const line = own.get(msn) ?? {
      ...any,
      init: segments.at(-1)?.init ?? -1,
      firstPart: nextPart,
      isGap: true,
      size: 0,
      stored: null,
    }
    const { rendition: _, ...told } = line
    nextPart = told.firstPart + told.partCount
    segments.push({ ...told, parts: [], bytes: null, isComplete: true })
  }
  // Window addresses by distance from the first: what came before a hole in the numbers is let go.
  const seam = segments.findLastIndex((segment, i) => i > 0 && segment.msn !== segments[i - 1]!.msn + 1)
  return segments.slice(Math.max(seam, 0))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
