import { useEffect, useState } from 'preact/hooks'
import { useMe } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { useHealth } from '../studio/use-health.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Empty, Notice } from '../ui/parts.tsx'
import { lasted } from '../ui/words.ts'
import { analyticsApi, type ReportView, sessionPath, type ViewingView } from './analytics-api.ts'
import { Course, Retention } from './curve.tsx'
import { Breakdowns, Figures, Section, Tiles } from './parts.tsx'
import { bits, clockTime, dayAndTime, moment, nameOf, orDash, revenueInWords, span } from './words.ts'

const EVERY_MS = 5_000

/** How a show goes or went. While it is on, the page keeps itself up to date. */
export function SessionReport({ slug, sessionId }: { slug: string; sessionId: string }) {
  const user = useMe()
  const { value, error, reload } = useLoaded(`report ${sessionId} ${user?.id}`, () => analyticsApi.session(sessionId))
  usePageTitle(value ? `${value.session.title || 'A show'}, figures` : 'Figures')
  const isOn = value !== null && value.session.endedAt === null
  useEffect(() => {
    if (!isOn) return
    const timer = setInterval(() => !document.hidden && reload(), EVERY_MS)
    return () => clearInterval(timer)
  }, [isOn])

  if (!user) return null
  if (error && !value) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-card" />
  const { session, totals } = value
  return (
    <div class="stack wide report">
      <nav class="row" aria-label="Figures">
        <a href={`/studio/${slug}/audience`}>All shows</a>
        <a href={`${sessionPath(session.id)}/export`} download>
          Viewings as CSV
        </a>
        <a href={`${sessionPath(session.id)}/export?format=json`} download>
          as JSON
        </a>
        <a href={`${sessionPath(session.id)}/export?of=curve`} download>
          Course as CSV
        </a>
      </nav>
      <header class="stack tight">
        <h1>{session.title || 'Without a title'}</h1>
        <p class="soft">{about(value)}</p>
      </header>
      {isOn && <Now report={value} />}
      <Tiles figures={figuresOf(value)} />
      {totals.viewings === 0 ? (
        <Empty title="Nobody has watched yet">
          <p>As soon as somebody does, it is counted here, in whatever player.</p>
        </Empty>
      ) : (
        <>
          <Course report={value} />
          <Retention steps={totals.retention} />
          <Breakdowns by={totals.by} viewers={totals.viewers} />
          <Viewings key={session.id} sessionId={session.id} />
        </>
      )}
    </div>
  )
}

function about({ session: { state, startedAt, endedAt } }: ReportView): string {
  if (!startedAt) return 'Has not begun'
  if (!endedAt) return `On since ${dayAndTime(startedAt)}${state === 'paused' ? '; the broadcaster is away' : ''}`
  return `${dayAndTime(startedAt)}, ${lasted(startedAt, endedAt)}`
}

/** What matters while it is on. */
function Now({ report }: { report: ReportView }) {
  const health = useHealth(report.session.id)
  const worst =
    health?.findings.find(({ level }) => level === 'red') ?? health?.findings.find(({ level }) => level === 'amber')
  return (
    <Section title="Right now">
      <Tiles
        figures={[
          ['Watching', String(report.current)],
          ['Messages in the last minute', String(messagesLately(report))],
          ['Stream', health === null || health.findings.length === 0 ? '–' : (worst?.title ?? 'All is well')],
        ]}
      />
      {worst?.advice && <p class="soft">{worst.advice}</p>}
    </Section>
  )
}

function messagesLately({ curve }: ReportView): number {
  const since = Date.now() - 60_000
  return curve.filter(({ at }) => Date.parse(at) > since).reduce((sum, { messages }) => sum + messages, 0)
}

function figuresOf({ totals, revenue }: ReportView): [string, string][] {
  const { quality } = totals
  return [
    ['Viewers', String(totals.viewers)],
    ['Viewings', String(totals.viewings)],
    ['Most at once', String(totals.peak)],
    ['Watched', span(totals.watchedMs)],
    ['Average per viewer', span(totals.averageMs)],
    ['Messages', String(totals.messages)],
    ['Messages to 100 viewers', orDash(totals.engagement)],
    ['Stalls per hour', orDash(quality.stallsPerHour)],
    ['Time to first picture', orDash(quality.startupMs, (ms) => `${(ms / 1_000).toFixed(1)} s`)],
    ['Bitrate', orDash(quality.bitrate, bits)],
    ['Playback errors', quality.viewings === 0 ? '–' : String(quality.errors)],
    ['Revenue', revenueInWords(revenue)],
  ]
}

function Viewings({ sessionId }: { sessionId: string }) {
  const first = useLoaded(`viewings ${sessionId}`, () => analyticsApi.viewings(sessionId, null))
  const [more, setMore] = useState<{ viewings: ViewingView[]; nextCursor: string | null } | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const rows = [...(first.value?.viewings ?? []), ...(more?.viewings ?? [])]
  const cursor = more ? more.nextCursor : (first.value?.nextCursor ?? null)

  async function further(): Promise<void> {
    setBusy(true)
    try {
      const page = await analyticsApi.viewings(sessionId, cursor)
      setMore({ ...page, viewings: [...(more?.viewings ?? []), ...page.viewings] })
      setWrong(null)
    } catch (error) {
      setWrong(asApiError(error).message)
    }
    setBusy(false)
  }

  return (
    <Section title="Viewings">
      {(first.error || wrong) && <Notice isBad>{wrong ?? first.error?.message}</Notice>}
      <Figures
        caption="Viewings one by one"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Joined', read: ({ joinedAt }) => moment(joinedAt), isText: true },
          { name: 'Left', read: ({ leftAt }) => orDash(leftAt, clockTime) },
          { name: 'Watched', read: ({ watchedMs }) => span(watchedMs) },
          { name: 'Who', isText: true, read: ({ type }) => nameOf('type', type) },
          { name: 'Country', isText: true, read: ({ country }) => orDash(country, (code) => nameOf('country', code)) },
          { name: 'Device', isText: true, read: ({ device }) => nameOf('device', device) },
          { name: 'Browser', isText: true, read: ({ browser }) => browser },
          { name: 'Quality', isText: true, read: ({ rendition }) => orDash(rendition) },
          { name: 'Messages', read: ({ messages }) => messages },
          { name: 'Purchases', read: ({ purchases }) => purchases },
          { name: 'Stalls', read: ({ stalls }) => orDash(stalls) },
        ]}
      />
      {cursor !== null && (
        <div>
          <button type="button" class="button small" onClick={further} disabled={isBusy}>
            Show more
          </button>
        </div>
      )}
    </Section>
  )
}
