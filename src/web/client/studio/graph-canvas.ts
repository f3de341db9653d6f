/** One small graph over the last minutes. In a file of its own with the chart library, loaded when there is something to draw. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

const HEIGHT = 96

export interface Points {
  /** Seconds since 1970. */
  at: number[]
  values: (number | null)[]
}

export interface GraphCanvas {
  show(points: Points): void
  destroy(): void
}

export function drawGraph(host: HTMLElement, unit: (value: number) => string): GraphCanvas {
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  let points: Points = { at: [], values: [] }
  let plot = make()

  function make(): uPlot {
    const style = getComputedStyle(host)
    // Colours come through properties of the element: a canvas does not understand light-dark().
    const [ink, line, grid] = [style.color, style.outlineColor, style.borderTopColor]
    const axis = { stroke: ink, font: `11px ${style.fontFamily}`, ticks: { show: false } }
    return new uPlot(
      {
        width: Math.max(host.clientWidth, 80),
        height: HEIGHT,
        padding: [8, 4, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, 1)] } },
        axes: [
          {
            ...axis,
            size: 22,
            space: 80,
            grid: { show: false },
            values: (_plot, ticks) =>
              ticks.map((tick) =>
                new Date(tick * 1_000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
              ),
            incrs: [60, 120],
          },
          { ...axis, size: 46, space: 32, grid: { stroke: grid, width: 1 }, values: (_plot, ticks) => ticks.map(unit) },
        ],
        series: [{}, { stroke: line, width: 2, points: { show: false } }],
      },
      [points.at, points.values],
      host,
    )
  }

  function again(): void {
    plot.destroy()
    plot = make()
  }
  const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(host.clientWidth, 80), height: HEIGHT }))
  resized.observe(host)
  scheme.addEventListener('change', again)

  return {
    show(next) {
      points = next
      plot.setData([next.at, next.values])
    },
    destroy() {
      resized.disconnect()
      scheme.removeEventListener('change', again)
      plot.destroy()
    },
  }
}
