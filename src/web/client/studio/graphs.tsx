import { useMemo } from 'preact/hooks'
import type { HealthSample, HealthView } from '../api/views.ts'
import { Graph } from '../ui/graph.tsx'

interface Figure {
  name: string
  read(sample: HealthSample): number | null
  say(value: number): string
  /** Beside the axis, where there is little room. */
  tick(value: number): string
  /** Said where there is nothing to measure. */
  absent?: string
}

const figures: readonly Figure[] = [
  {
    name: 'Bitrate',
    read: ({ bitrate }) => bitrate / 1e6,
    say: (value) => `${value.toFixed(1)} Mbit/s`,
    tick: (value) => `${Number(value.toFixed(1))} M`,
  },
  {
    name: 'Frame rate',
    read: ({ frameRate }) => frameRate,
    say: (value) => `${Number(value.toFixed(1))} a second`,
    tick: String,
  },
  {
    name: 'Viewers',
    read: ({ viewers }) => viewers,
    say: String,
    tick: (value) => (Number.isInteger(value) ? String(value) : ''),
  },
  {
    name: 'Encoder speed',
    read: ({ encoderSpeed }) => encoderSpeed,
    say: (value) => `${value.toFixed(2)} × real time`,
    tick: (value) => `${Number(value.toFixed(2))} ×`,
    absent: 'Nothing to encode',
  },
]

export function Graphs({ health }: { health: HealthView | null }) {
  const samples = health?.samples ?? []
  const isEncoding = !health?.source || health.encoder.state !== null
  return (
    <section class="card padded stack" aria-labelledby="figures">
      <h2 id="figures">Last five minutes</h2>
      <div class="graphs">
        {figures.map((figure) => (
          <Small key={figure.name} figure={figure} samples={samples} absent={isEncoding ? undefined : figure.absent} />
        ))}
      </div>
    </section>
  )
}

interface GraphProps {
  figure: Figure
  samples: readonly HealthSample[]
  absent: string | undefined
}

function Small({ figure, samples, absent }: GraphProps) {
  const last = samples.at(-1)
  const value = last ? figure.read(last) : null
  const points = useMemo(
    () => ({ at: samples.map(({ at }) => Date.parse(at) / 1_000), lines: [samples.map(figure.read)] }),
    [samples],
  )
  const options = useMemo(() => ({ unit: figure.tick, steps: [60, 120] }), [figure])
  return (
    <figure class="graph">
      <figcaption>
        <span class="fine">{figure.name}</span>
        <b>{value === null ? (absent ?? '–') : figure.say(value)}</b>
      </figcaption>
      <Graph points={points} options={options} />
    </figure>
  )
}
