/** One graph. In a file of its own with the chart library, loaded when there is something to draw. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

const HEIGHT = 96
const FONT_PX = 11

export interface Points {
  /** Along the bottom: seconds since 1970, or whatever `bottom` says. */
  at: readonly number[]
  /** One line, or two to be compared. */
  lines: readonly (readonly (number | null)[])[]
  /** What happened on the way: a thin line each. */
  marks?: readonly number[]
}

export interface GraphCanvas {
  show(points: Points): void
  /** Marks the place of this number in `at`, as the pointer would. */
  mark(index: number | null): void
  destroy(): void
}

export interface GraphOptions {
  /** Beside the axis, where there is little room. */
  unit(value: number): string
  height?: number
  /** How the places along the bottom are called; times of day when left out. */
  bottom?(at: number): string
  /** Which steps along the bottom may bear a name. */
  steps?: number[]
  /** The place under the pointer by its number in `at`, or null. */
  onPoint?(index: number | null): void
}

const timeOfDay = (at: number) => new Date(at * 1_000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

export function drawGraph(host: HTMLElement, options: GraphOptions): GraphCanvas {
  const { unit, height = HEIGHT, bottom = timeOfDay, steps, onPoint } = options
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  let points: Points = { at: [], lines: [[]] }
  let plot = make()

  function make(): uPlot {
    const style = getComputedStyle(host)
    // Colours come through properties of the element: a canvas does not understand light-dark().
    const [ink, line, grid, second] = [style.color, style.outlineColor, style.borderTopColor, style.caretColor]
    const axis = { stroke: ink, font: `${FONT_PX}px ${style.fontFamily}`, ticks: { show: false } }
    const stroke = (index: number) => ({
      stroke: index === 0 ? line : second,
      ...(index === 0 ? {} : { dash: [6, 4] }),
    })
    return new uPlot(
      {
        width: Math.max(host.clientWidth, 80),
        height,
        padding: [8, 4, 0, 0],
        legend: { show: false },
        cursor: onPoint ? { y: false, drag: { x: false, y: false }, points: { size: 7 } } : { show: false },
        hooks: {
          setCursor: [({ cursor }) => onPoint?.(cursor.idx ?? null)],
          draw: [(drawn) => drawMarks(drawn, points.marks ?? [], ink)],
        },
        scales: {
          x: { time: options.bottom === undefined },
          y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, 1)] },
        },
        axes: [
          {
            ...axis,
            size: 22,
            space: 80,
            grid: { show: false },
            values: (_plot, ticks) => ticks.map(bottom),
            ...(steps ? { incrs: steps } : {}),
          },
          { ...axis, size: 46, space: 32, grid: { stroke: grid, width: 1 }, values: (_plot, ticks) => ticks.map(unit) },
        ],
        series: [{}, ...points.lines.map((_, index) => ({ ...stroke(index), width: 2, points: { show: false } }))],
      },
      dataOf(points),
      host,
    )
  }

  function again(): void {
    plot.destroy()
    plot = make()
  }
  const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(host.clientWidth, 80), height }))
  resized.observe(host)
  scheme.addEventListener('change', again)

  return {
    show(next) {
      const hasOtherLines = next.lines.length !== points.lines.length
      points = next
      if (hasOtherLines) again()
      else plot.setData(dataOf(next))
    },
    mark(index) {
      const at = index === null ? undefined : points.at[index]
      plot.setCursor({ left: at === undefined ? -10 : plot.valToPos(at, 'x'), top: 0 }, false)
    },
    destroy() {
      resized.disconnect()
      scheme.removeEventListener('change', again)
      plot.destroy()
    },
  }
}

const dataOf = ({ at, lines }: Points): uPlot.AlignedData => [[...at], ...lines.map((line) => [...line])]

function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly number[], colour: string): void {
  ctx.save()
  ctx.strokeStyle = colour
  ctx.setLineDash([2, 3])
  for (const mark of marks) {
    const x = Math.round(valToPos(mark, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}
