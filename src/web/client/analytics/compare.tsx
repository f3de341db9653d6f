import { useMemo } from 'preact/hooks'
import { useMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { Graph } from '../ui/graph.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { analyticsApi, type ReportView } from './analytics-api.ts'
import { AsTable, Figures, Section } from './parts.tsx'
import { dayAndTime, orDash, revenueInWords, SPAN_STEPS, span } from './words.ts'

const NAMES = ['First', 'Second'] as const

/** Two shows side by side, minute by minute from their beginnings. */
export function Compare({ slug, ids }: { slug: string; ids: [string, string] }) {
  usePageTitle('Two shows compared')
  const user = useMe()
  const { value, error } = useLoaded(`compare ${ids.join(' ')} ${user?.id}`, () =>
    Promise.all([analyticsApi.session(ids[0]), analyticsApi.session(ids[1])]),
  )
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-card" />
  return (
    <div class="stack wide report">
      <nav class="row" aria-label="Figures">
        <a href={`/studio/${slug}/audience`}>All shows</a>
      </nav>
      <h1>Two shows compared</h1>
      <Section title="Figures">
        <SideBySide slug={slug} shows={value} />
      </Section>
      <Courses shows={value} />
    </div>
  )
}

interface Line {
  name: string
  read(report: ReportView): number | null
  say?(value: number): string
}

const LINES: readonly Line[] = [
  { name: 'Viewers', read: ({ totals }) => totals.viewers },
  { name: 'Most at once', read: ({ totals }) => totals.peak },
  { name: 'Watched', read: ({ totals }) => totals.watchedMs, say: span },
  { name: 'Average per viewer', read: ({ totals }) => totals.averageMs, say: span },
  { name: 'Messages', read: ({ totals }) => totals.messages },
  { name: 'Messages to 100 viewers', read: ({ totals }) => totals.engagement },
  { name: 'Stalls per hour', read: ({ totals }) => totals.quality.stallsPerHour },
]

function SideBySide({ slug, shows }: { slug: string; shows: [ReportView, ReportView] }) {
  const [first, second] = shows
  const titled = (report: ReportView, at: number) => (
    <>
      <span class={at === 0 ? 'key' : 'key second'}>{NAMES[at]}: </span>
      <a href={`/studio/${slug}/audience/${report.session.id}`}>{report.session.title || 'Without a title'}</a>,{' '}
      {orDash(report.session.startedAt, dayAndTime)}
    </>
  )
  const said = ({ read, say = String }: Line, report: ReportView) => orDash(read(report), say)
  const rows = LINES.map((line) => ({
    name: line.name,
    values: [said(line, first), said(line, second)],
    change: change(line.read(first), line.read(second)),
  }))
  const revenue = { name: 'Revenue', values: shows.map((show) => revenueInWords(show.revenue)), change: '' }
  return (
    <>
      <p>{titled(first, 0)}</p>
      <p>{titled(second, 1)}</p>
      <Figures
        caption="Two shows compared"
        rows={[...rows, revenue]}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Figure', read: ({ name }) => name, isText: true },
          { name: NAMES[0], read: ({ values }) => values[0] },
          { name: NAMES[1], read: ({ values }) => values[1] },
          { name: 'Change', read: (row) => row.change },
        ]}
      />
    </>
  )
}

/** From the first to the second. */
function change(before: number | null, after: number | null): string {
  if (before === null || after === null || before === 0) return '–'
  const percent = Math.round(((after - before) * 100) / before)
  return `${percent > 0 ? '+' : percent < 0 ? '−' : ''}${Math.abs(percent)} %`
}

/** Viewers of both by the time since each began; the one with the longer steps says how fine. */
function Courses({ shows }: { shows: [ReportView, ReportView] }) {
  const course = useMemo(() => {
    const stepMs = Math.max(...shows.map((show) => show.stepMs))
    const courses = shows.map(({ curve, session }) => byDistance(curve, Date.parse(session.startedAt ?? ''), stepMs))
    const steps = Math.max(0, ...courses.flatMap((known) => [...known.keys()])) + 1
    return Array.from({ length: steps }, (_, step) => ({
      ms: step * stepMs,
      viewers: courses.map((known) => known.get(step) ?? null),
    }))
  }, [shows])
  const options = useMemo(
    () => ({
      unit: (value: number) => (Number.isInteger(value) ? String(value) : ''),
      height: 220,
      bottom: (at: number) => span(at * 1_000),
      steps: SPAN_STEPS,
    }),
    [],
  )
  const points = useMemo(
    () => ({
      at: course.map(({ ms }) => ms / 1_000),
      lines: [0, 1].map((which) => course.map(({ viewers }) => viewers[which] ?? null)),
    }),
    [course],
  )
  return (
    <Section title="Viewers since the beginning">
      <p class="row fine">
        <span class="key">{NAMES[0]}</span>
        <span class="key second">{NAMES[1]}</span>
      </p>
      <Graph points={points} options={options} />
      <AsTable
        caption="Viewers since the beginning"
        rows={course}
        keyOf={({ ms }) => String(ms)}
        columns={[
          { name: 'After', read: ({ ms }) => span(ms), isText: true },
          { name: NAMES[0], read: ({ viewers }) => viewers[0] ?? '–' },
          { name: NAMES[1], read: ({ viewers }) => viewers[1] ?? '–' },
        ]}
      />
    </Section>
  )
}

function byDistance(curve: ReportView['curve'], startedAt: number, stepMs: number): Map<number, number> {
  const known = new Map<number, number>()
  for (const { at, viewers } of curve) {
    if (viewers === null) continue
    const step = Math.max(0, Math.floor((Date.parse(at) - startedAt) / stepMs))
    known.set(step, Math.max(known.get(step) ?? 0, viewers))
  }
  return known
}
