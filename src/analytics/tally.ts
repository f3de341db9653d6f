/** Viewings added up, one pass over their rows: totals, who they were, how long they stayed. Pure. */
import { z } from 'zod'

export const DIMENSIONS = ['type', 'country', 'device', 'browser', 'player', 'rendition', 'referrer'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** One viewing as far as it is counted. */
export interface Counted extends Record<Dimension, string | null> {
  viewer: string
  watchedMs: number
  /** Null where the player told nothing. */
  stalls: number | null
  stalledMs: number | null
  errors: number | null
  startupMs: number | null
  bitrateSum: number | null
  bitrateCount: number | null
}

const count = z.int()
const Group = z.object({ name: z.string().nullable(), viewers: count, watchedMs: count })

export const Summary = z.object({
  viewers: count,
  viewings: count,
  watchedMs: count,
  /** Per viewer. */
  averageMs: count,
  /** Of the players that tell how it goes. */
  quality: z.object({
    viewings: count,
    stalls: count,
    stalledMs: count,
    errors: count,
    /** Per hour watched. */
    stallsPerHour: z.number().nullable(),
    /** The median. */
    startupMs: count.nullable(),
    bitrate: count.nullable(),
  }),
  /** How many of a hundred viewers watched for at least so long. */
  retention: z.array(z.object({ ms: count, percent: z.number() })),
  by: z.record(z.enum(DIMENSIONS), z.array(Group)),
})
export type Summary = z.infer<typeof Summary>

const RETENTION_STEPS = 20
/** How many names are told apart; the rest is little. */
const MOST_NAMES = 15
const HOUR_MS = 3_600_000

export function createTally() {
  const watchedBy = new Map<string, number>()
  const groups = new Map(
    DIMENSIONS.map((name) => [name, new Map<string | null, { viewers: Set<string>; watchedMs: number }>()]),
  )
  const startups: number[] = []
  const sums = {
    viewings: 0,
    watchedMs: 0,
    told: 0,
    toldMs: 0,
    stalls: 0,
    stalledMs: 0,
    errors: 0,
    bits: 0,
    bitCounts: 0,
  }

  function add(row: Counted): void {
    sums.viewings++
    sums.watchedMs += row.watchedMs
    watchedBy.set(row.viewer, (watchedBy.get(row.viewer) ?? 0) + row.watchedMs)
    for (const [dimension, names] of groups) {
      const group = names.get(row[dimension]) ?? { viewers: new Set(), watchedMs: 0 }
      group.viewers.add(row.viewer)
      group.watchedMs += row.watchedMs
      names.set(row[dimension], group)
    }
    if (row.stalls === null) return
    sums.told++
    sums.toldMs += row.watchedMs
    sums.stalls += row.stalls
    sums.stalledMs += row.stalledMs ?? 0
    sums.errors += row.errors ?? 0
    sums.bits += row.bitrateSum ?? 0
    sums.bitCounts += row.bitrateCount ?? 0
    if (row.startupMs !== null) startups.push(row.startupMs)
  }

  function summary(): Summary {
    const viewers = watchedBy.size
    return {
      viewers,
      viewings: sums.viewings,
      watchedMs: sums.watchedMs,
      averageMs: viewers === 0 ? 0 : Math.round(sums.watchedMs / viewers),
      quality: {
        viewings: sums.told,
        stalls: sums.stalls,
        stalledMs: sums.stalledMs,
        errors: sums.errors,
        stallsPerHour: sums.toldMs === 0 ? null : rounded((sums.stalls * HOUR_MS) / sums.toldMs),
        startupMs: median(startups),
        bitrate: sums.bitCounts === 0 ? null : Math.round(sums.bits / sums.bitCounts),
      },
      retention: retentionOf([...watchedBy.values()]),
      by: Object.fromEntries(
        [...groups].map(([dimension, names]) => [
          dimension,
          [...names]
            .map(([name, { viewers: people, watchedMs }]) => ({ name, viewers: people.size, watchedMs }))
            .sort((a, b) => b.viewers - a.viewers || b.watchedMs - a.watchedMs)
            .slice(0, MOST_NAMES),
        ]),
      ) as Summary['by'], // made from DIMENSIONS
    }
  }

  return { add, summary }
}

/** From everybody at nothing to those who stayed longest. */
function retentionOf(times: number[]): Summary['retention'] {
  const longest = times.reduce((most, time) => Math.max(most, time), 0)
  if (longest === 0) return []
  const sorted = times.sort((a, b) => a - b)
  const steps: Summary['retention'] = []
  let before = 0
  for (let step = 0; step <= RETENTION_STEPS; step++) {
    const ms = Math.round((longest * step) / RETENTION_STEPS)
    while (before < sorted.length && sorted[before]! < ms) before++
    steps.push({ ms, percent: rounded(((sorted.length - before) * 100) / sorted.length) })
  }
  return steps
}

function median(values: number[]): number | null {
  if (values.length === 0) return null
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!
}

export const rounded = (value: number) => Math.round(value * 10) / 10
