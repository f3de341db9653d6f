import { useMemo, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { ChannelView } from '../api/views.ts'
import { navigate } from '../router.ts'
import { Graph } from '../ui/graph.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Empty, Notice } from '../ui/parts.tsx'
import { lasted } from '../ui/words.ts'
import { analyticsApi, type ChannelReportView, channelPath, type ShowFiguresView } from './analytics-api.ts'
import { Figures, Section, Tiles } from './parts.tsx'
import { dayAndTime, orDash, revenueInWords, span, yourZone } from './words.ts'

const DAY_MS = 86_400_000
const PERIODS = [30, 90, 365]

/** The shows of a channel over time. */
export function ChannelReport({ slug }: { slug: string }) {
  const user = useMe()
  const { value, error } = useLoaded(`channel ${slug} ${user?.id}`, () => api.channel(slug))
  usePageTitle(value ? `${value.name}, audience` : 'Audience')
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-card" />
  return <OverTime channel={value} />
}

function OverTime({ channel }: { channel: ChannelView }) {
  const [days, setDays] = useState(90)
  const from = useMemo(() => new Date(Date.now() - days * DAY_MS).toISOString(), [days])
  const { value, error } = useLoaded(`report ${channel.id} ${days}`, () => analyticsApi.channel(channel.id, from))
  return (
    <div class="stack wide report">
      <nav class="row" aria-label="Figures">
        <a href={`/studio/${channel.slug}`}>Studio</a>
        <a href={`${channelPath(channel.id)}/export?from=${encodeURIComponent(from)}`} download>
          Shows as CSV
        </a>
        <a href={`${channelPath(channel.id)}/export?format=json&from=${encodeURIComponent(from)}`} download>
          as JSON
        </a>
      </nav>
      <div class="row apart">
        <h1>Audience of {channel.name}</h1>
        <fieldset class="row periods" aria-label="How far back">
          {PERIODS.map((choice) => (
            <button
              type="button"
              key={choice}
              class={`button small${choice === days ? ' primary' : ''}`}
              aria-pressed={choice === days}
              onClick={() => setDays(choice)}
            >
              {choice} days
            </button>
          ))}
        </fieldset>
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-card" />}
      {value && <Shows slug={channel.slug} report={value} />}
    </div>
  )
}

function Shows({ slug, report }: { slug: string; report: ChannelReportView }) {
  const { shows, followers, newFollowers } = report
  const sum = (of: (show: ShowFiguresView) => number) => shows.reduce((total, show) => total + of(show), 0)
  if (shows.length === 0) {
    return (
      <Empty title="No shows in this time">
        <p>When you have been on air, each show stands here with its figures. {followers} follow this channel.</p>
      </Empty>
    )
  }
  return (
    <>
      <Tiles
        figures={[
          ['Shows', String(shows.length)],
          ['Viewers per show', String(Math.round(sum(({ viewers }) => viewers) / shows.length))],
          ['Most at once', String(Math.max(...shows.map(({ peak }) => peak)))],
          ['Watched', span(sum(({ watchedMs }) => watchedMs))],
          ['Messages', String(sum(({ messages }) => messages))],
          ['Followers', `${followers} (${newFollowers} new)`],
        ]}
      />
      {report.isCut && <Notice>There were more than a hundred shows in this time; these are the newest.</Notice>}
      {shows.length > 1 && <Curve shows={shows} />}
      <List slug={slug} shows={shows} />
    </>
  )
}

function Curve({ shows }: { shows: readonly ShowFiguresView[] }) {
  const options = useMemo(
    () => ({
      unit: (value: number) => (Number.isInteger(value) ? String(value) : ''),
      height: 200,
      steps: [1, 2, 7, 14, 30, 60].map((days) => days * 86_400),
      bottom: (at: number) => new Date(at * 1_000).toLocaleDateString(undefined, { day: 'numeric', month: 'short' }),
    }),
    [],
  )
  const points = useMemo(
    () => ({
      at: shows.map(({ session }) => Date.parse(session.startedAt ?? '') / 1_000),
      lines: [shows.map(({ viewers }) => viewers), shows.map(({ peak }) => peak)],
    }),
    [shows],
  )
  return (
    <Section title="From show to show">
      <p class="row fine">
        <span class="key">Viewers</span>
        <span class="key second">Most at once</span>
      </p>
      <Graph points={points} options={options} />
    </Section>
  )
}

/** The newest first; two of them can be laid side by side. */
function List({ slug, shows }: { slug: string; shows: readonly ShowFiguresView[] }) {
  const [chosen, choose] = useState<readonly string[]>([])
  const toggle = (id: string) =>
    choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2))
  return (
    <Section title="Shows">
      <div class="row apart">
        <p class="fine">{yourZone()}</p>
        <button
          type="button"
          class="button small"
          disabled={chosen.length !== 2}
          onClick={() => navigate(`/studio/${slug}/compare/${chosen.join('/')}`)}
        >
          Compare two
        </button>
      </div>
      <Figures
        caption="Shows and their figures"
        rows={shows.toReversed()}
        keyOf={({ session }) => session.id}
        columns={[
          {
            name: 'Compare',
            read: ({ session }) => (
              <input
                type="checkbox"
                checked={chosen.includes(session.id)}
                onChange={() => toggle(session.id)}
                aria-label={`Compare ${session.title || 'this show'}`}
              />
            ),
          },
          {
            name: 'Show',
            isText: true,
            read: ({ session }) => (
              <a class="title" href={`/studio/${slug}/audience/${session.id}`}>
                {session.title || 'Without a title'}
              </a>
            ),
          },
          { name: 'On', isText: true, read: ({ session }) => orDash(session.startedAt, dayAndTime) },
          {
            name: 'Lasted',
            read: ({ session: { startedAt, endedAt } }) =>
              startedAt && endedAt ? lasted(startedAt, endedAt) : 'On now',
          },
          { name: 'Viewers', read: ({ viewers }) => viewers },
          { name: 'Most at once', read: ({ peak }) => peak },
          { name: 'Watched', read: ({ watchedMs }) => span(watchedMs) },
          { name: 'Average', read: ({ averageMs }) => span(averageMs) },
          { name: 'Messages', read: ({ messages }) => messages },
          { name: 'Stalls per hour', read: ({ stallsPerHour }) => orDash(stallsPerHour) },
          { name: 'Revenue', read: ({ revenue }) => revenueInWords(revenue) },
        ]}
      />
    </Section>
  )
}
