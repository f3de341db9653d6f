import { useEffect, useRef } from 'preact/hooks'
import type { GraphCanvas, GraphOptions, Points } from './graph-canvas.ts'

/** A graph for the eye alone: what it shows stands beside it in words or in a table. */
export function Graph(props: { points: Points; options: GraphOptions; marked?: number | null }) {
  const { points, options, marked = null } = props
  const host = useRef<HTMLDivElement>(null)
  const canvas = useRef<GraphCanvas | null>(null)
  const newest = useRef(points)
  newest.current = points

  useEffect(() => {
    let isOver = false
    import('./graph-canvas.ts').then(
      ({ drawGraph }) => {
        if (isOver || !host.current) return
        canvas.current = drawGraph(host.current, options)
        canvas.current.show(newest.current)
      },
      () => undefined, // the figures themselves stand beside it
    )
    return () => {
      isOver = true
      canvas.current?.destroy()
      canvas.current = null
    }
  }, [options])
  useEffect(() => canvas.current?.show(points), [points])
  useEffect(() => canvas.current?.mark(marked), [marked])

  return <div class="canvas" ref={host} style={{ height: `${options.height ?? 96}px` }} aria-hidden="true" />
}
