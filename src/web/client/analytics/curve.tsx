import { useMemo, useState } from 'preact/hooks'
import { Graph } from '../ui/graph.tsx'
import type { ReportView } from './analytics-api.ts'
import { AsTable, Section } from './parts.tsx'
import { clockTime, markInWords, SPAN_STEPS, span, yourZone } from './words.ts'

const whole = (value: number) => (Number.isInteger(value) ? String(value) : '')

/** The course of a show: how many watched, how much was said, and what happened. */
export function Course({ report }: { report: ReportView }) {
  const { curve, marks, stepMs } = report
  const [index, point] = useState<number | null>(null)
  const viewers = useMemo(() => ({ unit: whole, height: 220, onPoint: point }), [])
  const messages = useMemo(() => ({ unit: whole, height: 96 }), [])
  const shown = useMemo(() => {
    const at = curve.map((step) => Date.parse(step.at) / 1_000)
    return {
      viewers: {
        at,
        lines: [curve.map((step) => step.viewers)],
        marks: marks.map((mark) => Date.parse(mark.at) / 1_000),
      },
      messages: { at, lines: [curve.map((step) => step.messages)] },
    }
  }, [curve, marks])
  const here = index === null ? undefined : curve[index]
  const said = here && `${clockTime(here.at)}: ${here.viewers ?? 'no'} viewers, ${here.messages} messages`

  return (
    <Section title="Course of the show">
      <p class="fine readout">{said ?? `The most viewers at once, every ${span(stepMs)}. ${yourZone()}`}</p>
      <Graph points={shown.viewers} options={viewers} marked={index} />
      {curve.length > 1 && (
        <input
          type="range"
          class="along"
          aria-label="Moment of the show"
          aria-valuetext={said ?? 'none chosen'}
          max={curve.length - 1}
          value={index ?? curve.length - 1}
          onInput={(event) => point(Number(event.currentTarget.value))}
          onBlur={() => point(null)}
        />
      )}
      <h3 class="fine">Messages</h3>
      <Graph points={shown.messages} options={messages} />
      {marks.length > 0 && (
        <ul class="lines">
          {marks.map((mark) => (
            <li key={`${mark.at} ${mark.kind}`} data-mark={mark.kind}>
              <span class="fine">{clockTime(mark.at)}</span> {markInWords(mark)}
            </li>
          ))}
        </ul>
      )}
      <AsTable
        caption="Viewers and messages over time"
        rows={curve}
        keyOf={({ at }) => at}
        columns={[
          { name: 'Time', read: ({ at }) => clockTime(at), isText: true },
          { name: 'Viewers', read: (step) => step.viewers ?? '–' },
          { name: 'Messages', read: (step) => step.messages },
        ]}
      />
    </Section>
  )
}

/** How many of those who came stayed how long. */
export function Retention({ steps }: { steps: ReportView['totals']['retention'] }) {
  const options = useMemo(
    () => ({
      unit: (value: number) => `${value} %`,
      height: 140,
      bottom: (at: number) => span(at * 1_000),
      steps: SPAN_STEPS,
    }),
    [],
  )
  const points = useMemo(
    () => ({ at: steps.map(({ ms }) => ms / 1_000), lines: [steps.map(({ percent }) => percent)] }),
    [steps],
  )
  return (
    <Section title="How long they stayed">
      {steps.length === 0 ? (
        <p class="soft">Nobody has watched yet.</p>
      ) : (
        <>
          <p class="fine">Of a hundred viewers, how many watched for at least so long.</p>
          <Graph points={points} options={options} />
          <AsTable
            caption="Viewers who stayed"
            rows={steps}
            keyOf={({ ms }) => String(ms)}
            columns={[
              { name: 'At least', read: ({ ms }) => span(ms), isText: true },
              { name: 'Of a hundred', read: ({ percent }) => percent },
            ]}
          />
        </>
      )}
    </Section>
  )
}
