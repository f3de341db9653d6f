import { useMemo, useState } from 'preact/hooks'
import { useMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { Graph } from '../ui/graph.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Empty, Notice } from '../ui/parts.tsx'
import { analyticsApi, type LoadView } from './analytics-api.ts'
import { AsTable, Section } from './parts.tsx'
import { bits, dayAndTime, moment, span, yourZone } from './words.ts'

/** Along the bottom, seconds. */
const STEPS = [60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 1_209_600]

const PERIODS = [
  { hours: 24, name: 'A day' },
  { hours: 168, name: 'A week' },
  { hours: 2_160, name: '90 days' },
]

type Sample = LoadView['samples'][number]

interface Kind {
  name: string
  read(sample: Sample, stepMs: number): number
  say(value: number): string
  /** Beside the axis, where there is little room. */
  tick?(value: number): string
}

const KINDS: readonly Kind[] = [
  { name: 'Viewings', read: ({ viewers }) => viewers, say: (value) => (Number.isInteger(value) ? String(value) : '') },
  {
    name: 'Handed out',
    read: ({ bytes }, stepMs) => (bytes * 8_000) / stepMs,
    say: bits,
    tick: (value) => `${Number((value / 1e6).toFixed(1))} M`,
  },
  {
    name: 'Shows on air',
    read: ({ sessions }) => sessions,
    say: (value) => (Number.isInteger(value) ? String(value) : ''),
  },
  {
    name: 'Encoding, of what this box can',
    read: ({ encoderLoad }) => encoderLoad * 100,
    say: (value) => `${Math.round(value)} %`,
  },
  {
    name: 'Lateness of the event loop',
    read: ({ loopDelayMs }) => loopDelayMs,
    say: (value) => `${Number(value.toFixed(1))} ms`,
  },
]

/** What the node carried over time. */
export function NodeLoad() {
  usePageTitle('Load')
  const user = useMe()
  const [hours, setHours] = useState(24)
  const { value, error } = useLoaded(`load ${hours} ${user?.id}`, () => analyticsApi.load(hours))
  if (!user) return null
  return (
    <div class="stack wide report">
      <nav class="row" aria-label="Operator">
        <a href="/operator">This node</a>
      </nav>
      <div class="row apart">
        <h1>Load</h1>
        <fieldset class="row periods" aria-label="How far back">
          {PERIODS.map((period) => (
            <button
              type="button"
              key={period.hours}
              class={`button small${period.hours === hours ? ' primary' : ''}`}
              aria-pressed={period.hours === hours}
              onClick={() => setHours(period.hours)}
            >
              {period.name}
            </button>
          ))}
        </fieldset>
      </div>
      {error && <Notice isBad>{error.message}</Notice>}
      {value && value.samples.length === 0 && (
        <Empty title="Nothing measured yet">
          <p>The first figures come a minute after the start of the node.</p>
        </Empty>
      )}
      {value && value.samples.length > 0 && <Measured load={value} />}
    </div>
  )
}

function Measured({ load: { samples, stepMs } }: { load: LoadView }) {
  return (
    <>
      <p class="fine">
        The greatest of every {span(stepMs)}. {yourZone()}
      </p>
      {KINDS.map((kind) => (
        <Course key={kind.name} kind={kind} samples={samples} stepMs={stepMs} />
      ))}
      <AsTable
        caption="The node over time"
        rows={samples}
        keyOf={({ at }) => at}
        columns={[
          { name: 'Time', read: ({ at }) => dayAndTime(at), isText: true },
          ...KINDS.map(({ name, read, say }) => ({ name, read: (sample: Sample) => say(read(sample, stepMs)) })),
        ]}
      />
    </>
  )
}

function Course({ kind, samples, stepMs }: { kind: Kind; samples: readonly Sample[]; stepMs: number }) {
  const options = useMemo(
    () => ({
      unit: kind.tick ?? kind.say,
      steps: STEPS,
      height: 140,
      bottom: (at: number) => moment(new Date(at * 1_000).toISOString()),
    }),
    [kind],
  )
  const points = useMemo(
    () => ({
      at: samples.map(({ at }) => Date.parse(at) / 1_000),
      lines: [samples.map((sample) => kind.read(sample, stepMs))],
    }),
    [samples],
  )
  const most = Math.max(...samples.map((sample) => kind.read(sample, stepMs)))
  return (
    <Section title={kind.name}>
      <p class="fine">At most {kind.say(most)}</p>
      <Graph points={points} options={options} />
    </Section>
  )
}
