/** Which small picture belongs to a place of the playlist. Pure: knows no browser. */

export interface Sheet {
  url: string
  /** Of one tile, in pixels. */
  width: number
  height: number
  columns: number
  /** ISO 8601: when each tile was on air. */
  times: string[]
}

interface Stretch {
  start: number
  duration: number
  programDateTime: number | null
}

/** A place further from every tile than this shows none. */
const REACH_MS = 15_000

/** When a place of the playlist was on air, in milliseconds since 1970; null outside it. */
export function timeOnAir(stretches: readonly Stretch[], place: number): number | null {
  const found = stretches.findLast(({ start }) => start <= place) ?? stretches[0]
  if (!found || found.programDateTime === null) return null
  return found.programDateTime + (place - found.start) * 1000
}

/** The nearest tile, as a media fragment; null when none is near. */
export function tileAt(sheets: readonly Sheet[], at: number): string | null {
  let nearest: { sheet: Sheet; index: number; away: number } | null = null
  for (const sheet of sheets) {
    for (const [index, time] of sheet.times.entries()) {
      const away = Math.abs(Date.parse(time) - at)
      if (away <= REACH_MS && (!nearest || away < nearest.away)) nearest = { sheet, index, away }
    }
  }
  if (!nearest) return null
  const { sheet, index } = nearest
  const x = (index % sheet.columns) * sheet.width
  const y = Math.floor(index / sheet.columns) * sheet.height
  return `${sheet.url}#xywh=${x},${y},${sheet.width},${sheet.height}`
}
