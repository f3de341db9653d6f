import { useEffect, useRef } from 'preact/hooks'
import type { HealthSample, HealthView } from '../api/views.ts'
import type { GraphCanvas } from './graph-canvas.ts'

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
          <Graph key={figure.name} figure={figure} samples={samples} absent={isEncoding ? undefined : figure.absent} />
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

function Graph({ figure, samples, absent }: GraphProps) {
  const host = useRef<HTMLDivElement>(null)
  const canvas = useRef<GraphCanvas | null>(null)
  const newest = useRef(samples)
  newest.current = samples
  const last = samples.at(-1)
  const value = last ? figure.read(last) : null

  function show(): void {
    canvas.current?.show({
      at: newest.current.map(({ at }) => Date.parse(at) / 1_000),
      values: newest.current.map(figure.read),
    })
  }

  useEffect(() => {
    let isOver = false
    import('./graph-canvas.ts').then(
      ({ drawGraph }) => {
        if (isOver || !host.current) return
        canvas.current = drawGraph(host.current, figure.tick)
        show()
      },
      () => undefined, // the figure itself stands above the graph
    )
    return () => {
      isOver = true
      canvas.current?.destroy()
      canvas.current = null
    }
  }, [figure])
  useEffect(show, [samples])

  return (
    <figure class="graph">
      <figcaption>
        <span class="fine">{figure.name}</span>
        <b>{value === null ? (absent ?? '–') : figure.say(value)}</b>
      </figcaption>
      <div class="canvas" ref={host} aria-hidden="true" />
    </figure>
  )
}
